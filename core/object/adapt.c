/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Conversions on the way into an object.  Nothing is guessed: a number in
 * quotes is a text, one value is not an array of one.
 */

#include <config.h>

#include "object/adapt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"

/* "the string "abc"" or "the uint64 5", for errors. */
static void
describe(const struct value *value, struct buffer *out)
{
    buffer_printf(out, "the %s ", cim_type_name(value->type));
    if (value->type == CIM_EMBEDDED || value->type == CIM_OBJECT) {
        buffer_puts(out, value->object->cls->name);
    } else if (value->type == CIM_STRING || value->type == CIM_REFERENCE) {
        buffer_printf(out, "\"%.100s\"", value->s);
    } else {
        value_print(value, out);
    }
}

static bool
wrong_type(const struct value *value, const char *expected,
           struct error *error)
{
    struct buffer text = BUFFER_INIT;

    describe(value, &text);
    error_set(error, ERROR_TYPE, "expected %s, got %s", expected,
              buffer_string(&text));
    buffer_free(&text);
    return false;
}

static bool
adapt_object(struct value *value, enum cim_type type, const char *class_name,
             struct error *error)
{
    char expected[200];

    snprintf(expected, sizeof expected, "an object%s%s",
             class_name ? " of class " : "", class_name ? class_name : "");
    if (value->type != CIM_EMBEDDED && value->type != CIM_OBJECT) {
        return wrong_type(value, expected, error);
    }
    if (class_name && !class_is_a(value->object->cls, class_name)) {
        return wrong_type(value, expected, error);
    }
    value->type = type;
    return true;
}

static bool
check_reference(const char *text, struct error *error)
{
    struct path *path = path_parse(text, error);
    bool ok = path != NULL;

    path_destroy(path);
    return ok;
}

/* Texts of datetimes and characters are these values in every form. */
static bool
reparse(struct value *value, enum cim_type type, struct error *error)
{
    struct value parsed;

    if (!value_parse(&parsed, type, value->s, error)) {
        return false;
    }
    value_clear(value);
    *value = parsed;
    return true;
}

static bool
adapt_string(struct value *value, enum cim_type type, struct error *error)
{
    switch (type) {
    case CIM_STRING:
        value->type = type;
        return true;
    case CIM_REFERENCE:
        value->type = type;
        return check_reference(value->s, error);
    case CIM_DATETIME:
    case CIM_CHAR16:
        return reparse(value, type, error);
    default:
        return wrong_type(value, cim_type_name(type), error);
    }
}

static bool
adapt_scalar(struct value *value, enum cim_type type, const char *class_name,
             struct error *error)
{
    if (type == CIM_EMBEDDED || type == CIM_OBJECT) {
        return adapt_object(value, type, class_name, error);
    }
    if (value->type == CIM_STRING || value->type == CIM_REFERENCE) {
        return adapt_string(value, type, error);
    }
    if (value->type == type) {
        return true;
    }
    if (value->type == CIM_EMBEDDED || value->type == CIM_OBJECT) {
        return wrong_type(value, cim_type_name(type), error);
    }
    return value_convert(value, type, error);
}

bool
adapt_value(struct value *value, enum cim_type type, bool is_array,
            const char *class_name, struct error *error)
{
    if (value->is_null) {
        value_clear(value);
        *value = value_null(type, is_array);
        return true;
    }
    if (value->is_array != is_array) {
        return error_set(error, ERROR_TYPE, "expected %s of %s, got %s",
                         is_array ? "an array" : "one value",
                         cim_type_name(type),
                         is_array ? "one value" : "an array");
    }
    if (!is_array) {
        return adapt_scalar(value, type, class_name, error);
    }
    for (uint32_t i = 0; i < value->n; i++) {
        if (value->items[i].is_null) {
            return error_set(error, ERROR_TYPE,
                             "element %u is NULL, which is not allowed", i);
        }
        if (!adapt_scalar(&value->items[i], type, class_name, error)) {
            return error_prefix(error, "element %u", i);
        }
    }
    value->type = type;
    return true;
}

/* Reads one scalar of a text form. */
static bool
scalar_from_text(struct value *value, enum cim_type type, const char *text,
                 struct error *error)
{
    if (type == CIM_EMBEDDED || type == CIM_OBJECT) {
        error_set(error, ERROR_TYPE, "an object cannot be given as text");
        return error_hint(error, "give the whole in MOF, XML or JSON");
    }
    if (type == CIM_STRING && !text_is_utf8(text, strlen(text))) {
        return error_set(error, ERROR_TYPE, "the text is not UTF-8");
    }
    if (type == CIM_REFERENCE && !check_reference(text, error)) {
        return false;
    }
    return value_parse(value, type, text, error);
}

static const char *
skip_space(const char *text)
{
    while (isspace((unsigned char) *text)) {
        text++;
    }
    return text;
}

/* One element: quoted with \" and \\, or up to a comma or the end. */
static const char *
next_element(const char *at, const char *end, struct buffer *out,
             struct error *error)
{
    if (*at != '"') {
        while (at < end && *at != ',') {
            buffer_putc(out, *at++);
        }
        while (out->size
               && isspace((unsigned char) out->data[out->size - 1])) {
            out->size--;
        }
        return at;
    }
    for (at++; at < end && *at != '"'; at++) {
        if (*at == '\\' && at + 1 < end) {
            at++;
        }
        buffer_putc(out, *at);
    }
    if (at >= end) {
        error_set(error, ERROR_SYNTAX, "a closing quote is missing");
        return NULL;
    }
    at = skip_space(at + 1);
    if (at < end && *at != ',') {
        error_set(error, ERROR_SYNTAX, "expected ',' between elements");
        return NULL;
    }
    return at;
}

static bool
append_element(struct value *array, enum cim_type type, const char *text,
               struct error *error)
{
    struct value item = value_null(type, false);

    if (!scalar_from_text(&item, type, text, error)) {
        value_clear(&item);
        return error_prefix(error, "element %u", array->n);
    }
    value_append(array, item);
    return true;
}

static bool
array_from_text(struct value *value, enum cim_type type, const char *text,
                struct error *error)
{
    const char *end;
    bool ok = true;

    text = skip_space(text);
    end = text + strlen(text);
    while (end > text && isspace((unsigned char) end[-1])) {
        end--;
    }
    if (*text == '{' && end > text + 1 && end[-1] == '}') {
        text = skip_space(text + 1);
        end--;
    }
    *value = value_array(type, 0);
    while (ok && text < end) {
        struct buffer element = BUFFER_INIT;

        text = next_element(text, end, &element, error);
        ok = text && append_element(value, type, buffer_string(&element),
                                    error);
        if (ok && text < end) {
            text = skip_space(text + 1);
        }
        buffer_free(&element);
    }
    return ok;
}

bool
adapt_text(struct value *value, enum cim_type type, bool is_array,
           const char *text, struct error *error)
{
    bool ok;

    *value = value_null(type, is_array);
    if (text_equal_fold(text, "NULL")) {
        return true;
    }
    ok = is_array ? array_from_text(value, type, text, error)
                  : scalar_from_text(value, type, text, error);
    if (!ok) {
        value_clear(value);
    }
    return ok;
}
