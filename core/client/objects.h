/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_OBJECTS_H
#define XVS_CLIENT_OBJECTS_H

/*
 * Steps that the commands of objects share.  All set run->error.
 */

#include <stdbool.h>
#include <stddef.h>

struct instance;
struct listing_column;
struct path;
struct run;

/* A new object of the server's class with its defaults, or NULL. */
struct instance *objects_new(struct run *run, const char *class_name);
/* Creates and frees the object; '*path' (may be NULL) names it. */
bool objects_create(struct run *run, struct instance *instance,
                    struct path **path);
/* Lists all objects of the class. */
bool objects_list(struct run *run, const char *class_name,
                  const struct listing_column *columns, const char *name);
/* Shows one object; frees the path. */
bool objects_show(struct run *run, struct path *path, const char *name);
/* Deletes one object; frees the path. */
bool objects_delete(struct run *run, struct path *path);
/* Fetches one object; frees the path; NULL when it failed. */
struct instance *objects_get(struct run *run, struct path *path);
/* Changes the named properties of the object and frees both. */
bool objects_modify(struct run *run, struct path *path,
                    struct instance *instance, const char *const *names,
                    size_t n);

#endif
