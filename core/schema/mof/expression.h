/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_EXPRESSION_H
#define XVS_SCHEMA_EXPRESSION_H

/*
 * The expressions of #if: integers, names, defined(), parentheses, and the
 * operators ! - * / % + - < <= > >= == != && || of C.
 */

#include <stdbool.h>
#include <stdint.h>

/* Finds what a name stands for; false when it is not defined. */
typedef bool (*expression_lookup)(void *arg, const char *name,
                                  const char **meaning);

/* False when the text is no expression; the value is then 0. */
bool expression_value(const char *text, expression_lookup lookup, void *arg,
                      int64_t *value);

#endif
