/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The parts of CIM-XML declarations that carry values.  Numbers and texts
 * are read as the types the document states; resolving compares these with
 * the declared ones.
 */

#include <config.h>

#include "schema/cimxml/cimxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/unit.h"

/* The text of <VALUE> as a value in the arena. */
static bool
read_scalar(struct cimxml_reader *reader, const struct xml_node *node,
            enum cim_type type, struct arena *arena, struct value *value)
{
    MEM_AUTO char *copy = NULL;
    const char *text = node->text;
    struct value parsed;
    struct error error;

    if (xml_is(node, "VALUE.NULL")) {
        *value = value_null(type, false);
        return true;
    }
    if (!xml_is(node, "VALUE")) {
        return cimxml_error(reader, node, "not expected here");
    }
    if (type != CIM_STRING && type != CIM_CHAR16) {
        text = text_trim(text, &copy);
    }
    if (strlen(text) > UNIT_MAX_STRING) {
        return cimxml_error(reader, node, "text of more than %u bytes",
                            UNIT_MAX_STRING);
    }
    if (!value_parse(&parsed, type, text, &error)) {
        return cimxml_error(reader, node, "%s", error.text);
    }
    value_copy_arena(value, &parsed, arena);
    value_clear(&parsed);
    return true;
}

static bool
read_array(struct cimxml_reader *reader, const struct xml_node *node,
           enum cim_type type, struct arena *arena, struct value *value)
{
    uint32_t n = 0;

    for (const struct xml_node *at = node->children; at; at = at->next) {
        n++;
    }
    if (n > UNIT_MAX_ITEMS) {
        return cimxml_error(reader, node, "more than %d elements",
                            UNIT_MAX_ITEMS);
    }
    *value = (struct value){ .type = type, .is_array = true };
    value->items = arena_alloc(arena, (n + 1) * sizeof *value->items);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (!read_scalar(reader, at, type, arena,
                         &value->items[value->n++])) {
            return false;
        }
    }
    return true;
}

static const struct xml_node *
value_child(const struct xml_node *node)
{
    const struct xml_node *at = node->children;

    while (at && !xml_is(at, "VALUE") && !xml_is(at, "VALUE.ARRAY")) {
        at = at->next;
    }
    return at;
}

bool
cimxml_value(struct cimxml_reader *reader, const struct xml_node *node,
             enum cim_type type, bool is_array, struct arena *arena,
             struct value *value)
{
    const struct xml_node *child = value_child(node);

    *value = value_null(type, is_array);
    if (!child) {
        return true;
    }
    if (xml_is(child, "VALUE.ARRAY") != is_array) {
        return cimxml_error(reader, child, "expected %s",
                            is_array ? "VALUE.ARRAY" : "VALUE");
    }
    return is_array ? read_array(reader, child, type, arena, value)
                    : read_scalar(reader, child, type, arena, value);
}

/* Qualifiers. -------------------------------------------------------------- */

/* What the attribute says: one bit for "true", another for "false". */
static uint8_t
said(const struct xml_node *node, const char *attribute, uint8_t yes,
     uint8_t no)
{
    if (!xml_attribute(node, attribute)) {
        return 0;
    }
    return xml_attribute_true(node, attribute, false) ? yes : no;
}

static uint8_t
read_flavor(const struct xml_node *node)
{
    return (uint8_t) (said(node, "OVERRIDABLE", FLAVOR_OVERRIDABLE,
                           FLAVOR_NOT_OVERRIDABLE)
                      | said(node, "TOSUBCLASS", FLAVOR_TO_SUBCLASS,
                             FLAVOR_NOT_TO_SUBCLASS)
                      | said(node, "TOINSTANCE", FLAVOR_TO_INSTANCE,
                             FLAVOR_NOT_TO_INSTANCE)
                      | said(node, "TRANSLATABLE", FLAVOR_TRANSLATABLE, 0)
                      | said(node, "AMENDED", FLAVOR_AMENDED, 0));
}

static bool
read_qualifier(struct cimxml_reader *reader, const struct xml_node *node,
               struct arena *arena, struct qualifier *qualifier)
{
    const struct xml_node *child = value_child(node);
    enum cim_type type;

    *qualifier = (struct qualifier){ .flavor = read_flavor(node) };
    qualifier->line = node->line;
    qualifier->column = 1;
    qualifier->name = cimxml_name(reader, node, "NAME", arena);
    if (!qualifier->name
        || !cimxml_type(reader, node, CIM_STRING, &type)) {
        return false;
    }
    if (!child) {
        qualifier->value = value_null(CIM_NONE, false);
        return true;
    }
    return cimxml_value(reader, node, type, xml_is(child, "VALUE.ARRAY"),
                        arena, &qualifier->value);
}

