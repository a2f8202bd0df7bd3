/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What every part of the MOF parser does: taking tokens, reporting, finding
 * the place to go on after an error, collecting lists.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/mof/mof-parse.h"

/* As much of a token as an error should show. */
#define SHOWN 40

void
mof_next(struct mof_parser *parser)
{
    parser->previous = parser->token;
    lexer_next(&parser->lexer, &parser->token);
}

bool
mof_report(struct mof_parser *parser, const struct token *at,
           struct error *error)
{
    error_at(error, parser->file, at->line, lexer_column(&parser->lexer, at));
    return error_list_add(parser->errors, error);
}

bool
mof_error(struct mof_parser *parser, const struct token *at,
          const char *format, ...)
{
    struct error error;
    char text[sizeof(error.text)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_set(&error, ERROR_SYNTAX, "%s", text);
    return mof_report(parser, at, &error);
}

static const char *
describe(const struct token *token, char *out, size_t size)
{
    int shown = token->size > SHOWN ? SHOWN : (int) token->size;

    /* Not in the middle of a character. */
    while (shown > 0 && shown < (int) token->size
           && ((unsigned char) token->start[shown] & 0xc0) == 0x80) {
        shown--;
    }
    switch (token->type) {
    case TOKEN_END:
        return "the end of the file";
    case TOKEN_STRING:
        snprintf(out, size, "\"%.*s\"", shown, token->start);
        return out;
    default:
        snprintf(out, size, "'%.*s'", shown, token->start);
        return out;
    }
}

bool
mof_expected(struct mof_parser *parser, const char *what)
{
    char found[SHOWN + 8];

    return mof_error(parser, &parser->token, "expected %s, found %s", what,
                     describe(&parser->token, found, sizeof(found)));
}

bool
mof_accept(struct mof_parser *parser, char punctuation)
{
    if (parser->token.type != punctuation) {
        return false;
    }
    mof_next(parser);
    return true;
}

bool
mof_take(struct mof_parser *parser, char punctuation)
{
    char what[] = { '\'', punctuation, '\'', 0 };

    return mof_accept(parser, punctuation) || mof_expected(parser, what);
}

const char *
mof_name(struct mof_parser *parser, struct arena *arena, const char *what)
{
    const char *name;

    if (parser->token.type != TOKEN_NAME) {
        mof_expected(parser, what);
        return NULL;
    }
    if (parser->token.size > 1024) {
        mof_error(parser, &parser->token,
                  "the name is longer than 1024 bytes");
        return NULL;
    }
    name = arena_strndup(arena, parser->token.start, parser->token.size);
    mof_next(parser);
    return name;
}

/*
 * Words that begin declarations may be names too: a look ahead tells.  What
 * the lexer finds wrong there it reports when the parser gets there.
 */
static bool
is_declaration(const struct mof_parser *parser)
{
    struct error_list ignored = { 0 };
    struct lexer ahead = parser->lexer;
    const struct token *first = &parser->token;
    struct token second;
    struct token third;
    bool is;

    ahead.errors = &ignored;
    lexer_next(&ahead, &second);
    lexer_next(&ahead, &third);
    if (token_is(first, "class")) {
        is = second.type == TOKEN_NAME
             && (third.type == '{' || third.type == ':'
                 || token_is(&third, "as"));
    } else if (token_is(first, "instance")) {
        is = token_is(&second, "of") && third.type == TOKEN_NAME;
    } else {
        is = token_is(first, "qualifier") && second.type == TOKEN_NAME
             && third.type == ':';
    }
    error_list_clear(&ignored);
    return is;
}

bool
mof_at_declaration(const struct mof_parser *parser)
{
    const struct token *token = &parser->token;

    if (token->type == TOKEN_END) {
        return true;
    }
    if (token->start != token->line_start) {
        return false;
    }
    return token->type == '#'
           || (token->type == TOKEN_NAME && is_declaration(parser));
}

void
mof_recover(struct mof_parser *parser)
{
    unsigned int depth = 0;

    while (!mof_at_declaration(parser)) {
        int type = parser->token.type;

        if (type == '}' && depth == 0) {
            return;
        }
        mof_next(parser);
        if (type == '{' || type == '(') {
            depth++;
        } else if ((type == '}' || type == ')') && depth > 0) {
            depth--;
        } else if (type == ';' && depth == 0) {
            return;
        }
    }
}

void *
mof_list_add(struct mof_parser *parser, struct mof_list *list, size_t size,
             size_t limit)
{
    void *item;

    if (list->n >= limit) {
        mof_error(parser, &parser->token,
                  "there are more than %zu of these", limit);
        return NULL;
    }
    mem_grow(&list->items, &list->capacity, list->n, size);
    item = (char *) list->items + list->n++ * size;
    memset(item, 0, size);
    return item;
}

void *
mof_list_take(struct mof_list *list, size_t from, size_t size,
              struct arena *arena)
{
    size_t n = list->n - from;
    void *items = NULL;

    if (n) {
        items = arena_dup(arena, (char *) list->items + from * size,
                          n * size);
    }
    list->n = from;
    return items;
}

bool
mof_name_is_new(struct mof_parser *parser, const char *name)
{
    if (!parser->names) {
        parser->names = map_create(true);
    }
    if (map_get(parser->names, name)) {
        return false;
    }
    map_put(parser->names, name, parser);
    return true;
}

void
mof_names_clear(struct mof_parser *parser)
{
    map_destroy(parser->names, NULL);
    parser->names = NULL;
}
