/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Conditions: OR of AND of NOT of comparisons.
 */

#include <config.h>

#include "object/wql/wql-tree.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static bool parse_or(struct wql_reader *reader, struct node **node);

static bool
is_word(const struct wql_reader *reader, const char *word)
{
    return reader->token.kind == TOKEN_WORD
           && text_equal_fold(reader->token.text, word);
}

static bool
is_symbol(const struct wql_reader *reader, const char *symbol)
{
    return reader->token.kind == TOKEN_SYMBOL
           && strcmp(reader->token.text, symbol) == 0;
}

static struct node *
new_node(struct wql_reader *reader, enum node_kind kind)
{
    struct node *node = arena_alloc(reader->wql->arena, sizeof *node);

    node->kind = kind;
    return node;
}

static struct value
string_literal(const struct token *token)
{
    return (struct value){ .type = CIM_STRING,
                           .n = (uint32_t) strlen(token->text),
                           .s = (char *) (uintptr_t) token->text };
}

static bool
parse_operand(struct wql_reader *reader, struct operand *operand)
{
    const struct token *token = &reader->token;

    operand->kind = OPERAND_LITERAL;
    operand->offset = token->offset;
    if (token->kind == TOKEN_STRING) {
        operand->literal = string_literal(token);
    } else if (token->kind == TOKEN_NUMBER) {
        operand->literal = token->number;
    } else if (is_word(reader, "true") || is_word(reader, "false")) {
        operand->literal = value_boolean(is_word(reader, "true"));
    } else if (is_word(reader, "null")) {
        operand->literal = value_null(CIM_NONE, false);
    } else if (is_word(reader, "__class") || is_word(reader, "__this")) {
        operand->kind = OPERAND_CLASS;
    } else if (token->kind == TOKEN_WORD && !is_word(reader, "and")
               && !is_word(reader, "or") && !is_word(reader, "not")) {
        operand->kind = OPERAND_PROPERTY;
        operand->name = token->text;
    } else {
        return wql_expected(reader, "a property or a literal");
    }
    return wql_next(reader);
}

/* IS [NOT] NULL; 'node' becomes the whole. */
static bool
parse_is(struct wql_reader *reader, struct node **node)
{
    bool negated;

    (*node)->kind = NODE_IS_NULL;
    if (!wql_next(reader)) {
        return false;
    }
    negated = is_word(reader, "not");
    if (negated && !wql_next(reader)) {
        return false;
    }
    if (!is_word(reader, "null")) {
        return wql_expected(reader, negated ? "NULL" : "NULL or NOT NULL");
    }
    if (negated) {
        struct node *not_null = new_node(reader, NODE_NOT);

        not_null->first = *node;
        *node = not_null;
    }
    return wql_next(reader);
}

/* LIKE and ISA: a string (or for ISA a bare name) on the right. */
static bool
parse_pattern(struct wql_reader *reader, struct node *node,
              enum node_kind kind)
{
    node->kind = kind;
    if (!wql_next(reader)) {
        return false;
    }
    if (reader->token.kind != TOKEN_STRING
        && !(kind == NODE_ISA && reader->token.kind == TOKEN_WORD)) {
        return wql_expected(reader, kind == NODE_LIKE
                                        ? "a 'pattern'" : "a \"class\"");
    }
    node->right.kind = OPERAND_LITERAL;
    node->right.offset = reader->token.offset;
    node->right.literal = string_literal(&reader->token);
    return wql_next(reader);
}

static bool
parse_comparison(struct wql_reader *reader, struct node *node)
{
    static const struct {
        const char *symbol;
        enum node_kind kind;
    } operators[] = {
        { "=", NODE_EQUAL },        { "<>", NODE_UNEQUAL },
        { "!=", NODE_UNEQUAL },     { "<", NODE_LESS },
        { "<=", NODE_LESS_EQUAL },  { ">", NODE_GREATER },
        { ">=", NODE_GREATER_EQUAL },
    };

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (is_symbol(reader, operators[i].symbol)) {
            node->kind = operators[i].kind;
            return wql_next(reader) && parse_operand(reader, &node->right);
        }
    }
    return wql_expected(reader, "a comparison (= <> < <= > >= LIKE ISA IS)");
}

static bool
parse_predicate(struct wql_reader *reader, struct node **node)
{
    struct node *not_like = NULL;

    *node = new_node(reader, NODE_EQUAL);
    if (!parse_operand(reader, &(*node)->left)) {
        return false;
    }
    if (is_word(reader, "is")) {
        return parse_is(reader, node);
    }
    if (is_word(reader, "not")) {
        not_like = new_node(reader, NODE_NOT);
        if (!wql_next(reader)) {
            return false;
        }
        if (!is_word(reader, "like")) {
            return wql_expected(reader, "LIKE");
        }
    }
    if (is_word(reader, "like") || is_word(reader, "isa")) {
        if (!parse_pattern(reader, *node, is_word(reader, "like")
                                              ? NODE_LIKE : NODE_ISA)) {
            return false;
        }
        if (not_like) {
            not_like->first = *node;
            *node = not_like;
        }
        return true;
    }
    return parse_comparison(reader, *node);
}

static bool
parse_parentheses(struct wql_reader *reader, struct node **node)
{
    if (!wql_next(reader) || !parse_or(reader, node)) {
        return false;
    }
    if (!is_symbol(reader, ")")) {
        return wql_expected(reader, "')', AND or OR");
    }
    return wql_next(reader);
}

static bool
parse_not(struct wql_reader *reader, struct node **node)
{
    bool ok;

    if (reader->depth >= WQL_DEPTH_LIMIT) {
        return wql_error_at(reader->wql, reader->token.offset, reader->error,
                            "nested more than %d deep", WQL_DEPTH_LIMIT);
    }
    reader->depth++;
    if (is_word(reader, "not")) {
        *node = new_node(reader, NODE_NOT);
        ok = wql_next(reader) && parse_not(reader, &(*node)->first);
    } else if (is_symbol(reader, "(")) {
        ok = parse_parentheses(reader, node);
    } else {
        ok = parse_predicate(reader, node);
    }
    reader->depth--;
    return ok;
}

/* One or more of 'part' with 'word' between them. */
static bool
parse_list(struct wql_reader *reader, enum node_kind kind, const char *word,
           bool (*part)(struct wql_reader *, struct node **),
           struct node **node)
{
    struct node *last;

    if (!part(reader, node)) {
        return false;
    }
    if (!is_word(reader, word)) {
        return true;
    }
    last = *node;
    *node = new_node(reader, kind);
    (*node)->first = last;
    while (is_word(reader, word)) {
        if (!wql_next(reader) || !part(reader, &last->next)) {
            return false;
        }
        last = last->next;
    }
    return true;
}

static bool
parse_and(struct wql_reader *reader, struct node **node)
{
    return parse_list(reader, NODE_AND, "and", parse_not, node);
}

static bool
parse_or(struct wql_reader *reader, struct node **node)
{
    return parse_list(reader, NODE_OR, "or", parse_and, node);
}

bool
wql_parse_condition(struct wql_reader *reader, struct node **node)
{
    return parse_or(reader, node)
           && (reader->token.kind == TOKEN_END
               || wql_expected(reader, "AND, OR or the end"));
}
