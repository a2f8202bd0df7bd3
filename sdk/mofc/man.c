/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc man: a page about the classes of a schema, in mdoc, from their
 * descriptions and qualifiers.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "mofc.h"
#include "schema/class.h"
#include "schema/feature.h"

/* One word; nothing in it is taken for a request or an escape. */
static void
put_word(struct buffer *out, const char *word, size_t size)
{
    if (word[0] == '.' || word[0] == '\'') {
        buffer_puts(out, "\\&");
    }
    for (size_t i = 0; i < size; i++) {
        if (word[i] == '\\') {
            buffer_puts(out, "\\e");
        } else {
            buffer_putc(out, word[i]);
        }
    }
}

static bool
ends_sentence(const char *word, size_t size)
{
    return word[size - 1] == '.' || word[size - 1] == '!'
           || word[size - 1] == '?';
}

/* Words, a sentence beginning a line as roff likes it. */
static void
put_text(struct buffer *out, const char *text)
{
    size_t column = 0;
    bool ended = false;

    for (;;) {
        size_t size;

        text += strspn(text, " \t\r\n");
        size = strcspn(text, " \t\r\n");
        if (size == 0) {
            return;
        }
        if (column && (ended || column + size > 76)) {
            buffer_putc(out, '\n');
            column = 0;
        } else if (column) {
            buffer_putc(out, ' ');
        }
        put_word(out, text, size);
        column += size + 1;
        ended = ends_sentence(text, size);
        text += size;
    }
}

static void
put_paragraph(struct buffer *out, const char *text)
{
    if (text) {
        put_text(out, text);
        buffer_putc(out, '\n');
    }
}

static const char *
description(const struct qualifier *qualifiers, uint32_t n)
{
    return qualifier_text(qualifier_find(qualifiers, n, "Description"));
}

static void
put_number(struct buffer *out, const struct property *property,
           const char *name, const char *words)
{
    const struct qualifier *qualifier = property_qualifier(property, name);

    if (qualifier && !qualifier->value.is_null
        && !qualifier->value.is_array) {
        buffer_puts(out, words);
        value_print(&qualifier->value, out);
        buffer_puts(out, ".\n");
    }
}

static const char *
item(const struct value *array, uint32_t i)
{
    return array && !array->is_null && array->is_array && i < array->n
                   && !array->items[i].is_null
                   && array->items[i].type == CIM_STRING
               ? array->items[i].s : NULL;
}

static void
put_values(struct buffer *out, const struct property *property,
           const char *numbers, const char *names)
{
    const struct qualifier *map = property_qualifier(property, numbers);
    const struct qualifier *texts = property_qualifier(property, names);

    if (!map || !item(&map->value, 0)) {
        return;
    }
    buffer_puts(out, "Values:\n");
    for (uint32_t i = 0; item(&map->value, i); i++) {
        const char *text = texts ? item(&texts->value, i) : NULL;

        buffer_puts(out, i ? ",\n" : "");
        put_text(out, item(&map->value, i));
        if (text) {
            buffer_puts(out, " (");
            put_text(out, text);
            buffer_putc(out, ')');
        }
    }
    buffer_puts(out, ".\n");
}

static void
put_default(struct buffer *out, const struct property *property)
{
    const struct value *initial = &property->initial;

    if (initial->is_null) {
        return;
    }
    buffer_puts(out, "Default: ");
    if (initial->is_array) {
        buffer_putc(out, '{');
        for (uint32_t i = 0; i < initial->n; i++) {
            buffer_puts(out, i ? ", " : "");
            value_print(&initial->items[i], out);
        }
        buffer_putc(out, '}');
    } else {
        value_print(initial, out);
    }
    buffer_puts(out, ".\n");
}

static void
put_type(struct buffer *out, enum cim_type type, const char *class_name,
         bool is_array, uint32_t n)
{
    buffer_printf(out, " Pq %s", type == CIM_EMBEDDED && class_name
                                     ? class_name : cim_type_name(type));
    if (is_array && n) {
        buffer_printf(out, "[%" PRIu32 "]", n);
    } else if (is_array) {
        buffer_puts(out, "[]");
    }
    buffer_putc(out, '\n');
}

static void
put_property(struct buffer *out, const struct property *property)
{
    const struct qualifier *units = property_qualifier(property, "Units");

    buffer_printf(out, ".It Va %s", property->name);
    put_type(out, property->type, property->class_name, property->is_array,
             property->array_size);
    put_paragraph(out, description(property->qualifiers,
                                   property->n_qualifiers));
    put_values(out, property, "ValueMap", "Values");
    put_values(out, property, "BitMap", "BitValues");
    put_number(out, property, "MinValue", "At least ");
    put_number(out, property, "MaxValue", "At most ");
    put_number(out, property, "MaxLen", "Characters, at most: ");
    put_number(out, property, "Max", "Elements, at most: ");
    if (qualifier_text(units)) {
        buffer_puts(out, "Unit: ");
        put_text(out, qualifier_text(units));
        buffer_puts(out, ".\n");
    }
    put_default(out, property);
}

