/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_WQL_H
#define XVS_OBJECT_WQL_H

/*
 * WQL: SELECT list FROM class WHERE condition.  NOT binds tightest, then AND,
 * then OR; comparisons with NULL are unknown and an unknown row is left out.
 * ASSOCIATORS OF and REFERENCES OF are parsed into the same struct.
 */

#include <stdbool.h>
#include <stddef.h>

struct error;
struct instance;
struct wql;

enum wql_kind { WQL_SELECT, WQL_ASSOCIATORS, WQL_REFERENCES };

struct wql *wql_parse(const char *text, struct error *error);
void wql_destroy(struct wql *wql);      /* accepts NULL */
enum wql_kind wql_kind(const struct wql *wql);
const char *wql_class(const struct wql *wql);      /* FROM */
/* Selected properties; 0 for '*'. */
size_t wql_columns(const struct wql *wql, const char *const **names);
/* ASSOCIATORS OF {path}: text of the path, and the filters (or NULL). */
const char *wql_path(const struct wql *wql);
const char *wql_filter(const struct wql *wql, const char *name);
/* An unknown property in the condition is an error. */
bool wql_matches(const struct wql *wql, const struct instance *instance,
                 bool *matches, struct error *error);

#endif
