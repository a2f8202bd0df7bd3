/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_GET_H
#define XVS_MANAGE_GET_H

/*
 * What can be read with GET, beside the CIM operations: the table of
 * resources (resources.c), and what makes those that are not fixed.
 */

struct exchange;
struct manage;

/* Answers a GET or HEAD. */
void get_answer(struct manage *manage, struct exchange *exchange);

/* The resources.  'arg' is struct manage. */
void get_metrics(void *arg, struct exchange *exchange);

#endif
