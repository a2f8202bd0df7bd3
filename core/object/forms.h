/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_FORMS_H
#define XVS_OBJECT_FORMS_H

/*
 * The text forms of objects: CIM-XML, MOF and JSON, each read and written.
 * Reading one form and writing another loses nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include "schema/value.h"
#include "schema/xml.h"

struct buffer;
struct cim_class;
struct error;
struct instance;
struct path;
struct value;

typedef struct cim_class *(*class_lookup)(void *arg, const char *name);

/* DSP0201 elements, always with an end tag; NULL is a missing VALUE. */
#define INSTANCE_XML_ORIGIN 1u
/* <INSTANCE ...>...</INSTANCE>; 'names' (may be NULL) limits properties. */
void instance_write_xml(const struct instance *instance, unsigned int flags,
                        const char *const *names, size_t n_names,
                        struct buffer *out);
/* <VALUE>, <VALUE.ARRAY>, <VALUE.REFERENCE>; nothing for NULL. */
void value_write_xml(const struct value *value, struct buffer *out);
/* <INSTANCENAME ...>...</INSTANCENAME> */
void path_write_xml(const struct path *path, struct buffer *out);
/* <INSTANCEPATH> with NAMESPACEPATH, or <LOCALINSTANCEPATH>. */
void path_write_xml_full(const struct path *path, const char *host,
                         const char *name_space, struct buffer *out);

/* Readers of parsed elements. */
struct instance *instance_read_xml(const struct xml_node *node,
                                   class_lookup lookup, void *arg,
                                   struct error *error);
/* Reads INSTANCENAME, INSTANCEPATH, LOCALINSTANCEPATH or CLASSNAME. */
struct path *path_read_xml(const struct xml_node *node, struct error *error);
/* Reads VALUE, VALUE.ARRAY, VALUE.REFERENCE... as 'type'; embedded objects
 * (escaped XML inside VALUE) become instances through 'lookup'. */
bool value_read_xml(const struct xml_node *node, enum cim_type type,
                    bool is_array, class_lookup lookup, void *arg,
                    struct value *value, struct error *error);
/* "instance of X { ... };" */
void instance_write_mof(const struct instance *instance, struct buffer *out);
/* {"class":"X","properties":{...}}; with 'plain' only the properties. */
void instance_write_json(const struct instance *instance, bool plain,
                         struct buffer *out);
void value_write_json(const struct value *value, struct buffer *out);
void json_escape(struct buffer *out, const char *text, size_t size);

/*
 * Reads all objects of a text in any of the three forms (chosen by its first
 * characters).  JSON may be one object or an array; a missing "class" takes
 * 'cls' (may be NULL).  '*instances' is on the heap, each entry owned.
 */
bool instances_read(const char *file, const char *text, size_t size,
                    struct cim_class *cls, class_lookup lookup, void *arg,
                    struct instance ***instances, size_t *n,
                    struct error *error);

#endif
