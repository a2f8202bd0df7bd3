/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MOF parser from above: texts, and the loop over their declarations.
 */

#include <config.h>

#include "schema/mof/mof-parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/mof/preprocess.h"
#include "schema/source.h"
#include "schema/unit.h"

/* How far the end of a class is looked for. */
#define LOOK_AHEAD 32768

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
