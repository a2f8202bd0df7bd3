/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_PARTNER_H
#define XVS_SERVICE_PARTNER_H

/*
 * Two stages of a switch that hold one place of its chain.  The second one
 * names the first, and comes right behind it; XVS_Stage has that as Partner
 * and Sharing of the second.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

struct error;
struct extension;
struct plan;
struct service;
struct stage;
struct state;
struct vswitch;
struct wish;

/* What a stage shall share, or shares. */
struct partner_wish {
    bool is_new;                /* it is wished for, and not as it was */
    uint8_t sharing;            /* enum sharing */
    struct xvs_guid partner;    /* of the first one; zero: of none */
};

/*
 * Reads what the wish says of a stage (NULL: one that is being made) of the
 * extension on the switch; what it leaves out is as it is.  False with an
 * error that says why the two cannot share.
 */
bool partner_read(const struct state *state, const struct wish *wish,
                  const struct vswitch *vswitch,
                  const struct extension *extension,
                  const struct stage *stage, struct partner_wish *out,
                  struct error *error);
/* Refuses to move a stage that comes to share its place, or parts. */
bool partner_may_move(const struct partner_wish *wish, struct error *error);
/* The position, among others of its class, of a stage that has the partner. */
uint32_t partner_position(const struct vswitch *vswitch,
                          const struct extension *extension,
                          const struct xvs_guid *partner);
/* The same of one that has none: not between two that share theirs. */
uint32_t partner_keep(const struct vswitch *vswitch,
                      const struct extension *extension, uint32_t position);

/* Adds the step, if both are enabled; it is undone to what 'stage' (NULL: one
 * that is made by the same plan) is. */
void partner_step(struct plan *plan, const struct vswitch *vswitch,
                  const struct extension *extension,
                  const struct stage *stage, const struct partner_wish *wish);
/* The stage is about to be disabled: has the undo of that join it again. */
void partner_step_leave(struct plan *plan, const struct stage *stage);
/* A stage waits no more: adds the steps that join it to who is there. */
void partner_step_back(struct plan *plan, const struct stage *stage);

/* The extension has left the switch: who shared its place has it alone. */
void partner_leave(struct service *service, struct vswitch *vswitch,
                   const struct extension *extension);

#endif
