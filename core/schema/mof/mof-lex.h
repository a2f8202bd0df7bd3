/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_MOF_LEX_H
#define XVS_SCHEMA_MOF_LEX_H

/*
 * MOF text as tokens.  Words are names, whatever they are: which of them is
 * a keyword depends on the place, and MOF lets keywords be names.  Tokens
 * point into the text, which is valid UTF-8 and ends with a NUL.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct error;
struct error_list;
struct value;

/* Punctuation is its own character. */
enum token_type {
    TOKEN_END = 0,
    TOKEN_NAME = 256,
    TOKEN_STRING,       /* start and size are those between the quotes */
    TOKEN_CHAR,         /* the same */
    TOKEN_NUMBER,       /* integer or real, with its sign */
    TOKEN_ALIAS,        /* "$x" */
};

struct token {
    int type;
    uint32_t size;
    const char *start;
    const char *line_start; /* of the line it is in */
    unsigned int line;
};

struct lexer {
    const char *file;       /* for errors */
    const char *next;       /* first byte that is not read yet */
    const char *end;
    const char *line_start;
    unsigned int line;
    struct error_list *errors;
    const char *column_line;    /* the last column that was asked for: in */
    const char *column_at;      /* this line, of this byte, */
    size_t column;              /* so many characters behind its start */
};

void lexer_init(struct lexer *lexer, const char *file, const char *text,
                size_t size, struct error_list *errors);
/* Reads the next token.  What is no token is reported and left out. */
void lexer_next(struct lexer *lexer, struct token *token);
/* The rest of the current line, for "#pragma x" without parentheses. */
bool lexer_at_line_end(const struct lexer *lexer);

/* 1-based column in characters of a token that this lexer read. */
unsigned int lexer_column(struct lexer *lexer, const struct token *token);
/* Compares a name without case. */
bool token_is(const struct token *token, const char *word);

/*
 * The number of a TOKEN_NUMBER: uint64, sint64 (negative ones) or real64.
 */
bool token_number(const struct token *token, struct value *value,
                  struct error *error);
/* Appends the text between the quotes with escapes undone. */
bool token_text(const struct token *token, struct buffer *out,
                struct error *error);

#endif
