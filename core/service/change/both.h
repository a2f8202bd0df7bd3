/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_BOTH_H
#define XVS_SERVICE_BOTH_H

/*
 * Moving two stages that share a place (service/change/partner.h), which are
 * moved as one.  A position is here that of the first, among the stages of its
 * class that are neither of them.
 */

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct stage;
struct vswitch;

struct both {
    struct stage *first, *second;
};

/* Finds the two of which the stage is one; false: it is alone. */
bool both_of(struct stage *stage, struct both *both);
/* What it means when 'stage', one of them, is to have that position among all
 * of its class: not between two others that share theirs. */
uint32_t both_position(const struct both *both, const struct stage *stage,
                       uint32_t position);
/* A position among enabled stages as one among all. */
uint32_t both_place(const struct both *both, uint32_t position);
/* Adds to the plan's transaction the chain with the two there; 'fresh' is what
 * 'old', one of them, will be. */
void both_store(struct plan *plan, const struct both *both,
                const struct stage *old, const struct stage *fresh,
                uint32_t position);
/* The chain is that way. */
void both_apply(const struct both *both, uint32_t position);

#endif
