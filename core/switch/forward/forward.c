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
#include "switch/forward/mac.h"
#include "switch/forward/table.h"

/* Stands for "to all ports but the one it came from". */
static struct vport everywhere;

static void
count(uint64_t *counter, uint64_t n)
{
    if (n) {
        __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
    }
}

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

static void
learn(const struct path *path, const struct vport *in,
      struct xvs_packet *const *packets, uint32_t n, uint32_t now)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *source = packets[i]->data + 6;

        if (!is_multicast(source)) {
            mac_learn(path->macs, source, vlan_of(packets[i]), in->id, now);
        }
    }
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

/* Chooses for every live packet; returns how many have a way out. */
static uint32_t
choose_all(struct forward *forward, const struct path *path,
           const struct port_table *table, const struct vport *in,
           uint32_t n, uint32_t now, bool *flood)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct vport *to = choose(path, table, in, forward->live[i], now);

        if (to) {
            forward->live[kept] = forward->live[i];
            forward->to[kept++] = to;
            *flood |= to == &everywhere;
        }
    }
    return kept;
}

/* Sends what goes to 'port' out of the 'n' live packets. */
static void
send_to(struct forward *forward, const struct chain *chain,
        const struct vport *in, struct vport *port, uint32_t n)
{
    struct port *driver = xvs_read(port->port);
    struct port_tally tally = { 0 };
    uint32_t m = 0, left;

    for (uint32_t i = 0; i < n; i++) {
        if (forward->to[i] == port
            || (forward->to[i] == &everywhere && port != in)) {
            forward->live[i]->out_port = port->id;
            forward->out[m++] = forward->live[i];
        }
    }
    if (m == 0) {
        return;
    }
    left = chain_run(chain, CHAIN_EGRESS, forward->pool, forward->out, m);
    count(&port->counters.filtered, m - left);
    if (!driver) {
        count(&port->counters.tx_dropped, left);
        return;
    }
    driver->ops->transmit(driver, forward->out, left, &tally);
    count(&port->counters.tx_packets, tally.packets);
    count(&port->counters.tx_bytes, tally.bytes);
    count(&port->counters.tx_dropped, tally.dropped);
}

/* True when an earlier packet of the burst went to the same port. */
static bool
is_done(const struct forward *forward, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++) {
        if (forward->to[j] == forward->to[i]) {
            return true;
        }
    }
    return false;
}

static void
deliver(struct forward *forward, const struct port_table *table,
        const struct chain *chain, const struct vport *in, uint32_t n,
        bool flood)
{
    if (flood) {
        for (uint32_t i = 0; i < table->n; i++) {
            send_to(forward, chain, in, table->ports[i], n);
        }
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!is_done(forward, i)) {
            send_to(forward, chain, in, forward->to[i], n);
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
    uint32_t left, kept;
    bool flood = false;

    for (uint32_t i = 0; i < n; i++) {
        packets[i]->in_port = in->id;
        packets[i]->out_port = XVS_PORT_NONE;
        packets[i]->time = now_ns;
        parse_packet(packets[i]);
        forward->live[i] = packets[i];
    }
    left = chain_run(chain, CHAIN_INGRESS, forward->pool, forward->live, n);
    learn(path, in, forward->live, left, now);
    kept = choose_all(forward, path, table, in, left, now, &flood);
    count(&in->counters.filtered, n - kept);
    deliver(forward, table, chain, in, kept, flood);
}
