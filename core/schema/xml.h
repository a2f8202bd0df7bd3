/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_XML_H
#define XVS_SCHEMA_XML_H

/*
 * XML that comes from outside, read safely, and the few helpers that every
 * reader and writer of CIM-XML shares.  Documents are parsed by libxml2
 * without network, document types and entities, with its limits of size and
 * depth; elements are looked at as they are (no XML namespaces).
 */

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

struct buffer;
struct error;

/* Longest document that is accepted. */
#define XML_SIZE_LIMIT ((size_t) 64 << 20)

/* A document that was read; the nodes and texts of its tree are in it. */
struct xml_document;

/*
 * Parses a whole document.  NULL with an error (its place is file, line and
 * column) when it is malformed, has a document type, or is too large or too
 * deep.  The caller frees with xml_free().  Any thread.
 */
struct xml_document *xml_parse_safe(const char *file, const char *text,
                                    size_t size, struct error *error);

/* The same for text that was made UTF-8 already, whatever it says itself. */
struct xml_document *xml_parse_utf8(const char *file, const char *text,
                                    size_t size, struct error *error);

/* The outermost element; never NULL.  Its tree has elements with attributes
 * and texts only: libxml2's, but none of its functions may change it. */
const xmlNode *xml_root(const struct xml_document *document);
void xml_free(struct xml_document *document);   /* accepts NULL */

/* True for an element of that name. */
bool xml_is(const xmlNode *node, const char *name);
/* First child element, next sibling element; NULL when there is none. */
const xmlNode *xml_first(const xmlNode *node);
const xmlNode *xml_next(const xmlNode *node);
/* First child element of that name, or NULL. */
const xmlNode *xml_child(const xmlNode *node, const char *name);
/* The attribute's value (the document's), or NULL. */
const char *xml_attribute(const xmlNode *node, const char *name);
/* True when the attribute is "true" (without case); else 'otherwise' when
 * it is absent, false when it is anything else. */
bool xml_attribute_true(const xmlNode *node, const char *name,
                        bool otherwise);
/* Text content of an element as one string (heap); child elements do not
 * count. */
char *xml_text(const xmlNode *node);

/*
 * Appends the text so that it can stand in element content or an attribute:
 * escapes &, <, >, ", ' and carriage return; raw UTF-8 otherwise.  Control
 * characters that XML cannot carry become U+FFFD.
 */
void xml_escape(struct buffer *out, const char *text, size_t size);
/* Appends: space, name, =", the escaped value, ". */
void xml_put_attribute(struct buffer *out, const char *name,
                       const char *value);

#endif
