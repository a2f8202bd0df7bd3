/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes declared in CIM-XML (DSP0201): a <CLASS>, or any document with
 * such elements in it, as a server answers to GetClass.  The result is what
 * the MOF reader makes of the same declaration; what is marked as inherited
 * is left out, because resolving adds it.
 */

#include <config.h>

#include "schema/cimxml/cimxml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/unit.h"

bool
cimxml_error(struct cimxml_reader *reader, const struct xml_node *node,
             const char *format, ...)
{
    struct error error;
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&error, ERROR_SYNTAX, "<%.40s>: %s", node->name, text);
    error_at(&error, reader->file, node->line, 0);
    error.severity = SEVERITY_ERROR;
    error_list_add(reader->errors, &error);
    return false;
}

const char *
cimxml_name(struct cimxml_reader *reader, const struct xml_node *node,
            const char *attribute, struct arena *arena)
{
    const char *text = xml_attribute(node, attribute);
    size_t n = 0;

    if (!text) {
        cimxml_error(reader, node, "attribute %s is missing", attribute);
        return NULL;
    }
    while ((text[n] >= 'a' && text[n] <= 'z')
           || (text[n] >= 'A' && text[n] <= 'Z') || text[n] == '_'
           || (n && text[n] >= '0' && text[n] <= '9')
           || (unsigned char) text[n] >= 0x80) {
        n++;
    }
    if (!n || text[n] || n > 255) {
        cimxml_error(reader, node, "%s=\"%.60s\" is not a name", attribute,
                     text);
        return NULL;
    }
    return arena_strdup(arena, text);
}

bool
cimxml_type(struct cimxml_reader *reader, const struct xml_node *node,
            enum cim_type otherwise, enum cim_type *type)
{
    const char *text = xml_attribute(node, "TYPE");

    *type = text ? cim_type_parse(text) : otherwise;
    if (text && (*type == CIM_NONE || *type == CIM_OBJECT)) {
        return cimxml_error(reader, node, "TYPE=\"%.60s\" is not a type",
                            text);
    }
    return true;
}

static bool
array_size(struct cimxml_reader *reader, const struct xml_node *node,
           uint32_t *size)
{
    const char *text = xml_attribute(node, "ARRAYSIZE");
    uint64_t number = 0;

    if (text && (!text_to_u64(text, &number) || !number
                 || number > UNIT_MAX_ITEMS)) {
        return cimxml_error(reader, node, "ARRAYSIZE=\"%.20s\" is not a size "
                            "from 1 to %d", text, UNIT_MAX_ITEMS);
    }
    *size = (uint32_t) number;
    return true;
}

/* Children that may stand beside the members. */
static bool
is_qualifier(const struct xml_node *node)
{
    return xml_is(node, "QUALIFIER");
}

static bool
is_property(const struct xml_node *node)
{
    return xml_is(node, "PROPERTY") || xml_is(node, "PROPERTY.ARRAY")
           || xml_is(node, "PROPERTY.REFERENCE");
}

static bool
is_parameter(const struct xml_node *node)
{
    return xml_is(node, "PARAMETER") || xml_is(node, "PARAMETER.ARRAY")
           || xml_is(node, "PARAMETER.REFERENCE")
           || xml_is(node, "PARAMETER.REFARRAY");
}

static bool
is_propagated(const struct xml_node *node)
{
    return xml_attribute_true(node, "PROPAGATED", false);
}

/* TYPE, or for references REFERENCECLASS. */
static bool
member_type(struct cimxml_reader *reader, const struct xml_node *node,
            bool is_reference, struct arena *arena, enum cim_type *type,
            const char **class_name)
{
    *class_name = NULL;
    if (!is_reference) {
        return cimxml_type(reader, node, CIM_STRING, type);
    }
    *type = CIM_REFERENCE;
    if (!xml_attribute(node, "REFERENCECLASS")) {
        return true;
    }
    *class_name = cimxml_name(reader, node, "REFERENCECLASS", arena);
    return *class_name != NULL;
}

