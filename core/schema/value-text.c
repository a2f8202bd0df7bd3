/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values as text, and from one type to another.  The text form is that of
 * CIM-XML's <VALUE>: what people type and what the wire carries.  MOF
 * literals are read by the MOF reader, which hands typed values to
 * value_convert().
 */

#include <config.h>

#include "schema/value.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

/* As much of a text as an error should show. */
#define SHOWN 60

static bool
bad_integer(const char *text, enum cim_type type, struct error *error)
{
    int64_t low;
    uint64_t high;

    cim_type_range(type, &low, &high);
    return error_set(error, ERROR_TYPE,
                     "'%.*s' is not a %s (%" PRId64 " to %" PRIu64 ")",
                     SHOWN, text, cim_type_name(type), low, high);
}

static bool
fits(const struct value *value, enum cim_type type)
{
    bool negative = cim_type_is_signed(value->type) && value->i < 0;
    int64_t low;
    uint64_t high;

    cim_type_range(type, &low, &high);
    return negative ? value->i >= low : value->u <= high;
}

static bool
parse_integer(struct value *value, enum cim_type type, const char *text,
              struct error *error)
{
    struct value number = value_u64(CIM_UINT64, 0);

    if (!text_to_u64(text, &number.u)) {
        number.type = CIM_SINT64;
        if (!text_to_i64(text, &number.i)) {
            return bad_integer(text, type, error);
        }
    }
    if (!fits(&number, type)) {
        return bad_integer(text, type, error);
    }
    number.type = type;
    *value = number;
    return true;
}

static bool
parse_boolean(struct value *value, const char *text, struct error *error)
{
    bool truth = text_equal_fold(text, "true");

    if (!truth && !text_equal_fold(text, "false")) {
        return error_set(error, ERROR_TYPE,
                         "'%.*s' is not a boolean (true or false)", SHOWN,
                         text);
    }
    *value = value_boolean(truth);
    return true;
}

static bool
parse_real(struct value *value, enum cim_type type, const char *text,
           struct error *error)
{
    double number;

    if (!text_to_double(text, &number) || !isfinite(number)
        || (type == CIM_REAL32 && fabs(number) > FLT_MAX)) {
        return error_set(error, ERROR_TYPE, "'%.*s' is not a %s number",
                         SHOWN, text, cim_type_name(type));
    }
    *value = (struct value){ .type = type };
    value->r = type == CIM_REAL32 ? (double) (float) number : number;
    return true;
}

/* One character, or its number in hex when it cannot be written. */
static bool
parse_char16(struct value *value, const char *text, struct error *error)
{
    const char *next = text;
    uint64_t character = text_utf8_next(&next, text + strlen(text));

    if (!*text || *next) {
        if (!text_starts_with(text, "0x") || !text_to_u64(text, &character)) {
            character = UINT64_MAX;
        }
    }
    if (character > 0xffff) {
        return error_set(error, ERROR_TYPE,
                         "'%.*s' is not a char16 (one character up to "
                         "U+FFFF, or 0x and its number)", SHOWN, text);
    }
    *value = value_u64(CIM_CHAR16, character);
    return true;
}

static bool
parse_datetime(struct value *value, const char *text, struct error *error)
{
    struct xvs_datetime time;

    if (!datetime_parse(text, &time)) {
        return error_set(error, ERROR_TYPE,
                         "'%.*s' is not a datetime (25 characters: "
                         "yyyymmddhhmmss.mmmmmm+utc or "
                         "ddddddddhhmmss.mmmmmm:000)", SHOWN, text);
    }
    *value = (struct value){ .type = CIM_DATETIME,
                             .t = mem_dup(&time, sizeof time) };
    return true;
}

bool
value_parse(struct value *value, enum cim_type type, const char *text,
            struct error *error)
{
    if (cim_type_is_integer(type)) {
        return parse_integer(value, type, text, error);
    }
    switch (type) {
    case CIM_BOOLEAN:
        return parse_boolean(value, text, error);
    case CIM_REAL32:
    case CIM_REAL64:
        return parse_real(value, type, text, error);
    case CIM_CHAR16:
        return parse_char16(value, text, error);
    case CIM_DATETIME:
        return parse_datetime(value, text, error);
    case CIM_STRING:
    case CIM_REFERENCE:
        if (!text_is_utf8(text, strlen(text))) {
            return error_set(error, ERROR_TYPE, "the text is not UTF-8");
        }
        *value = value_string(text);
        value->type = type;
        return true;
    default:
        return error_set(error, ERROR_TYPE, "a value of type %s cannot be "
                         "given as plain text", cim_type_name(type));
    }
}

/* The shortest of the forms that reads back as the same number. */
static void
print_real(const struct value *value, struct buffer *out)
{
    bool is_float = value->type == CIM_REAL32;
    int most = is_float ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    char text[40];

    for (int digits = is_float ? FLT_DIG : DBL_DIG; digits <= most;
         digits++) {
        double back;

        snprintf(text, sizeof text, "%.*g", digits, value->r);
        back = strtod(text, NULL);
        if (is_float ? (float) back == (float) value->r : back == value->r) {
            break;
        }
    }
    buffer_puts(out, text);
}

