/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CALL_NESTED_H
#define XVS_STAGE_CALL_NESTED_H

/*
 * What the process of a stage asks in the middle of a call: the switch is
 * asked in its place, as an extension in this process would do it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <xvs/extension.h>

struct buffer;
struct call_head;
struct call_result;
struct error;
struct layout;
struct stage;

/* An ANSWER of these bytes. */
void nested_put_answer(struct buffer *out, const void *bytes, size_t size);

/* On the control thread; 'message' was checked.  'out' becomes the ANSWER.
 * False: it is no question. */
bool nested_answer(struct stage *stage, const struct call_head *message,
                   struct buffer *out, struct error *error);

/*
 * Takes what a checked RESULT says of a hook into the answer, and returns the
 * hook's result.  Objects are taken when the answer has a layout for them,
 * and are checked with it.
 */
int nested_take_result(const struct call_result *result,
                       struct xvs_answer *answer);
/* The same of a method's; its out parameters are checked with 'layout'. */
void nested_take_method(const struct call_result *result,
                        const struct xvs_guid *instance,
                        const struct layout *layout,
                        struct xvs_answer *answer);

#endif