static bool
read_property(struct cimxml_reader *reader, const struct xml_node *node,
              struct cim_class *cls, struct property *property)
{
    *property = (struct property){ .origin = cls->name };
    property->name = cimxml_name(reader, node, "NAME", cls->arena);
    property->line = node->line;
    property->column = 1;
    property->is_array = xml_is(node, "PROPERTY.ARRAY");
    if (!property->name
        || !member_type(reader, node, xml_is(node, "PROPERTY.REFERENCE"),
                        cls->arena, &property->type, &property->class_name)
        || !array_size(reader, node, &property->array_size)
        || !cimxml_qualifiers(reader, node, cls->arena,
                              &property->qualifiers,
                              &property->n_qualifiers)) {
        return false;
    }
    if (property->type == CIM_REFERENCE) {
        property->initial = value_null(CIM_REFERENCE, false);
        return true;
    }
    return cimxml_value(reader, node, property->type, property->is_array,
                        cls->arena, &property->initial);
}

static bool
read_parameter(struct cimxml_reader *reader, const struct xml_node *node,
               struct arena *arena, struct parameter *parameter)
{
    bool is_reference = xml_is(node, "PARAMETER.REFERENCE")
                        || xml_is(node, "PARAMETER.REFARRAY");

    *parameter = (struct parameter){ .in = true };
    parameter->name = cimxml_name(reader, node, "NAME", arena);
    parameter->is_array = xml_is(node, "PARAMETER.ARRAY")
                          || xml_is(node, "PARAMETER.REFARRAY");
    return parameter->name
           && member_type(reader, node, is_reference, arena,
                          &parameter->type, &parameter->class_name)
           && array_size(reader, node, &parameter->array_size)
           && cimxml_qualifiers(reader, node, arena, &parameter->qualifiers,
                                &parameter->n_qualifiers);
}

/* How many children satisfy 'is', are not inherited, and are not too many;
 * others than qualifiers are errors. */
static bool
count_children(struct cimxml_reader *reader, const struct xml_node *node,
               bool (*is)(const struct xml_node *), size_t *n)
{
    *n = 0;
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (is(at)) {
            *n += !is_propagated(at);
        }
    }
    return *n <= UNIT_MAX_MEMBERS
           || cimxml_error(reader, node, "more than %d members",
                           UNIT_MAX_MEMBERS);
}

static bool
read_method(struct cimxml_reader *reader, const struct xml_node *node,
            struct cim_class *cls, struct method *method)
{
    size_t n;

    *method = (struct method){ .origin = cls->name };
    method->name = cimxml_name(reader, node, "NAME", cls->arena);
    method->line = node->line;
    method->column = 1;
    if (!method->name
        || !cimxml_type(reader, node, CIM_NONE, &method->type)
        || !cimxml_qualifiers(reader, node, cls->arena, &method->qualifiers,
                              &method->n_qualifiers)
        || !count_children(reader, node, is_parameter, &n)) {
        return false;
    }
    method->parameters =
        arena_alloc(cls->arena, (n + 1) * sizeof *method->parameters);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (is_parameter(at)) {
            struct parameter *parameter =
                &method->parameters[method->n_parameters++];

            if (!read_parameter(reader, at, cls->arena, parameter)) {
                return false;
            }
        } else if (!is_qualifier(at)) {
            return cimxml_error(reader, at, "not expected in a METHOD");
        }
    }
    return true;
}

static bool
name_taken(struct cimxml_reader *reader, const struct xml_node *node,
           const struct cim_class *cls, const char *name)
{
    if (class_property(cls, name) || class_method(cls, name)) {
        cimxml_error(reader, node, "class %s has a member %s already",
                     cls->name, name);
        return true;
    }
    return false;
}

