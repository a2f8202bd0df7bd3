/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects as MOF.  A property without value is left out where that is its
 * default, so that what people see is what was set.
 */

#include <config.h>

#include "object/forms.h"

#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "object/instance.h"

/* A string literal; always four digits after \x, whatever follows. */
static void
put_string(struct buffer *out, const char *text, size_t size)
{
    static const char from[] = "\"\\\b\t\n\f\r";
    static const char to[] = "\"\\btnfr";

    buffer_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) text[i];
        const char *found = c ? strchr(from, c) : NULL;

        if (found) {
            buffer_putc(out, '\\');
            buffer_putc(out, to[found - from]);
        } else if (c < 0x20) {
            buffer_printf(out, "\\x%04X", c);
        } else {
            buffer_putc(out, (char) c);
        }
    }
    buffer_putc(out, '"');
}

static void
put_char16(struct buffer *out, uint64_t number)
{
    uint32_t c = (uint32_t) number;
    char utf8[4];

    if (c < 0x20 || c == 0x7f || c == '\'' || c == '\\'
        || (c >= 0xd800 && c < 0xe000)) {
        buffer_printf(out, "'\\x%04X'", c);
        return;
    }
    buffer_putc(out, '\'');
    buffer_put(out, utf8, text_utf8_put(c, utf8));
    buffer_putc(out, '\'');
}

/* A real literal has a point. */
static void
put_real(struct buffer *out, const struct value *value)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *digits;
    size_t n;

    if (!isfinite(value->r)) {
        buffer_puts(out, "NULL");
        return;
    }
    value_print(value, &text);
    digits = buffer_string(&text);
    n = strcspn(digits, ".e");
    buffer_put(out, digits, n);
    if (digits[n] != '.') {
        buffer_puts(out, ".0");
    }
    buffer_puts(out, digits + n);
}

static void
put_scalar(struct buffer *out, const struct value *value)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    if (value->is_null) {
        buffer_puts(out, "NULL");
        return;
    }
    switch (value->type) {
    case CIM_STRING:
    case CIM_REFERENCE:
        put_string(out, value->s, value->n);
        return;
    case CIM_CHAR16:
        put_char16(out, value->u);
        return;
    case CIM_REAL32:
    case CIM_REAL64:
        put_real(out, value);
        return;
    case CIM_EMBEDDED:
    case CIM_OBJECT:
        instance_write_mof(value->object, &text);
        put_string(out, text.data, text.size);
        return;
    case CIM_DATETIME:
        value_print(value, &text);
        put_string(out, text.data, text.size);
        return;
    default:
        value_print(value, out);
    }
}

static void
put_value(struct buffer *out, const struct value *value)
{
    if (value->is_null || !value->is_array) {
        put_scalar(out, value);
        return;
    }
    buffer_putc(out, '{');
    for (uint32_t i = 0; i < value->n; i++) {
        if (i) {
            buffer_puts(out, ", ");
        }
        put_scalar(out, &value->items[i]);
    }
    buffer_putc(out, '}');
}

void
instance_write_mof(const struct instance *instance, struct buffer *out)
{
    const struct cim_class *cls = instance->cls;

    buffer_printf(out, "instance of %s {\n", cls->name);
    for (uint32_t i = 0; i < instance->n; i++) {
        const struct value *value = &instance->values[i];

        if (value->is_null && cls->properties[i].initial.is_null) {
            continue;
        }
        buffer_printf(out, "    %s = ", cls->properties[i].name);
        put_value(out, value);
        buffer_puts(out, ";\n");
    }
    buffer_puts(out, "};\n");
}
