/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Recursive descent over the text; depth, size and counts are limited, so
 * that hostile text costs no more than its size.
 */

#include <config.h>

#include "object/forms/json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define DEPTH_LIMIT 64
#define MEMBER_LIMIT 1024               /* members of one object */
#define SIZE_LIMIT ((size_t) 64 << 20)

struct reader {
    const char *file;
    const char *text;
    const char *at;
    const char *end;
    struct arena *arena;
    unsigned int depth;
    struct error *error;
};

static bool read_value(struct reader *reader, struct json *value);

void
json_place(const char *text, size_t size, size_t offset, unsigned int *line,
           unsigned int *column)
{
    size_t start = 0;

    offset = offset < size ? offset : size;
    *line = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    }
    *column = (unsigned int) text_utf8_length(text + start, offset - start)
              + 1;
}

static bool
fail(struct reader *reader, const char *what)
{
    unsigned int line, column;

    error_set(reader->error, ERROR_SYNTAX, "JSON: %s", what);
    json_place(reader->text, (size_t) (reader->end - reader->text),
               (size_t) (reader->at - reader->text), &line, &column);
    return error_at(reader->error, reader->file, line, column);
}

static void
skip_space(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at
           && strchr(" \t\r\n", *reader->at)) {
        reader->at++;
    }
}

static char
peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool
read_word(struct reader *reader, const char *word)
{
    size_t n = strlen(word);

    if ((size_t) (reader->end - reader->at) < n
        || memcmp(reader->at, word, n) != 0) {
        return fail(reader, "expected a value: {, [, \", a number, true, "
                            "false or null");
    }
    reader->at += n;
    return true;
}

/* Four hexadecimal digits. */
static bool
read_unit(struct reader *reader, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = peek(reader);

        if (!isxdigit((unsigned char) c)) {
            return fail(reader, "expected four hexadecimal digits");
        }
        *unit = *unit * 16
                + (uint32_t) (isdigit((unsigned char) c)
                                  ? c - '0' : tolower(c) - 'a' + 10);
        reader->at++;
    }
    return true;
}

/* Behind "\u". */
static bool
read_unicode(struct reader *reader, struct buffer *out)
{
    uint32_t c, low;
    char utf8[4];

    if (!read_unit(reader, &c)) {
        return false;
    }
    if (c >= 0xd800 && c < 0xdc00 && reader->end - reader->at >= 2
        && reader->at[0] == '\\' && reader->at[1] == 'u') {
        reader->at += 2;
        if (!read_unit(reader, &low)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail(reader, "a surrogate without its other half");
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!c || (c >= 0xd800 && c < 0xe000)) {
        return fail(reader, c ? "a surrogate without its other half"
                              : "the character NUL is not allowed");
    }
    buffer_put(out, utf8, text_utf8_put(c, utf8));
    return true;
}

static bool
read_escape(struct reader *reader, struct buffer *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *found;
    char c;

    reader->at++;
    c = peek(reader);
    if (c == 'u') {
        reader->at++;
        return read_unicode(reader, out);
    }
    found = c ? strchr(from, c) : NULL;
    if (!found) {
        return fail(reader, "expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or "
                            "\\u after a backslash");
    }
    buffer_putc(out, to[found - from]);
    reader->at++;
    return true;
}

static bool
read_string(struct reader *reader, const char **string)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    if (peek(reader) != '"') {
        return fail(reader, "expected a string");
    }
    reader->at++;
    while (peek(reader) != '"') {
        if (reader->at >= reader->end) {
            return fail(reader, "the closing quote is missing");
        }
        if ((unsigned char) *reader->at < 0x20) {
            return fail(reader, "a control character in a string must be "
                                "escaped");
        }
        if (*reader->at != '\\') {
            buffer_putc(&text, *reader->at++);
        } else if (!read_escape(reader, &text)) {
            return false;
        }
    }
    reader->at++;
    *string = arena_strndup(reader->arena, text.data ? text.data : "",
                            text.size);
    return true;
}

static size_t
skip_digits(struct reader *reader)
{
    const char *start = reader->at;

    while (isdigit((unsigned char) peek(reader))) {
        reader->at++;
    }
    return (size_t) (reader->at - start);
}

/* Fraction and exponent; false when one is malformed. */
static bool
skip_real_part(struct reader *reader, bool *is_real)
{
    if (peek(reader) == '.') {
        *is_real = true;
        reader->at++;
        if (!skip_digits(reader)) {
            return fail(reader, "expected digits after '.'");
        }
    }
    if (peek(reader) == 'e' || peek(reader) == 'E') {
        *is_real = true;
        reader->at++;
        if (peek(reader) == '+' || peek(reader) == '-') {
            reader->at++;
        }
        if (!skip_digits(reader)) {
            return fail(reader, "expected digits of an exponent");
        }
    }
    return true;
}