/* One child of <CLASS>; goes on after an error, to find more. */
static bool
read_member(struct cimxml_reader *reader, const struct xml_node *node,
            struct cim_class *cls)
{
    if (is_qualifier(node) || is_propagated(node)) {
        return true;
    }
    if (is_property(node)) {
        struct property property;

        if (!read_property(reader, node, cls, &property)
            || name_taken(reader, node, cls, property.name)) {
            return false;
        }
        cls->properties[cls->n_properties++] = property;
        return true;
    }
    if (xml_is(node, "METHOD")) {
        struct method method;

        if (!read_method(reader, node, cls, &method)
            || name_taken(reader, node, cls, method.name)) {
            return false;
        }
        cls->methods[cls->n_methods++] = method;
        return true;
    }
    return cimxml_error(reader, node, "not expected in a CLASS");
}

static bool
is_method(const struct xml_node *node)
{
    return xml_is(node, "METHOD");
}

static bool
read_members(struct cimxml_reader *reader, const struct xml_node *node,
             struct cim_class *cls)
{
    size_t n_properties, n_methods;
    bool ok = cimxml_qualifiers(reader, node, cls->arena, &cls->qualifiers,
                                &cls->n_qualifiers);

    if (!count_children(reader, node, is_property, &n_properties)
        || !count_children(reader, node, is_method, &n_methods)) {
        return false;
    }
    cls->properties = arena_alloc(cls->arena, (n_properties + 1)
                                                  * sizeof *cls->properties);
    cls->methods = arena_alloc(cls->arena,
                               (n_methods + 1) * sizeof *cls->methods);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        ok = read_member(reader, at, cls) && ok;
    }
    return ok;
}

static bool
read_class(struct cimxml_reader *reader, const struct xml_node *node)
{
    struct cim_class *cls = class_create("");
    bool ok;

    cls->file = arena_strdup(cls->arena, reader->file);
    cls->line = node->line;
    cls->column = 1;
    cls->name = cimxml_name(reader, node, "NAME", cls->arena);
    ok = cls->name != NULL;
    if (ok && xml_attribute(node, "SUPERCLASS")) {
        cls->super_name = cimxml_name(reader, node, "SUPERCLASS",
                                      cls->arena);
        ok = cls->super_name != NULL;
    }
    if (!ok || !read_members(reader, node, cls)) {
        class_unref(cls);
        return false;
    }
    return unit_add_class(reader->unit, cls)
           || cimxml_error(reader, node, "more than %d classes",
                           UNIT_MAX_CLASSES);
}

/* Declarations wherever they are: documents of all kinds wrap them. */
static bool
read_node(struct cimxml_reader *reader, const struct xml_node *node)
{
    bool ok = true;

    if (xml_is(node, "CLASS")) {
        reader->n_found++;
        return read_class(reader, node);
    }
    if (xml_is(node, "INSTANCE")) {
        reader->n_found++;
        return cimxml_instance(reader, node);
    }
    if (xml_is(node, "QUALIFIER.DECLARATION")) {
        reader->n_found++;
        return cimxml_qualifier_type(reader, node);
    }
    for (const struct xml_node *at = node->children; at; at = at->next) {
        ok = read_node(reader, at) && ok;
    }
    return ok;
}

bool
cimxml_compile(const char *file, const char *text, size_t size,
               const struct schema_options *options,
               struct schema_unit *unit, struct error_list *errors)
{
    struct cimxml_reader reader = { .file = file, .options = options,
                                    .unit = unit, .errors = errors };
    struct error error;
    struct xml_document *document = xml_parse_utf8(file, text, size, &error);
    const struct xml_node *root;
    bool ok;

    if (!document) {
        error.severity = SEVERITY_ERROR;
        return error_list_add(errors, &error);
    }
    root = xml_root(document);
    ok = read_node(&reader, root);
    if (!reader.n_found) {
        ok = cimxml_error(&reader, root, "no CLASS, INSTANCE or "
                                         "QUALIFIER.DECLARATION in it");
    }
    xml_free(document);
    return ok;
}
