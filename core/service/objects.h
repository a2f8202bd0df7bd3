/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_OBJECTS_H
#define XVS_SERVICE_OBJECTS_H

/*
 * Small helpers for making objects of the core's classes.
 */

#include <stddef.h>

struct instance;
struct service;
struct path;

/* An empty object of a built-in class. */
struct instance *object_create(struct service *service,
                               const char *class_name);
/* Sets an array of strings. */
void object_set_strings(struct instance *object, const char *name,
                        const char *const *texts, size_t n);
/* Sets a reference to the object with these keys ('second' may be NULL). */
void object_set_reference(struct instance *object, const char *name,
                          const char *class_name, const char *first_key,
                          const char *first, const char *second_key,
                          const char *second);
/* The path of an object with one or two text keys. */
struct path *object_path(const char *class_name, const char *first_key,
                         const char *first, const char *second_key,
                         const char *second);

#endif
