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
#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"
#include "switch/forward/decide.h"
#include "switch/forward/egress.h"
#include "switch/forward/emit.h"
#include "switch/forward/entry.h"
#include "switch/forward/flight.h"
#include "switch/forward/flows.h"
#include "switch/forward/policy/admit.h"
#include "switch/forward/policy/fixed.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/table.h"
#include "switch/forward/watch.h"
#include "switch/forward/wire.h"

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

static struct chain_run
run_for(struct forward *forward, enum chain_direction direction)
{
    return (struct chain_run) { .pool = forward->pool,
                                .worker = forward->worker,
                                .direction = direction,
                                .tap = watch_is_on(forward) ? &forward->tap
                                                            : NULL,
                                .cache = forward->cache,
                                .twins = forward->twins };
}

/* Notes what a run has parked. */
static void
note_parked(struct forward *forward, const struct chain_run *run)
{
    if (__builtin_expect(run->parked != 0, 0)) {
        flight_add(forward, run->parked);
        forward->parked += run->parked;
    }
    if (__builtin_expect(run->drain, 0)) {
        flight_drain(forward->path, forward->worker);
    }
}

/* Gives the packets back that nobody has any more. */
static void
give_back(struct forward *forward, struct xvs_packet **packets, uint32_t n)
{
    uint32_t left = 0;

    if (__builtin_expect(forward->parked != 0, 0)) {
        for (uint32_t i = 0; i < n; i++) {
            if (packets[i]->verdict != CHAIN_PARKED) {
                packets[left++] = packets[i];
            }
        }
        n = left;
    }
    pool_put(forward->cache, packets, n);
}

/* Behind the egress chain. */
static void
emit(struct forward *forward, struct vport *port, struct xvs_packet **packets,
     uint32_t n)
{
    if (__builtin_expect(vport_special(port) != 0, 0)) {
        emit_burst(forward, port, packets, n);
    } else {
        emit_plain(forward, port, packets, n);
    }
}

/* Sends packets, which are moved about, out of 'port'; 'shared': they are
 * needed for others. */
static void
send_packets(struct forward *forward, struct vport *port,
             struct xvs_packet **packets, uint32_t n, bool shared)
{
    struct chain_run run = run_for(forward, CHAIN_EGRESS);
    uint32_t id = port->id, left;

    for (uint32_t i = 0; i < n; i++) {
        packets[i]->out_port = id;
    }
    if (__builtin_expect(vport_special(port) != 0, 0)) {
        n = select_some(forward, port, packets, n);
        n = entry_take(forward, port, &run, packets, n);
    }
    run.shared = forward->shared = shared;
    left = chain_run(forward->chain, &run, packets, n);
    note_parked(forward, &run);
    tally_add(&port->counters[forward->worker].filtered,
              n - left - run.parked - run.n_short);
    if (__builtin_expect(run.n_short != 0, 0)) {
        vport_drop(port, forward->worker, DROP_BUFFERS, run.n_short);
    }
    emit(forward, port, packets, left);
    if (__builtin_expect(run.n_twins != 0, 0)) {
        give_back(forward, run.twins, run.n_twins);
    }
}

/* Sends a group's packets out of 'port'. */
static void
send_to(struct forward *forward, const struct group *group,
        struct vport *port, bool shared)
{
    uint32_t n = 0;

    for (uint32_t i = group->first; i != NONE; i = forward->next[i]) {
        forward->out[n++] = forward->live[i];
    }
    send_packets(forward, port, forward->out, n, shared);
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
flood(struct forward *forward)
{
    const struct port_table *table = forward->table;

    for (uint32_t i = forward->flood.first; i != NONE; i = forward->next[i]) {
        forward->live[i]->flags |= XVS_PACKET_FLOOD;
    }
    for (uint32_t i = 0; i < table->n; i++) {
        if (is_reached(forward, table->ports[i])) {
            send_to(forward, &forward->flood, table->ports[i], true);
        }
    }
}

static void
send_if_there(struct forward *forward, const struct group *group, uint32_t id)
{
    struct vport *port = table_find(forward->table, id);

    if (port && is_reached(forward, port)) {
        send_to(forward, group, port, true);
    }
}

/* Sends packets of one multicast group to its ports, and to routers. */
static void
send_members(struct forward *forward, const struct group *group)
{
    const struct switch_policy *policy = xvs_read(forward->path->policy);
    const struct fixed_entry *members = forward->members[group->first];

    for (uint32_t i = 0; i < members->n; i++) {
        send_if_there(forward, group, members->ports[i]);
    }
    for (uint32_t i = 0; i < policy->n_routers; i++) {
        if (!fixed_has(members, policy->routers[i])) {
            send_if_there(forward, group, policy->routers[i]);
        }
    }
}

/* Multicast group by group. */
static void
multicast(struct forward *forward)
{
    uint32_t first = forward->multicast.first;

    while (first != NONE) {
        const struct fixed_entry *members = forward->members[first];
        struct group one = { NULL, NONE, NONE }, rest = { NULL, NONE, NONE };

        for (uint32_t i = first, next; i != NONE; i = next) {
            next = forward->next[i];
            append(forward, forward->members[i] == members ? &one : &rest, i);
        }
        send_members(forward, &one);
        first = rest.first;
    }
}

static void
deliver(struct forward *forward)
{
    for (uint32_t i = 0; i < forward->n_groups; i++) {
        send_to(forward, &forward->groups[i], forward->groups[i].port, false);
    }
    if (forward->multicast.first != NONE) {
        multicast(forward);
    }
    if (forward->flood.first != NONE) {
        flood(forward);
    }
}

/* Behind the ingress chain: 'n' packets are left in forward->live. */
static void
choose_and_send(struct forward *forward, uint32_t n)
{
    uint32_t kept = decide_burst(forward, forward->path, n);

    tally_add(&forward->in->counters[forward->worker].filtered, n - kept);
    if (__builtin_expect(xvs_read(forward->path->flows) != NULL, 0)) {
        flows_count(forward, kept);
    }
    if (forward->only) {
        send_packets(forward, forward->only, forward->live, kept, false);
    } else {
        sort(forward, kept);
        deliver(forward);
    }
}

/* The burst is over: what was taken for queues goes there only now. */
static void
end_burst(struct forward *forward, struct xvs_packet **packets, uint32_t n)
{
    give_back(forward, packets, n);
    if (__builtin_expect(forward->n_taken != 0, 0)) {
        egress_flush(forward);
    }
}

/* ---- A burst that comes --------------------------------------------------- */

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
admit(struct forward *forward, uint32_t n)
{
    uint32_t left = n;

    if (loop_is_asking(forward->path->loops, forward->now)) {
        left = loop_look(forward, forward->path, left);
    }
    if (__builtin_expect(vport_special(forward->in) != 0, 0)) {
        forward->flags = vport_flags(forward->in);
        left = admit_burst(forward, left);
    }
    return left;
}

void
forward_frames(struct forward *forward, struct vport *in,
               struct xvs_packet **packets, uint32_t n)
{
    const struct path *path = forward->path;
    struct chain_run run;
    uint32_t left, passed;

