/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_NOUN_FEATURE_H
#define XVS_CLIENT_NOUN_FEATURE_H

/*
 * Verbs of "feature" that live in files of their own, and the listing that
 * "feature get" and "query" share.
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;
struct place;
struct run;

bool feature_template(struct run *run);     /* feature-template.c */
bool feature_set(struct run *run);          /* feature-change.c */
bool feature_remove(struct run *run);
bool feature_apply(struct run *run);

/*
 * Lists the objects of 'cls' at the place; 'cls' NULL: of every class
 * derived from 'base' (feature-list.c).
 */
bool feature_list(struct run *run, const char *base, struct cim_class *cls,
                  const struct place *place, const char *name);
/* The same with chosen properties and a condition. */
bool feature_list_chosen(struct run *run, const char *base,
                         struct cim_class *cls, const struct place *place,
                         const char *name, const char *const *chosen,
                         size_t n_chosen, const char *where);

#endif
