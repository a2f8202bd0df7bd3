/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_XML_H
#define XVS_SCHEMA_XML_H

/*
 * XML that comes from outside, read safely, and the few helpers that every
 * reader and writer of CIM-XML shares.  expat takes the text apart, in UTF-8,
 * UTF-16, ISO-8859-1 or US-ASCII; document types and entities are refused,
 * size and depth have limits.  Names are as written: a prefix is a part of
 * the name (no XML namespaces).
 *
 *     xml.c           looking at elements, and writing them
 *     xml-tree.c      elements from expat's events
 *     xml-parse.c     whole documents
 *     xml-stream.c    documents that are read while they arrive
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct error;

/* Longest document that is accepted, and elements in elements in it. */
#define XML_SIZE_LIMIT ((size_t) 64 << 20)
#define XML_DEPTH_LIMIT 256

struct xml_attribute {
    const char *name;       /* NULL behind the last one */
    const char *value;
};

/*
 * An element.  It lives as long as its document.  What is written directly in
 * it is one text, wherever child elements stand between its parts; white space
 * alone is no text when there are child elements.
 */
struct xml_node {
    const char *name;
    const char *text;       /* "": none; never NULL */
    const struct xml_attribute *attributes;
    struct xml_node *parent;        /* NULL: the outermost */
    struct xml_node *children;      /* the first one, or NULL */
    struct xml_node *last;          /* the last child, or NULL */
    struct xml_node *next;          /* sibling, or NULL */
    unsigned int line;      /* where its start tag begins; from 1 */
};

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

/* The outermost element; never NULL. */
const struct xml_node *xml_root(const struct xml_document *document);
void xml_free(struct xml_document *document);   /* accepts NULL */

/* True for an element of that name; false for NULL. */
bool xml_is(const struct xml_node *node, const char *name);
/* First child of that name, or NULL. */
const struct xml_node *xml_child(const struct xml_node *node,
                                 const char *name);
/* The attribute's value (the document's), or NULL. */
const char *xml_attribute(const struct xml_node *node, const char *name);
/* True when the attribute is "true" (without case); else 'otherwise' when
 * it is absent, false when it is anything else. */
bool xml_attribute_true(const struct xml_node *node, const char *name,
                        bool otherwise);

/*
 * Appends the text so that it can stand in element content:
 * escapes &, <, >, ", ' and carriage return; raw UTF-8 otherwise.  Control
 * characters that XML cannot carry become U+FFFD.
 */
void xml_escape(struct buffer *out, const char *text, size_t size);
/* Appends: space, name, =", the escaped value, "; in an attribute tabs and
 * line feeds are escaped as well. */
void xml_put_attribute(struct buffer *out, const char *name,
                       const char *value);
/* Appends the element with everything in it; its text stands before its
 * child elements. */
void xml_put_node(struct buffer *out, const struct xml_node *node);

#endif
