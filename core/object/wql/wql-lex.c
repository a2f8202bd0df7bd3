/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Words, strings, numbers and symbols of WQL.  In strings \\, \' and \"
 * stand for the second character, a doubled quote for one; any other
 * backslash is itself, as people write paths.
 */

#include <config.h>

#include "object/wql/wql-tree.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

bool
wql_error_at(const struct wql *wql, size_t offset, struct error *error,
             const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(error, ERROR_SYNTAX, "WQL, column %zu: %s",
                     text_utf8_length(wql->text, offset) + 1, text);
}

bool
wql_expected(struct wql_reader *reader, const char *expected)
{
    const struct token *token = &reader->token;

    if (token->kind == TOKEN_END) {
        return wql_error_at(reader->wql, token->offset, reader->error,
                            "expected %s, got the end", expected);
    }
    return wql_error_at(reader->wql, token->offset, reader->error,
                        "expected %s, got '%.*s'", expected,
                        token->size > 40 ? 40 : (int) token->size,
                        reader->wql->text + token->offset);
}

void
wql_put_text(struct buffer *out, const char *text)
{
    buffer_putc(out, '\'');
    for (; *text; text++) {
        if (strchr("\\'\"", *text)) {
            buffer_putc(out, '\\');
        }
        buffer_putc(out, *text);
    }
    buffer_putc(out, '\'');
}

static bool
is_word_start(char c)
{
    return isalpha((unsigned char) c) || c == '_' || (unsigned char) c >= 0x80;
}

static void
read_word(struct wql_reader *reader)
{
    const char *start = reader->at;

    while (is_word_start(*reader->at)
           || isdigit((unsigned char) *reader->at)) {
        reader->at++;
    }
    reader->token.kind = TOKEN_WORD;
    reader->token.text = arena_strndup(reader->wql->arena, start,
                                       (size_t) (reader->at - start));
}

static bool
read_string(struct wql_reader *reader)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char quote = *reader->at++;

    for (;;) {
        char c = *reader->at;

        if (!c) {
            return wql_error_at(reader->wql, reader->token.offset,
                                reader->error,
                                "the string has no closing quote");
        }
        if (c == quote && reader->at[1] != quote) {
            break;
        }
        if (c == quote
            || (c == '\\' && reader->at[1]
                && strchr("\\'\"", reader->at[1]))) {
            reader->at++;
        }
        buffer_putc(&text, *reader->at++);
    }
    reader->at++;
    reader->token.kind = TOKEN_STRING;
    reader->token.text = arena_strdup(reader->wql->arena,
                                      buffer_string(&text));
    return true;
}

static bool
read_number(struct wql_reader *reader)
{
    const char *start = reader->at;
    struct value *number = &reader->token.number;
    const char *text;

    if (*reader->at == '-' || *reader->at == '+') {
        reader->at++;
    }
    while (isalnum((unsigned char) *reader->at) || *reader->at == '.'
           || ((*reader->at == '-' || *reader->at == '+')
               && (reader->at[-1] == 'e' || reader->at[-1] == 'E'))) {
        reader->at++;
    }
    text = arena_strndup(reader->wql->arena, start,
                         (size_t) (reader->at - start));
    *number = value_u64(CIM_UINT64, 0);
    reader->token.kind = TOKEN_NUMBER;
    reader->token.text = text;
    if (text_to_u64(text, &number->u)) {
        return true;
    }
    number->type = CIM_SINT64;
    if (text_to_i64(text, &number->i)) {
        return true;
    }
    number->type = CIM_REAL64;
    if (text_to_double(text, &number->r)) {
        return true;
    }
    return wql_error_at(reader->wql, reader->token.offset, reader->error,
                        "'%.40s' is not a number", text);
}

static bool
read_symbol(struct wql_reader *reader)
{
    static const char *const symbols[] = { "<=", ">=", "<>", "!=", "<", ">",
                                           "=", "(", ")", ",", "*", ".", "{", "}" };

    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (text_starts_with(reader->at, symbols[i])) {
            reader->at += strlen(symbols[i]);
            reader->token.kind = TOKEN_SYMBOL;
            reader->token.text = symbols[i];
            return true;
        }
    }
    return wql_error_at(reader->wql, reader->token.offset, reader->error,
                        "'%c' is not part of the language", *reader->at);
}

static void
begin_token(struct wql_reader *reader)
{
    while (isspace((unsigned char) *reader->at)) {
        reader->at++;
    }
    reader->token = (struct token){
        .kind = TOKEN_END,
        .offset = (size_t) (reader->at - reader->wql->text),
    };
}

bool
wql_next(struct wql_reader *reader)
{
    const char *at;
    bool ok = true;

    begin_token(reader);
    at = reader->at;
    if (is_word_start(*at)) {
        read_word(reader);
    } else if (*at == '"' || *at == '\'') {
        ok = read_string(reader);
    } else if (isdigit((unsigned char) *at)
               || (strchr("+-.", *at) && *at
                   && (isdigit((unsigned char) at[1])
                       || (at[1] == '.'
                           && isdigit((unsigned char) at[2]))))) {
        ok = read_number(reader);
    } else if (*at) {
        ok = read_symbol(reader);
    }
    if (!ok) {
        reader->token.kind = TOKEN_BAD;
    }
    reader->token.size = (size_t) (reader->at - at);
    return ok;
}

bool
wql_next_braces(struct wql_reader *reader)
{
    const char *start;
    char quote = '\0';

    begin_token(reader);
    if (*reader->at != '{') {
        return wql_error_at(reader->wql, reader->token.offset, reader->error,
                            "expected {path}");
    }
    start = ++reader->at;
    for (; *reader->at && (quote || *reader->at != '}'); reader->at++) {
        if (quote && *reader->at == '\\' && reader->at[1]) {
            reader->at++;
        } else if (quote) {
            quote = *reader->at == quote ? '\0' : quote;
        } else if (*reader->at == '"' || *reader->at == '\'') {
            quote = *reader->at;
        }
    }
    if (!*reader->at) {
        return wql_error_at(reader->wql, reader->token.offset, reader->error,
                            "the '{' is not closed");
    }
    reader->token.kind = TOKEN_STRING;
    reader->token.text = arena_strndup(reader->wql->arena, start,
                                       (size_t) (reader->at - start));
    reader->at++;
    return true;
}
