/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Records made between the stages; see watch.h.
 */

#include <config.h>

#include "switch/forward/watch.h"

#include <xvs/packet.h>

#include "control/message.h"
#include "packet/pool.h"
#include "port/port.h"
#include "switch/forward/decide.h"
#include "switch/forward/fit.h"

_Static_assert((int) DROP_BUFFERS == (int) POLICY_BUFFERS
               && (int) DROP_REASONS == (int) POLICY_END,
               "the numbers of policies are told as they are");

void
watch_drop(const struct forward *forward, uint32_t point,
           enum drop_reason reason, const struct xvs_packet *packet)
{
    const struct tap_event event = { .point = point, .fate = FATE_POLICY,
                                     .reason = reason };

    tap_packet(&forward->tap, &event, packet);
}

void
watch_queued(const struct forward *forward, struct xvs_packet *packet)
{
    const struct tap_event event = { .point = TAP_TX, .fate = FATE_QUEUED };
    uint8_t *mark = pool_mark(forward->pool, packet);

    /* Those that follow it lose it here, because its serial number is of the
     * burst; all others see it when it is sent. */
    if (*mark) {
        tap_record(&forward->tap, *mark, &event, packet);
        *mark = 0;
    }
}

static bool
is_many(const struct vport *to)
{
    return to == &decide_everywhere || to == &decide_members;
}

void
watch_choice(const struct forward *forward, const struct vport *to,
             enum drop_reason reason, struct xvs_packet *packet)
{
    uint32_t wanted = packet->out_port;
    const struct tap_event event = {
        .point = TAP_FORWARD,
        .reason = reason,
        .fate = reason != DROP_NONE ? FATE_POLICY : !to ? FATE_NO_WAY
            : is_many(to) ? FATE_FLOODED
            : wanted != XVS_PORT_NONE ? FATE_CHOSEN : FATE_LEARNED };

    packet->out_port = to && !is_many(to) ? to->id : XVS_PORT_NONE;
    tap_packet(&forward->tap, &event, packet);
    packet->out_port = wanted;
}

void
watch_lost(const struct forward *forward, uint32_t point,
           struct xvs_packet *const *before, uint32_t n,
           struct xvs_packet *const *after, uint32_t left)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (at < left && after[at] == before[i]) {
            at++;
        } else {
            watch_drop(forward, point, DROP_NONE, before[i]);
        }
    }
}

/* One packet that these sessions want. */
static void
transmit_one(struct forward *forward, const struct vport *port,
             struct port *driver, struct xvs_packet *packet,
             uint32_t sessions, struct port_tally *tally)
{
    struct tap_event event = { .point = TAP_TX, .fate = FATE_NO_PORT };
    uint32_t dropped = tally->dropped, wanted = packet->out_port;

    if (driver) {
        fit_transmit(forward, port, driver, &packet, 1, tally);
        event.fate = tally->dropped == dropped ? FATE_SENT : FATE_REFUSED;
    }
    packet->out_port = port->id;
    tap_record(&forward->tap, sessions, &event, packet);
    packet->out_port = wanted;
}

/* The sessions that want it as it goes out of this port, which is another
 * than its own when it is mirrored. */
static uint32_t
match(const struct forward *forward, const struct vport *port,
      struct xvs_packet *packet)
{
    uint32_t wanted = packet->out_port, sessions;

    packet->out_port = port->id;
    sessions = tap_match(&forward->tap, TAP_TX, NULL, packet);
    packet->out_port = wanted;
    return sessions;
}

void
watch_transmit(struct forward *forward, const struct vport *port,
               struct port *driver, struct xvs_packet **packets, uint32_t n,
               struct port_tally *tally)
{
    uint32_t start = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t sessions = match(forward, port, packets[i]);

        if (!sessions) {
            continue;
        }
        if (driver && i > start) {
            fit_transmit(forward, port, driver, packets + start, i - start,
                         tally);
        }
        transmit_one(forward, port, driver, packets[i], sessions, tally);
        start = i + 1;
    }
    if (driver && n > start) {
        fit_transmit(forward, port, driver, packets + start, n - start,
                     tally);
    }
}
