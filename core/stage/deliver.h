/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DELIVER_H
#define XVS_STAGE_DELIVER_H

/*
 * Puts requests to an extension, on its control thread: packed for the raw
 * hook, unpacked for the others.  The results are what the hooks returned;
 * XVS_RESOURCES is retried a few times first.
 */

#include <stdint.h>
#include <xvs/extension.h>

struct buffer;
struct control_method;
struct control_setting;
struct control_status;
struct layout;
struct stage;

int deliver_setting(struct stage *stage, const struct control_setting *head,
                    const void *block, struct xvs_answer *answer);
int deliver_port(struct stage *stage, enum xvs_port_event event,
                 const struct xvs_port *port);
/* 'empty' is the block of the class's default object. */
int deliver_status(struct stage *stage, const struct control_status *status,
                   const void *empty, struct xvs_answer *answer);
/* Fills answer->outcome, and answer->objects with the out parameters. */
void deliver_method(struct stage *stage, const struct control_method *call,
                    const struct xvs_method *method,
                    const struct buffer *block, const struct layout *in,
                    const struct layout *out, struct xvs_answer *answer);

#endif
