/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_ARGS_H
#define XVS_CLIENT_ARGS_H

/*
 * A command line taken apart by the table of commands: options may stand
 * anywhere, "--" ends them, "--name=value", "--name value", "-nvalue" and
 * "-n value" are the same.
 */

#include <stdbool.h>
#include <stddef.h>
#include "client/command.h"

struct error;

/* An option as given. */
struct given {
    const struct option *option;
    const char *text;       /* of its argument, or NULL */
};

struct args {
    const struct noun *noun;        /* NULL: none was given */
    const struct command *command;  /* NULL: no verb was given */
    const char **words;             /* what is no option, after the verb */
    size_t n_words;
    size_t words_capacity;
    struct given *given;            /* in the order given */
    size_t n_given;
    size_t given_capacity;
};

/*
 * Takes the line apart ('line' without the program's name; texts are kept by
 * reference).  The error of a wrong line says what was meant, perhaps.
 */
bool args_parse(struct args *args, const char *const *line, size_t n,
                struct error *error);
/* Checks the number of words; apart, since --help allows any. */
bool args_check(const struct args *args, struct error *error);
void args_clear(struct args *args);

bool args_has(const struct args *args, const char *option);
/* Argument of the last one given, or NULL. */
const char *args_value(const struct args *args, const char *option);
/* Argument as a number of at most 'limit'; 'otherwise' when not given. */
bool args_number(const struct args *args, const char *option,
                 unsigned long long limit, unsigned long long otherwise,
                 unsigned long long *number, struct error *error);
/* The word at 'index', or NULL. */
const char *args_word(const struct args *args, size_t index);

/*
 * Splits a line of "xvsctl shell" into words: spaces separate, quotes of both
 * kinds and backslash keep, '#' starts a comment.  '*words' and its texts are
 * on the heap.
 */
bool args_split(const char *line, char ***words, size_t *n,
                struct error *error);

#endif
