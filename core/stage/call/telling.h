/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CALL_TELLING_H
#define XVS_STAGE_CALL_TELLING_H

/*
 * Calls of hooks as messages to a process (call.h).  Each begins 'out' anew.
 */

#include <xvs/extension.h>

struct buffer;
struct control_method;
struct control_setting;
struct control_status;
struct feature_layout;
struct layout;

void tell_state(struct buffer *out, enum xvs_state state);
void tell_port(struct buffer *out, enum xvs_port_event event,
               const struct xvs_port *port);
void tell_setting(struct buffer *out, const struct control_setting *head,
                  const void *block);
void tell_status(struct buffer *out, const struct control_status *status,
                 const struct feature_layout *layout);
void tell_method(struct buffer *out, const struct control_method *head,
                 const char *name, const struct buffer *block,
                 const struct layout *in, const struct layout *out_layout);

#endif
