/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_CIMXML_H
#define XVS_SCHEMA_CIMXML_H

/*
 * What the files of the CIM-XML reader share.
 *
 *     cimxml.c          documents, classes and their members
 *     cimxml-value.c    values, qualifiers, qualifier declarations, instances
 */

#include <stdbool.h>
#include <stddef.h>
#include "schema/compile.h"
#include "schema/xml.h"

struct arena;

struct cimxml_reader {
    const char *file;               /* names the text in errors */
    const struct schema_options *options;
    struct schema_unit *unit;
    struct error_list *errors;
    size_t n_found;                 /* declarations of any kind */
};

/* Adds an error at the element; returns false. */
bool cimxml_error(struct cimxml_reader *reader, const struct xml_node *node,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* NAME, or another attribute that must be a name; NULL after an error. */
const char *cimxml_name(struct cimxml_reader *reader,
                        const struct xml_node *node, const char *attribute,
                        struct arena *arena);
/* TYPE as a type; 'otherwise' when there is no such attribute. */
bool cimxml_type(struct cimxml_reader *reader, const struct xml_node *node,
                 enum cim_type otherwise, enum cim_type *type);
/* The <VALUE> or <VALUE.ARRAY> in the element; NULL when there is none. */
bool cimxml_value(struct cimxml_reader *reader, const struct xml_node *node,
                  enum cim_type type, bool is_array, struct arena *arena,
                  struct value *value);
/* All <QUALIFIER> children that are not propagated. */
bool cimxml_qualifiers(struct cimxml_reader *reader,
                       const struct xml_node *node, struct arena *arena,
                       struct qualifier **qualifiers, uint32_t *n);
/* <QUALIFIER.DECLARATION>, <INSTANCE>: added to the unit. */
bool cimxml_qualifier_type(struct cimxml_reader *reader,
                           const struct xml_node *node);
bool cimxml_instance(struct cimxml_reader *reader,
                     const struct xml_node *node);

#endif
