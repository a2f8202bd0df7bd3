/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_LISTING_H
#define XVS_CLIENT_SHOW_LISTING_H

/*
 * Objects as output: a table, a card (one object, a line per property), JSON,
 * names, or values of one property, as the run's options ask.  Objects are
 * written as they come.
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;
struct error;
struct instance;
struct listing;
struct path;
struct run;

/* A column of a table. */
struct listing_column {
    const char *title;      /* NULL ends the list */
    const char *property;
};

/*
 * Starts a listing.  'columns' NULL: the properties of each class that comes,
 * a table per class, without those that say nothing (listing_is_noise()).
 * 'name' is the property that --names prints; NULL: the object's path.
 */
struct listing *listing_begin(struct run *run,
                              const struct listing_column *columns,
                              const char *name);
/* Only these properties, in this order ('names' is kept by reference). */
void listing_choose(struct listing *listing, const char *const *names,
                    size_t n);
/* Opens the table of the class, so that it has a header when nothing comes. */
void listing_class(struct listing *listing, struct cim_class *cls);
/* Leaves the instance with the caller. */
void listing_add(struct listing *listing, const struct instance *instance,
                 const struct path *path);
size_t listing_count(const struct listing *listing);
/* Writes what is kept and frees. */
void listing_end(struct listing *listing);

/* A cim_instance_call: adds to the listing in 'arg', frees the instance. */
bool listing_take(void *arg, struct instance *instance,
                  const struct path *path, struct error *error);

/* One object in full. */
void listing_show(struct run *run, const struct instance *instance,
                  const char *name);

/* Properties that are the same or empty for every object. */
bool listing_is_noise(const char *property);

#endif
