/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_CLASS_LIST_H
#define XVS_MANAGE_CLASS_LIST_H

/*
 * The classes of an answer that is being written: kept by reference, so that
 * a schema may change meanwhile.  What each becomes is like an object's form
 * (listing.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"

struct cim_class;
struct operation;
struct repository;
struct source_filter;

enum class_form {
    CLASS_ALONE,                /* EnumerateClasses */
    CLASS_NAME,                 /* EnumerateClassNames */
    CLASS_WITH_PATH,            /* Associators, References */
    CLASS_PATH,                 /* AssociatorNames, ReferenceNames */
};

struct class_list {
    struct cim_class **classes;     /* one reference each */
    size_t n, capacity;             /* of classes */
    size_t at;                      /* the next one to be written */
    enum class_form form;
    unsigned int flags;             /* of class_write_xml() */
    const char *const *names;       /* properties, the operation's; or NULL */
    size_t n_names;
    struct buffer place;            /* NAMESPACEPATH element of paths */
};

struct class_list *class_list_create(enum class_form form);
void class_list_destroy(struct class_list *list);   /* accepts NULL */
/* Adds the class and a reference to it. */
void class_list_add(struct class_list *list, struct cim_class *cls);
/* The next class into 'out'; false: there is none. */
bool class_list_write(struct class_list *list, struct buffer *out);

/*
 * Associations of a class instead of an object (class-associate.c): the
 * association classes with a reference that may be to objects of 'cls', or
 * with 'others' the classes that their other references name.  Each class is
 * there once.
 */
struct class_list *class_associate(const struct repository *repository,
                                   const struct cim_class *cls,
                                   const struct source_filter *filter,
                                   bool others, enum class_form form);

/* Answers the operation with the classes, as a stream; takes it over. */
void op_list_classes(struct operation *op, struct class_list *list);

#endif
