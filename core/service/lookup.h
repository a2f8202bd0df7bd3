/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_LOOKUP_H
#define XVS_SERVICE_LOOKUP_H

/*
 * Settings by what a property of theirs says, where it has the qualifier
 * Indexed: a text, or any of an array of texts, without ASCII case.  It is for
 * names, which few settings share; those who share one are in a list.
 */

#include <stdbool.h>

struct map;
struct setting;
struct xvs_guid;

/* A setting that has the text. */
struct lookup_hit {
    struct setting *setting;
    struct lookup_hit *next;
};

struct map *lookup_create(void);
void lookup_destroy(struct map *lookup);    /* accepts NULL */
/* All texts of a setting as it is now come, or go. */
void lookup_enter(struct map *lookup, struct setting *setting);
void lookup_leave(struct map *lookup, struct setting *setting);
/* Settings of the class whose property has the text; NULL: none. */
const struct lookup_hit *lookup_find(const struct map *lookup,
                                     const struct xvs_guid *uuid,
                                     const char *property, const char *text);

#endif
