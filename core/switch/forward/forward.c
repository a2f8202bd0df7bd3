/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A burst on its way through the switch; see forward.h.  Ports without a
 * policy, that is without anything in vport.special, take the short way.
 */

#include <config.h>

#include "switch/forward/forward.h"

#include <stdbool.h>
#include <string.h>

#include "packet/parse.h"
#include "packet/pool.h"
#include "stage/chain.h"
#include "switch/forward/decide.h"
#include "switch/forward/emit.h"
#include "switch/forward/policy/admit.h"
#include "switch/forward/policy/fixed.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/table.h"
#include "switch/forward/watch.h"

#define NONE UINT32_MAX         /* end of a group's list */

static void
append(struct forward *forward, struct group *group, uint32_t i)
{
    if (group->first == NONE) {
        group->first = i;
    } else {
        forward->next[group->last] = i;
    }
    group->last = i;
    forward->next[i] = NONE;
}

/* The port's group of this burst. */
static struct group *
group_of(struct forward *forward, struct vport *port)
{
    uint32_t i = port->group[forward->worker];
    struct group *group = &forward->groups[i];

    if (i >= forward->n_groups || group->port != port) {
        group = &forward->groups[forward->n_groups];
        *group = (struct group) { port, NONE, NONE };
        port->group[forward->worker] = (uint16_t) forward->n_groups++;
    }
    return group;
}

static void
sort(struct forward *forward, uint32_t n)
{
    forward->n_groups = 0;
    forward->flood.first = NONE;
    forward->multicast.first = NONE;
    for (uint32_t i = 0; i < n; i++) {
        struct vport *to = forward->to[i];

        append(forward, to == &decide_everywhere ? &forward->flood
               : to == &decide_members ? &forward->multicast
               : group_of(forward, to), i);
    }
}

/* Those of the first 'n' that the port gets. */
static uint32_t
select_some(struct forward *forward, struct vport *port,
            struct xvs_packet **packets, uint32_t n)
{
    struct xvs_packet *all[XVS_BURST];
    uint32_t left;

    if (!watch_is_on(forward)) {
        return emit_select(forward, port, packets, n);
    }
    memcpy(all, packets, n * sizeof *all);
    left = emit_select(forward, port, packets, n);
    watch_lost(forward, TAP_TX, all, n, packets, left);
    return left;
}

/* Sends packets, which are moved about, out of 'port'. */
static void
send_packets(struct forward *forward, const struct chain *chain,
             struct vport *port, struct xvs_packet **packets, uint32_t n)
{
    bool is_special = __builtin_expect(vport_special(port) != 0, 0);
    struct chain_run run = { .pool = forward->pool,
                             .worker = forward->worker,
                             .tap = watch_is_on(forward) ? &forward->tap
                                                         : NULL,
                             .direction = CHAIN_EGRESS };
    uint32_t id = port->id, left;

    for (uint32_t i = 0; i < n; i++) {
        packets[i]->out_port = id;
    }
    if (is_special) {
        n = select_some(forward, port, packets, n);
    }
    left = chain_run(chain, &run, packets, n);
    tally_add(&port->counters[forward->worker].filtered, n - left);
    if (is_special) {
        emit_burst(forward, port, packets, left);
    } else {
        emit_plain(forward, port, packets, left);
    }
}

/* Sends a group's packets out of 'port'. */
static void
send_to(struct forward *forward, const struct chain *chain,
        const struct group *group, struct vport *port)
{
    uint32_t n = 0;

    for (uint32_t i = group->first; i != NONE; i = forward->next[i]) {
        forward->out[n++] = forward->live[i];
    }
    send_packets(forward, chain, port, forward->out, n);
}

/* Whether a packet for many goes to this port, too. */
static bool
is_reached(const struct forward *forward, struct vport *port)
{
    return (port != forward->in || forward->flags & XVS_PORT_HAIRPIN)
        && !(forward->flags & XVS_PORT_ISOLATED
             && vport_flags(port) & XVS_PORT_ISOLATED);
}

static void
flood(struct forward *forward, const struct chain *chain)
{
    const struct port_table *table = forward->table;

    for (uint32_t i = forward->flood.first; i != NONE; i = forward->next[i]) {
        forward->live[i]->flags |= XVS_PACKET_FLOOD;
    }
    for (uint32_t i = 0; i < table->n; i++) {
        if (is_reached(forward, table->ports[i])) {
            send_to(forward, chain, &forward->flood, table->ports[i]);
        }
    }
}

