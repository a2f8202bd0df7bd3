/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Qualifiers and their declarations.  A use is kept as it is written: which
 * type its value should have is known when the class is resolved, because
 * the declaration may come later.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/mof-parse.h"
#include "schema/unit.h"

/* A flavor's bit, and the bit that says the opposite. */
static const struct flavor {
    const char *name;
    uint8_t set, clear;
} flavors[] = {
    { "EnableOverride", FLAVOR_OVERRIDABLE, FLAVOR_NOT_OVERRIDABLE },
    { "DisableOverride", FLAVOR_NOT_OVERRIDABLE, FLAVOR_OVERRIDABLE },
    { "ToSubclass", FLAVOR_TO_SUBCLASS, FLAVOR_NOT_TO_SUBCLASS },
    { "Restricted", FLAVOR_NOT_TO_SUBCLASS, FLAVOR_TO_SUBCLASS },
    { "NotToSubclass", FLAVOR_NOT_TO_SUBCLASS, FLAVOR_TO_SUBCLASS },
    { "ToInstance", FLAVOR_TO_INSTANCE, FLAVOR_NOT_TO_INSTANCE },
    { "NotToInstance", FLAVOR_NOT_TO_INSTANCE, FLAVOR_TO_INSTANCE },
    { "Translatable", FLAVOR_TRANSLATABLE, 0 },
    { "Amended", FLAVOR_AMENDED, 0 },
};

#define N_FLAVORS (sizeof(flavors) / sizeof(flavors[0]))

static const struct {
    const char *name;
    uint8_t bits;
} scopes[] = {
    { "class", SCOPE_CLASS }, { "association", SCOPE_ASSOCIATION },
    { "indication", SCOPE_INDICATION }, { "property", SCOPE_PROPERTY },
    { "reference", SCOPE_REFERENCE }, { "method", SCOPE_METHOD },
    { "parameter", SCOPE_PARAMETER }, { "any", SCOPE_ANY },
    /* Of WMI: a declaration may also be for instances and schemas. */
    { "instance", 0 }, { "schema", 0 },
};

#define N_SCOPES (sizeof(scopes) / sizeof(scopes[0]))

/* Takes the flavor in hand; one that nobody knows is only worth a warning. */
static bool
flavor(struct mof_parser *parser, uint8_t *bits)
{
    struct error error;

    for (size_t i = 0; i < N_FLAVORS; i++) {
        if (token_is(&parser->token, flavors[i].name)) {
            if (*bits & flavors[i].clear) {
                return mof_error(parser, &parser->token,
                                 "flavor %s contradicts the one before it",
                                 flavors[i].name);
            }
            *bits |= flavors[i].set;
            mof_next(parser);
            return true;
        }
    }
    if (parser->token.type != TOKEN_NAME) {
        return mof_expected(parser, "a flavor such as ToSubclass");
    }
    error_set(&error, ERROR_SYNTAX, "unknown flavor '%.*s' is ignored",
              (int) (parser->token.size < 60 ? parser->token.size : 60),
              parser->token.start);
    error_at(&error, parser->file, parser->token.line,
             lexer_column(&parser->lexer, &parser->token));
    schema_warn(parser->options, parser->errors, &error);
    mof_next(parser);
    return true;
}

/* "(value)" or "{...}"; nothing leaves the value as "not given". */
static bool
qualifier_value(struct mof_parser *parser, struct arena *arena,
                struct value *value)
{
    if (parser->token.type == '{') {
        return mof_initializer(parser, arena, value);
    }
    if (mof_accept(parser, '(')) {
        return mof_initializer(parser, arena, value)
               && mof_take(parser, ')');
    }
    return true;
}

static bool
one_qualifier(struct mof_parser *parser, struct arena *arena)
{
    struct token at = parser->token;
    struct qualifier qualifier = { .line = at.line };
    unsigned int column = lexer_column(&parser->lexer, &at);
    struct qualifier *item;

    qualifier.column = column > UINT16_MAX ? 0 : (uint16_t) column;
    qualifier.name = mof_name(parser, arena, "the name of a qualifier");
    if (!qualifier.name
        || !qualifier_value(parser, arena, &qualifier.value)) {
        return false;
    }
    if (mof_accept(parser, ':')) {
        do {
            if (!flavor(parser, &qualifier.flavor)) {
                return false;
            }
        } while (parser->token.type == TOKEN_NAME);
    }
    if (qualifier_find(parser->qualifiers.items,
                       (uint32_t) parser->qualifiers.n, qualifier.name)) {
        return mof_error(parser, &at, "qualifier %s is given twice",
                         qualifier.name);
    }
    item = mof_list_add(parser, &parser->qualifiers, sizeof(*item), 256);
    if (!item) {
        return false;
    }
    *item = qualifier;
    return true;
}

