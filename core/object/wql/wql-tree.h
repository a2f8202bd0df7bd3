/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_WQL_TREE_H
#define XVS_OBJECT_WQL_TREE_H

/*
 * A parsed query.  AND and OR hold any number of children, so that the depth
 * of the tree is the depth of the text's parentheses, which is limited.
 * Private to the wql*.c files.
 */

#include "object/wql.h"
#include "schema/value.h"

struct arena;

#define WQL_SIZE_LIMIT ((size_t) 64 << 10)
#define WQL_DEPTH_LIMIT 64

/* One side of a comparison. */
enum operand_kind { OPERAND_PROPERTY, OPERAND_CLASS, OPERAND_LITERAL };

struct operand {
    enum operand_kind kind;     /* OPERAND_CLASS: __CLASS or __THIS */
    const char *name;           /* of a property */
    struct value literal;       /* in the arena; maybe NULL */
    size_t offset;              /* in the text, for errors */
};

enum node_kind {
    NODE_AND, NODE_OR, NODE_NOT,
    NODE_EQUAL, NODE_UNEQUAL, NODE_LESS, NODE_LESS_EQUAL, NODE_GREATER,
    NODE_GREATER_EQUAL, NODE_LIKE, NODE_ISA, NODE_IS_NULL,
};

struct node {
    enum node_kind kind;
    struct node *first;         /* of AND, OR, NOT */
    struct node *next;          /* sibling */
    struct operand left;
    struct operand right;       /* LIKE, ISA: a string literal */
};

struct filter {
    const char *name;
    const char *text;           /* "true" when it stands alone */
};

#define WQL_FILTERS 8

struct wql {
    struct arena *arena;        /* owns everything here and the struct */
    const char *text;
    enum wql_kind kind;
    const char *class_name;     /* FROM, or the path's class */
    const char *path;           /* of ASSOCIATORS and REFERENCES */
    const char **columns;
    size_t n_columns;           /* 0: all */
    struct node *condition;     /* NULL: all */
    struct filter filters[WQL_FILTERS];
    size_t n_filters;
};

/* Lexer. ------------------------------------------------------------------- */

enum token_kind {
    TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_NUMBER, TOKEN_SYMBOL,
    TOKEN_BAD,
};

struct token {
    enum token_kind kind;
    size_t offset;              /* in the text */
    size_t size;                /* bytes of text */
    const char *text;           /* a word, a symbol ("<="), or the string's
                                 * content; in the arena */
    struct value number;        /* TOKEN_NUMBER: uint64, sint64 or real64 */
};

struct wql_reader {
    struct wql *wql;
    const char *at;
    struct token token;         /* the present one */
    unsigned int depth;
    struct error *error;
};

/* Reads the next token; false (with an error) when there is none such. */
bool wql_next(struct wql_reader *reader);
/* Reads "{...}" behind the present token as one string token. */
bool wql_next_braces(struct wql_reader *reader);
/* An error at the present token: "column 12: expected ..., got ...". */
bool wql_expected(struct wql_reader *reader, const char *expected);
/* An error at an offset of the text. */
bool wql_error_at(const struct wql *wql, size_t offset, struct error *error,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True when the whole text is of the pattern; both are UTF-8. */
bool wql_like(const char *text, const char *pattern);

/* Parses a condition up to the end of the text. */
bool wql_parse_condition(struct wql_reader *reader, struct node **node);

#endif
