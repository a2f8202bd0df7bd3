/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MOFC_HEADER_H
#define XVS_MOFC_HEADER_H

/*
 * The parts of xvs-mofc header.  A class becomes a header_class with the C
 * names of everything that is written about it; each writer adds one kind of
 * declaration for it.
 */

#include <stdbool.h>
#include <stdint.h>
#include "marshal/layout.h"
#include "schema/class.h"
#include "schema/feature.h"

struct buffer;
struct map;

struct header_member {
    const struct property *property;
    const struct layout_field *field;
    const struct header_class *inner;   /* of an embedded class */
    char *name;                 /* in the struct, such as "source_prefix" */
    char *count;                /* of a bounded array: its counter's name */
    char *upper;                /* "ACME_RULE_SOURCE_PREFIX" */
};

struct header_class {
    struct cim_class *cls;
    const struct layout *layout;
    struct feature feature;
    bool is_feature;
    char *name;                 /* "acme_rule" */
    char *upper;                /* "ACME_RULE" */
    struct header_member *members;
    uint32_t n;
    char **functions;           /* of each method: "acme_rule_reset" */
    struct header_class *next;  /* in the order of writing */
};

/* "SrcIPv4Prefix" -> "src_ipv4_prefix", "XVS_AclRule" -> "xvs_acl_rule";
 * anything that no identifier has becomes '_'.  The caller frees. */
char *name_snake(const char *name);
char *name_upper(const char *name);
/* The same name, or with '_' behind it where 'taken' has it; takes it. */
char *name_unique(char *name, struct map *taken);
/* "a C string" with its quotes. */
void name_quote(struct buffer *out, const char *text);

/* Type of one element: "uint32_t", "struct xvs_ref", "struct acme_rule". */
void member_type(const struct header_member *member, struct buffer *out);
/* Numbers and booleans: what a C constant can hold. */
bool member_is_number(const struct header_member *member);

/* UUID, VERSION, HASH, fields, values, struct, asserts, DEFAULTS. */
void header_write_values(const struct header_class *cls, struct map *taken,
                         struct buffer *out);
void header_write_struct(const struct header_class *cls, struct buffer *out);
void header_write_defaults(const struct header_class *cls,
                           struct buffer *out);
/* get, is, and an accessor for each string and array. */
void header_write_access(const struct header_class *cls, struct buffer *out);
void header_write_check(const struct header_class *cls, struct buffer *out);
void header_write_writer(const struct header_class *cls, struct buffer *out);
/* Prototypes of the methods, and the rows of XVS_METHODS. */
bool header_write_prototypes(const struct header_class *cls,
                             struct buffer *out, struct error *error);
bool header_write_methods(const struct header_class *cls, struct buffer *out,
                          struct error *error);

#endif