static void
put_method(struct buffer *out, const struct method *method)
{
    buffer_printf(out, ".It Fn %s", method->name);
    put_type(out, method->type, method->class_name, false, 0);
    put_paragraph(out, description(method->qualifiers,
                                   method->n_qualifiers));
    if (method->n_parameters == 0) {
        return;
    }
    buffer_puts(out, ".Bl -tag -width Ds -compact\n");
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        buffer_printf(out, ".It Va %s", parameter->name);
        put_type(out, parameter->type, parameter->class_name,
                 parameter->is_array, parameter->array_size);
        buffer_puts(out, parameter->in && parameter->out ? "In and out.\n"
                         : parameter->out ? "Out.\n" : "In.\n");
        put_paragraph(out, description(parameter->qualifiers,
                                       parameter->n_qualifiers));
    }
    buffer_puts(out, ".El\n");
}

/* False when the class is none. */
static bool
put_feature(struct buffer *out, const struct cim_class *cls)
{
    char uuid[GUID_TEXT_SIZE];
    struct feature feature;

    if (!feature_of_class(cls, &feature, NULL)) {
        return false;
    }
    buffer_printf(out, "%s of a %s%s, version %d.%d,\nUUID %s.\n",
                  feature.kind == FEATURE_SETTING ? "A setting" : "The status",
                  feature.scope == XVS_SCOPE_PORT ? "port" : "switch",
                  feature.singleton ? " (one at most)" : "",
                  feature.version >> 8, feature.version & 0xff,
                  guid_format(&feature.uuid, uuid));
    return true;
}

static void
put_class(struct buffer *out, const struct cim_class *cls)
{
    MEM_AUTO uint32_t *indexes = mem_array((size_t) cls->n_properties + 1,
                                           sizeof *indexes);
    const char *text = description(cls->qualifiers, cls->n_qualifiers);
    uint32_t n = class_serialized(cls, indexes);

    buffer_puts(out, ".Ss ");
    buffer_puts(out, cls->name);
    buffer_putc(out, '\n');
    if (put_feature(out, cls) && text) {
        buffer_puts(out, ".Pp\n");
    }
    put_paragraph(out, text);
    if (n + cls->n_methods == 0) {
        return;
    }
    buffer_puts(out, ".Bl -tag -width Ds\n");
    for (uint32_t i = 0; i < n; i++) {
        put_property(out, &cls->properties[indexes[i]]);
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        put_method(out, &cls->methods[i]);
    }
    buffer_puts(out, ".El\n");
}

/* "xvs_acl.mof" -> "xvs_acl" */
static char *
page_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = mem_strdup(slash ? slash + 1 : path);
    char *dot = strrchr(name, '.');

    if (dot && dot != name) {
        *dot = 0;
    }
    return name;
}

/* SOURCE_DATE_EPOCH, so that a package builds the same page every day. */
static void
put_date(struct buffer *out)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds = 0;
    time_t now = time(NULL);
    struct tm parts;
    char date[40];

    if (text && text_to_u64(text, &seconds)) {
        now = (time_t) seconds;
    }
    gmtime_r(&now, &parts);
    strftime(date, sizeof date, "%B %e, %Y", &parts);
    buffer_printf(out, ".Dd %s\n", date);
}

int
mofc_man(const struct mofc_options *options)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    MEM_AUTO char *name = page_name(options->files[0]);
    struct mofc_schema schema = { 0 };
    int code = MOFC_BAD;

    if (mofc_load(&schema, options->files[0], options)) {
        MEM_AUTO char *title = mem_strdup(name);

        for (char *c = title; *c; c++) {
            *c = (char) toupper((unsigned char) *c);
        }
        put_date(&out);
        buffer_printf(&out, ".Dt %s 7\n.Os\n.Sh NAME\n.Nm %s\n"
                      ".Nd classes of a schema of xvs\n.Sh CLASSES\n", title,
                      name);
        for (size_t i = 0; i < schema.unit.n_classes; i++) {
            put_class(&out, schema.unit.classes[i]);
        }
        buffer_puts(&out, ".Sh SEE ALSO\n.Xr xvs-mofc 1 ,\n"
                    ".Xr xvsctl 1\n");
        code = mofc_write(options, &out) ? MOFC_OK : MOFC_BAD;
    }
    mofc_schema_clear(&schema);
    return code;
}
