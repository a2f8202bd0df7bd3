/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_SHARING_H
#define XVS_SWITCH_SHARING_H

/*
 * Two stages of a switch that hold one place of its chain; what workers do
 * with them is in stage/partners.h.
 *
 * The second names the first, and is right behind it in the list of stages:
 * none comes between them, and they move together.  They
 * are of one class.  When one of them leaves the switch, the other one has the
 * place to itself.  Only the main thread knows of all this.
 */

#include <stdbool.h>

#include "control/message.h"

struct driver;
struct outcome;
struct stage;
struct vswitch;

/* The stage whose place this one holds too, and the one that holds this one's;
 * NULL: there is none. */
struct stage *sharing_first(const struct vswitch *vswitch,
                            const struct stage *stage);
struct stage *sharing_second(const struct vswitch *vswitch,
                             const struct stage *stage);
/* Puts the stage, of the same switch, behind 'first', or changes how they
 * share.  False with an outcome: nothing has changed. */
bool sharing_join(struct vswitch *vswitch, struct stage *stage,
                  struct stage *first, enum sharing sharing,
                  struct outcome *outcome);
/* The stage has a place of its own, right behind. */
void sharing_part(struct stage *stage);
/* The stage is not in the list any more. */
void sharing_leave(struct vswitch *vswitch, struct stage *stage);
/* Tells when packets of the stage began to go to its partner, and when they
 * come back; called now and then. */
void sharing_watch(struct driver *driver, struct vswitch *vswitch,
                   struct stage *stage);

#endif
