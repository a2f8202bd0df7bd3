/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lines go through one by one.  A directive's line becomes an empty one, as
 * does a line in a part that is left out; other lines have their words
 * replaced.  Strings and comments are left alone.  What a name stands for is
 * replaced once more for each nesting, and never within itself.
 */

#include <config.h>

#include "schema/mof/preprocess.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/expression.h"
#include "schema/source.h"

/* Nested #if, and macros within macros. */
#define MAX_NESTING 64
#define MAX_EXPANSION 16
/* Bytes that replacing words may add to a text. */
#define MAX_GROWTH ((size_t) 4 << 20)

/* One #if that is open. */
struct condition {
    unsigned int line;
    bool active;        /* this part is taken */
    bool taken;         /* one of its parts was */
    bool has_else;
};

struct preprocessor {
    const char *file;
    struct error_list *errors;
    unsigned int line;
    struct map *macros;         /* name: text */
    struct condition conditions[MAX_NESTING];
    unsigned int n_conditions;
    bool in_comment;            /* the line begins in a block comment */
    struct buffer out;
    size_t limit;               /* of its size */
};

static void
complain(struct preprocessor *pp, unsigned int line, const char *text)
{
    struct error error;

    error_set(&error, ERROR_SYNTAX, "%s", text);
    error_at(&error, pp->file, line, 1);
    error_list_add(pp->errors, &error);
}

static bool
is_active(const struct preprocessor *pp)
{
    return pp->n_conditions == 0
           || pp->conditions[pp->n_conditions - 1].active;
}

static bool
is_word(char c)
{
    return isalnum((unsigned char) c) || c == '_';
}

static void expand(struct preprocessor *pp, const char *text, size_t size,
                   unsigned int depth);

/* A word, or what it stands for; returns its length. */
static size_t
expand_word(struct preprocessor *pp, const char *text, size_t size,
            unsigned int depth)
{
    size_t n = 0;
    char *name;
    char *meaning = NULL;

    while (n < size && is_word(text[n])) {
        n++;
    }
    if (!isdigit((unsigned char) text[0]) && n <= 256
        && depth < MAX_EXPANSION) {
        name = mem_strndup(text, n);
        meaning = map_remove(pp->macros, name);
        if (meaning) {
            /* Away while its meaning is looked at: it is not recursive. */
            expand(pp, meaning, strlen(meaning), depth + 1);
            map_put(pp->macros, name, meaning);
        }
        free(name);
    }
    if (!meaning) {
        buffer_put(&pp->out, text, n);
    }
    return n;
}

/* Length of the string or comment at 'text'; 0 when it is none. */
static size_t
untouched(struct preprocessor *pp, const char *text, size_t size)
{
    size_t n = 1;
    const char *end;

    if (pp->in_comment || (size >= 2 && text[0] == '/' && text[1] == '*')) {
        size_t start = pp->in_comment ? 0 : 2;

        end = memmem(text + start, size - start, "*/", 2);
        pp->in_comment = !end;
        return end ? (size_t) (end - text) + 2 : size;
    }
    if (size >= 2 && text[0] == '/' && text[1] == '/') {
        return size;
    }
    if (text[0] != '"' && text[0] != '\'') {
        return 0;
    }
    while (n < size && text[n] != text[0]) {
        n += text[n] == '\\' && n + 1 < size ? 2 : 1;
    }
    return n < size ? n + 1 : size;
}

static void
expand(struct preprocessor *pp, const char *text, size_t size,
       unsigned int depth)
{
    while (size && pp->out.size < pp->limit) {
        size_t n = untouched(pp, text, size);

        if (n) {
            buffer_put(&pp->out, text, n);
        } else if (is_word(*text)) {
            n = expand_word(pp, text, size, depth);
        } else {
            buffer_putc(&pp->out, *text);
            n = 1;
        }
        text += n;
        size -= n;
    }
}

/* What a name means in #if: its number, or 0. */
static bool
lookup(void *arg, const char *name, const char **meaning)
{
    struct preprocessor *pp = arg;

    *meaning = map_get(pp->macros, name);
    return *meaning != NULL;
}

static bool
condition_value(struct preprocessor *pp, const char *text)
{
    int64_t value = 0;

    if (!expression_value(text, lookup, pp, &value)) {
        complain(pp, pp->line, "expected numbers, names, defined(), and "
                 "operators of C after #if");
    }
    return value != 0;
}

static char *
first_word(const char *text)
{
    size_t n = 0;

    while (is_word(text[n])) {
        n++;
    }
    return mem_strndup(text, n);
}

static void
define(struct preprocessor *pp, const char *text)
{
    char *name = first_word(text);
    const char *meaning = text + strlen(name);

    if (!*name || isdigit((unsigned char) *name)) {
        complain(pp, pp->line, "expected a name after #define");
    } else if (*meaning == '(') {
        complain(pp, pp->line, "#define with parameters is not supported");
    } else if (map_count(pp->macros) >= 65536) {
        complain(pp, pp->line, "there are more than 65536 #define");
    } else {
        meaning += strspn(meaning, " \t");
        free(map_put(pp->macros, name, mem_strdup(meaning)));
    }
    free(name);
}

