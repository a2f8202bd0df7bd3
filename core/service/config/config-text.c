/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing objects as libconfig text.  Written here and not by libconfig,
 * because its own writer knows only whole configurations, breaks reals and
 * takes no side on integers of 64 bits.
 */

#include <config.h>

#include "service/config/config-text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "object/secret.h"
#include "service/config/config-name.h"

/* Which properties are written. */
enum members { ALL, PLAIN, SECRET };

static void put_value(struct buffer *out, const struct value *value,
                      unsigned int depth);

static void
put_quoted(struct buffer *out, const char *text, size_t size)
{
    buffer_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) text[i];

        if (c == '"' || c == '\\') {
            buffer_putc(out, '\\');
            buffer_putc(out, (char) c);
        } else if (c < 0x20 || c == 0x7f) {
            buffer_printf(out, "\\x%02X", c);
        } else {
            buffer_putc(out, (char) c);
        }
    }
    buffer_putc(out, '"');
}

static void
put_indent(struct buffer *out, unsigned int depth)
{
    for (unsigned int i = 0; i < depth; i++) {
        buffer_puts(out, "  ");
    }
}

static void
put_signed(struct buffer *out, int64_t number)
{
    buffer_put_i64(out, number);
    if (number > INT32_MAX || number < -INT32_MAX) {
        buffer_putc(out, 'L');
    }
}

static void
put_unsigned(struct buffer *out, uint64_t number)
{
    if (number > INT64_MAX) {
        buffer_printf(out, "0x%" PRIX64 "L", number);
    } else {
        put_signed(out, (int64_t) number);
    }
}

static void
put_real(struct buffer *out, double number)
{
    if (isfinite(number)) {
        /* Always with a point, by which libconfig knows a real. */
        buffer_printf(out, "%.16e", number);
    } else {
        buffer_puts(out, isnan(number) ? "\"nan\""
                    : number > 0 ? "\"inf\"" : "\"-inf\"");
    }
}

static void
put_members(struct buffer *out, const struct instance *instance,
            config_skip skip, enum members members, unsigned int depth)
{
    for (uint32_t i = 0; i < instance->n; i++) {
        const char *name = instance->cls->properties[i].name;
        bool secret = instance->cls->properties[i].is_secret;
        char escaped[CONFIG_NAME_SIZE];

        if (instance->values[i].is_null || (skip && skip(name))
            || (members != ALL && secret != (members == SECRET))
            || !config_name_escape(name, escaped)) {
            continue;
        }
        put_indent(out, depth);
        buffer_puts(out, escaped);
        buffer_puts(out, " = ");
        put_value(out, &instance->values[i], depth);
        buffer_puts(out, ";\n");
    }
}

static void
put_object(struct buffer *out, const struct instance *object,
           unsigned int depth)
{
    buffer_puts(out, "{ class = ");
    put_quoted(out, object->cls->name, strlen(object->cls->name));
    buffer_puts(out, "; values = {\n");
    put_members(out, object, NULL, ALL, depth + 1);
    put_indent(out, depth);
    buffer_puts(out, "}; }");
}

static void
put_list(struct buffer *out, const struct value *value, unsigned int depth)
{
    buffer_putc(out, '(');
    for (uint32_t i = 0; i < value->n; i++) {
        buffer_puts(out, i ? ", " : " ");
        put_value(out, &value->items[i], depth);
    }
    buffer_puts(out, " )");
}

static void
put_value(struct buffer *out, const struct value *value, unsigned int depth)
{
    char text[DATETIME_TEXT_SIZE];

    if (value->is_null) {
        buffer_puts(out, "{ }");
        return;
    }
    if (value->is_array) {
        put_list(out, value, depth);
        return;
    }
    switch (value->type) {
    case CIM_BOOLEAN:
        buffer_puts(out, value->u ? "true" : "false");
        break;
    case CIM_SINT8: case CIM_SINT16: case CIM_SINT32: case CIM_SINT64:
        put_signed(out, value->i);
        break;
    case CIM_REAL32: case CIM_REAL64:
        put_real(out, value->r);
        break;
    case CIM_STRING: case CIM_REFERENCE:
        put_quoted(out, value->s, value->n);
        break;
    case CIM_DATETIME:
        datetime_format(value->t, text);
        put_quoted(out, text, strlen(text));
        break;
    case CIM_EMBEDDED: case CIM_OBJECT:
        put_object(out, value->object, depth);
        break;
    default:
        put_unsigned(out, value->u);
        break;
    }
}

void
config_put_string(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "  %s = ", name);
    put_quoted(out, text, strlen(text));
    buffer_puts(out, ";\n");
}

void
config_put_number(struct buffer *out, const char *name, uint64_t number)
{
    buffer_printf(out, "  %s = ", name);
    put_unsigned(out, number);
    buffer_puts(out, ";\n");
}

void
config_put_values(struct buffer *out, const struct instance *instance,
                  config_skip skip)
{
    buffer_puts(out, "  values = {\n");
    put_members(out, instance, skip, PLAIN, 2);
    buffer_puts(out, "  };\n");
    if (secret_count(instance)) {
        buffer_puts(out, CONFIG_SECRETS);
        put_members(out, instance, skip, SECRET, 2);
        buffer_puts(out, "  };\n");
    }
}

/* ---- Names -------------------------------------------------------------- */

bool
config_name_escape(const char *name, char out[CONFIG_NAME_SIZE])
{
    size_t n = 0;

    for (const char *c = name; *c; c++) {
        bool plain = isalpha((unsigned char) *c)
            || (c != name && (isdigit((unsigned char) *c) || *c == '_'));

        if (n + 4 > CONFIG_NAME_SIZE) {
            return false;
        }
        if (plain && (unsigned char) *c < 0x80) {
            out[n++] = *c;
        } else {
            n += (size_t) sprintf(out + n, "*%02X", (unsigned char) *c);
        }
    }
    out[n] = 0;
    return n > 0;
}

bool
config_name_unescape(const char *name, char out[CONFIG_NAME_SIZE])
{
    size_t n = 0;

    for (const char *c = name; *c; c++) {
        unsigned int code;

        if (n + 1 >= CONFIG_NAME_SIZE) {
            return false;
        }
        if (*c != '*') {
            out[n++] = *c;
            continue;
        }
        if (!isxdigit((unsigned char) c[1]) || !isxdigit((unsigned char) c[2])
            || sscanf(c + 1, "%2x", &code) != 1 || code == 0) {
            return false;
        }
        out[n++] = (char) code;
        c += 2;
    }
    out[n] = 0;
    return n > 0;
}
