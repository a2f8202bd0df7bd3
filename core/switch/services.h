/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_SERVICES_H
#define XVS_SWITCH_SERVICES_H

/*
 * What extensions tell the switch: struct xvs_switching of xvs/switch.h.
 *
 * Extensions call on threads of their own, at the same time as the main
 * thread adds and removes ports.  A switch's policies, fixed addresses and
 * groups are changed under its policy lock, inside of grace_enter() and
 * grace_leave(), so that a port or switch that leaves stays until the call is
 * over.  Nobody waits for anything while holding that lock.
 */

#include <stdbool.h>
#include <stdint.h>

struct stage;
struct port_table;
struct vport;
struct vswitch;
struct xvs_guid;
struct xvs_host;
struct xvs_switching;

/* A call of an extension. */
struct services_call {
    struct vswitch *vswitch;
    const struct port_table *table;
    const struct xvs_guid *who;     /* the extension */
    unsigned int before;            /* for grace_leave() */
};

/* Begins the call, with the lock; false: the stage is off its switch. */
bool services_begin(struct services_call *call, const struct xvs_host *host);
/* Returns 'result'. */
int services_finish(const struct services_call *call, int result);

extern const struct xvs_switching services_switching;

/* A switch begins, with the policy's defaults, and ends. */
void services_start(struct vswitch *vswitch);
void services_end(struct vswitch *vswitch);
/* Main thread: the port is off the switch. */
void services_forget_port(struct vswitch *vswitch, struct vport *port);
/* Main thread: takes back all that the stage's extension set; it can set
 * nothing more. */
void services_take_back(struct vswitch *vswitch, struct stage *stage);
/* Main thread: the stage can set nothing more, but what its extension set
 * stays, because another stage of it stays. */
void services_part(struct vswitch *vswitch, struct stage *stage);

#endif
