/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_STAGES_H
#define XVS_SWITCH_STAGES_H

/*
 * The stages of a switch: finding them, and what their owner does for them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "stage/stage.h"

struct driver;
struct vport;
struct vswitch;

/* NULL when it is not enabled on the switch. */
struct stage *stages_find(const struct vswitch *vswitch,
                          const struct xvs_guid *extension);
/* The same, or the outcome that says why not. */
struct stage *stages_expect(const struct driver *driver, uint32_t switch_id,
                            const struct xvs_guid *extension,
                            struct outcome *outcome);
/* Takes it out of the list, if it is there. */
void stages_remove(struct vswitch *vswitch, struct stage *stage);
/* What an extension sees of a port. */
void stages_describe_port(const struct vport *port, struct xvs_port *out);
/* Looks for stages that broke a rule; called now and then. */
void stages_watch(struct driver *driver);
extern const struct stage_owner stages_owner;   /* 'arg' is the driver */

#endif
