/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_CLASS_LIST_H
#define XVS_MANAGE_CLASS_LIST_H

/*
 * The classes of an answer that is being written: kept by reference, so that
 * a schema may change meanwhile.
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;

struct class_list {
    struct cim_class **classes;     /* one reference each */
    size_t n;                       /* of them */
    size_t at;                      /* the next one to be written */
    unsigned int flags;             /* of class_write_xml() */
    bool only_names;                /* CLASSNAME elements */
};

void class_list_destroy(struct class_list *list);   /* accepts NULL */

#endif
