/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Instances in MOF, and aliases, which may be used before they are declared.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/mof/mof-parse.h"
#include "schema/unit.h"

/* What the map of aliases has as value; only its presence counts. */
static char declared;

bool
mof_alias(struct mof_parser *parser, struct arena *arena, const char **alias)
{
    struct token at;

    if (!token_is(&parser->token, "as")) {
        return true;
    }
    mof_next(parser);
    at = parser->token;
    if (at.type != TOKEN_ALIAS) {
        return mof_expected(parser, "an alias such as $Name");
    }
    *alias = arena_strndup(arena, at.start, at.size);
    mof_next(parser);
    if (map_get(parser->aliases, *alias)) {
        return mof_error(parser, &at, "alias %.80s is declared twice",
                         *alias);
    }
    map_put(parser->aliases, *alias, &declared);
    return true;
}

void
mof_check_aliases(struct mof_parser *parser)
{
    const struct mof_alias_use *uses = parser->alias_uses.items;
    struct error error;

    for (size_t i = 0; i < parser->alias_uses.n; i++) {
        if (!map_get(parser->aliases, uses[i].name)) {
            error_set(&error, ERROR_NOT_FOUND,
                      "alias %.80s is not declared by any 'as %.80s'",
                      uses[i].name, uses[i].name);
            error_at(&error, uses[i].file, uses[i].line, uses[i].column);
            error_list_add(parser->errors, &error);
        }
    }
}

static bool
add_value(struct mof_parser *parser, const struct declared_value *value,
          const struct token *at)
{
    struct declared_value *item;

    if (!mof_name_is_new(parser, value->name)) {
        return mof_error(parser, at, "property %s is given twice",
                         value->name);
    }
    item = mof_list_add(parser, &parser->assignments, sizeof(*item),
                        UNIT_MAX_MEMBERS);
    if (!item) {
        return false;
    }
    *item = *value;
    return true;
}

/* "[...] Name = value;" */
static bool
assignment(struct mof_parser *parser, struct arena *arena)
{
    struct declared_value value = { 0 };
    struct qualifier *ignored;
    uint32_t n_ignored;
    struct token at;

    if (!mof_qualifiers(parser, arena, &ignored, &n_ignored)) {
        return false;
    }
    at = parser->token;
    value.line = at.line;
    value.column = lexer_column(&parser->lexer, &at);
    value.name = mof_name(parser, arena, "the name of a property or '}'");
    return value.name && mof_take(parser, '=')
           && mof_initializer(parser, arena, &value.value)
           && add_value(parser, &value, &at) && mof_take(parser, ';');
}

static bool
assignments(struct mof_parser *parser, struct arena *arena)
{
    while (parser->token.type != '}') {
        if (mof_at_declaration(parser)) {
            return mof_expected(parser,
                                "'}' at the end of the instance");
        }
        if (!assignment(parser, arena)) {
            const char *start = parser->token.start;

            parser->values.n = 0;
            mof_recover(parser);
            if (parser->token.start == start
                && !mof_at_declaration(parser)
                && parser->token.type != '}') {
                mof_next(parser);
            }
        }
    }
    mof_next(parser);
    return true;
}

static void
copy_qualifiers(struct declared_instance *instance, struct arena *arena,
                const struct qualifier *qualifiers, uint32_t n)
{
    instance->n_qualifiers = n;
    instance->qualifiers = arena_alloc(arena, n * sizeof(*qualifiers));
    for (uint32_t i = 0; i < n; i++) {
        struct qualifier *to = &instance->qualifiers[i];

        *to = qualifiers[i];
        to->name = arena_strdup(arena, qualifiers[i].name);
        value_copy_arena(&to->value, &qualifiers[i].value, arena);
    }
}

/* "instance of X as $a". */
static bool
instance_head(struct mof_parser *parser, struct arena *arena,
              struct declared_instance *instance)
{
    mof_next(parser);
    if (!token_is(&parser->token, "of")) {
        return mof_expected(parser, "'of'");
    }
    mof_next(parser);
    instance->file = parser->file;
    instance->line = parser->token.line;
    instance->column = lexer_column(&parser->lexer, &parser->token);
    instance->class_name = mof_name(parser, arena, "the name of a class");
    return instance->class_name
           && mof_alias(parser, arena, &instance->alias);
}

bool
mof_instance(struct mof_parser *parser, const struct qualifier *qualifiers,
             uint32_t n_qualifiers)
{
    struct arena *arena = unit_arena(parser->unit);
    struct declared_instance instance = { 0 };

    parser->assignments.n = 0;
    mof_names_clear(parser);
    if (!instance_head(parser, arena, &instance) || !mof_take(parser, '{')
        || !assignments(parser, arena)) {
        return false;
    }
    copy_qualifiers(&instance, arena, qualifiers, n_qualifiers);
    instance.n_values = (uint32_t) parser->assignments.n;
    instance.values = mof_list_take(&parser->assignments, 0,
                                    sizeof(*instance.values), arena);
    if (!unit_add_instance(parser->unit, &instance)) {
        return mof_error(parser, &parser->previous,
                         "there are more than %d instances",
                         UNIT_MAX_INSTANCES);
    }
    if (!mof_accept(parser, ';')) {
        mof_expected(parser, "';' after '}'");
    }
    return true;
}
