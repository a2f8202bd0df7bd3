/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes as MOF text.  Of a resolved class only its own part is written:
 * what it inherits, its superclass says.  A flavor is written where it is not
 * what the qualifier's built-in declaration (or, without one, the standard)
 * says.
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "schema/compile.h"

/* Where lines of text are broken. */
#define LINE_LENGTH 78

static void
new_line(struct buffer *out, unsigned int column)
{
    buffer_putc(out, '\n');
    for (unsigned int i = 0; i < column; i++) {
        buffer_putc(out, ' ');
    }
}

static size_t
line_used(const struct buffer *out)
{
    size_t n = 0;

    while (n < LINE_LENGTH && n < out->size
           && out->data[out->size - n - 1] != '\n') {
        n++;
    }
    return n;
}

/* One character of a string or char16, as it may stand between quotes. */
static void
write_character(struct buffer *out, const char **text, const char *end,
                char quote)
{
    static const char from[] = "\b\t\n\f\r\\";
    static const char to[] = "btnfr\\";
    unsigned char c = (unsigned char) **text;
    const char *simple = c ? strchr(from, c) : NULL;
    const char *start = *text;

    if (c >= 0x80) {
        text_utf8_next(text, end);
        buffer_put(out, start, (size_t) (*text - start));
        return;
    }
    (*text)++;
    if (simple) {
        buffer_putc(out, '\\');
        buffer_putc(out, to[simple - from]);
    } else if (c == (unsigned char) quote) {
        buffer_putc(out, '\\');
        buffer_putc(out, quote);
    } else if (c < 0x20 || c == 0x7f) {
        buffer_printf(out, "\\x%04X", c);
    } else {
        buffer_putc(out, (char) c);
    }
}

/* A string, broken behind blanks and line ends; continued at 'column'. */
static void
write_string(struct buffer *out, const char *text, size_t size,
             unsigned int column)
{
    const char *end = text + size;
    const char *word = text;

    buffer_putc(out, '"');
    while (text < end) {
        char c = *text;

        write_character(out, &text, end, '"');
        if ((c != ' ' && c != '\n') || text == end) {
            continue;
        }
        word = memchr(text, ' ', (size_t) (end - text));
        size_t next = (size_t) ((word ? word : end) - text);

        if (c == '\n' || line_used(out) + next + 2 > LINE_LENGTH) {
            buffer_putc(out, '"');
            new_line(out, column);
            buffer_putc(out, '"');
        }
    }
    buffer_putc(out, '"');
}

/* A real needs a point: 1e+20 is written 1.0e+20. */
static void
write_real(struct buffer *out, const struct value *value)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *exponent;

    value_print(value, &text);
    buffer_string(&text);
    exponent = strchr(text.data, 'e');
    if (strchr(text.data, '.')) {
        buffer_puts(out, text.data);
    } else if (exponent) {
        buffer_put(out, text.data, (size_t) (exponent - text.data));
        buffer_printf(out, ".0%s", exponent);
    } else {
        buffer_printf(out, "%s.0", text.data);
    }
}

static void
write_char16(struct buffer *out, uint32_t character)
{
    char text[4];
    const char *p = text;
    size_t size;

    if (character >= 0x80 || character == 0) {
        buffer_printf(out, "'\\x%04X'", (unsigned int) character);
        return;
    }
    size = text_utf8_put(character, text);
    buffer_putc(out, '\'');
    write_character(out, &p, text + size, '\'');
    buffer_putc(out, '\'');
}

static void
write_scalar(struct buffer *out, const struct value *value,
             unsigned int column)
{
    char time[DATETIME_TEXT_SIZE];

    if (value->is_null) {
        buffer_puts(out, "NULL");
        return;
    }
    switch (value->type) {
    case CIM_STRING:
        write_string(out, value->s, value->n, column);
        break;
    case CIM_REFERENCE:
        /* An alias is written as it is. */
        if (value->s[0] == '$') {
            buffer_put(out, value->s, value->n);
        } else {
            write_string(out, value->s, value->n, column);
        }
        break;
    case CIM_CHAR16:
        write_char16(out, (uint32_t) value->u);
        break;
    case CIM_DATETIME:
        buffer_printf(out, "\"%s\"", datetime_format(value->t, time));
        break;
    case CIM_REAL32:
    case CIM_REAL64:
        write_real(out, value);
        break;
    default:
        value_print(value, out);
    }
}

static void
write_items(struct buffer *out, const struct value *value,
            unsigned int column)
{
    buffer_putc(out, '{');
    for (uint32_t i = 0; i < value->n; i++) {
        if (i) {
            buffer_putc(out, ',');
            if (line_used(out) > LINE_LENGTH - 16) {
                new_line(out, column);
            } else {
                buffer_putc(out, ' ');
            }
        }
        write_scalar(out, &value->items[i], column);
    }
    buffer_putc(out, '}');
}

