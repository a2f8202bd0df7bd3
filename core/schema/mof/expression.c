/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Precedence climbing over one line of text.  Depth and the number of
 * operands are bounded.
 */

#include <config.h>

#include "schema/mof/expression.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
/* Operands of one expression; names in names in names make many. */
#define MAX_STEPS 10000

struct expression {
    const char *next;
    expression_lookup lookup;
    void *arg;
    unsigned int depth;
    unsigned int *steps;
    bool failed;
};

static const struct operator {
    const char *text;
    int precedence;     /* higher binds tighter */
} operators[] = {
    /* Longer ones first: '<' would match "<=". */
    { "||", 1 }, { "&&", 2 }, { "==", 3 }, { "!=", 3 },
    { "<=", 4 }, { ">=", 4 }, { "<", 4 }, { ">", 4 },
    { "+", 5 }, { "-", 5 }, { "*", 6 }, { "/", 6 }, { "%", 6 },
};

static void
skip_blanks(struct expression *e)
{
    while (isspace((unsigned char) *e->next)) {
        e->next++;
    }
    /* A comment ends it. */
    if (e->next[0] == '/' && (e->next[1] == '/' || e->next[1] == '*')) {
        e->next += strlen(e->next);
    }
}

static bool
accept(struct expression *e, const char *text)
{
    size_t size = strlen(text);

    skip_blanks(e);
    if (strncmp(e->next, text, size) != 0) {
        return false;
    }
    e->next += size;
    return true;
}

static int64_t binary(struct expression *e, int lowest);

static int64_t
fail(struct expression *e)
{
    e->failed = true;
    return 0;
}

static bool
read_name(struct expression *e, char *name, size_t size)
{
    size_t n = 0;

    skip_blanks(e);
    if (isdigit((unsigned char) *e->next)) {
        return false;
    }
    while (isalnum((unsigned char) *e->next) || *e->next == '_') {
        if (n + 1 < size) {
            name[n++] = *e->next;
        }
        e->next++;
    }
    name[n] = 0;
    return n > 0;
}

static int64_t
defined(struct expression *e)
{
    bool parenthesis = accept(e, "(");
    const char *meaning;
    char name[256];

    if (!read_name(e, name, sizeof(name))
        || (parenthesis && !accept(e, ")"))) {
        return fail(e);
    }
    return e->lookup(e->arg, name, &meaning);
}

/* A name is what it stands for, or 0. */
static int64_t
named(struct expression *e)
{
    struct expression inner = *e;
    const char *meaning;
    char name[256];
    int64_t value;

    if (!read_name(e, name, sizeof(name))) {
        return fail(e);
    }
    if (strcmp(name, "defined") == 0) {
        return defined(e);
    }
    if (!e->lookup(e->arg, name, &meaning)) {
        return 0;
    }
    inner.next = meaning;
    value = binary(&inner, 1);
    skip_blanks(&inner);
    return inner.failed || *inner.next ? fail(e) : value;
}

static int64_t
number(struct expression *e)
{
    char *end;
    int64_t value = (int64_t) strtoull(e->next, &end, 0);

    while (*end && strchr("uUlL", *end)) {
        end++;
    }
    e->next = end;
    return value;
}

static int64_t
unary(struct expression *e)
{
    int64_t value;

    if (++e->depth > MAX_DEPTH || ++*e->steps > MAX_STEPS) {
        return fail(e);
    }
    skip_blanks(e);
    if (accept(e, "!")) {
        value = !unary(e);
    } else if (accept(e, "-")) {
        value = (int64_t) (0 - (uint64_t) unary(e));
    } else if (accept(e, "(")) {
        value = binary(e, 1);
        if (!accept(e, ")")) {
            value = fail(e);
        }
    } else if (isdigit((unsigned char) *e->next)) {
        value = number(e);
    } else {
        value = named(e);
    }
    e->depth--;
    return value;
}

static int64_t
divide(struct expression *e, int64_t a, int64_t b, bool rest)
{
    if (b == 0 || (a == INT64_MIN && b == -1)) {
        return fail(e);
    }
    return rest ? a % b : a / b;
}

static int64_t
apply(struct expression *e, const char *operator, int64_t a, int64_t b)
{
    switch (operator[0]) {
    case '|':
        return a || b;
    case '&':
        return a && b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return operator[1] ? a <= b : a < b;
    case '>':
        return operator[1] ? a >= b : a > b;
    case '+':
        return (int64_t) ((uint64_t) a + (uint64_t) b);
    case '-':
        return (int64_t) ((uint64_t) a - (uint64_t) b);
    case '*':
        return (int64_t) ((uint64_t) a * (uint64_t) b);
    default:
        return divide(e, a, b, operator[0] == '%');
    }
}

static const struct operator *
accept_operator(struct expression *e, int lowest)
{
    skip_blanks(e);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        const struct operator *operator = &operators[i];

        if (strncmp(e->next, operator->text, strlen(operator->text)) == 0) {
            if (operator->precedence < lowest) {
                return NULL;
            }
            e->next += strlen(operator->text);
            return operator;
        }
    }
    return NULL;
}

static int64_t
binary(struct expression *e, int lowest)
{
    int64_t value = unary(e);
    const struct operator *operator;

    while (!e->failed && (operator = accept_operator(e, lowest)) != NULL) {
        int64_t right = binary(e, operator->precedence + 1);

        value = apply(e, operator->text, value, right);
    }
    return value;
}

bool
expression_value(const char *text, expression_lookup lookup, void *arg,
                 int64_t *value)
{
    unsigned int steps = 0;
    struct expression e = { .next = text, .lookup = lookup, .arg = arg,
                            .steps = &steps };

    *value = binary(&e, 1);
    skip_blanks(&e);
    if (e.failed || *e.next) {
        *value = 0;
        return false;
    }
    return true;
}
