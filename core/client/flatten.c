/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Finding include pragmas needs a scanner that knows comments, strings and
 * character literals, and no more of MOF than that.
 */

#include <config.h>

#include "client/flatten.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"

#define FILE_LIMIT (64u << 20)
#define DEPTH_LIMIT 32

struct flattening {
    const char *const *folders;
    size_t n_folders;
    struct map *seen;       /* real paths of what is in the text */
    unsigned int depth;
    struct buffer *out;
    struct error *error;
};

static bool flatten(struct flattening *f, const char *path);

static uint32_t
utf16_unit(const unsigned char *at, bool big)
{
    return big ? (uint32_t) at[0] << 8 | at[1]
               : (uint32_t) at[1] << 8 | at[0];
}

/* UTF-16 as UTF-8; lone surrogates become U+FFFD. */
static void
from_utf16(const struct buffer *in, bool big, size_t at, struct buffer *out)
{
    const unsigned char *data = (const unsigned char *) in->data;

    for (; at + 1 < in->size; at += 2) {
        uint32_t c = utf16_unit(data + at, big);
        char bytes[4];
        size_t size;

        if (c >= 0xd800 && c < 0xdc00 && at + 3 < in->size) {
            uint32_t low = utf16_unit(data + at + 2, big);

            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                at += 2;
            }
        }
        c = c >= 0xd800 && c < 0xe000 ? 0xfffd : c;
        size = text_utf8_put(c, bytes);
        buffer_put(out, bytes, size);
    }
}

/* Turns what was read into UTF-8 without a byte order mark. */
static void
to_utf8(const struct buffer *in, struct buffer *out)
{
    const unsigned char *data = (const unsigned char *) in->data;
    size_t n = in->size;

    if (n >= 2 && data[0] == 0xff && data[1] == 0xfe) {
        from_utf16(in, false, 2, out);
    } else if (n >= 2 && data[0] == 0xfe && data[1] == 0xff) {
        from_utf16(in, true, 2, out);
    } else if (n >= 2 && data[0] && !data[1]) {
        from_utf16(in, false, 0, out);
    } else if (n >= 2 && !data[0] && data[1]) {
        from_utf16(in, true, 0, out);
    } else if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        buffer_put(out, in->data + 3, n - 3);
    } else {
        buffer_put(out, in->data, n);
    }
    buffer_string(out);
}

/* The end of the comment or literal at 'at', or 'at' when there is none. */
static const char *
skip_quiet(const char *at)
{
    if (at[0] == '/' && at[1] == '/') {
        return at + strcspn(at, "\n");
    }
    if (at[0] == '/' && at[1] == '*') {
        const char *end = strstr(at + 2, "*/");

        return end ? end + 2 : at + strlen(at);
    }
    if (*at == '"' || *at == '\'') {
        char quote = *at++;

        while (*at && *at != quote && *at != '\n') {
            at += at[0] == '\\' && at[1] ? 2 : 1;
        }
        return *at == quote ? at + 1 : at;
    }
    return at;
}