bool
mof_qualifiers(struct mof_parser *parser, struct arena *arena,
               struct qualifier **qualifiers, uint32_t *n)
{
    *qualifiers = NULL;
    *n = 0;
    parser->qualifiers.n = 0;
    if (!mof_accept(parser, '[')) {
        return true;
    }
    if (mof_accept(parser, ']')) {
        return true;
    }
    do {
        if (!one_qualifier(parser, arena)) {
            return false;
        }
    } while (mof_accept(parser, ','));
    *n = (uint32_t) parser->qualifiers.n;
    *qualifiers = mof_list_take(&parser->qualifiers, 0, sizeof(**qualifiers),
                                arena);
    return mof_accept(parser, ']')
           || mof_expected(parser, "',' or ']' after a qualifier");
}

static bool
scope(struct mof_parser *parser, uint8_t *bits)
{
    for (size_t i = 0; i < N_SCOPES; i++) {
        if (token_is(&parser->token, scopes[i].name)) {
            *bits |= scopes[i].bits;
            mof_next(parser);
            return true;
        }
    }
    return mof_expected(parser, "a scope (any, class, association, "
                                "indication, property, reference, method or "
                                "parameter)");
}

/* "Scope(a, b)" and "Flavor(a, b)", in any order. */
static bool
meta(struct mof_parser *parser, struct qualifier_type *type)
{
    bool is_scope = token_is(&parser->token, "scope");

    if (!is_scope && !token_is(&parser->token, "flavor")) {
        return mof_expected(parser, "Scope(...) or Flavor(...)");
    }
    mof_next(parser);
    if (!mof_take(parser, '(')) {
        return false;
    }
    do {
        if (!(is_scope ? scope(parser, &type->scope)
                       : flavor(parser, &type->flavor))) {
            return false;
        }
    } while (mof_accept(parser, ','));
    return mof_take(parser, ')');
}

/* The bits with defaults, and without the negative ones. */
static uint8_t
declared_flavor(uint8_t said)
{
    uint8_t flavor = said & (uint8_t) (FLAVOR_TO_INSTANCE
                                       | FLAVOR_TRANSLATABLE
                                       | FLAVOR_AMENDED);

    if (!(said & FLAVOR_NOT_OVERRIDABLE)) {
        flavor |= FLAVOR_OVERRIDABLE;
    }
    if (!(said & FLAVOR_NOT_TO_SUBCLASS)) {
        flavor |= FLAVOR_TO_SUBCLASS;
    }
    return flavor;
}

static bool
type_and_default(struct mof_parser *parser, struct arena *arena,
                 struct qualifier_type *type)
{
    struct token at = parser->token;
    enum cim_type item_type;
    bool is_array;
    uint32_t size;
    const char *word = mof_name(parser, arena, "a type");

    if (!word) {
        return false;
    }
    item_type = cim_type_parse(word);
    if (item_type == CIM_NONE || item_type >= CIM_REFERENCE) {
        return mof_error(parser, &at, "'%.60s' is not a type that a "
                         "qualifier can have", word);
    }
    if (!mof_array_size(parser, &is_array, &size)) {
        return false;
    }
    type->value = value_null(item_type, is_array);
    return !mof_accept(parser, '=')
           || mof_constant(parser, arena, item_type, is_array, &type->value);
}

bool
mof_qualifier_type(struct mof_parser *parser)
{
    struct arena *arena = unit_arena(parser->unit);
    struct qualifier_type type = { .file = parser->file };

    mof_next(parser);
    type.line = parser->token.line;
    type.name = mof_name(parser, arena, "the name of a qualifier");
    if (!type.name || !mof_take(parser, ':')
        || !type_and_default(parser, arena, &type)) {
        return false;
    }
    while (mof_accept(parser, ',')) {
        if (!meta(parser, &type)) {
            return false;
        }
    }
    if (!type.scope) {
        type.scope = SCOPE_ANY;
    }
    type.flavor = declared_flavor(type.flavor);
    if (!unit_add_qualifier_type(parser->unit, &type)) {
        return mof_error(parser, &parser->previous,
                         "there are more than %d qualifier declarations",
                         UNIT_MAX_MEMBERS);
    }
    return mof_take(parser, ';');
}