static void
print_char16(uint32_t character, struct buffer *out)
{
    char text[4];

    if (character < 0x20 || character == 0x7f
        || (character >= 0xd800 && character < 0xe000)) {
        buffer_printf(out, "0x%x", (unsigned int) character);
    } else {
        size_t size = text_utf8_put(character, text);

        buffer_put(out, text, size);
    }
}

void
value_print(const struct value *value, struct buffer *out)
{
    char time[DATETIME_TEXT_SIZE];

    assert(!value->is_array);
    if (value->is_null) {
        return;
    }
    switch (value->type) {
    case CIM_BOOLEAN:
        buffer_puts(out, value->u ? "true" : "false");
        break;
    case CIM_REAL32:
    case CIM_REAL64:
        print_real(value, out);
        break;
    case CIM_CHAR16:
        print_char16((uint32_t) value->u, out);
        break;
    case CIM_STRING:
    case CIM_REFERENCE:
        buffer_put(out, value->s, value->n);
        break;
    case CIM_DATETIME:
        buffer_puts(out, datetime_format(value->t, time));
        break;
    default:
        if (cim_type_is_signed(value->type)) {
            buffer_put_i64(out, value->i);
        } else if (cim_type_is_integer(value->type)) {
            buffer_put_u64(out, value->u);
        }
    }
}

/* Says what the value is, for an error. */
static bool
bad_conversion(const struct value *value, enum cim_type type,
               struct error *error)
{
    BUFFER_AUTO struct buffer shown = BUFFER_INIT;

    value_print(value, &shown);
    if (cim_type_is_integer(value->type) && cim_type_is_integer(type)) {
        return bad_integer(buffer_string(&shown), type, error);
    }
    return error_set(error, ERROR_TYPE,
                     "the %s value '%.*s' is not a %s",
                     cim_type_name(value->type), SHOWN,
                     buffer_string(&shown), cim_type_name(type));
}

static bool
is_real(enum cim_type type)
{
    return type == CIM_REAL32 || type == CIM_REAL64;
}

/* Converts a number in place; false when something would be lost. */
static bool
convert_number(struct value *value, enum cim_type type)
{
    if (cim_type_is_integer(value->type) && cim_type_is_integer(type)) {
        return fits(value, type);
    }
    if (!is_real(type)) {
        return false;
    }
    if (cim_type_is_integer(value->type)) {
        value->r = cim_type_is_signed(value->type) ? (double) value->i
                                                   : (double) value->u;
    } else if (!is_real(value->type)
               || (type == CIM_REAL32 && fabs(value->r) > FLT_MAX)) {
        return false;
    }
    if (type == CIM_REAL32) {
        value->r = (float) value->r;
    }
    return true;
}

/* 'to' becomes a shallow copy of another type; 'time' is of a datetime. */
static bool
convert_scalar(struct value *to, const struct value *from,
               enum cim_type type, struct xvs_datetime *time)
{
    bool was_text = from->type == CIM_STRING || from->type == CIM_REFERENCE;

    *to = *from;
    if (from->is_null || from->type == type
        || (was_text && (type == CIM_STRING || type == CIM_REFERENCE))
        || (from->type == CIM_EMBEDDED && type == CIM_OBJECT)
        || (from->type == CIM_OBJECT && type == CIM_EMBEDDED)) {
        to->type = type;
        return true;
    }
    if (type == CIM_DATETIME) {
        if (!was_text || !datetime_parse(from->s, time)) {
            return false;
        }
        to->n = 0;
        to->t = time;
    } else if (!convert_number(to, type)) {
        return false;
    }
    to->type = type;
    return true;
}

static void
apply_scalar(struct value *value, enum cim_type type, struct arena *arena)
{
    struct xvs_datetime time;
    struct value new;

    if (!convert_scalar(&new, value, type, &time)) {
        assert(false);
    }
    if (new.type == CIM_DATETIME && !new.is_null && new.t == &time) {
        new.t = arena ? arena_dup(arena, &time, sizeof time)
                      : mem_dup(&time, sizeof time);
        if (!arena) {
            value_clear(value);
        }
    }
    *value = new;
}

static bool
convert(struct value *value, enum cim_type type, struct arena *arena,
        struct error *error)
{
    struct value *items = value->is_array ? value->items : value;
    uint32_t n = value->is_array ? value->n : 1;
    struct xvs_datetime time;
    struct value new;

    if (value->is_null) {
        value->type = type;
        return true;
    }
    /* Each item is looked at: literals in braces may differ in type. */
    for (uint32_t i = 0; i < n; i++) {
        if (!convert_scalar(&new, &items[i], type, &time)) {
            return bad_conversion(&items[i], type, error);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        apply_scalar(&items[i], type, arena);
    }
    value->type = type;
    return true;
}

bool
value_convert(struct value *value, enum cim_type type, struct error *error)
{
    return convert(value, type, NULL, error);
}

bool
value_convert_arena(struct value *value, enum cim_type type,
                    struct arena *arena, struct error *error)
{
    assert(arena);
    return convert(value, type, arena, error);
}
