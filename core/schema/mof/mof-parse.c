/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MOF parser's common part: taking tokens, reporting, going on after an
 * error, and the loop over declarations.
 */

#include <config.h>

#include "schema/mof/mof-parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/preprocess.h"
#include "schema/source.h"
#include "schema/unit.h"

/* As much of a token as an error should show. */
#define SHOWN 40
/* How far the end of a class is looked for. */
#define LOOK_AHEAD 32768

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

/*
 * How much a class's arena will need: about as much as its text, which most
 * often ends at the next "};".  No byte is looked at twice.
 */
static size_t
class_size_guess(struct mof_parser *parser)
{
    const char *start = parser->token.start;
    size_t rest = (size_t) (parser->lexer.end - start);

    if (start >= parser->looked_until) {
        const char *end;

        rest = rest < LOOK_AHEAD ? rest : LOOK_AHEAD;
        end = memmem(start, rest, "};", 2);
        parser->end_seen = end != NULL;
        parser->looked_until = end ? end + 2 : start + rest;
    }
    return parser->end_seen
               ? 512 + (size_t) (parser->looked_until - start)
               : 1024;
}

/* A class or an instance, with the qualifiers in front of it. */
static bool
class_or_instance(struct mof_parser *parser)
{
    struct cim_class *cls = class_create_sized("", class_size_guess(parser));
    bool ok;

    if (!mof_qualifiers(parser, cls->arena, &cls->qualifiers,
                        &cls->n_qualifiers)) {
        class_unref(cls);
        return false;
    }
    if (token_is(&parser->token, "class")) {
        return mof_class(parser, cls);
    }
    if (token_is(&parser->token, "instance")) {
        ok = mof_instance(parser, cls->qualifiers, cls->n_qualifiers);
    } else {
        ok = mof_expected(parser, cls->n_qualifiers
                              ? "'class' or 'instance' after qualifiers"
                              : "a declaration (class, instance, qualifier "
                                "or #pragma)");
    }
    class_unref(cls);
    return ok;
}

static bool
declaration(struct mof_parser *parser)
{
    if (parser->token.type == '#') {
        return mof_pragma(parser);
    }
    if (token_is(&parser->token, "qualifier")) {
        return mof_qualifier_type(parser);
    }
    return class_or_instance(parser);
}

/* Drops what a declaration that failed had begun to collect. */
static void
drop_lists(struct mof_parser *parser)
{
    parser->values.n = 0;
    parser->qualifiers.n = 0;
    parser->parameters.n = 0;
    parser->properties.n = 0;
    parser->methods.n = 0;
    parser->assignments.n = 0;
    mof_names_clear(parser);
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

static void
declarations(struct mof_parser *parser)
{
    mof_next(parser);
    while (parser->token.type != TOKEN_END) {
        const char *start = parser->token.start;

        if (mof_accept(parser, ';')) {
            continue;
        }
        if (!declaration(parser)) {
            drop_lists(parser);
            mof_recover(parser);
            mof_accept(parser, '}');
        }
        /* Whatever happens, the text gets shorter. */
        if (parser->token.start == start
            && parser->token.type != TOKEN_END) {
            mof_next(parser);
        }
    }
}

static void
free_lists(struct mof_parser *parser)
{
    free(parser->files.items);
    free(parser->alias_uses.items);
    free(parser->values.items);
    free(parser->qualifiers.items);
    free(parser->parameters.items);
    free(parser->properties.items);
    free(parser->methods.items);
    free(parser->assignments.items);
    buffer_free(&parser->text);
    mof_names_clear(parser);
    map_destroy(parser->class_names, NULL);
    map_destroy(parser->aliases, NULL);
}

static void
remember_unit(struct mof_parser *parser)
{
    const struct schema_unit *unit = parser->unit;

    parser->class_names = map_create(true);
    parser->aliases = map_create(true);
    for (size_t i = 0; i < unit->n_classes; i++) {
        map_put(parser->class_names, unit->classes[i]->name,
                unit->classes[i]);
    }
    for (size_t i = 0; i < unit->n_instances; i++) {
        if (unit->instances[i].alias) {
            map_put(parser->aliases, unit->instances[i].alias,
                    &unit->instances[i]);
        }
    }
}

void
mof_read_source(struct mof_parser *parser, struct source *source)
{
    if (parser->options->preprocess) {
        preprocess(parser->file, source, parser->errors);
    }
    lexer_init(&parser->lexer, parser->file, source->text, source->size,
               parser->errors);
    parser->looked_until = source->text;
    declarations(parser);
}

bool
mof_compile(const char *file, const char *text, size_t size,
            const struct schema_options *options, struct schema_unit *unit,
            struct error_list *errors)
{
    static const struct schema_options none;
    size_t errors_before = errors->n_errors;
    struct mof_parser parser = {
        .options = options ? options : &none, .unit = unit,
        .errors = errors, .text = BUFFER_INIT,
    };
    struct source source;
    struct error error;

    if (!source_from_bytes(file, text, size, &source, &error)) {
        return error_list_add(errors, &error);
    }
    parser.file = unit_file(unit, file);
    remember_unit(&parser);
    if (mof_open_first(&parser)) {
        mof_read_source(&parser, &source);
    }
    source_close(&source);
    mof_search_classes(&parser);
    mof_check_aliases(&parser);
    free_lists(&parser);
    return errors->n_errors == errors_before;
}
