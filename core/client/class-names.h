/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_CLASS_NAMES_H
#define XVS_CLIENT_CLASS_NAMES_H

/*
 * The names of the server's classes, sorted, and kept until the connection
 * is free again for questions about each of them.
 */

#include <stdbool.h>
#include <stddef.h>

struct run;

struct class_names {
    char **items;
    size_t n, capacity;
};

/* Of all classes, or of those derived from 'base'.  What came before an
 * error is in 'names' all the same; free it in any case. */
bool class_names_get(struct run *run, const char *base,
                     struct class_names *names);
void class_names_free(struct class_names *names);

#endif
