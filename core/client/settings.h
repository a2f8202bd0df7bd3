/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SETTINGS_H
#define XVS_CLIENT_SETTINGS_H

/*
 * What the verbs of "feature" share: which setting a word means, settings
 * from files, and the method that applies several.
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;
struct instance;
struct place;
struct run;

/*
 * The full InstanceID (heap) for a word: itself, or the setting whose last
 * part begins with it, as tables show it.  NULL with run->error set.
 */
char *settings_id(struct run *run, const char *word);

/* Reads objects of any form; '*instances' and each entry are the caller's. */
bool settings_read(struct run *run, const char *file, struct cim_class *cls,
                   struct instance ***instances, size_t *n);
void settings_free(struct instance **instances, size_t n);

/* Applies all or none, or only judges; '*ids' (may be NULL) gets the new
 * InstanceIDs, comma separated, on the heap. */
bool settings_apply(struct run *run, struct instance *const *instances,
                    size_t n, bool validate, char **ids);

/*
 * Reads the words [CLASS] [PLACE] from 'first' on: one word is a class when
 * the server knows it, else a place.  '*cls' NULL: no class was given.
 */
bool settings_scope(struct run *run, size_t first, struct cim_class **cls,
                    struct place *place);

#endif
