/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Making, changing and ending a switch as workers see it.
 */

#include <config.h>

#include "switch/vswitch.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/loop.h"
#include "base/memory.h"
#include "stage/chain/chain.h"
#include "switch/forward/flight.h"
#include "switch/forward/mac.h"
#include "switch/services.h"

#define LOOK_MS 1u              /* between two looks at old chains */
#define SWEEPS 8u               /* for the whole MAC table */

struct vswitch *
vswitch_create(struct loop *loop, uint32_t id, const char *name)
{
    struct vswitch *vswitch = mem_zalloc(sizeof *vswitch);

    vswitch->loop = loop;
    vswitch->id = id;
    memcpy(vswitch->name, name, strnlen(name, sizeof vswitch->name - 1));
    vswitch->path.macs = mac_create();
    vswitch->path.table = table_create(NULL);
    vswitch->path.flights = flights_create(&vswitch->path);
    pthread_mutex_init(&vswitch->policy_lock, NULL);
    services_start(vswitch);
    return vswitch;
}

static void
release(struct grace_call *call)
{
    struct vswitch *vswitch = (struct vswitch *) (void *) call;

    mac_destroy(vswitch->path.macs);
    free(vswitch->path.flights);
    services_end(vswitch);
    pthread_mutex_destroy(&vswitch->policy_lock);
    free(vswitch);
}

_Static_assert(offsetof(struct vswitch, grace) == 0, "release() frees it");

static void
retire_later(void *arg)
{
    vswitch_retire(arg);
}

void
vswitch_retire(struct vswitch *vswitch)
{
    /* Packets in other processes still come back to it. */
    if (vswitch->old_chains) {
        loop_timer_add(vswitch->loop, LOOK_MS, false, retire_later, vswitch);
        return;
    }
    table_retire(vswitch->path.table);
    chain_retire(vswitch->path.chain);
    grace_defer(&vswitch->grace, release);
}

void
vswitch_publish_ports(struct vswitch *vswitch)
{
    table_retire(xvs_publish(vswitch->path.table,
                             table_create(vswitch->ports)));
}

void
vswitch_sweep(struct vswitch *vswitch)
{
    const uint32_t n = MAC_BUCKETS / SWEEPS;
    /* Extensions replace the policy on threads of their own. */
    unsigned int before = grace_enter();
    uint32_t ageing = xvs_read(vswitch->path.policy)->set.ageing;

    grace_leave(before);
    mac_sweep(vswitch->path.macs, vswitch->path.table, vswitch->swept, n,
              ageing, (uint32_t) (loop_now_ns() / 1000000000u));
    vswitch->swept = (vswitch->swept + n) % MAC_BUCKETS;
}

struct vport *
vswitch_port(const struct vswitch *vswitch, uint32_t port_id)
{
    return table_find(vswitch->path.table, port_id);
}