static void
send_if_there(struct forward *forward, const struct chain *chain,
              const struct group *group, uint32_t id)
{
    struct vport *port = table_find(forward->table, id);

    if (port && is_reached(forward, port)) {
        send_to(forward, chain, group, port);
    }
}

/* Sends packets of one multicast group to its ports, and to routers. */
static void
send_members(struct forward *forward, const struct path *path,
             const struct chain *chain, const struct group *group)
{
    const struct switch_policy *policy = xvs_read(path->policy);
    const struct fixed_entry *members = forward->members[group->first];

    for (uint32_t i = 0; i < members->n; i++) {
        send_if_there(forward, chain, group, members->ports[i]);
    }
    for (uint32_t i = 0; i < policy->n_routers; i++) {
        if (!fixed_has(members, policy->routers[i])) {
            send_if_there(forward, chain, group, policy->routers[i]);
        }
    }
}

/* Multicast group by group. */
static void
multicast(struct forward *forward, const struct path *path,
          const struct chain *chain)
{
    uint32_t first = forward->multicast.first;

    while (first != NONE) {
        const struct fixed_entry *members = forward->members[first];
        struct group one = { NULL, NONE, NONE }, rest = { NULL, NONE, NONE };

        for (uint32_t i = first, next; i != NONE; i = next) {
            next = forward->next[i];
            append(forward, forward->members[i] == members ? &one : &rest, i);
        }
        send_members(forward, path, chain, &one);
        first = rest.first;
    }
}

static void
deliver(struct forward *forward, const struct path *path,
        const struct chain *chain)
{
    for (uint32_t i = 0; i < forward->n_groups; i++) {
        send_to(forward, chain, &forward->groups[i], forward->groups[i].port);
    }
    if (forward->multicast.first != NONE) {
        multicast(forward, path, chain);
    }
    if (forward->flood.first != NONE) {
        flood(forward, chain);
    }
}

static void
arrive(struct forward *forward, struct xvs_packet *const *packets, uint32_t n)
{
    uint32_t in = forward->in->id;
    uint64_t now = forward->now;

    for (uint32_t i = 0; i < n; i++) {
        packets[i]->in_port = in;
        packets[i]->out_port = XVS_PORT_NONE;
        packets[i]->time = now;
    }
    memcpy(forward->live, packets, n * sizeof *packets);
    parse_burst(packets, n);
}

/* What happens before the chain; returns how many are left. */
static uint32_t
admit(struct forward *forward, const struct path *path, uint32_t n)
{
    uint32_t left = n;

    if (loop_is_asking(path->loops, forward->now)) {
        left = loop_look(forward, path, left);
    }
    if (__builtin_expect(vport_special(forward->in) != 0, 0)) {
        forward->flags = vport_flags(forward->in);
        left = admit_burst(forward, left);
    }
    return left;
}

void
forward_burst(struct forward *forward, const struct path *path,
              struct vport *in, struct xvs_packet *const *packets,
              uint32_t n, uint64_t now_ns)
{
    const struct chain *chain = xvs_read(path->chain);
    struct chain_run run = { .pool = forward->pool,
                             .worker = forward->worker,
                             .direction = CHAIN_INGRESS };
    uint32_t left, kept;

    forward->table = xvs_read(path->table);
    forward->in = in;
    forward->now = now_ns;
    forward->flags = 0;
    arrive(forward, packets, n);
    forward->tap.set = xvs_read(path->taps);
    if (watch_is_on(forward)) {
        run.tap = &forward->tap;
        tap_arrive(&forward->tap, packets, n);
    }
    left = admit(forward, path, n);
    if (left < n && watch_is_on(forward)) {
        watch_lost(forward, TAP_RX, packets, n, forward->live, left);
    }
    left = chain_run(chain, &run, forward->live, left);
    kept = decide_burst(forward, path, left);
    tally_add(&in->counters[forward->worker].filtered, n - kept);
    if (forward->only) {
        send_packets(forward, chain, forward->only, forward->live, kept);
    } else {
        sort(forward, kept);
        deliver(forward, path, chain);
    }
}
