/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The forwarding decision, for bursts.
 *
 * A forwarder stage's choice comes first; then the MAC table, per VLAN;
 * multicast, broadcast and the unknown go everywhere but back.  Addresses are
 * learned behind the ingress chain, so that a frame that a stage refused
 * teaches nothing.  Frames to the addresses that IEEE 802.1Q reserves for the
 * next bridge (01-80-C2-00-00-0x) end here.
 */

#include <config.h>

#include "switch/forward/forward.h"

#include <stdbool.h>
#include <string.h>

#include "packet/parse.h"
#include "packet/pool.h"
#include "port/port.h"
#include "stage/chain.h"
#include "switch/forward/fit.h"
#include "switch/forward/mac.h"
#include "switch/forward/table.h"

#define NONE UINT32_MAX         /* end of a group's list */
#define AHEAD 4u                /* packets whose headers are on their way */

/* Stands for "to all ports but the one it came from". */
static struct vport everywhere;

static bool
is_multicast(const uint8_t *address)
{
    return address[0] & 1;
}

static bool
is_reserved(const uint8_t *address)
{
    static const uint8_t reserved[] = { 0x01, 0x80, 0xc2, 0, 0 };

    return memcmp(address, reserved, sizeof reserved) == 0
        && address[5] < 0x10;
}

static uint16_t
vlan_of(const struct xvs_packet *packet)
{
    return packet->flags & XVS_PACKET_VLAN ? packet->vlan & 0xfff : 0;
}

/* NULL: nowhere. */
static struct vport *
choose(const struct path *path, const struct port_table *table,
       const struct vport *in, const struct xvs_packet *packet, uint32_t now)
{
    struct vport *port;
    uint32_t id;

    if (packet->out_port != XVS_PORT_NONE) {
        return table_find(table, packet->out_port);
    }
    if (is_multicast(packet->data)) {
        return is_reserved(packet->data) ? NULL : &everywhere;
    }
    id = mac_find(path->macs, packet->data, vlan_of(packet), now);
    if (id == XVS_PORT_NONE) {
        return &everywhere;
    }
    if (id == in->id) {
        return NULL;
    }
    port = table_find(table, id);
    return port ? port : &everywhere;
}

/* Whether both have the same addresses, VLAN and choice of a forwarder. */
static bool
is_alike(const struct xvs_packet *a, const struct xvs_packet *b)
{
    return memcmp(a->data, b->data, 12) == 0 && vlan_of(a) == vlan_of(b)
        && a->out_port == b->out_port;
}

/* Learns and chooses for 'n' live packets; keeps those with a way out and
 * returns how many. */
static uint32_t
decide(struct forward *forward, const struct path *path,
       const struct port_table *table, const struct vport *in, uint32_t n,
       uint32_t now)
{
    const struct xvs_packet *before = NULL;
    struct vport *to = NULL;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *packet = forward->live[i];

        if (i > 0 && !is_alike(packet, forward->live[i - 1])) {
            mac_prefetch(path->macs, packet->data, vlan_of(packet));
            mac_prefetch(path->macs, packet->data + 6, vlan_of(packet));
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];

        if (!before || !is_alike(packet, before)) {
            if (!is_multicast(packet->data + 6)) {
                mac_learn(path->macs, packet->data + 6, vlan_of(packet),
                          in->id, now);
            }
            to = choose(path, table, in, packet, now);
            before = packet;
        }
        if (to) {
            forward->live[kept] = packet;
            forward->to[kept++] = to;
        }
    }
    return kept;
}

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
    for (uint32_t i = 0; i < n; i++) {
        append(forward, forward->to[i] == &everywhere
               ? &forward->flood : group_of(forward, forward->to[i]), i);
    }
}

/* Sends a group's packets out of 'port'. */
static void
send_to(struct forward *forward, const struct chain *chain,
        const struct group *group, struct vport *port)
{
    struct port_counters *counters = &port->counters[forward->worker];
    struct port *driver = xvs_read(port->port);
    struct chain_run run = { .pool = forward->pool,
                             .worker = forward->worker,
                             .direction = CHAIN_EGRESS,
                             .out_port = port->id };
    struct port_tally tally = { 0 };
    uint32_t m = 0, left;

    for (uint32_t i = group->first; i != NONE; i = forward->next[i]) {
        forward->live[i]->out_port = port->id;
        forward->out[m++] = forward->live[i];
    }
    left = chain_run(chain, &run, forward->out, m);
    tally_add(&counters->filtered, m - left);
    if (!driver) {
        tally_add(&counters->tx_dropped, left);
        return;
    }
    fit_transmit(forward, port, driver, forward->out, left, &tally);
    tally_add(&counters->tx_packets, tally.packets);
    tally_add(&counters->tx_bytes, tally.bytes);
    tally_add(&counters->tx_dropped, tally.dropped);
}

static void
deliver(struct forward *forward, const struct port_table *table,
        const struct chain *chain, const struct vport *in)
{
    for (uint32_t i = 0; i < forward->n_groups; i++) {
        send_to(forward, chain, &forward->groups[i], forward->groups[i].port);
    }
    if (forward->flood.first == NONE) {
        return;
    }
    for (uint32_t i = forward->flood.first; i != NONE; i = forward->next[i]) {
        forward->live[i]->flags |= XVS_PACKET_FLOOD;
    }
    for (uint32_t i = 0; i < table->n; i++) {
        if (table->ports[i] != in) {
            send_to(forward, chain, &forward->flood, table->ports[i]);
        }
    }
}

void
forward_burst(struct forward *forward, const struct path *path,
              struct vport *in, struct xvs_packet *const *packets,
              uint32_t n, uint64_t now_ns)
{
    const struct port_table *table = xvs_read(path->table);
    const struct chain *chain = xvs_read(path->chain);
    uint32_t now = (uint32_t) (now_ns / 1000000000u);
    struct chain_run run = { .pool = forward->pool,
                             .worker = forward->worker,
                             .direction = CHAIN_INGRESS,
                             .in_port = in->id };
    uint32_t left, kept;

    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            __builtin_prefetch(packets[i + AHEAD]->data);
        }
        packets[i]->in_port = in->id;
        packets[i]->out_port = XVS_PORT_NONE;
        packets[i]->time = now_ns;
        parse_packet(packets[i]);
        forward->live[i] = packets[i];
    }
    left = chain_run(chain, &run, forward->live, n);
    kept = decide(forward, path, table, in, left, now);
    tally_add(&in->counters[forward->worker].filtered, n - kept);
    sort(forward, kept);
    deliver(forward, table, chain, in);
}
