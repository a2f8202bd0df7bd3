/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_SOURCE_H
#define XVS_MANAGE_SOURCE_H

/*
 * Where the objects of an answer come from: one cursor of the service, or
 * several one after the other when associations are followed.  Like a cursor
 * a source gives one item at a time and may ask to wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "service/service.h"

struct cim_class;
struct error;
struct instance;
struct path;
struct repository;
struct source;
struct wql;

/* One of the two is set; valid until the next call. */
struct source_item {
    const struct instance *instance;
    const struct path *path;
};

/* What is asked of associations; every text may be NULL. */
struct source_filter {
    const char *association;    /* class of the associations */
    const char *result;         /* class of what is at the other end */
    const char *role;           /* our reference in the association */
    const char *result_role;    /* the other one */
};

struct source *source_class(struct service *service, struct cim_class *cls);
/* Those that the query may be about; it is not kept. */
struct source *source_query(struct service *service, struct cim_class *cls,
                            const struct wql *wql);
struct source *source_object(struct service *service,
                             const struct path *path);
struct source *source_events(struct service *service, uint64_t after);
/* The associations that refer to the object. */
struct source *source_references(struct service *service,
                                 const struct path *path,
                                 const struct source_filter *filter);
/* What is at their other ends; with 'only_paths' items are paths. */
struct source *source_associators(struct service *service,
                                  const struct path *path,
                                  const struct source_filter *filter,
                                  bool only_paths);
void source_destroy(struct source *source);     /* accepts NULL */

/* Who is told when a waiting source can go on; NULL: nobody. */
void source_wake(struct source *source, cursor_wake wake, void *arg);
enum cursor_step source_next(struct source *source, struct source_item *item,
                             struct error *error);

/* Behind source_next() for associations (associate.c). */
struct associate;
struct associate *associate_create(struct service *service,
                                   const struct path *path,
                                   const struct source_filter *filter,
                                   bool others, bool only_paths,
                                   cursor_wake wake, void *arg);
void associate_destroy(struct associate *associate);    /* accepts NULL */
enum cursor_step associate_next(struct associate *associate,
                                struct source_item *item,
                                struct error *error);

#endif
