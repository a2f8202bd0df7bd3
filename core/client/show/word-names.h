/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_WORD_NAMES_H
#define XVS_CLIENT_SHOW_WORD_NAMES_H

/*
 * The names that the qualifiers ValueMap/Values and BitMap/BitValues give to
 * the numbers of a property.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct target;

/* The number of a name ("deny"), or of bits joined by '|'. */
bool word_names_number(const struct target *target, const char *text,
                       uint64_t *number);
/* Adds to the error which names there are, and the nearest one. */
void word_names_hint(const struct target *target, const char *text,
                     struct error *error);

#endif
