/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes and qualifier declarations as CIM-XML (DSP0201).  What is written
 * here cimxml.c reads back to an equal class, when the inherited parts are
 * left out (CLASS_XML_LOCAL_ONLY) or marked as such.
 */

#include <config.h>

#include "schema/compile.h"

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "schema/xml.h"

struct writer {
    struct buffer *out;
    unsigned int flags;         /* CLASS_XML_... */
};

/* Content of <VALUE>. */
static void
put_scalar(struct buffer *out, const struct value *value)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    if (value->type == CIM_BOOLEAN) {
        buffer_puts(out, value->u ? "TRUE" : "FALSE");
        return;
    }
    value_print(value, &text);
    xml_escape(out, text.data, text.size);
}

static void
put_value(struct buffer *out, const struct value *value)
{
    if (value->is_null) {
        return;
    }
    buffer_puts(out, value->is_array ? "<VALUE.ARRAY>" : "<VALUE>");
    for (uint32_t i = 0; value->is_array && i < value->n; i++) {
        if (value->items[i].is_null) {
            buffer_puts(out, "<VALUE.NULL></VALUE.NULL>");
            continue;
        }
        buffer_puts(out, "<VALUE>");
        put_scalar(out, &value->items[i]);
        buffer_puts(out, "</VALUE>");
    }
    if (!value->is_array) {
        put_scalar(out, value);
    }
    buffer_puts(out, value->is_array ? "</VALUE.ARRAY>" : "</VALUE>");
}

static void
put_flag(struct buffer *out, const char *name, bool truth)
{
    xml_put_attribute(out, name, truth ? "true" : "false");
}

/* Only what differs from DSP0201's defaults. */
static void
put_flavor(struct buffer *out, uint8_t flavor)
{
    if (!(flavor & FLAVOR_OVERRIDABLE)) {
        put_flag(out, "OVERRIDABLE", false);
    }
    if (!(flavor & FLAVOR_TO_SUBCLASS)) {
        put_flag(out, "TOSUBCLASS", false);
    }
    if (flavor & FLAVOR_TO_INSTANCE) {
        put_flag(out, "TOINSTANCE", true);
    }
    if (flavor & FLAVOR_TRANSLATABLE) {
        put_flag(out, "TRANSLATABLE", true);
    }
    if (flavor & FLAVOR_AMENDED) {
        put_flag(out, "AMENDED", true);     /* as WMI writes it */
    }
}

static void
put_qualifier(struct buffer *out, const struct qualifier *qualifier)
{
    buffer_puts(out, "<QUALIFIER");
    xml_put_attribute(out, "NAME", qualifier->name);
    xml_put_attribute(out, "TYPE", cim_type_name(qualifier->value.type));
    if (qualifier->propagated) {
        put_flag(out, "PROPAGATED", true);
    }
    put_flavor(out, qualifier->flavor);
    buffer_putc(out, '>');
    put_value(out, &qualifier->value);
    buffer_puts(out, "</QUALIFIER>");
}

static void
put_qualifiers(const struct writer *writer,
               const struct qualifier *qualifiers, uint32_t n)
{
    if (!(writer->flags & CLASS_XML_QUALIFIERS)) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!(writer->flags & CLASS_XML_LOCAL_ONLY)
            || !qualifiers[i].propagated) {
            put_qualifier(writer->out, &qualifiers[i]);
        }
    }
}

/* An embedded class is known by its qualifier; by-value ones get it. */
static void
put_embedded(const struct writer *writer, enum cim_type type,
             const char *class_name, const struct qualifier *qualifiers,
             uint32_t n)
{
    if (!(writer->flags & CLASS_XML_QUALIFIERS)) {
        return;
    }
    if (type == CIM_EMBEDDED && class_name
        && !qualifier_find(qualifiers, n, "EmbeddedInstance")) {
        buffer_puts(writer->out,
                    "<QUALIFIER NAME=\"EmbeddedInstance\" TYPE=\"string\">"
                    "<VALUE>");
        xml_escape(writer->out, class_name, strlen(class_name));
        buffer_puts(writer->out, "</VALUE></QUALIFIER>");
    } else if (type == CIM_OBJECT
               && !qualifier_find(qualifiers, n, "EmbeddedObject")) {
        buffer_puts(writer->out,
                    "<QUALIFIER NAME=\"EmbeddedObject\" TYPE=\"boolean\">"
                    "<VALUE>TRUE</VALUE></QUALIFIER>");
    }
}

static const char *
wire_type(enum cim_type type)
{
    return type == CIM_EMBEDDED || type == CIM_OBJECT
                   || type == CIM_REFERENCE
               ? "string" : cim_type_name(type);
}

static void
put_origin(const struct writer *writer, const char *origin, bool propagated)
{
    if ((writer->flags & CLASS_XML_ORIGIN) && origin) {
        xml_put_attribute(writer->out, "CLASSORIGIN", origin);
    }
    if (propagated) {
        put_flag(writer->out, "PROPAGATED", true);
    }
}

static void
put_array_size(struct buffer *out, uint32_t size)
{
    if (size) {
        buffer_printf(out, " ARRAYSIZE=\"%u\"", size);
    }
}