static void
write_flavor(struct buffer *out, const struct qualifier *qualifier)
{
    const struct qualifier_type *type = prelude_qualifier(qualifier->name);
    uint8_t usual = type ? type->flavor : FLAVOR_DEFAULT;
    uint8_t differs = qualifier->flavor ^ usual;
    static const struct {
        uint8_t bit;
        const char *set, *clear;
    } names[] = {
        { FLAVOR_OVERRIDABLE, "EnableOverride", "DisableOverride" },
        { FLAVOR_TO_SUBCLASS, "ToSubclass", "Restricted" },
        { FLAVOR_TO_INSTANCE, "ToInstance", "NotToInstance" },
        { FLAVOR_TRANSLATABLE, "Translatable", NULL },
        { FLAVOR_AMENDED, "Amended", NULL },
    };
    bool first = true;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = qualifier->flavor & names[i].bit ? names[i].set
                                                            : names[i].clear;

        if ((differs & names[i].bit) && name) {
            buffer_printf(out, "%s%s", first ? " : " : " ", name);
            first = false;
        }
    }
}

static void
write_qualifier(struct buffer *out, const struct qualifier *qualifier,
                unsigned int column)
{
    const struct value *value = &qualifier->value;

    buffer_puts(out, qualifier->name);
    if (value->is_null) {
        buffer_puts(out, "(NULL)");
    } else if (value->is_array) {
        buffer_putc(out, ' ');
        write_items(out, value, column + 4);
    } else if (value->type != CIM_BOOLEAN || !value->u) {
        buffer_putc(out, '(');
        write_scalar(out, value, column + 4);
        buffer_putc(out, ')');
    }
    write_flavor(out, qualifier);
}

/* "[...]" of those that are not inherited; true when there was one. */
static bool
write_qualifiers(struct buffer *out, const struct qualifier *qualifiers,
                 uint32_t n, unsigned int column)
{
    bool any = false;

    for (uint32_t i = 0; i < n; i++) {
        if (qualifiers[i].propagated) {
            continue;
        }
        if (any) {
            buffer_putc(out, ',');
            new_line(out, column + 1);
        } else {
            buffer_putc(out, '[');
        }
        write_qualifier(out, &qualifiers[i], column + 1);
        any = true;
    }
    if (any) {
        buffer_putc(out, ']');
    }
    return any;
}

/* The type as it stands in front of the name. */
static void
write_type(struct buffer *out, enum cim_type type, const char *class_name)
{
    if (type == CIM_REFERENCE) {
        buffer_printf(out, "%s REF ", class_name ? class_name : "");
    } else if (type == CIM_EMBEDDED || type == CIM_OBJECT) {
        /* A qualifier says the rest. */
        buffer_puts(out, "string ");
    } else {
        buffer_printf(out, "%s ", cim_type_name(type));
    }
}

static void
write_brackets(struct buffer *out, bool is_array, uint32_t size)
{
    if (is_array && size) {
        buffer_printf(out, "[%u]", size);
    } else if (is_array) {
        buffer_puts(out, "[]");
    }
}

static void
write_property(struct buffer *out, const struct property *property)
{
    const struct value *initial = &property->initial;

    new_line(out, 4);
    if (write_qualifiers(out, property->qualifiers, property->n_qualifiers,
                         4)) {
        new_line(out, 4);
    }
    write_type(out, property->type, property->class_name);
    buffer_puts(out, property->name);
    write_brackets(out, property->is_array, property->array_size);
    if (!initial->is_null) {
        buffer_puts(out, " = ");
        if (initial->is_array) {
            write_items(out, initial, 8);
        } else {
            write_scalar(out, initial, 8);
        }
    }
    buffer_putc(out, ';');
}

static void
write_method(struct buffer *out, const struct method *method)
{
    new_line(out, 4);
    if (write_qualifiers(out, method->qualifiers, method->n_qualifiers, 4)) {
        new_line(out, 4);
    }
    write_type(out, method->type, method->class_name);
    buffer_printf(out, "%s(", method->name);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        new_line(out, 8);
        if (write_qualifiers(out, parameter->qualifiers,
                             parameter->n_qualifiers, 8)) {
            new_line(out, 8);
        }
        write_type(out, parameter->type, parameter->class_name);
        buffer_puts(out, parameter->name);
        write_brackets(out, parameter->is_array, parameter->array_size);
        if (i + 1 < method->n_parameters) {
            buffer_putc(out, ',');
        }
    }
    buffer_puts(out, ");");
}

void
class_write_mof(const struct cim_class *cls, struct buffer *out)
{
    if (write_qualifiers(out, cls->qualifiers, cls->n_qualifiers, 0)) {
        buffer_putc(out, '\n');
    }
    buffer_printf(out, "class %s", cls->name);
    if (cls->alias) {
        buffer_printf(out, " as %s", cls->alias);
    }
    if (cls->super_name) {
        buffer_printf(out, " : %s", cls->super_name);
    }
    buffer_puts(out, " {");
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (!cls->properties[i].propagated) {
            write_property(out, &cls->properties[i]);
        }
    }
    for (uint32_t i = 0; i < cls->n_methods; i++) {
        if (!cls->methods[i].propagated) {
            write_method(out, &cls->methods[i]);
        }
    }
    buffer_puts(out, "\n};\n");
}
