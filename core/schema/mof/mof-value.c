/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * MOF literals, and what is written in braces.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "schema/mof/mof-parse.h"
#include "schema/unit.h"

/* "a" "b": one string. */
static bool
string(struct mof_parser *parser, struct arena *arena, struct value *value)
{
    struct token first = parser->token;
    struct error error;

    parser->text.size = 0;
    while (parser->token.type == TOKEN_STRING) {
        if (!token_text(&parser->token, &parser->text, &error)) {
            return mof_report(parser, &parser->token, &error);
        }
        if (parser->text.size > UNIT_MAX_STRING) {
            return mof_error(parser, &first,
                             "the string is longer than %u bytes",
                             UNIT_MAX_STRING);
        }
        mof_next(parser);
    }
    *value = (struct value){ .type = CIM_STRING,
                             .n = (uint32_t) parser->text.size };
    value->s = arena_alloc(arena, parser->text.size + 1);
    if (parser->text.size) {
        memcpy(value->s, parser->text.data, parser->text.size);
    }
    return true;
}

/* One UTF-8 character (or half of a surrogate pair) as a number. */
static uint32_t
character_of(const char *text, size_t size)
{
    const unsigned char *b = (const unsigned char *) text;

    if (size == 1 && b[0] < 0x80) {
        return b[0];
    }
    if (size == 2 && (b[0] & 0xe0) == 0xc0) {
        return (uint32_t) (b[0] & 0x1f) << 6 | (b[1] & 0x3f);
    }
    if (size == 3 && (b[0] & 0xf0) == 0xe0) {
        return (uint32_t) (b[0] & 0x0f) << 12 | (uint32_t) (b[1] & 0x3f) << 6
               | (b[2] & 0x3f);
    }
    return 0;
}

static bool
character(struct mof_parser *parser, struct value *value)
{
    struct error error;
    uint32_t number;

    parser->text.size = 0;
    if (!token_text(&parser->token, &parser->text, &error)) {
        return mof_report(parser, &parser->token, &error);
    }
    number = character_of(parser->text.data, parser->text.size);
    if (!number) {
        return mof_error(parser, &parser->token,
                         "a char16 is one character up to U+FFFF between "
                         "single quotes");
    }
    *value = value_u64(CIM_CHAR16, number);
    mof_next(parser);
    return true;
}

static bool
alias_use(struct mof_parser *parser, struct arena *arena,
          struct value *value)
{
    const struct token *token = &parser->token;
    struct mof_alias_use *use = mof_list_add(parser, &parser->alias_uses,
                                             sizeof(*use),
                                             UNIT_MAX_INSTANCES);

    if (!use) {
        return false;
    }
    *value = (struct value){ .type = CIM_REFERENCE, .n = token->size };
    value->s = arena_strndup(arena, token->start, token->size);
    use->name = arena_strndup(unit_arena(parser->unit), token->start,
                              token->size);
    use->file = parser->file;
    use->line = token->line;
    use->column = lexer_column(&parser->lexer, token);
    mof_next(parser);
    return true;
}

static bool
word(struct mof_parser *parser, struct value *value)
{
    if (token_is(&parser->token, "true")) {
        *value = value_boolean(true);
    } else if (token_is(&parser->token, "false")) {
        *value = value_boolean(false);
    } else if (token_is(&parser->token, "null")) {
        *value = value_null(CIM_NONE, false);
    } else {
        return mof_expected(parser, "a value");
    }
    mof_next(parser);
    return true;
}

bool
mof_literal(struct mof_parser *parser, struct arena *arena,
            struct value *value)
{
    struct error error;

    switch (parser->token.type) {
    case TOKEN_STRING:
        return string(parser, arena, value);
    case TOKEN_CHAR:
        return character(parser, value);
    case TOKEN_ALIAS:
        return alias_use(parser, arena, value);
    case TOKEN_NUMBER:
        if (!token_number(&parser->token, value, &error)) {
            return mof_report(parser, &parser->token, &error);
        }
        mof_next(parser);
        return true;
    case TOKEN_NAME:
        return word(parser, value);
    default:
        return mof_expected(parser, "a value");
    }
}

/* The type of the array is that of its first item that is not NULL. */
static enum cim_type
common_type(const struct value *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i].type != CIM_NONE) {
            return items[i].type;
        }
    }
    return CIM_NONE;
}

static bool
list(struct mof_parser *parser, struct arena *arena, struct value *value)
{
    struct mof_list *values = &parser->values;
    size_t first = values->n;

    mof_next(parser);
    while (parser->token.type != '}') {
        struct value *item = mof_list_add(parser, values, sizeof(*item),
                                          first + UNIT_MAX_ITEMS);

        if (!item || !mof_literal(parser, arena, item)) {
            values->n = first;
            return false;
        }
        if (!mof_accept(parser, ',')) {
            break;
        }
        if (parser->token.type == '}') {
            values->n = first;
            return mof_expected(parser, "a value after ','");
        }
    }
    *value = (struct value){ .is_array = true,
                             .n = (uint32_t) (values->n - first) };
    value->items = mof_list_take(values, first, sizeof(*value), arena);
    value->type = common_type(value->items, value->n);
    return mof_accept(parser, '}')
           || mof_expected(parser, "',' or '}' in the list of values");
}

bool
mof_initializer(struct mof_parser *parser, struct arena *arena,
                struct value *value)
{
    return parser->token.type == '{' ? list(parser, arena, value)
                                     : mof_literal(parser, arena, value);
}

bool
mof_constant(struct mof_parser *parser, struct arena *arena,
             enum cim_type type, bool is_array, struct value *value)
{
    struct token at = parser->token;
    struct error error;

    if (!mof_initializer(parser, arena, value)) {
        return false;
    }
    if (value->is_null) {
        *value = value_null(type, is_array);
        return true;
    }
    if (value->is_array != is_array) {
        return mof_error(parser, &at, "%s",
                         is_array ? "the value of an array is written in "
                                    "braces: { ... }"
                                  : "a list of values for what is no array");
    }
    if (!value_convert_arena(value, type, arena, &error)) {
        return mof_report(parser, &at, &error);
    }
    return true;
}

bool
mof_array_size(struct mof_parser *parser, bool *is_array, uint32_t *size)
{
    struct value number;
    struct error error;

    *is_array = false;
    *size = 0;
    if (!mof_accept(parser, '[')) {
        return true;
    }
    *is_array = true;
    if (mof_accept(parser, ']')) {
        return true;
    }
    if (parser->token.type != TOKEN_NUMBER) {
        return mof_expected(parser, "a number of elements or ']'");
    }
    if (!token_number(&parser->token, &number, &error)) {
        return mof_report(parser, &parser->token, &error);
    }
    if (number.type != CIM_UINT64 || number.u == 0
        || number.u > UNIT_MAX_ITEMS) {
        return mof_error(parser, &parser->token,
                         "an array has 1 to %d elements", UNIT_MAX_ITEMS);
    }
    *size = (uint32_t) number.u;
    mof_next(parser);
    return mof_take(parser, ']');
}
