/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MOF lexer.  One pass over the bytes, nothing is copied; what the
 * tokens of literals mean is in mof-literal.c.
 */

#include <config.h>

#include "schema/mof/mof-lex.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"

enum {
    CLASS_OTHER,
    CLASS_SPACE,    /* blanks; not the line feed */
    CLASS_NAME,     /* may start a name */
    CLASS_DIGIT,
};

static const uint8_t classes[256] = {
    [' '] = CLASS_SPACE, ['\t'] = CLASS_SPACE, ['\r'] = CLASS_SPACE,
    ['\f'] = CLASS_SPACE, ['\v'] = CLASS_SPACE,
    /* Ctrl-Z ends files that old editors wrote. */
    [0x1a] = CLASS_SPACE,
    ['_'] = CLASS_NAME,
    ['a' ... 'z'] = CLASS_NAME, ['A' ... 'Z'] = CLASS_NAME,
    [0x80 ... 0xff] = CLASS_NAME,
    ['0' ... '9'] = CLASS_DIGIT,
};

static unsigned int
class_of(char c)
{
    return classes[(unsigned char) c];
}

void
lexer_init(struct lexer *lexer, const char *file, const char *text,
           size_t size, struct error_list *errors)
{
    *lexer = (struct lexer){ .file = file, .next = text,
                             .end = text + size, .line_start = text,
                             .line = 1, .errors = errors };
}

/*
 * Counted from the place that was asked for before: lines may be megabytes
 * long, and every class wants to know its column.
 */
static unsigned int
column_of(struct lexer *lexer, const char *line_start, const char *at)
{
    if (lexer->column_line != line_start) {
        lexer->column_line = line_start;
        lexer->column_at = line_start;
        lexer->column = 0;
    }
    if (at >= lexer->column_at) {
        lexer->column += text_utf8_length(
            lexer->column_at, (size_t) (at - lexer->column_at));
    } else {
        lexer->column -= text_utf8_length(
            at, (size_t) (lexer->column_at - at));
    }
    lexer->column_at = at;
    return (unsigned int) lexer->column + 1;
}

unsigned int
lexer_column(struct lexer *lexer, const struct token *token)
{
    /* Strings start behind their quote. */
    bool quoted = token->type == TOKEN_STRING || token->type == TOKEN_CHAR;

    return column_of(lexer, token->line_start, token->start - quoted);
}

bool
token_is(const struct token *token, const char *word)
{
    return token->type == TOKEN_NAME && token->size == strlen(word)
           && strncasecmp(token->start, word, token->size) == 0;
}

static void
complain(struct lexer *lexer, const char *at, const char *text,
         const char *hint)
{
    struct error error;

    error_set(&error, ERROR_SYNTAX, "%s", text);
    if (hint) {
        error_hint(&error, "%s", hint);
    }
    error_at(&error, lexer->file, lexer->line,
             column_of(lexer, lexer->line_start, at));
    error_list_add(lexer->errors, &error);
}

static void
new_line(struct lexer *lexer)
{
    lexer->next++;
    lexer->line++;
    lexer->line_start = lexer->next;
}

static void
skip_block_comment(struct lexer *lexer)
{
    struct lexer start = *lexer;

    lexer->next += 2;
    while (lexer->next < lexer->end) {
        if (lexer->next[0] == '*' && lexer->next[1] == '/') {
            lexer->next += 2;
            return;
        }
        if (*lexer->next == '\n') {
            new_line(lexer);
        } else {
            lexer->next++;
        }
    }
    complain(&start, start.next, "the comment is not closed, expected '*/'",
             NULL);
}

static void
skip_blanks(struct lexer *lexer)
{
    for (;;) {
        const char *p = lexer->next;

        if (class_of(*p) == CLASS_SPACE) {
            lexer->next++;
        } else if (*p == '\n') {
            new_line(lexer);
        } else if (p[0] == '/' && p[1] == '/') {
            p = memchr(p, '\n', (size_t) (lexer->end - p));
            lexer->next = p ? p : lexer->end;
        } else if (p[0] == '/' && p[1] == '*') {
            skip_block_comment(lexer);
        } else {
            return;
        }
    }
}

