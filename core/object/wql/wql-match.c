/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Evaluates a condition for one object, in the three-valued logic of SQL.
 * Whether two things can be compared depends on the declared type alone, so
 * that a query is wrong for all objects of a class or for none.
 */

#include <config.h>

#include "object/wql.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/wql/wql-tree.h"

enum truth { NO, YES, UNKNOWN, BROKEN };    /* BROKEN: 'error' is set */

struct matcher {
    const struct wql *wql;
    const struct instance *instance;
    struct error *error;
};

/* One side, evaluated. */
struct side {
    const struct value *value;
    struct value own;           /* what 'value' points to for __CLASS */
    const struct property *property;    /* or NULL */
    const struct operand *operand;
};

static enum truth
broken(const struct matcher *matcher, const struct side *side,
       const char *what)
{
    wql_error_at(matcher->wql, side->operand->offset, matcher->error,
                 "%s %s", side->property ? side->property->name
                                         : "the literal", what);
    if (matcher->error) {
        matcher->error->code = ERROR_TYPE;
    }
    return BROKEN;
}

static bool
evaluate(const struct matcher *matcher, const struct operand *operand,
         struct side *side)
{
    const struct cim_class *cls = matcher->instance->cls;
    int index;

    *side = (struct side){ .operand = operand };
    switch (operand->kind) {
    case OPERAND_LITERAL:
        side->value = &operand->literal;
        return true;
    case OPERAND_CLASS:
        side->own = (struct value){ .type = CIM_STRING,
                                    .n = (uint32_t) strlen(cls->name),
                                    .s = (char *) (uintptr_t) cls->name };
        side->value = &side->own;
        return true;
    default:
        index = class_property_index(cls, operand->name);
        if (index < 0) {
            instance_no_property(cls, operand->name, matcher->error);
            return error_prefix(matcher->error, "WQL");
        }
        side->property = &cls->properties[index];
        side->value = &matcher->instance->values[index];
        return true;
    }
}

/* Comparing. --------------------------------------------------------------- */

static bool
is_number(enum cim_type type)
{
    return cim_type_is_integer(type) || type == CIM_REAL32
           || type == CIM_REAL64 || type == CIM_BOOLEAN;
}

/* Exact for 64-bit integers where long double has 64 bits or more. */
static long double
number_of(const struct value *value)
{
    if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
        return (long double) value->r;
    }
    return cim_type_is_signed(value->type) ? (long double) value->i
                                           : (long double) value->u;
}

static int
sign(long double a, long double b)
{
    return (a > b) - (a < b);
}

/* A string literal read as the type of the other side. */
static bool
read_as(const struct value *text, enum cim_type type, struct value *value)
{
    return text->type == CIM_STRING && !text->is_null
           && value_parse(value, type, text->s, NULL);
}

