/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_PULL_H
#define XVS_MANAGE_PULL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Answers with the next objects of an open enumeration: at most 'limit' of
 * them; 'waits': an enumeration of events may be waited for.
 */

struct context;
struct operation;

void pull_answer(struct operation *op, struct context *context,
                 uint64_t limit, bool waits);

#endif
