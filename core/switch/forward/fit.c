/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One look at every packet tells what it needs; when all of it is in the
 * port's 'can', the burst goes out as it is.  Otherwise packets are mended one
 * by one and go out in pieces, in order.
 */

#include <config.h>

#include "switch/forward/fit.h"

#include <stdbool.h>
#include <xvs/packet.h>

#include "packet/offload.h"
#include "packet/pool.h"
#include "port/port.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"

#define HEADER 22u              /* Ethernet with two VLAN tags */
#define TOO_LARGE 0x80000000u   /* beside the bits of enum port_can */

/* What is on its way out. */
struct outgoing {
    struct forward *forward;
    struct port *driver;
    struct port_tally *tally;
    uint32_t n;
    struct xvs_packet *packets[XVS_BURST];
    uint32_t n_own;             /* segments made here, to be given back */
    struct xvs_packet *own[XVS_BURST];
};

/* The largest frame without segmentation. */
static uint32_t
frame_limit(const struct vport *port)
{
    uint32_t mtu = __atomic_load_n(&port->mtu, __ATOMIC_RELAXED);

    return (mtu ? mtu : PORT_MTU_MAX) + HEADER;
}

static uint32_t
needs(const struct xvs_packet *packet, uint32_t limit)
{
    static const uint32_t cuts[] = {
        [XVS_GSO_NONE] = 0,
        [XVS_GSO_TCP4] = PORT_CAN_TSO4,
        [XVS_GSO_TCP6] = PORT_CAN_TSO6,
        [XVS_GSO_UDP] = PORT_CAN_USO,
    };
    uint32_t bits = cuts[packet->gso_type];

    if (!bits && packet->total > limit) {
        bits = TOO_LARGE;
    }
    if (packet->next) {
        bits |= PORT_CAN_CHAIN;
    }
    if (packet->offload & XVS_OFFLOAD_CHECKSUM) {
        bits |= PORT_CAN_CHECKSUM;
    }
    if (packet->offload & XVS_OFFLOAD_ECN) {
        bits |= PORT_CAN_ECN;
    }
    return bits;
}

static void
flush(struct outgoing *out)
{
    if (out->n) {
        out->driver->ops->transmit(out->driver, out->forward->worker,
                                   out->packets, out->n, out->tally);
    }
    pool_put(out->forward->cache, out->own, out->n_own);
    out->n = out->n_own = 0;
}

static void
push(struct outgoing *out, struct xvs_packet *packet)
{
    if (out->n == XVS_BURST) {
        flush(out);
    }
    out->packets[out->n++] = packet;
}

/* What is left to do once it is no super frame. */
static bool
mend(struct xvs_packet *packet, uint32_t lacking)
{
    return !(lacking & (TOO_LARGE | PORT_CAN_CHAIN))
        && (!(lacking & PORT_CAN_CHECKSUM) || offload_finish(packet));
}

/* Cuts a super frame; the port lacks 'can' for it. */
static void
push_cut(struct outgoing *out, const struct xvs_packet *packet, uint32_t can,
         uint32_t limit)
{
    struct pool_cache *cache = out->forward->cache;
    struct offload_cut cut;
    struct xvs_packet *part;

    if (!offload_cut_start(&cut, packet)) {
        out->tally->dropped++;
        return;
    }
    while ((part = offload_cut_next(&cut, cache)) != NULL) {
        if (out->n_own == XVS_BURST) {
            flush(out);
        }
        if (mend(part, needs(part, limit) & ~can)) {
            push(out, part);
            out->own[out->n_own++] = part;
        } else {
            out->tally->dropped++;
            pool_put(cache, &part, 1);
        }
    }
    if (!offload_cut_done(&cut)) {
        out->tally->dropped++;
    }
}

static void
transmit_mended(struct outgoing *out, struct xvs_packet **packets, uint32_t n,
                uint32_t can, uint32_t limit)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t lacking = needs(packets[i], limit) & ~can;

        if (packets[i]->gso_type != XVS_GSO_NONE && lacking) {
            push_cut(out, packets[i], can, limit);
        } else if (mend(packets[i], lacking)) {
            push(out, packets[i]);
        } else {
            out->tally->dropped++;
        }
    }
    flush(out);
}

/* Whether all are plain frames: what any port takes. */
static inline bool
are_plain(struct xvs_packet *const *packets, uint32_t n, uint32_t limit)
{
    uint32_t bits = 0, largest = 0;
    uintptr_t chained = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *packet = packets[i];

        bits |= (uint32_t) packet->gso_type | packet->offload;
        chained |= (uintptr_t) packet->next;
        largest = packet->total > largest ? packet->total : largest;
    }
    return !bits && !chained && largest <= limit;
}

void
fit_transmit(struct forward *forward, const struct vport *port,
             struct port *driver, struct xvs_packet **packets, uint32_t n,
             struct port_tally *tally)
{
    uint32_t can = port_can(driver), limit = frame_limit(port), all = 0;

    if (!are_plain(packets, n, limit)) {
        for (uint32_t i = 0; i < n; i++) {
            all |= needs(packets[i], limit);
        }
    }
    if (all & ~can) {
        struct outgoing out = { .forward = forward, .driver = driver,
                                .tally = tally };

        transmit_mended(&out, packets, n, can, limit);
    } else if (n) {
        driver->ops->transmit(driver, forward->worker, packets, n, tally);
    }
}
