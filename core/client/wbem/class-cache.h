/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_CLASS_CACHE_H
#define XVS_CLIENT_WBEM_CLASS_CACHE_H

/*
 * The classes that a run of the command has seen, fetched from the server on
 * first use with their superclasses.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct cim_class;
struct class_cache;
struct error;

/* Appends the <CLASS> element of a class (its own declarations only). */
typedef bool (*class_fetch)(void *arg, const char *name, struct buffer *xml,
                            struct error *error);

struct class_cache *class_cache_create(class_fetch fetch, void *arg);
void class_cache_destroy(struct class_cache *cache);    /* accepts NULL */
/* Borrowed until class_cache_forget(); NULL with the error set. */
struct cim_class *class_cache_get(struct class_cache *cache,
                                  const char *name, struct error *error);
/* Forgets everything, since a schema has changed. */
void class_cache_forget(struct class_cache *cache);

#endif