static bool
read_number(struct reader *reader, struct json *value)
{
    const char *start = reader->at;
    bool is_real = false;
    char *text;

    if (peek(reader) == '-') {
        reader->at++;
    }
    if (peek(reader) == '0' && reader->end - reader->at > 1
        && isdigit((unsigned char) reader->at[1])) {
        return fail(reader, "a number does not begin with 0");
    }
    if (!skip_digits(reader)) {
        return fail(reader, "expected digits");
    }
    if (!skip_real_part(reader, &is_real)) {
        return false;
    }
    text = arena_strndup(reader->arena, start,
                         (size_t) (reader->at - start));
    if (!is_real && text_to_u64(text, &value->u)) {
        value->type = JSON_UNSIGNED;
    } else if (!is_real && text_to_i64(text, &value->i)) {
        value->type = value->i < 0 ? JSON_SIGNED : JSON_UNSIGNED;
    } else {
        value->type = JSON_REAL;
        value->r = strtod(text, NULL);
        if (!isfinite(value->r)) {
            reader->at = start;
            return fail(reader, "the number is out of range");
        }
    }
    return true;
}

/* After an element: ',' and more (true), or the end. */
static bool
read_separator(struct reader *reader, char end, bool *more)
{
    skip_space(reader);
    *more = peek(reader) == ',';
    if (!*more && peek(reader) != end) {
        return fail(reader, end == ']' ? "expected ',' or ']'"
                                       : "expected ',' or '}'");
    }
    reader->at++;
    skip_space(reader);
    return true;
}

static bool
read_array(struct reader *reader, struct json *array)
{
    struct json **tail = &array->first;
    bool more = true;

    array->type = JSON_ARRAY;
    reader->at++;
    skip_space(reader);
    if (peek(reader) == ']') {
        reader->at++;
        return true;
    }
    while (more) {
        struct json *element = arena_alloc(reader->arena, sizeof *element);

        if (!read_value(reader, element)
            || !read_separator(reader, ']', &more)) {
            return false;
        }
        *tail = element;
        tail = &element->next;
        array->n++;
    }
    return true;
}

static bool
read_member(struct reader *reader, struct json *object, struct json *member)
{
    const char *start = reader->at;

    if (!read_string(reader, &member->name)) {
        return false;
    }
    if (json_member(object, member->name)) {
        reader->at = start;
        return fail(reader, "the name is there already");
    }
    if (object->n >= MEMBER_LIMIT) {
        return fail(reader, "too many members in one object");
    }
    skip_space(reader);
    if (peek(reader) != ':') {
        return fail(reader, "expected ':'");
    }
    reader->at++;
    skip_space(reader);
    return read_value(reader, member);
}

static bool
read_object(struct reader *reader, struct json *object)
{
    struct json **tail = &object->first;
    bool more = true;

    object->type = JSON_OBJECT;
    reader->at++;
    skip_space(reader);
    if (peek(reader) == '}') {
        reader->at++;
        return true;
    }
    while (more) {
        struct json *member = arena_alloc(reader->arena, sizeof *member);

        if (!read_member(reader, object, member)
            || !read_separator(reader, '}', &more)) {
            return false;
        }
        *tail = member;
        tail = &member->next;
        object->n++;
    }
    return true;
}

static bool
read_nested(struct reader *reader, struct json *value)
{
    bool ok;

    if (reader->depth == DEPTH_LIMIT) {
        return fail(reader, "nested too deeply");
    }
    reader->depth++;
    ok = *reader->at == '{' ? read_object(reader, value)
                            : read_array(reader, value);
    reader->depth--;
    return ok;
}

static bool
read_value(struct reader *reader, struct json *value)
{
    char c = peek(reader);

    value->offset = (size_t) (reader->at - reader->text);
    switch (c) {
    case '{':
    case '[':
        return read_nested(reader, value);
    case '"':
        value->type = JSON_STRING;
        return read_string(reader, &value->s);
    case 't':
    case 'f':
        value->type = JSON_BOOLEAN;
        value->truth = c == 't';
        return read_word(reader, c == 't' ? "true" : "false");
    default:
        if (c == '-' || isdigit((unsigned char) c)) {
            return read_number(reader, value);
        }
        value->type = JSON_NULL;
        return read_word(reader, "null");
    }
}

const struct json *
json_parse(const char *file, const char *text, size_t size,
           struct arena *arena, struct error *error)
{
    struct reader reader = { .file = file, .text = text, .at = text,
                             .end = text + size, .arena = arena,
                             .error = error };
    struct json *value = arena_alloc(arena, sizeof *value);

    if (size > SIZE_LIMIT) {
        error_set(error, ERROR_LIMIT, "the text has %zu bytes, more than "
                  "%zu", size, SIZE_LIMIT);
        return NULL;
    }
    if (!text_is_utf8(text, size)) {
        fail(&reader, "the text is not UTF-8");
        return NULL;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        reader.at += 3;
    }
    skip_space(&reader);
    if (!read_value(&reader, value)) {
        return NULL;
    }
    skip_space(&reader);
    if (reader.at < reader.end) {
        fail(&reader, "expected the end of the text");
        return NULL;
    }
    return value;
}

const struct json *
json_member(const struct json *object, const char *name)
{
    if (object->type != JSON_OBJECT) {
        return NULL;
    }
    for (const struct json *at = object->first; at; at = at->next) {
        if (text_equal_fold(at->name, name)) {
            return at;
        }
    }
    return NULL;
}
