/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects and values read from parsed CIM-XML elements.  The schema says
 * what a value is; TYPE attributes of the sender are not needed.  Embedded
 * objects are documents inside a VALUE's text, so their depth is counted.
 */

#include <config.h>

#include "object/forms.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/adapt.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/secret.h"

#define DEPTH_LIMIT 8       /* objects in objects */

struct reader {
    class_lookup lookup;
    void *arg;
    unsigned int depth;     /* objects around this one */
    struct error *error;
};

static struct instance *read_instance(struct reader *reader,
                                      const struct xml_node *node);

static bool
fail(struct reader *reader, const struct xml_node *node, const char *what)
{
    return error_set(reader->error, ERROR_SYNTAX, "CIM-XML line %u: <%s> %s",
                     node->line, node->name, what);
}

static struct instance *
read_object(struct reader *reader, const char *text)
{
    struct instance *instance = NULL;
    struct xml_document *document;

    if (++reader->depth > DEPTH_LIMIT) {
        error_set(reader->error, ERROR_LIMIT,
                  "objects are embedded more than %d deep", DEPTH_LIMIT);
        reader->depth--;
        return NULL;
    }
    document = xml_parse_safe("embedded object", text, strlen(text),
                              reader->error);
    if (document) {
        instance = read_instance(reader, xml_root(document));
        xml_free(document);
    }
    reader->depth--;
    return instance;
}

static bool
read_text(struct reader *reader, const struct xml_node *node,
          enum cim_type type, struct value *value)
{
    MEM_AUTO char *copy = NULL;
    const char *text = node->text;

    if (type == CIM_EMBEDDED || type == CIM_OBJECT) {
        struct instance *object = read_object(reader, text);

        if (!object) {
            return false;
        }
        *value = (struct value){ .type = type, .object = object };
        return true;
    }
    if (type == CIM_REFERENCE) {
        return adapt_text(value, type, false, text, reader->error);
    }
    if (type != CIM_STRING && type != CIM_CHAR16) {
        text = text_trim(text, &copy);
    }
    return value_parse(value, type, text, reader->error);
}

static bool
read_reference(struct reader *reader, const struct xml_node *node,
               struct value *value)
{
    const struct xml_node *child = node->children;
    struct buffer text = BUFFER_INIT;
    struct path *path;

    if (!child) {
        return fail(reader, node, "is empty");
    }
    path = path_read_xml(child, reader->error);
    if (!path) {
        return false;
    }
    path_print(path, &text);
    path_destroy(path);
    *value = value_string(buffer_string(&text));
    value->type = CIM_REFERENCE;
    buffer_free(&text);
    return true;
}

static bool
read_scalar(struct reader *reader, const struct xml_node *node,
            enum cim_type type, struct value *value)
{
    *value = value_null(type, false);
    if (xml_is(node, "VALUE.NULL")) {
        return true;
    }
    if (xml_is(node, "VALUE.REFERENCE") && type == CIM_REFERENCE) {
        return read_reference(reader, node, value);
    }
    if (xml_is(node, "VALUE")) {
        return read_text(reader, node, type, value);
    }
    return fail(reader, node, "is not expected here");
}

static bool
read_array(struct reader *reader, const struct xml_node *node,
           enum cim_type type, struct value *value)
{
    uint32_t n = 0;

    for (const struct xml_node *at = node->children; at; at = at->next) {
        n++;
    }
    *value = value_array(type, n);
    n = 0;
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (!read_scalar(reader, at, type, &value->items[n])) {
            value_clear(&value->items[n]);
            value_clear(value);
            return error_prefix(reader->error, "element %u", n);
        }
        n++;
    }
    return true;
}

static bool
read_value(struct reader *reader, const struct xml_node *node,
           enum cim_type type, bool is_array, struct value *value)
{
    bool has_array =
        xml_is(node, "VALUE.ARRAY") || xml_is(node, "VALUE.REFARRAY");

    *value = value_null(type, is_array);
    if (has_array != is_array) {
        return error_set(reader->error, ERROR_TYPE,
                         "expected %s of %s, got %s",
                         is_array ? "an array" : "one value",
                         cim_type_name(type),
                         is_array ? "one value" : "an array");
    }
    if (is_array) {
        return read_array(reader, node, type, value);
    }
    if (!read_scalar(reader, node, type, value)) {
        value_clear(value);
        return false;
    }
    return true;
}

bool
value_read_xml(const struct xml_node *node, enum cim_type type, bool is_array,
               class_lookup lookup, void *arg, struct value *value,
               struct error *error)
{
    struct reader reader = { lookup, arg, 0, error };

    return read_value(&reader, node, type, is_array, value);
}

static bool
read_property(struct reader *reader, const struct xml_node *node,
              struct instance *instance)
{
    const char *name = xml_attribute(node, "NAME");
    const struct property *property;
    const struct xml_node *child = node->children;
    struct value value;

    if (!name || !*name) {
        return fail(reader, node, "has no NAME");
    }
    property = class_property(instance->cls, name);
    if (!property) {
        return instance_no_property(instance->cls, name, reader->error);
    }
    while (xml_is(child, "QUALIFIER")) {
        child = child->next;
    }
    if (!child) {
        value = value_null(property->type, property->is_array);
    } else if (!read_value(reader, child, property->type,
                           property->is_array, &value)) {
        secret_hush(property, reader->error);
        return error_prefix(reader->error, "%s.%s", instance->cls->name,
                            property->name);
    }
    return instance_set(instance, name, value, reader->error);
}

static bool
read_properties(struct reader *reader, const struct xml_node *node,
                struct instance *instance)
{
    for (const struct xml_node *at = node->children; at; at = at->next) {
        bool is_property = xml_is(at, "PROPERTY")
                           || xml_is(at, "PROPERTY.ARRAY")
                           || xml_is(at, "PROPERTY.REFERENCE");

        if (is_property && !read_property(reader, at, instance)) {
            return false;
        }
        if (!is_property && !xml_is(at, "QUALIFIER")) {
            return fail(reader, at, "does not belong into an INSTANCE");
        }
    }
    return true;
}

static struct instance *
read_instance(struct reader *reader, const struct xml_node *node)
{
    const char *name = xml_attribute(node, "CLASSNAME");
    struct instance *instance;
    struct cim_class *cls;

    if (!xml_is(node, "INSTANCE") || !name) {
        fail(reader, node, "is not an INSTANCE with a CLASSNAME");
        return NULL;
    }
    cls = reader->lookup(reader->arg, name);
    if (!cls) {
        error_set(reader->error, ERROR_NO_CLASS, "there is no class %.100s",
                  name);
        return NULL;
    }
    instance = instance_create(cls);
    if (!read_properties(reader, node, instance)) {
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

struct instance *
instance_read_xml(const struct xml_node *node, class_lookup lookup, void *arg,
                  struct error *error)
{
    struct reader reader = { lookup, arg, 0, error };

    return read_instance(&reader, node);
}
