/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The text form of object paths (DSP0004), read:
 *
 *     [//host/][namespace:]Class[.Key=value,Key=value...]
 *
 * The WMI forms \\host\root\x:Class, Class="value" (the only key, unnamed)
 * and Class=@ (a singleton) are understood too.
 */

#include <config.h>

#include "object/path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

struct path_reader {
    const char *text;       /* the whole path */
    const char *at;         /* the next character */
    struct error *error;
};

static bool
fail(const struct path_reader *reader, const char *expected)
{
    error_set(reader->error, ERROR_SYNTAX,
              "object path '%.200s', column %zu: expected %s", reader->text,
              text_utf8_length(reader->text,
                               (size_t) (reader->at - reader->text)) + 1,
              expected);
    return error_hint(reader->error,
                      "a path looks like XVS_Port.SwitchName=\"lan\","
                      "Name=\"vm1\"");
}

static bool
is_slash(char c)
{
    return c == '/' || c == '\\';
}

static size_t
name_length(const char *text)
{
    size_t n = 0;

    if (isdigit((unsigned char) *text)) {
        return 0;
    }
    while (isalnum((unsigned char) text[n]) || text[n] == '_'
           || (unsigned char) text[n] >= 0x80) {
        n++;
    }
    return n;
}

bool
path_name_ok(const char *name)
{
    size_t n = name_length(name);

    return n && !name[n];
}

/* "root\xvs\" becomes "root/xvs". */
static char *
clean_namespace(const char *text, size_t size)
{
    char *clean = mem_strndup(text, size);

    for (size_t i = 0; i < size; i++) {
        if (clean[i] == '\\') {
            clean[i] = '/';
        }
    }
    while (size && clean[size - 1] == '/') {
        clean[--size] = '\0';
    }
    return clean;
}

static bool
read_prefix(struct path_reader *reader, struct path *path)
{
    size_t n;

    if (is_slash(reader->at[0]) && is_slash(reader->at[1])) {
        reader->at += 2;
        n = strcspn(reader->at, "/\\\"");
        if (!n || !is_slash(reader->at[n])) {
            return fail(reader, "a host name and '/'");
        }
        if (n != 1 || reader->at[0] != '.') {
            path->host = mem_strndup(reader->at, n);
        }
        reader->at += n;
    }
    n = strcspn(reader->at, ":\"=,");
    if (reader->at[n] == ':') {
        while (n && is_slash(*reader->at)) {
            reader->at++;
            n--;
        }
        if (!n) {
            return fail(reader, "a namespace before ':'");
        }
        path->name_space = clean_namespace(reader->at, n);
        reader->at += n + 1;
    }
    return true;
}

/* \xHHHH, 1 to 4 digits; 'at' is behind the x. */
static bool
read_hex(struct path_reader *reader, struct buffer *out)
{
    uint32_t c = 0;
    char utf8[4];
    int n = 0;

    for (; n < 4 && isxdigit((unsigned char) *reader->at); n++) {
        char digit = (char) tolower((unsigned char) *reader->at++);

        c = c * 16 + (uint32_t) (isdigit((unsigned char) digit)
                                     ? digit - '0' : digit - 'a' + 10);
    }
    if (!c || (c >= 0xd800 && c < 0xe000)) {
        return fail(reader, "1 to 4 hexadecimal digits of a character");
    }
    buffer_put(out, utf8, text_utf8_put(c, utf8));
    return true;
}

static bool
read_escape(struct path_reader *reader, struct buffer *out)
{
    static const char from[] = "\"'\\btnfr";
    static const char to[] = "\"'\\\b\t\n\f\r";
    const char *found;

    reader->at++;
    if (*reader->at == 'x' || *reader->at == 'X') {
        reader->at++;
        return read_hex(reader, out);
    }
    found = *reader->at ? strchr(from, *reader->at) : NULL;
    if (!found) {
        return fail(reader, "one of \\\\ \\\" \\' \\b \\t \\n \\f \\r \\x "
                            "(a backslash is written \\\\)");
    }
    buffer_putc(out, to[found - from]);
    reader->at++;
    return true;
}

/* A quoted text; NULL on failure. */
static char *
read_quoted(struct path_reader *reader)
{
    struct buffer text = BUFFER_INIT;
    char quote = *reader->at++;

    while (*reader->at && *reader->at != quote) {
        if (*reader->at != '\\') {
            buffer_putc(&text, *reader->at++);
        } else if (!read_escape(reader, &text)) {
            buffer_free(&text);
            return NULL;
        }
    }
    if (!*reader->at) {
        fail(reader, "the closing quote");
        buffer_free(&text);
        return NULL;
    }
    reader->at++;
    return buffer_steal(&text);
}

bool
path_is_bare(const char *text)
{
    uint64_t u;
    int64_t i;
    double r;

    return text_equal_fold(text, "true") || text_equal_fold(text, "false")
           || text_to_u64(text, &u) || text_to_i64(text, &i)
           || text_to_double(text, &r);
}

static bool
read_value(struct path_reader *reader, struct path *path, const char *name)
{
    bool is_text = *reader->at == '"' || *reader->at == '\'';
    char *text;

    if (is_text) {
        text = read_quoted(reader);
        if (!text) {
            return false;
        }
    } else {
        size_t n = strcspn(reader->at, ",");

        text = mem_strndup(reader->at, n);
        if (!path_is_bare(text)) {
            free(text);
            return fail(reader, "a \"quoted\" text, a number or TRUE/FALSE");
        }
        reader->at += n;
    }
    path_add_key(path, name, text, is_text);
    return true;
}

static bool
read_key(struct path_reader *reader, struct path *path)
{
    size_t n = name_length(reader->at);
    char *name;
    bool ok;

    if (!n) {
        return fail(reader, "the name of a key");
    }
    name = mem_strndup(reader->at, n);
    if (path_key(path, name)) {
        free(name);
        return fail(reader, "each key only once");
    }
    reader->at += n;
    if (*reader->at == '=') {
        reader->at++;
        ok = read_value(reader, path, name);
    } else {
        ok = fail(reader, "'=' and the key's value");
    }
    free(name);
    return ok;
}

static bool
read_keys(struct path_reader *reader, struct path *path)
{
    if (strcmp(reader->at, "=@") == 0) {
        reader->at += 2;
        return true;
    }
    if (*reader->at == '=') {
        reader->at++;
        return read_value(reader, path, "");
    }
    if (*reader->at != '.') {
        return true;
    }
    do {
        reader->at++;
        if (!read_key(reader, path)) {
            return false;
        }
    } while (*reader->at == ',');
    return true;
}

static bool
read_path(struct path_reader *reader, struct path *path)
{
    size_t n;

    if (!text_is_utf8(reader->text, strlen(reader->text))) {
        return error_set(reader->error, ERROR_SYNTAX,
                         "an object path is not UTF-8");
    }
    if (!read_prefix(reader, path)) {
        return false;
    }
    n = name_length(reader->at);
    if (!n) {
        return fail(reader, "the name of a class");
    }
    path->class_name = mem_strndup(reader->at, n);
    reader->at += n;
    if (!read_keys(reader, path)) {
        return false;
    }
    return !*reader->at
           || fail(reader, path->n_keys ? "',' or the end"
                                        : "'.' and keys, or the end");
}

struct path *
path_parse(const char *text, struct error *error)
{
    struct path_reader reader = { text, text, error };
    struct path *path = mem_zalloc(sizeof *path);

    if (!read_path(&reader, path)) {
        path_destroy(path);
        return NULL;
    }
    return path;
}
