/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_WQL_H
#define XVS_OBJECT_WQL_H

/*
 * WQL: SELECT list FROM class WHERE condition.  NOT binds tightest, then AND,
 * then OR.  A comparison with a property that is NULL is unknown, and an
 * unknown row is left out; "= NULL" and "<> NULL" mean IS (NOT) NULL.  Texts
 * compare without ASCII case, as in WMI.  ASSOCIATORS OF and REFERENCES OF
 * are parsed into the same struct.  At most 64 KiB, parentheses 64 deep.
 */

#include <stdbool.h>
#include <stddef.h>

struct cim_class;
struct error;
struct instance;
struct wql;

enum wql_kind { WQL_SELECT, WQL_ASSOCIATORS, WQL_REFERENCES };

struct wql *wql_parse(const char *text, struct error *error);
void wql_destroy(struct wql *wql);      /* accepts NULL */
enum wql_kind wql_kind(const struct wql *wql);
/* FROM, or the class of the path. */
const char *wql_class(const struct wql *wql);
/* Selected properties; 0 for '*'. */
size_t wql_columns(const struct wql *wql, const char *const **names);
/* ASSOCIATORS OF {path}: text of the path, and the filters (or NULL):
 * AssocClass, ResultClass, Role, ResultRole, RequiredQualifier,
 * RequiredAssocQualifier; ClassDefsOnly and KeysOnly are "true". */
const char *wql_path(const struct wql *wql);
const char *wql_filter(const struct wql *wql, const char *name);
/* Columns and condition name properties of 'cls' only (or __CLASS...). */
bool wql_check(const struct wql *wql, const struct cim_class *cls,
               struct error *error);
/* An unknown property, or one that cannot be compared so, is an error. */
bool wql_matches(const struct wql *wql, const struct instance *instance,
                 bool *matches, struct error *error);

#endif