    forward->in = in;
    forward->flags = 0;
    forward->parked = 0;
    arrive(forward, packets, n);
    forward->tap.set = xvs_read(path->taps);
    if (watch_is_on(forward)) {
        tap_arrive(&forward->tap, packets, n);
    }
    left = admit(forward, n);
    if (left < n && watch_is_on(forward)) {
        watch_lost(forward, TAP_RX, packets, n, forward->live, left);
    }
    run = run_for(forward, CHAIN_INGRESS);
    if (__builtin_expect(vport_special(in) != 0, 0)) {
        left = entry_take(forward, in, &run, forward->live, left);
    }
    passed = chain_run(forward->chain, &run, forward->live, left);
    note_parked(forward, &run);
    tally_add(&in->counters[forward->worker].filtered,
              n - passed - run.parked);
    choose_and_send(forward, passed);
    end_burst(forward, packets, n);
}

void
forward_burst(struct forward *forward, const struct path *path,
              struct vport *in, struct xvs_packet **packets, uint32_t n,
              uint64_t now_ns)
{
    forward->path = path;
    forward->chain = flight_chain(path, forward->worker);
    forward->table = xvs_read(path->table);
    forward->now = now_ns;
    if (__builtin_expect(forward->chain && forward->chain->n_wire, 0)
        && wire_is_wanted(forward->chain, in, packets, n)) {
        wire_burst(forward, in, packets, n);
    } else {
        forward_frames(forward, in, packets, n);
    }
}

/* ---- One that comes back from a stage ------------------------------------- */

/* Stands in for a port that has gone. */
static struct vport nowhere;

/* The first of the packets that have the same way. */
static uint32_t
run_length(const struct lane_packet *out, uint32_t n, uint32_t direction)
{
    uint32_t length = 1;

    while (length < n && out[length].packet->in_port == out->packet->in_port
           && (!direction
               || out[length].packet->out_port == out->packet->out_port)) {
        length++;
    }
    return length;
}

/* Goes on with packets of one way. */
static void
go_on(struct forward *forward, uint32_t at, uint32_t direction,
      const struct lane_packet *out, uint32_t n)
{
    struct chain_run run =
        run_for(forward, direction ? CHAIN_EGRESS : CHAIN_INGRESS);
    struct vport *in = table_find(forward->table, out->packet->in_port);
    struct vport *port = direction
        ? table_find(forward->table, out->packet->out_port) : in;
    struct xvs_packet *all[XVS_BURST];
    uint32_t left;

    for (uint32_t i = 0; i < n; i++) {
        all[i] = out[i].packet;
    }
    forward->in = in ? in : &nowhere;
    forward->flags = vport_flags(forward->in);
    forward->parked = 0;
    run.again = forward->again;
    if (port && direction) {
        run.entry = entry_behind(forward->chain, port);
    }
    left = chain_resume(forward->chain, &run, at, out, forward->live, n);
    note_parked(forward, &run);
    if (port) {
        tally_add(&port->counters[forward->worker].filtered,
                  n - left - run.parked);
    }
    forward->shared = false;
    if (port && direction) {
        emit(forward, port, forward->live, left);
    } else if (port) {
        choose_and_send(forward, left);
    }
    end_burst(forward, all, n);
}

void
forward_landed(struct forward *forward, const struct flight *flight,
               uint32_t at, uint32_t direction, const struct lane_packet *out,
               uint32_t n, uint64_t now_ns)
{
    forward->path = flight->path;
    forward->chain = flight->chain;
    forward->table = xvs_read(flight->path->table);
    forward->now = now_ns;
    forward->tap.set = xvs_read(flight->path->taps);
    while (n) {
        uint32_t length = run_length(out, n, direction);

        go_on(forward, at, direction, out, length);
        out += length;
        n -= length;
    }
}
