/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The switch's addresses and what its policies dropped.
 *
 * A position in the list of addresses is a place in one of three tables:
 * fixed addresses, then groups (an entry's ports one by one), then what was
 * learned.  Entries that come and go during a walk may be missed or doubled.
 */

#include <config.h>

#include "switch/services-report.h"

#include <string.h>

#include "base/loop.h"
#include "stage/stage.h"
#include "switch/forward/egress.h"
#include "switch/forward/mac.h"
#include "switch/forward/policy/fixed.h"
#include "switch/forward/table.h"
#include "switch/vswitch.h"

enum part { PART_STATICS, PART_GROUPS, PART_LEARNED, PART_END };

/* A walk; *position is part << 60 | member << 32 | place. */
struct walk {
    struct xvs_address *out;
    uint32_t n, max;
    uint32_t part;
    uint32_t member;            /* of a group, to go on with */
    uint32_t at;                /* place in the table */
};

static void
put(struct walk *walk, uint64_t key, uint32_t port, uint32_t age,
    uint32_t flags)
{
    struct xvs_address *out = &walk->out[walk->n++];

    *out = (struct xvs_address) { .port_id = port, .age = age,
                                  .flags = flags };
    mac_of_key(key, out->mac, &out->vlan);
}

static void
walk_fixed(struct walk *walk, const struct fixed *table, uint32_t flags)
{
    const struct fixed_entry *entry;
    uint32_t before = walk->at;

    while (walk->n < walk->max
           && (entry = fixed_next(table, &walk->at)) != NULL) {
        while (walk->member < entry->n && walk->n < walk->max) {
            put(walk, entry->key, entry->ports[walk->member++], 0, flags);
        }
        if (walk->member < entry->n) {
            walk->at = before;
            return;
        }
        walk->member = 0;
        before = walk->at;
    }
}

static void
walk_learned(struct walk *walk, const struct mac_table *table, uint32_t age,
             uint32_t now)
{
    struct mac_sighting seen;

    while (walk->n < walk->max
           && mac_next(table, &walk->at, age, now, &seen)) {
        put(walk, seen.key, seen.port, seen.age, 0);
    }
}

static void
walk_part(struct walk *walk, const struct path *path)
{
    switch (walk->part) {
    case PART_STATICS:
        walk_fixed(walk, xvs_read(path->statics), XVS_ADDRESS_FIXED);
        break;
    case PART_GROUPS:
        walk_fixed(walk, xvs_read(path->groups),
                   XVS_ADDRESS_FIXED | XVS_ADDRESS_GROUP);
        break;
    default:
        walk_learned(walk, path->macs, xvs_read(path->policy)->set.ageing,
                     (uint32_t) (loop_now_ns() / 1000000000u));
        break;
    }
}

uint32_t
services_addresses(const struct xvs_host *host, uint64_t *position,
                   struct xvs_address *out, uint32_t n)
{
    struct stage *stage = host->context;
    unsigned int before = grace_enter();
    const struct vswitch *vswitch = xvs_read(stage->site);
    struct walk walk = { .out = out, .max = n,
                         .part = (uint32_t) (*position >> 60),
                         .member = (uint32_t) (*position >> 32) & 0xfffffff,
                         .at = (uint32_t) *position };

    while (vswitch && walk.part < PART_END && walk.n < n) {
        walk_part(&walk, &vswitch->path);
        if (walk.n < n) {
            walk.part++;
            walk.at = walk.member = 0;
        }
    }
    grace_leave(before);
    *position = (uint64_t) walk.part << 60 | (uint64_t) walk.member << 32
        | walk.at;
    return walk.n;
}

static uint64_t
sum(const struct vport *port, enum drop_reason reason)
{
    return tally_sum(&port->drops[0].reasons[reason], sizeof port->drops[0]);
}

void
services_sum(const struct vport *port, struct xvs_port_drops *out)
{
    *out = (struct xvs_port_drops) {
        .size = sizeof *out,
        .addresses = __atomic_load_n(&port->n_addresses, __ATOMIC_RELAXED),
        .vlan = sum(port, DROP_VLAN),
        .isolation = sum(port, DROP_ISOLATION),
        .storm = { sum(port, DROP_BROADCAST), sum(port, DROP_MULTICAST),
                   sum(port, DROP_UNKNOWN) },
        .rate_in = sum(port, DROP_RATE_IN),
        .rate_out = sum(port, DROP_RATE_OUT),
        .address_limit = sum(port, DROP_ADDRESS_LIMIT),
        .spoofed = sum(port, DROP_SPOOFED),
        .loop = sum(port, DROP_LOOP),
        .multicast = sum(port, DROP_NO_MEMBERS),
        .moves = tally_sum(&port->drops[0].moves, sizeof port->drops[0]),
        .loops = __atomic_load_n(&port->loop.loops, __ATOMIC_RELAXED),
        .queues = sum(port, DROP_QUEUES),
    };
}

int
services_port_drops(const struct xvs_host *host, uint32_t port_id,
                    struct xvs_port_drops *drops)
{
    struct stage *stage = host->context;
    unsigned int before = grace_enter();
    const struct vswitch *vswitch = xvs_read(stage->site);
    const struct vport *port =
        vswitch ? table_find(xvs_read(vswitch->path.table), port_id) : NULL;
    struct xvs_port_drops all = { 0 };
    uint32_t size = drops->size < sizeof all ? drops->size
                                             : (uint32_t) sizeof all;

    if (port) {
        services_sum(port, &all);
        all.size = size;
        memcpy(drops, &all, size);
    }
    grace_leave(before);
    return port ? XVS_SUCCESS : XVS_INVALID_PARAMETER;
}

int
services_port_queues(const struct xvs_host *host, uint32_t port_id,
                     struct xvs_queue_states *queues)
{
    struct stage *stage = host->context;
    unsigned int before = grace_enter();
    const struct vswitch *vswitch = xvs_read(stage->site);
    struct vport *port =
        vswitch ? table_find(xvs_read(vswitch->path.table), port_id) : NULL;
    struct xvs_queue_states all = { 0 };

    all.size = queues->size < sizeof all ? queues->size
                                         : (uint32_t) sizeof all;
    if (port) {
        egress_read(port, &all);
        all.removed = tally_read(&vswitch->removed);
        memcpy(queues, &all, all.size);
    }
    grace_leave(before);
    return port ? XVS_SUCCESS : XVS_INVALID_PARAMETER;
}