static void
put_property(const struct writer *writer, const struct property *property)
{
    struct buffer *out = writer->out;
    bool is_reference =
        property->type == CIM_REFERENCE && !property->is_array;
    const char *tag = is_reference ? "PROPERTY.REFERENCE"
                      : property->is_array ? "PROPERTY.ARRAY" : "PROPERTY";

    buffer_printf(out, "<%s", tag);
    xml_put_attribute(out, "NAME", property->name);
    if (!is_reference) {
        xml_put_attribute(out, "TYPE", wire_type(property->type));
    } else if (property->class_name) {
        xml_put_attribute(out, "REFERENCECLASS", property->class_name);
    }
    put_array_size(out, property->array_size);
    put_origin(writer, property->origin, property->propagated);
    if (!property->is_array
        && (property->type == CIM_EMBEDDED || property->type == CIM_OBJECT)) {
        xml_put_attribute(out, "EmbeddedObject",
                          property->type == CIM_EMBEDDED ? "instance"
                                                         : "object");
    }
    buffer_putc(out, '>');
    put_qualifiers(writer, property->qualifiers, property->n_qualifiers);
    put_embedded(writer, property->type, property->class_name,
                 property->qualifiers, property->n_qualifiers);
    if (!is_reference) {
        put_value(out, &property->initial);
    }
    buffer_printf(out, "</%s>", tag);
}

static void
put_parameter(const struct writer *writer, const struct parameter *parameter)
{
    bool is_reference = parameter->type == CIM_REFERENCE;
    struct buffer *out = writer->out;
    const char *tag = is_reference && parameter->is_array
                          ? "PARAMETER.REFARRAY"
                      : is_reference          ? "PARAMETER.REFERENCE"
                      : parameter->is_array   ? "PARAMETER.ARRAY"
                                              : "PARAMETER";

    buffer_printf(out, "<%s", tag);
    xml_put_attribute(out, "NAME", parameter->name);
    if (!is_reference) {
        xml_put_attribute(out, "TYPE", wire_type(parameter->type));
    } else if (parameter->class_name) {
        xml_put_attribute(out, "REFERENCECLASS", parameter->class_name);
    }
    put_array_size(out, parameter->array_size);
    buffer_putc(out, '>');
    put_qualifiers(writer, parameter->qualifiers, parameter->n_qualifiers);
    put_embedded(writer, parameter->type, parameter->class_name,
                 parameter->qualifiers, parameter->n_qualifiers);
    buffer_printf(out, "</%s>", tag);
}

static void
put_method(const struct writer *writer, const struct method *method)
{
    struct buffer *out = writer->out;

    buffer_puts(out, "<METHOD");
    xml_put_attribute(out, "NAME", method->name);
    if (method->type != CIM_NONE) {
        xml_put_attribute(out, "TYPE", wire_type(method->type));
    }
    put_origin(writer, method->origin, method->propagated);
    buffer_putc(out, '>');
    put_qualifiers(writer, method->qualifiers, method->n_qualifiers);
    put_embedded(writer, method->type, method->class_name,
                 method->qualifiers, method->n_qualifiers);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        put_parameter(writer, &method->parameters[i]);
    }
    buffer_puts(out, "</METHOD>");
}

static bool
is_wanted(const char *name, const char *const *names, size_t n_names)
{
    for (size_t i = 0; names && i < n_names; i++) {
        if (text_equal_fold(names[i], name)) {
            return true;
        }
    }
    return !names;
}

void
class_write_xml(const struct cim_class *cls, unsigned int flags,
                const char *const *names, size_t n_names,
                struct buffer *out)
{
    struct writer writer = { out, flags };
    bool local = flags & CLASS_XML_LOCAL_ONLY;

    buffer_puts(out, "<CLASS");
    xml_put_attribute(out, "NAME", cls->name);
    if (cls->super_name) {
        xml_put_attribute(out, "SUPERCLASS", cls->super_name);
    }
    buffer_putc(out, '>');
    put_qualifiers(&writer, cls->qualifiers, cls->n_qualifiers);
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];

        if (!(local && property->propagated)
            && is_wanted(property->name, names, n_names)) {
            put_property(&writer, property);
        }
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        if (!(local && cls->methods[i].propagated)) {
            put_method(&writer, &cls->methods[i]);
        }
    }
    buffer_puts(out, "</CLASS>");
}

void
qualifier_type_write_xml(const struct qualifier_type *type,
                         struct buffer *out)
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

    buffer_puts(out, "<QUALIFIER.DECLARATION");
    xml_put_attribute(out, "NAME", type->name);
    xml_put_attribute(out, "TYPE", cim_type_name(type->value.type));
    put_flag(out, "ISARRAY", type->value.is_array);
    put_flavor(out, type->flavor);
    buffer_puts(out, "><SCOPE");
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        put_flag(out, scopes[i].name, type->scope & scopes[i].scope);
    }
    buffer_puts(out, "></SCOPE>");
    put_value(out, &type->value);
    buffer_puts(out, "</QUALIFIER.DECLARATION>");
}
