/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See emit.h.
 */

#include <config.h>

#include "switch/forward/emit.h"

#include <stdbool.h>
#include <xvs/packet.h>

#include "port/port.h"
#include "switch/forward/egress.h"
#include "switch/forward/fit.h"
#include "switch/forward/forward.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/policy/mirror.h"
#include "switch/forward/policy/vlan.h"
#include "switch/forward/table.h"
#include "switch/forward/watch.h"

void
emit_plain(struct forward *forward, struct vport *port,
           struct xvs_packet **packets, uint32_t n)
{
    struct port_counters *counters = &port->counters[forward->worker];
    struct port *driver = xvs_read(port->port);
    struct port_tally tally = { 0 };

    if (watch_is_on(forward)) {
        watch_transmit(forward, port, driver, packets, n, &tally);
    } else if (driver) {
        fit_transmit(forward, port, driver, packets, n, &tally);
    }
    if (!driver) {
        tally_add(&counters->tx_dropped, n);
        return;
    }
    tally_add(&counters->tx_packets, tally.packets);
    tally_add(&counters->tx_bytes, tally.bytes);
    tally_add(&counters->tx_dropped, tally.dropped);
}

/* ---- Before the chain --------------------------------------------------- */

/* Why the port does not get the packet, or DROP_NONE; '*silent': nobody lost
 * anything. */
static enum drop_reason
refuse(const struct policy *policy, const struct xvs_packet *packet,
       bool *silent)
{
    bool flooded = packet->flags & XVS_PACKET_FLOOD;

    /* A flood is for those who want it. */
    *silent = flooded;
    if (policy->set.flags & XVS_PORT_NO_UNKNOWN && flooded
        && !(packet->data[0] & 1)) {
        return DROP_UNKNOWN;
    }
    return vlan_passes(&policy->set, vlan_of(packet)) ? DROP_NONE : DROP_VLAN;
}

uint32_t
emit_select(const struct forward *forward, struct vport *port,
            struct xvs_packet **packets, uint32_t n)
{
    struct policy *policy = xvs_read(port->policy);
    uint32_t left = 0;

    if (vport_special(port) & VPORT_DISABLED) {
        tally_add(&port->counters[forward->worker].tx_dropped, n);
        return 0;
    }
    if (loop_is_blocked(port, forward->now)) {
        vport_drop(port, forward->worker, DROP_LOOP, n);
        return 0;
    }
    if (policy && policy->set.flags & XVS_PORT_MIRROR_ONLY) {
        return 0;
    }
    if (!policy || !(policy->parts & (XVS_POLICY_VLAN | XVS_POLICY_FLOOD))) {
        return n;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool silent;
        enum drop_reason reason = refuse(policy, packets[i], &silent);

        if (reason == DROP_NONE) {
            packets[left++] = packets[i];
        } else if (!silent) {
            vport_drop(port, forward->worker, reason, 1);
        }
    }
    return left;
}

/* ---- Behind it ---------------------------------------------------------- */

/* What of the limit the sender's guarantee covers passes always. */
static uint32_t
keep_rate(struct forward *forward, struct vport *port, struct policy *policy,
          struct xvs_packet **packets, uint32_t n)
{
    struct policy *from = xvs_read(forward->in->policy);
    bool is_guaranteed = from && from->guarantee.rate;
    struct meter_look out, own;
    uint32_t left = 0;

    meter_look(&out, &policy->out, forward->now);
    if (is_guaranteed) {
        meter_look(&own, &from->guarantee, forward->now);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = packets[i]->total;

        if (is_guaranteed && meter_take(&own, size)) {
            meter_charge(&out, size);
            packets[left++] = packets[i];
        } else if (meter_take(&out, size)) {
            packets[left++] = packets[i];
        } else if (watch_is_on(forward)) {
            watch_drop(forward, TAP_TX, DROP_RATE_OUT, packets[i]);
        }
    }
    meter_commit(&out);
    if (is_guaranteed) {
        meter_commit(&own);
    }
    vport_drop(port, forward->worker, DROP_RATE_OUT, n - left);
    return left;
}

/* Sends and mirrors them, without the tags that the port does not want. */
static void
send_untagged(struct forward *forward, struct vport *port,
              const struct policy *policy, struct xvs_packet **packets,
              uint32_t n)
{
    struct vlan_tag tags[XVS_BURST];
    uint16_t vlans[XVS_BURST];

    for (uint32_t i = 0; i < n; i++) {
        vlans[i] = vlan_of(packets[i]);
        if (vlan_is_untagged(&policy->set, vlans[i])) {
            vlan_strip(packets[i], &tags[i]);
        }
    }
    emit_plain(forward, port, packets, n);
    if (policy->set.mirror_directions & XVS_MIRROR_OUT) {
        mirror_out(forward, policy, packets, vlans, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (vlan_is_untagged(&policy->set, vlans[i])) {
            vlan_restore(packets[i], &tags[i]);
        }
    }
}

void
emit_now(struct forward *forward, struct vport *port,
         struct xvs_packet **packets, uint32_t n)
{
    const struct policy *policy = xvs_read(port->policy);

    if (policy && policy->parts & (XVS_POLICY_VLAN | XVS_POLICY_MIRROR)) {
        send_untagged(forward, port, policy, packets, n);
    } else {
        emit_plain(forward, port, packets, n);
    }
}

void
emit_burst(struct forward *forward, struct vport *port,
           struct xvs_packet **packets, uint32_t n)
{
    struct policy *policy = xvs_read(port->policy);

    if (policy && policy->out.rate) {
        n = keep_rate(forward, port, policy, packets, n);
    }
    if (vport_special(port) & VPORT_QUEUES) {
        egress_take(forward, port, packets, n);
    } else {
        emit_now(forward, port, packets, n);
    }
}

void
emit_one(struct forward *forward, struct vport *port,
         struct xvs_packet *packet)
{
    const struct policy *policy = xvs_read(port->policy);

    if (!policy) {
        emit_plain(forward, port, &packet, 1);
    } else if (vlan_passes(&policy->set, vlan_of(packet))) {
        send_untagged(forward, port, policy, &packet, 1);
    }
}
