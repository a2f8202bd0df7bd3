/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_LISTING_H
#define XVS_MANAGE_LISTING_H

/*
 * Objects on their way into an answer: a source, a condition, which
 * properties are wanted, and the element that each object becomes.  A
 * listing outlives an operation when it is an open enumeration.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"
#include "service/service.h"

struct cim_class;
struct error;
struct instance;
struct operation;
struct source;
struct wql;

enum listing_form {
    FORM_INSTANCE,              /* GetInstance, PullInstances */
    FORM_NAMED,                 /* EnumerateInstances */
    FORM_NAME,                  /* EnumerateInstanceNames */
    FORM_OBJECT_WITH_PATH,      /* Associators, References, ExecQuery */
    FORM_OBJECT_PATH,           /* AssociatorNames, ReferenceNames */
    FORM_INSTANCE_WITH_PATH,    /* PullInstancesWithPath */
    FORM_PATH,                  /* PullInstancePaths */
    FORM_VALUE,                 /* GetProperty: 'names[0]' */
};

struct listing {
    struct source *source;          /* owned */
    struct wql *wql;                /* owned; NULL: all */
    enum listing_form form;
    unsigned int flags;             /* of instance_write_xml() */
    char **names;                   /* properties; NULL: all */
    size_t n_names;
    struct cim_class *base;         /* only its properties; NULL: all */
    bool local_only;                /* only properties of the class itself */
    struct cim_class *shaped;       /* the class that 'shape' is for */
    const char **shape;             /* names wanted of it */
    size_t n_shape;
    struct buffer place;            /* NAMESPACEPATH element of paths */
};

/* Takes the source over.  Paths name the exchange's host and namespace. */
struct listing *listing_create(struct operation *op, struct source *source,
                               enum listing_form form);
void listing_destroy(struct listing *listing);      /* accepts NULL */
/* Reads IncludeClassOrigin and PropertyList of the operation. */
void listing_select(struct listing *listing, struct operation *op);
void listing_set_names(struct listing *listing, const char *const *names,
                       size_t n);
/* Writes the next object ('*written' false: the condition leaves it out):
 * CURSOR_ITEM; else as a cursor does. */
enum cursor_step listing_next(struct listing *listing, struct buffer *out,
                              bool *written, struct error *error);
/* Objects looked at before others have a turn. */
#define LISTING_TURN 256

/* Answers the operation with all objects, as a stream; takes it over. */
void op_list(struct operation *op, struct listing *listing);
/* Wakes an operation that waits for its source. */
void op_can_go_on(void *op);

#endif
