/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_ENTRY_H
#define XVS_MANAGE_ENTRY_H

/*
 * Where HTTP ends and CIM begins: which requests carry a CIM message at all
 * (DSP0200), judged by their head before the body is taken in.
 */

#include <stdbool.h>

struct exchange;

/* False when the request was answered already. */
bool entry_accept(struct exchange *exchange);
/* Answers OPTIONS. */
void entry_options(struct exchange *exchange);

#endif