bool
lexer_at_line_end(const struct lexer *lexer)
{
    const char *p = lexer->next;

    while (class_of(*p) == CLASS_SPACE) {
        p++;
    }
    return *p == '\n' || *p == 0 || (p[0] == '/' && p[1] == '/');
}

static const char *
name_end(const char *p)
{
    while (class_of(*p) >= CLASS_NAME) {
        p++;
    }
    return p;
}

/* Everything that looks as if it belonged to the number. */
static const char *
number_end(const char *p)
{
    bool is_hex = false;

    if (*p == '+' || *p == '-') {
        p++;
    }
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        is_hex = true;
    }
    for (;; p++) {
        bool sign = (*p == '+' || *p == '-') && !is_hex
                    && (p[-1] == 'e' || p[-1] == 'E');

        if (class_of(*p) < CLASS_NAME && *p != '.' && !sign) {
            return p;
        }
    }
}

static bool
is_number_start(const char *p)
{
    if (*p == '+' || *p == '-') {
        p++;
    }
    if (*p == '.') {
        p++;
    }
    return class_of(*p) == CLASS_DIGIT;
}

/* Reads to the closing quote; a string does not run over its line's end. */
static void
read_quoted(struct lexer *lexer, struct token *token)
{
    char quote = *lexer->next;
    const char *p = lexer->next + 1;

    token->type = quote == '"' ? TOKEN_STRING : TOKEN_CHAR;
    token->start = p;
    while (*p != quote) {
        if (*p == '\\' && p[1] != '\n' && p[1]) {
            p++;
        } else if (*p == '\n' || (*p == 0 && p >= lexer->end)) {
            complain(lexer, lexer->next,
                     quote == '"' ? "the string is not closed, expected '\"' "
                                    "before the end of the line"
                                  : "the character is not closed, expected "
                                    "\"'\"",
                     quote == '"' ? "write a long string as several: "
                                    "\"one \" \"two\""
                                  : NULL);
            token->size = (uint32_t) (p - token->start);
            lexer->next = p;
            return;
        }
        p++;
    }
    token->size = (uint32_t) (p - token->start);
    lexer->next = p + 1;
}

static void
bad_character(struct lexer *lexer)
{
    unsigned char c = (unsigned char) *lexer->next;
    char text[80];

    if (c > 0x20 && c < 0x7f) {
        snprintf(text, sizeof(text), "'%c' has no place here", c);
    } else {
        snprintf(text, sizeof(text),
                 "the control character 0x%02x has no place here", c);
    }
    complain(lexer, lexer->next, text, NULL);
    /* A run of them is one mistake. */
    while (lexer->next < lexer->end && (unsigned char) *lexer->next == c) {
        lexer->next++;
    }
}

/* False when the character at 'next' was no token; it is skipped. */
static bool
read_token(struct lexer *lexer, struct token *token)
{
    const char *p = lexer->next;
    const char *end = p + 1;

    if (class_of(*p) == CLASS_NAME) {
        token->type = TOKEN_NAME;
        end = name_end(p);
    } else if (*p == '"' || *p == '\'') {
        read_quoted(lexer, token);
        return true;
    } else if (is_number_start(p)) {
        token->type = TOKEN_NUMBER;
        end = number_end(p);
    } else if (*p == '$' && class_of(p[1]) == CLASS_NAME) {
        token->type = TOKEN_ALIAS;
        end = name_end(p + 1);
    } else if (*p && strchr("[](){}:;,=#", *p)) {
        token->type = *p;
    } else {
        bad_character(lexer);
        return false;
    }
    token->size = (uint32_t) (end - p);
    lexer->next = end;
    return true;
}

void
lexer_next(struct lexer *lexer, struct token *token)
{
    do {
        skip_blanks(lexer);
        token->start = lexer->next;
        token->line = lexer->line;
        token->line_start = lexer->line_start;
        if (lexer->next >= lexer->end) {
            token->type = TOKEN_END;
            token->size = 0;
            return;
        }
    } while (!read_token(lexer, token));
}