bool
cimxml_qualifiers(struct cimxml_reader *reader, const struct xml_node *node,
                  struct arena *arena, struct qualifier **qualifiers,
                  uint32_t *n)
{
    size_t most = 0;

    *n = 0;
    for (const struct xml_node *at = node->children; at; at = at->next) {
        most += xml_is(at, "QUALIFIER");
    }
    if (most > 256) {
        return cimxml_error(reader, node, "more than 256 qualifiers");
    }
    *qualifiers = arena_alloc(arena, (most + 1) * sizeof **qualifiers);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        struct qualifier qualifier;

        if (!xml_is(at, "QUALIFIER")
            || xml_attribute_true(at, "PROPAGATED", false)) {
            continue;
        }
        if (!read_qualifier(reader, at, arena, &qualifier)) {
            return false;
        }
        if (qualifier_find(*qualifiers, *n, qualifier.name)) {
            return cimxml_error(reader, at, "qualifier %s is given twice",
                                qualifier.name);
        }
        (*qualifiers)[(*n)++] = qualifier;
    }
    return true;
}

static uint8_t
read_scope(const struct xml_node *node)
{
    static const struct {
        const char *name;
        uint8_t scope;
    } scopes[] = {
        { "CLASS", SCOPE_CLASS },         { "ASSOCIATION", SCOPE_ASSOCIATION },
        { "REFERENCE", SCOPE_REFERENCE }, { "PROPERTY", SCOPE_PROPERTY },
        { "METHOD", SCOPE_METHOD },       { "PARAMETER", SCOPE_PARAMETER },
        { "INDICATION", SCOPE_INDICATION },
    };
    const struct xml_node *scope = xml_child(node, "SCOPE");
    uint8_t bits = 0;

    for (size_t i = 0; scope && i < sizeof scopes / sizeof scopes[0]; i++) {
        if (xml_attribute_true(scope, scopes[i].name, false)) {
            bits |= scopes[i].scope;
        }
    }
    return bits ? bits : SCOPE_ANY;
}

bool
cimxml_qualifier_type(struct cimxml_reader *reader,
                      const struct xml_node *node)
{
    struct arena *arena = unit_arena(reader->unit);
    struct qualifier_type type = { .scope = read_scope(node) };
    uint8_t flavor = read_flavor(node);
    enum cim_type value_type;

    type.file = unit_file(reader->unit, reader->file);
    type.line = node->line;
    type.flavor = flavor & (uint8_t) (FLAVOR_TO_INSTANCE
                                      | FLAVOR_TRANSLATABLE
                                      | FLAVOR_AMENDED);
    if (!(flavor & FLAVOR_NOT_OVERRIDABLE)) {
        type.flavor |= FLAVOR_OVERRIDABLE;
    }
    if (!(flavor & FLAVOR_NOT_TO_SUBCLASS)) {
        type.flavor |= FLAVOR_TO_SUBCLASS;
    }
    type.name = cimxml_name(reader, node, "NAME", arena);
    if (!type.name || !cimxml_type(reader, node, CIM_STRING, &value_type)
        || !cimxml_value(reader, node, value_type,
                         xml_attribute_true(node, "ISARRAY", false), arena,
                         &type.value)) {
        return false;
    }
    return unit_add_qualifier_type(reader->unit, &type)
           || cimxml_error(reader, node, "too many qualifier declarations");
}

/* Instances. --------------------------------------------------------------- */

static bool
read_assignment(struct cimxml_reader *reader, const struct xml_node *node,
                struct declared_value *declared)
{
    struct arena *arena = unit_arena(reader->unit);
    bool is_array = xml_is(node, "PROPERTY.ARRAY");
    enum cim_type type;

    declared->line = node->line;
    declared->column = 1;
    declared->name = cimxml_name(reader, node, "NAME", arena);
    if (xml_is(node, "PROPERTY.REFERENCE")) {
        return cimxml_error(reader, node, "an instance in a schema cannot "
                                          "have references");
    }
    if (!is_array && !xml_is(node, "PROPERTY")) {
        return cimxml_error(reader, node, "not expected in an INSTANCE");
    }
    return declared->name && cimxml_type(reader, node, CIM_STRING, &type)
           && cimxml_value(reader, node, type, is_array, arena,
                           &declared->value);
}

bool
cimxml_instance(struct cimxml_reader *reader, const struct xml_node *node)
{
    struct arena *arena = unit_arena(reader->unit);
    struct declared_instance instance = { .column = 1 };
    size_t n = 0;

    instance.file = unit_file(reader->unit, reader->file);
    instance.line = node->line;
    instance.class_name = cimxml_name(reader, node, "CLASSNAME", arena);
    if (!instance.class_name) {
        return false;
    }
    for (const struct xml_node *at = node->children; at; at = at->next) {
        n++;
    }
    if (n > UNIT_MAX_MEMBERS) {
        return cimxml_error(reader, node, "more than %d members",
                            UNIT_MAX_MEMBERS);
    }
    instance.values = arena_alloc(arena, (n + 1) * sizeof *instance.values);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        if (!xml_is(at, "QUALIFIER")
            && !read_assignment(reader, at,
                                &instance.values[instance.n_values++])) {
            return false;
        }
    }
    return unit_add_instance(reader->unit, &instance)
           || cimxml_error(reader, node, "more than %d instances",
                           UNIT_MAX_INSTANCES);
}
