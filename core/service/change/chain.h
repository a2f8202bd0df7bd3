/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CHAIN_H
#define XVS_SERVICE_CHAIN_H

/*
 * The chain of a switch as a change will make it: what is stored of it, and
 * where the places that xvs-switch knows are in it.
 */

#include <stdint.h>

#include "service/state.h"

struct plan;

/* Adds to the plan's transaction the chain without 'without' and with 'with'
 * at the position among those of its class; both may be NULL. */
void chain_store(struct plan *plan, const struct vswitch *vswitch,
                 const struct stage *without, const struct stage *with,
                 uint32_t position);
/* A position among enabled stages as one among all, those that wait too. */
uint32_t chain_place(const struct vswitch *vswitch,
                     const struct extension *extension, uint32_t position);

#endif
