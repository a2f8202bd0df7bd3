/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_OBJECTS_H
#define XVS_SERVICE_OBJECTS_H

/*
 * Small helpers for making objects of the core's classes.
 */

#include <stddef.h>
#include <stdint.h>

struct control_counters;
struct cursor;
struct index;
struct instance;
struct path;
struct position;
struct service;

/* An empty object of a built-in class. */
struct instance *object_create(struct service *service,
                               const char *class_name);
/* Sets an array of strings. */
void object_set_strings(struct instance *object, const char *name,
                        const char *const *texts, size_t n);
/* Sets an array of uint64. */
void object_set_numbers(struct instance *object, const char *name,
                        const uint64_t *numbers, size_t n);
/* Sets a reference to the object with these keys ('second' may be NULL). */
void object_set_reference(struct instance *object, const char *name,
                          const char *class_name, const char *first_key,
                          const char *first, const char *second_key,
                          const char *second);
/* The path of an object with one or two text keys. */
struct path *object_path(const char *class_name, const char *first_key,
                         const char *first, const char *second_key,
                         const char *second);

/* For sources: the first item of the index behind the position's key, */
void *object_next_item(const struct index *index, const void *key,
                       struct position *position);
/* the names that make the next key, */
void object_keep_names(struct position *position, const char *first,
                       const char *second);
/* and the counters that were fetched for this cursor, or NULL. */
const struct control_counters *object_counters(const struct cursor *cursor);

/* Extensions and stages (service/view/objects-stage.c). */
struct instance *extensions_next(struct cursor *cursor);
struct instance *extensions_get(struct cursor *cursor,
                                const struct path *path);
struct instance *stages_next(struct cursor *cursor);
struct instance *stages_get(struct cursor *cursor, const struct path *path);

#endif
