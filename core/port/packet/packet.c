/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet driver: AF_PACKET sockets on an interface that exists, such as
 * the host's end of a veth pair or a network card.
 *
 * A guest behind a veth leaves checksums and TCP segmentation to its "card";
 * the virtio header tells, in both directions.  VLAN tags that the kernel
 * stripped are put back.  How frames come in is decided in ways.c.
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/tally.h"
#include "port/interface.h"
#include "port/packet/plain.h"
#include "port/packet/ring.h"
#include "port/packet/ways.h"
#include "port/port.h"

/* ---- Opening and closing ------------------------------------------------------- */

static bool
configure(struct port *port, struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;
    struct device *device = port->state;

    if (port->config.mtu
        && !interface_set_mtu(name, port->config.mtu, error)) {
        return false;
    }
    if (!interface_set_up(name, error)) {
        return false;
    }
    /* The host's own stack would answer for its addresses beside us. */
    device->silenced = interface_silence(name);
    port->config.mtu = interface_get_mtu(name);
    /* The address that the admin gives is the guest's, not ours to set. */
    if (memcmp(port->config.mac, zero, 6) == 0) {
        interface_get_mac(name, port->config.mac);
    }
    return true;
}

static bool
packet_open(struct port *port, struct error *error)
{
    struct device *device = mem_zalloc(sizeof *device);

    port->state = device;
    ways_init(device);
    device->index = interface_index(port->config.device);
    if (device->index == 0) {
        error_set(error, ERROR_NOT_FOUND, "there is no interface %s here",
                  port->config.device);
        return error_hint(error, "create it first, or use the driver tap,"
                                 " which creates it");
    }
    if (!configure(port, error) || !ways_open(port, error)) {
        return false;
    }
    port_set_can(port, PORT_CAN_CHAIN | PORT_CAN_CHECKSUM | PORT_CAN_TSO4
                           | PORT_CAN_TSO6 | PORT_CAN_ECN
                           | (interface_knows_uso() ? PORT_CAN_USO : 0));
    return true;
}

static bool
packet_update(struct port *port, const struct port_config *wanted,
              struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;

    if (wanted->mtu && !interface_set_mtu(name, wanted->mtu, error)) {
        return false;
    }
    port->config.mtu = interface_get_mtu(name);
    memcpy(port->config.mac, wanted->mac, sizeof port->config.mac);
    if (memcmp(wanted->mac, zero, 6) == 0) {
        interface_get_mac(name, port->config.mac);
    }
    return true;
}

static void
packet_close(struct port *port)
{
    struct device *device = port->state;

    if (device->silenced) {
        interface_unsilence(port->config.device);
    }
    ways_close(device);
    free(device);
}

/* ---- Packets --------------------------------------------------------------------- */

static uint32_t
packet_receive(struct port_queue *queue, struct pool_cache *cache,
               struct xvs_packet **packets, uint32_t max,
               struct port_tally *tally, enum port_news *news)
{
    struct device *device = queue->port->state;
    uint32_t n = 0;

    if (queue->index == PLAIN) {
        n = packet_plain_receive(device->fds[PLAIN], cache, packets, max,
                                 tally, news);
    } else {
        struct packet_ring *ring = __atomic_load_n(&device->ring,
                                                   __ATOMIC_ACQUIRE);

        if (ring) {
            n = packet_ring_receive(ring, cache, packets, max, tally);
        }
    }
    tally_add(&device->received[queue->index], n);
    return n;
}

/* Whether there is something to receive from. */
static bool
is_there(const struct port_queue *queue)
{
    const struct device *device = queue->port->state;

    return queue->index == PLAIN
        || __atomic_load_n(&device->ring, __ATOMIC_ACQUIRE);
}

static bool
packet_arm(struct port_queue *queue)
{
    struct device *device = queue->port->state;

    return !is_there(queue) || bell_arm(&device->bells[queue->index]);
}

/* The descriptor of the ring is ready for ever after the interface was down,
 * unless somebody asks why. */
static void
packet_disarm(struct port_queue *queue)
{
    struct device *device = queue->port->state;
    int number;
    socklen_t size = sizeof number;

    if (is_there(queue)) {
        bell_disarm(&device->bells[queue->index]);
    }
    if (queue->index == RING && is_there(queue)) {
        getsockopt(device->fds[RING], SOL_SOCKET, SO_ERROR, &number, &size);
    }
}

static void
packet_transmit(struct port *port, uint32_t worker,
                struct xvs_packet *const *packets, uint32_t n,
                struct port_tally *tally)
{
    const struct device *device = port->state;

    (void) worker;
    packet_plain_send(device->fds[PLAIN], packets, n, tally);
}

/* ---- Now and then ------------------------------------------------------------------ */

static enum port_news
packet_look(const struct port *port)
{
    const struct device *device = port->state;

    if (!packet_is_bound(device->fds[PLAIN])) {
        return PORT_GONE;
    }
    return interface_is_up(port->config.device) ? PORT_SAME : PORT_DOWN;
}

static void
packet_tick(struct port *port)
{
    ways_adapt(port);
    port_compare_mtu(port, interface_get_mtu(port->config.device));
}

const struct port_ops packet_ops = {
    .name = "packet",
    .open = packet_open,
    .close = packet_close,
    .receive = packet_receive,
    .transmit = packet_transmit,
    .arm = packet_arm,
    .disarm = packet_disarm,
    .update = packet_update,
    .look = packet_look,
    .tick = packet_tick,
};
