/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_PATH_H
#define XVS_OBJECT_PATH_H

/*
 * The name of an object: class and key values, such as
 *     XVS_Port.SwitchName="lan",Name="vm1"
 * optionally with "//host/root/xvs:" in front.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct cim_class;
struct error;
struct instance;

struct path_key {
    char *name;             /* "" when the only key was not named */
    char *text;             /* value, as value_parse() reads it */
    bool is_text;           /* string (quoted) or number/boolean (bare) */
    struct path *reference; /* a reference key: its path; else NULL */
};

struct path {
    char *host;             /* or NULL */
    char *name_space;       /* "root/xvs", or NULL */
    char *class_name;
    struct path_key *keys;
    uint32_t n_keys;        /* 0: a class path (or a singleton) */
};

struct path *path_parse(const char *text, struct error *error);
void path_print(const struct path *path, struct buffer *out);
void path_destroy(struct path *path);       /* accepts NULL */
struct path *path_copy(const struct path *path);
/* Class without case; keys in any order, names without case.  Host and
 * namespace do not count: there is one of each here. */
bool path_equal(const struct path *a, const struct path *b);
/* The path of an object, from its key properties; NULL: it has none. */
struct path *path_of_instance(const struct instance *instance);
/* What a class or key may be called. */
bool path_name_ok(const char *name);
/* What may stand without quotes: a number, TRUE or FALSE. */
bool path_is_bare(const char *text);
/* Adds a key; copies the name (may be "": the only key), takes 'text'. */
struct path_key *path_add_key(struct path *path, const char *name,
                              char *text, bool is_text);
/* Text of a key, or NULL. */
const char *path_key(const struct path *path, const char *name);
/* True when the object's keys have the path's values, and its class is the
 * path's or derived from it. */
bool path_matches(const struct path *path, const struct instance *instance);

#endif
