/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_ORDER_H
#define XVS_SWITCH_ORDER_H

/*
 * The order of a switch's stages: by class, then as extensions ask for
 * (before, after), then as the operator says; doc/formats.md, "Plugin ABI".
 */

#include <stdbool.h>
#include <stdint.h>

struct outcome;
struct stage;
struct vswitch;

/*
 * Puts the stage into the switch's list.  'position' counts among the stages
 * of its class; UINT32_MAX: as far behind as can be.  False with an outcome
 * that names the extensions whose wishes cannot all be; the others are never
 * moved.
 */
bool order_insert(struct vswitch *vswitch, struct stage *stage,
                  uint32_t position, struct outcome *outcome);
/* Whether 'fresh' may have the place of 'old', which is in the list. */
bool order_fits(const struct vswitch *vswitch, const struct stage *old,
                const struct stage *fresh, struct outcome *outcome);
/* Its position among the stages of its class. */
uint32_t order_position(const struct vswitch *vswitch,
                        const struct stage *stage);

#endif
