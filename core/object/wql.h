/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_WQL_H
#define XVS_OBJECT_WQL_H

/*
 * WQL: SELECT list FROM class WHERE condition.  NOT binds tightest, then AND,
 * then OR.  A comparison with a property that is NULL is unknown, and an
 * unknown row is left out; "= NULL" and "<> NULL" mean IS (NOT) NULL.  Texts
 * compare without ASCII case, as in WMI.  An array can be asked for an element
 * of it, by "=".  ASSOCIATORS OF and REFERENCES OF
 * are parsed into the same struct.  At most 64 KiB, parentheses 64 deep.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct cim_class;
struct error;
struct instance;
struct wql;

/* A text that a property has; of an array, any of its elements. */
struct wql_key {
    const char *property, *text;
};

#define WQL_KEYS 16

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
/* Appends the text as a literal of a query. */
void wql_put_text(struct buffer *out, const char *text);
/* Columns and condition name properties of 'cls' only (or __CLASS...). */
bool wql_check(const struct wql *wql, const struct cim_class *cls,
               struct error *error);
/*
 * What the condition asks for by properties with the qualifier Indexed: each
 * object that it does not leave out has one of these.  0: it does not say, and
 * all objects must be looked at.  Valid as long as the query.
 */
size_t wql_keys(const struct wql *wql, const struct cim_class *cls,
                struct wql_key keys[WQL_KEYS]);
/* The text that the property of each object has that is not left out; NULL:
 * the condition does not say. */
const char *wql_fixed(const struct wql *wql, const char *property);
/* An unknown property, or one that cannot be compared so, is an error. */
bool wql_matches(const struct wql *wql, const struct instance *instance,
                 bool *matches, struct error *error);

#endif