static enum truth
decide(enum node_kind kind, int order)
{
    switch (kind) {
    case NODE_EQUAL:
        return order == 0;
    case NODE_UNEQUAL:
        return order != 0;
    case NODE_LESS:
        return order < 0;
    case NODE_LESS_EQUAL:
        return order <= 0;
    case NODE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static enum truth
compare_references(const struct matcher *matcher, enum node_kind kind,
                   const struct side *left, const struct side *right)
{
    struct path *a = path_parse(left->value->s, matcher->error);
    struct path *b = a ? path_parse(right->value->s, matcher->error) : NULL;
    enum truth truth = BROKEN;

    if (kind != NODE_EQUAL && kind != NODE_UNEQUAL) {
        truth = broken(matcher, left, "is a reference: it has no order");
    } else if (a && b) {
        truth = path_equal(a, b) == (kind == NODE_EQUAL);
    }
    path_destroy(a);
    path_destroy(b);
    return truth;
}

static enum truth
compare_times(const struct matcher *matcher, enum node_kind kind,
              const struct side *left, const struct side *right)
{
    const struct xvs_datetime *a = left->value->t;
    const struct xvs_datetime *b = right->value->t;

    if (a->is_interval != b->is_interval) {
        return broken(matcher, left, "and the other side are a point in "
                                     "time and an interval");
    }
    return decide(kind, (a->microseconds > b->microseconds)
                            - (a->microseconds < b->microseconds));
}

/* Both sides have a value and their types fit. */
static enum truth
compare_values(const struct matcher *matcher, enum node_kind kind,
               const struct side *left, const struct side *right)
{
    switch (left->value->type) {
    case CIM_STRING:
        return decide(kind, text_compare_fold(left->value->s,
                                              right->value->s));
    case CIM_REFERENCE:
        return compare_references(matcher, kind, left, right);
    case CIM_DATETIME:
        return compare_times(matcher, kind, left, right);
    case CIM_CHAR16:
        return decide(kind, sign((long double) left->value->u,
                                 (long double) right->value->u));
    default:
        return decide(kind, sign(number_of(left->value),
                                 number_of(right->value)));
    }
}

static bool
types_fit(enum cim_type a, enum cim_type b)
{
    return a == b || (is_number(a) && is_number(b));
}

/* '>' is '<' of the exchanged sides. */
static enum node_kind
mirrored(enum node_kind kind)
{
    switch (kind) {
    case NODE_LESS:
        return NODE_GREATER;
    case NODE_LESS_EQUAL:
        return NODE_GREATER_EQUAL;
    case NODE_GREATER:
        return NODE_LESS;
    case NODE_GREATER_EQUAL:
        return NODE_LESS_EQUAL;
    default:
        return kind;
    }
}

static enum truth compare_sides(const struct matcher *matcher,
                                enum node_kind kind, const struct side *left,
                                const struct side *right);

/* Whether an element of the array is what is on the other side. */
static enum truth
compare_elements(const struct matcher *matcher, const struct side *left,
                 const struct side *right)
{
    const struct value *list = left->value;
    const struct value none = value_null(list->type, false);
    struct side element = *left;
    enum truth result;

    element.value = &none;
    result = compare_sides(matcher, NODE_EQUAL, &element, right);
    if (result == BROKEN || list->is_null) {
        return result;
    }
    for (uint32_t i = 0; result != YES && i < list->n; i++) {
        element.value = &list->items[i];
        result = compare_sides(matcher, NODE_EQUAL, &element, right);
    }
    return result == YES ? YES : NO;
}

/* The type of 'left' counts; 'right' may be a string that is read so. */
static enum truth
compare_sides(const struct matcher *matcher, enum node_kind kind,
              const struct side *left, const struct side *right)
{
    enum cim_type type = left->value->type;
    struct side other = *right;
    struct value read;
    bool is_read = false;
    enum truth truth;

    if (left->value->is_array && !right->value->is_array
        && kind == NODE_EQUAL) {
        return compare_elements(matcher, left, right);
    }
    if (left->value->is_array || right->value->is_array
        || type == CIM_EMBEDDED || type == CIM_OBJECT) {
        return broken(matcher, left, "is an array or an object: only IS NULL,"
                                     " ISA and (for an element) = apply");
    }
    if (!types_fit(type, right->value->type)) {
        is_read = read_as(right->value, type, &read);
        if (!is_read) {
            return broken(matcher, left, "has another type than what it is "
                                         "compared with");
        }
        other.value = &read;
    }
    truth = left->value->is_null || other.value->is_null
                ? UNKNOWN : compare_values(matcher, kind, left, &other);
    if (is_read) {
        value_clear(&read);
    }
    return truth;
}

static bool
is_null_literal(const struct side *side)
{
    return side->operand->kind == OPERAND_LITERAL && side->value->is_null;
}

static enum truth
compare_null(const struct side *side, enum node_kind kind)
{
    if (kind != NODE_EQUAL && kind != NODE_UNEQUAL) {
        return UNKNOWN;
    }
    return side->value->is_null == (kind == NODE_EQUAL);
}

static enum truth
compare(const struct matcher *matcher, const struct node *node)
{
    struct side left, right;

    if (!evaluate(matcher, &node->left, &left)
        || !evaluate(matcher, &node->right, &right)) {
        return BROKEN;
    }
    if (is_null_literal(&right)) {
        return compare_null(&left, node->kind);
    }
    if (is_null_literal(&left)) {
        return compare_null(&right, node->kind);
    }
    if ((left.operand->kind == OPERAND_LITERAL
         && right.operand->kind != OPERAND_LITERAL)
        || (right.value->is_array && !left.value->is_array)) {
        return compare_sides(matcher, mirrored(node->kind), &right, &left);
    }
    return compare_sides(matcher, node->kind, &left, &right);
}

/* LIKE and ISA. ------------------------------------------------------------ */

static enum truth
match_like(const struct matcher *matcher, const struct node *node)
{
    struct side left;

    if (!evaluate(matcher, &node->left, &left)) {
        return BROKEN;
    }
    if (left.value->is_array
        || (left.value->type != CIM_STRING
            && left.value->type != CIM_REFERENCE)) {
        return broken(matcher, &left, "is not a string: LIKE does not "
                                      "apply");
    }
    return left.value->is_null
               ? UNKNOWN
               : (enum truth) wql_like(left.value->s,
                                       node->right.literal.s);
}

static enum truth
match_isa(const struct matcher *matcher, const struct node *node)
{
    const char *name = node->right.literal.s;
    struct side left;

    if (node->left.kind == OPERAND_CLASS) {
        return (enum truth) class_is_a(matcher->instance->cls, name);
    }
    if (!evaluate(matcher, &node->left, &left)) {
        return BROKEN;
    }
    if (left.value->is_array
        || (left.value->type != CIM_EMBEDDED
            && left.value->type != CIM_OBJECT)) {
        return broken(matcher, &left, "is not an object: ISA applies to "
                                      "__CLASS and objects");
    }
    return left.value->is_null
               ? UNKNOWN
               : (enum truth) class_is_a(left.value->object->cls, name);
}

static enum truth
match_is_null(const struct matcher *matcher, const struct node *node)
{
    struct side left;

    return evaluate(matcher, &node->left, &left)
               ? (enum truth) left.value->is_null : BROKEN;
}

static enum truth
match(const struct matcher *matcher, const struct node *node)
{
    enum truth result = node->kind == NODE_AND ? YES : NO;
    enum truth final = node->kind == NODE_AND ? NO : YES;

    switch (node->kind) {
    case NODE_NOT:
        result = match(matcher, node->first);
        return result == NO ? YES : result == YES ? NO : result;
    case NODE_LIKE:
        return match_like(matcher, node);
    case NODE_ISA:
        return match_isa(matcher, node);
    case NODE_IS_NULL:
        return match_is_null(matcher, node);
    case NODE_AND:
    case NODE_OR:
        break;
    default:
        return compare(matcher, node);
    }
    for (const struct node *at = node->first; at; at = at->next) {
        enum truth truth = match(matcher, at);

        if (truth == BROKEN || truth == final) {
            return truth;
        }
        result = truth == UNKNOWN ? UNKNOWN : result;
    }
    return result;
}

bool
wql_matches(const struct wql *wql, const struct instance *instance,
            bool *matches, struct error *error)
{
    struct matcher matcher = { wql, instance, error };
    enum truth truth =
        wql->condition ? match(&matcher, wql->condition) : YES;

    *matches = truth == YES;
    return truth != BROKEN;
}