static void
undefine(struct preprocessor *pp, const char *text)
{
    char *name = first_word(text);

    free(map_remove(pp->macros, name));
    free(name);
}

static bool
is_defined(struct preprocessor *pp, const char *text)
{
    char *name = first_word(text);
    bool defined = map_get(pp->macros, name) != NULL;

    free(name);
    return defined;
}

static void
open_condition(struct preprocessor *pp, const char *word, const char *rest)
{
    bool outer = is_active(pp);
    bool value = false;

    if (pp->n_conditions == MAX_NESTING) {
        complain(pp, pp->line, "#if is nested too deep");
        return;
    }
    if (outer && strcmp(word, "if") == 0) {
        value = condition_value(pp, rest);
    } else if (outer) {
        value = is_defined(pp, rest) == (strcmp(word, "ifdef") == 0);
    }
    /* Inside a part that is left out, none of its own is taken. */
    pp->conditions[pp->n_conditions++] = (struct condition){
        .line = pp->line, .active = value, .taken = value || !outer,
    };
}

static void
next_part(struct preprocessor *pp, bool is_else, const char *rest)
{
    struct condition *condition;

    if (pp->n_conditions == 0) {
        complain(pp, pp->line, is_else ? "#else without #if"
                                       : "#elif without #if");
        return;
    }
    condition = &pp->conditions[pp->n_conditions - 1];
    if (condition->has_else) {
        complain(pp, pp->line, "there was an #else already");
    }
    condition->has_else |= is_else;
    condition->active = !condition->taken
                        && (is_else || condition_value(pp, rest));
    condition->taken |= condition->active;
}

/* False when it is none of ours, such as #pragma. */
static bool
directive(struct preprocessor *pp, const char *text)
{
    char *word;
    const char *rest;
    bool ours = true;

    text += strspn(text, " \t");
    word = first_word(text);
    rest = text + strlen(word);
    rest += strspn(rest, " \t");
    if (strcmp(word, "if") == 0 || strcmp(word, "ifdef") == 0
        || strcmp(word, "ifndef") == 0) {
        open_condition(pp, word, rest);
    } else if (strcmp(word, "elif") == 0 || strcmp(word, "else") == 0) {
        next_part(pp, word[2] == 's', rest);
    } else if (strcmp(word, "endif") == 0) {
        if (pp->n_conditions) {
            pp->n_conditions--;
        } else {
            complain(pp, pp->line, "#endif without #if");
        }
    } else if (strcmp(word, "define") == 0 || strcmp(word, "undef") == 0) {
        if (is_active(pp)) {
            (*word == 'd' ? define : undefine)(pp, rest);
        }
    } else if (strcmp(word, "include") == 0) {
        /* The same as the pragma, in another notation. */
        if (is_active(pp)) {
            buffer_printf(&pp->out, "#pragma include (%.*s)",
                          (int) strcspn(rest, "\r\n"), rest);
        }
    } else {
        ours = false;
    }
    free(word);
    return ours;
}

/* A line and those that a backslash at the end joins to it. */
static size_t
logical_line(const char *text, size_t size, struct buffer *line,
             unsigned int *n_lines)
{
    size_t used = 0;

    line->size = 0;
    *n_lines = 0;
    while (used < size) {
        const char *start = text + used;
        const char *end = memchr(start, '\n', size - used);
        size_t length = end ? (size_t) (end - start) : size - used;
        size_t kept = length;

        used += length + (end ? 1 : 0);
        *n_lines += 1;
        kept -= kept && start[kept - 1] == '\r';
        if (!end || kept == 0 || start[kept - 1] != '\\') {
            buffer_put(line, start, kept);
            break;
        }
        buffer_put(line, start, kept - 1);
    }
    buffer_string(line);
    return used;
}

static void
one_line(struct preprocessor *pp, const struct buffer *line)
{
    const char *text = line->data;
    size_t blank = strspn(text, " \t");

    if (!pp->in_comment && text[blank] == '#'
        && directive(pp, text + blank + 1)) {
        return;
    }
    if (is_active(pp)) {
        expand(pp, text, line->size, 0);
    }
}

void
preprocess(const char *file, struct source *source,
           struct error_list *errors)
{
    struct preprocessor pp = { .file = file, .errors = errors, .line = 1,
                               .macros = map_create(false),
                               .out = BUFFER_INIT,
                               .limit = source->size + MAX_GROWTH };
    struct buffer line = BUFFER_INIT;
    size_t used = 0;

    while (used < source->size) {
        unsigned int n_lines;

        used += logical_line(source->text + used, source->size - used, &line,
                             &n_lines);
        one_line(&pp, &line);
        for (unsigned int i = 0; i < n_lines; i++) {
            buffer_putc(&pp.out, '\n');
        }
        pp.line += n_lines;
    }
    if (pp.n_conditions) {
        complain(&pp, pp.conditions[pp.n_conditions - 1].line,
                 "this #if has no #endif");
    }
    if (pp.out.size >= pp.limit) {
        complain(&pp, pp.line, "the text becomes too large");
    }
    buffer_free(&line);
    map_destroy(pp.macros, free);
    source_close(source);
    source->size = pp.out.size;
    source->text = buffer_steal(&pp.out);
}
