/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a condition says before any object is looked at: texts that what it
 * does not leave out must have, so that others need not be fetched.
 */

#include <config.h>

#include "object/wql.h"

#include "base/text.h"
#include "object/wql/wql-tree.h"
#include "schema/class.h"

/* The sides of "property = 'text'", in any order; false: it is another. */
static bool
is_equality(const struct node *node, struct wql_key *key)
{
    const struct operand *name = &node->left, *literal = &node->right;

    if (node->kind != NODE_EQUAL) {
        return false;
    }
    if (name->kind == OPERAND_LITERAL) {
        name = &node->right;
        literal = &node->left;
    }
    if (name->kind != OPERAND_PROPERTY || literal->kind != OPERAND_LITERAL
        || literal->literal.type != CIM_STRING || literal->literal.is_null
        || literal->literal.is_array) {
        return false;
    }
    *key = (struct wql_key) { name->name, literal->literal.s };
    return true;
}

/* ---- Keys --------------------------------------------------------------- */

static size_t keys_of(const struct node *node, const struct cim_class *cls,
                      struct wql_key *keys, size_t room);

/* An empty text is no key: what has none has it, too. */
static size_t
keys_of_equality(const struct node *node, const struct cim_class *cls,
                 struct wql_key *keys, size_t room)
{
    struct wql_key key;
    int index = is_equality(node, &key)
        ? class_property_index(cls, key.property) : -1;

    if (index < 0 || !cls->properties[index].is_indexed || !*key.text
        || room == 0) {
        return 0;
    }
    keys[0] = key;
    return 1;
}

/* All of them together: one without keys may be anything. */
static size_t
keys_of_any(const struct node *first, const struct cim_class *cls,
            struct wql_key *keys, size_t room)
{
    size_t n = 0;

    for (const struct node *node = first; node; node = node->next) {
        size_t more = keys_of(node, cls, keys + n, room - n);

        if (more == 0) {
            return 0;
        }
        n += more;
    }
    return n;
}

static size_t
keys_of(const struct node *node, const struct cim_class *cls,
        struct wql_key *keys, size_t room)
{
    size_t n = 0;

    if (node->kind == NODE_OR) {
        return keys_of_any(node->first, cls, keys, room);
    }
    if (node->kind != NODE_AND) {
        return keys_of_equality(node, cls, keys, room);
    }
    for (const struct node *at = node->first; at && n == 0; at = at->next) {
        n = keys_of(at, cls, keys, room);
    }
    return n;
}

size_t
wql_keys(const struct wql *wql, const struct cim_class *cls,
         struct wql_key keys[WQL_KEYS])
{
    return wql->condition ? keys_of(wql->condition, cls, keys, WQL_KEYS) : 0;
}

/* ---- One text ----------------------------------------------------------- */

static const char *
fixed(const struct node *node, const char *property)
{
    const char *text = NULL;
    struct wql_key key;

    if (is_equality(node, &key)
        && text_equal_fold(key.property, property)) {
        return key.text;
    }
    for (const struct node *at = node->kind == NODE_AND ? node->first : NULL;
         at && !text; at = at->next) {
        text = fixed(at, property);
    }
    return text;
}

const char *
wql_fixed(const struct wql *wql, const char *property)
{
    return wql->condition ? fixed(wql->condition, property) : NULL;
}