static const char *
skip_blank(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static const char *
skip_word(const char *at, const char *word)
{
    size_t length = strlen(word);

    at = skip_blank(at);
    return strncasecmp(at, word, length) == 0
           && !isalnum((unsigned char) at[length])
           && at[length] != '_' ? at + length : NULL;
}

/*
 * The file name of an include pragma at 'at' (heap), with '*end' behind the
 * pragma; NULL when there is no such pragma.
 */
static char *
include_name(const char *at, const char **end)
{
    const char *start;
    struct buffer name = BUFFER_INIT;

    if (*at != '#' || !(at = skip_word(at + 1, "pragma"))
        || !(at = skip_word(at, "include"))) {
        return NULL;
    }
    at = skip_blank(at);
    if (*at++ != '(') {
        return NULL;
    }
    at = skip_blank(at);
    if (*at++ != '"') {
        return NULL;
    }
    for (start = at; *at && *at != '"' && *at != '\n'; at++) {
        /* "a\\b" and "a\b" both name a folder. */
        if (*at == '\\') {
            at += at[1] == '\\';
            buffer_putc(&name, '/');
        } else {
            buffer_putc(&name, *at);
        }
    }
    if (*at == '"' && at > start && *(at = skip_blank(at + 1)) == ')') {
        *end = at + 1;
        return buffer_steal(&name);
    }
    buffer_free(&name);
    return NULL;
}

/* The path under which the included file is found (heap), or NULL. */
static char *
find_include(const struct flattening *f, const char *from, const char *name)
{
    const char *slash = strrchr(from, '/');
    char *path;

    if (*name == '/') {
        return mem_strdup(name);
    }
    path = slash ? mem_printf("%.*s/%s", (int) (slash - from), from, name)
                 : mem_strdup(name);
    for (size_t i = 0; access(path, F_OK) != 0; i++) {
        free(path);
        if (i == f->n_folders) {
            return NULL;
        }
        path = mem_printf("%s/%s", f->folders[i], name);
    }
    return path;
}

static bool
include(struct flattening *f, const char *from, const char *name,
        unsigned int line)
{
    MEM_AUTO char *path = find_include(f, from, name);
    bool done;

    if (!path) {
        error_set(f->error, ERROR_NOT_FOUND,
                  "the included file %s does not exist", name);
        error_at(f->error, from, line, 1);
        return error_hint(f->error, "-I FOLDER names where to look");
    }
    if (f->depth == DEPTH_LIMIT) {
        error_set(f->error, ERROR_LIMIT, "includes are nested deeper than "
                  "%d", DEPTH_LIMIT);
        return error_at(f->error, from, line, 1);
    }
    f->depth++;
    done = flatten(f, path);
    f->depth--;
    return done;
}

/* Copies the text; includes take the place of their pragmas. */
static bool
copy(struct flattening *f, const char *path, const char *text)
{
    const char *at = text, *copied = text;

    while (*at) {
        const char *end = skip_quiet(at);
        MEM_AUTO char *name = NULL;
        unsigned int line = 1;

        if (end != at) {
            at = end;
            continue;
        }
        name = include_name(at, &end);
        if (!name) {
            at++;
            continue;
        }
        buffer_put(f->out, copied, (size_t) (at - copied));
        for (const char *p = text; p < at; p++) {
            line += *p == '\n';
        }
        if (!include(f, path, name, line)) {
            return false;
        }
        at = copied = end;
    }
    buffer_put(f->out, copied, (size_t) (at - copied));
    buffer_putc(f->out, '\n');
    return true;
}

static bool
flatten(struct flattening *f, const char *path)
{
    BUFFER_AUTO struct buffer raw = BUFFER_INIT;
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char *real = realpath(path, NULL);
    bool seen = real && map_get(f->seen, real);

    if (real) {
        map_put(f->seen, real, f);
        free(real);
    }
    if (seen) {
        return true;
    }
    if (!durable_read(AT_FDCWD, path, FILE_LIMIT, &raw, f->error)) {
        return false;
    }
    to_utf8(&raw, &text);
    if (text.size > FILE_LIMIT - f->out->size) {
        return error_set(f->error, ERROR_LIMIT,
                         "%s and its includes are larger than %u MiB", path,
                         FILE_LIMIT >> 20);
    }
    if (strlen(text.data) != text.size) {
        return error_set(f->error, ERROR_SYNTAX, "%s has a NUL in it", path);
    }
    if (*skip_blank(text.data) == '<') {
        buffer_put(f->out, text.data, text.size);
        return true;
    }
    return copy(f, path, text.data);
}

bool
flatten_file(const char *path, const char *const *folders, size_t n_folders,
             struct buffer *out, struct error *error)
{
    struct flattening f = { .folders = folders, .n_folders = n_folders,
                            .seen = map_create(false), .out = out,
                            .error = error };
    bool done = flatten(&f, path);

    map_destroy(f.seen, NULL);
    return done;
}
