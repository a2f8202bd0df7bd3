/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet driver: AF_PACKET sockets on an interface that exists, such as
 * the host's end of a veth pair or a network card.
 *
 * A guest behind a veth leaves checksums and TCP segmentation to its "card";
 * the virtio header tells, in both directions.  VLAN tags that the kernel
 * stripped are put back.
 *
 * There are two ways to receive:
 *
 *     queue 0    recvmsg (plain.h): a frame is there at once, and costs a call
 *     queue 1    a ring (ring.h): no calls, but a lone frame waits for up to
 *                RING_HOLD_MS; made when it is first needed
 *
 * Both sockets are in one fanout group, whose program sends all frames to one
 * of them: to the ring while there are more than BUSY_PPS, and back when there
 * are less than QUIET_PPS.  At such a moment frames may overtake others, for
 * as long as a block is held.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/tally.h"
#include "port/interface.h"
#include "port/packet/plain.h"
#include "port/packet/ring.h"
#include "port/port.h"

#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif
#define SOCKET_BUFFER (4 << 20)
#define BUSY_PPS 60000u         /* from here on by the ring */
#define QUIET_PPS 20000u        /* below it without */
#define GROUP_TYPE (PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_IGNORE_OUTGOING)

enum way { PLAIN, RING, WAYS };

/* The driver's own of a port. */
struct device {
    int index;                  /* of the interface */
    int fds[WAYS];              /* sockets; -1: not open */
    int group;                  /* number of the fanout group; -1: none */
    enum way way;               /* that frames take now; main thread */
    struct packet_ring *ring;   /* published; NULL: none yet */
    uint64_t received[WAYS];    /* frames; atomic, one writer each */
    uint64_t seen;              /* that had come, lost ones too, last time */
    uint64_t seen_ms;           /* when that was */
    bool silenced;              /* ARP was turned off */
};

/* ---- Sockets ---------------------------------------------------------------- */

static bool
set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* Smaller buffers work too: these are only wishes. */
static void
widen(int fd)
{
    if (!set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER)) {
        set_int(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
    }
    if (!set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER)) {
        set_int(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
    }
}

/* A socket that is not bound yet. */
static bool
open_socket(const struct port *port, enum way way, struct error *error)
{
    struct device *device = port->state;
    struct packet_mreq promiscuous = { .mr_ifindex = device->index,
                                       .mr_type = PACKET_MR_PROMISC };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    device->fds[way] = fd;
    if (fd < 0) {
        error_set_errno(error, errno, "interface %s: cannot open a packet"
                        " socket", port->config.device);
        if (errno == EPERM) {
            error_hint(error, "xvs-switch lacks the capability CAP_NET_RAW");
        }
        return false;
    }
    if (!set_int(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        || !set_int(fd, SOL_PACKET, PACKET_VNET_HDR, 1)
        || !set_int(fd, SOL_PACKET, PACKET_AUXDATA, 1)
        || setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
                      sizeof promiscuous) < 0) {
        return error_set_errno(error, errno, "interface %s: cannot set up a"
                               " packet socket", port->config.device);
    }
    widen(fd);
    return true;
}

static bool
bind_socket(const struct port *port, int fd, struct error *error)
{
    const struct device *device = port->state;
    struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = device->index };

    return bind(fd, (struct sockaddr *) &address, sizeof address) == 0
        || error_set_errno(error, errno, "cannot bind to interface %s",
                           port->config.device);
}

/* ---- The group ---------------------------------------------------------------- */

/* Founds a group with a number that nobody has, or joins it. */
static bool
join(struct device *device, int fd)
{
    int value = (int) ((unsigned int) GROUP_TYPE << 16);
    socklen_t size = sizeof value;

    if (device->group >= 0) {
        return set_int(fd, SOL_PACKET, PACKET_FANOUT, value | device->group);
    }
    value |= PACKET_FANOUT_FLAG_UNIQUEID << 16;
    if (!set_int(fd, SOL_PACKET, PACKET_FANOUT, value)
        || getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, &size) < 0) {
        return false;
    }
    device->group = value & 0xffff;
    return true;
}

/* From now on all frames go this way. */
static void
choose(struct port *port, enum way way)
{
    struct device *device = port->state;
    struct sock_filter code[] = { { .code = BPF_RET | BPF_K, .k = way } };
    struct sock_fprog program = { 1, code };

    if (setsockopt(device->fds[PLAIN], SOL_PACKET, PACKET_FANOUT_DATA,
                   &program, sizeof program) == 0) {
        device->way = way;
        port_describe(port, "%s", way == RING ? "receives by a ring" : "");
    }
}

static bool
make_ring(struct port *port, struct error *error)
{
    struct device *device = port->state;
    struct packet_ring *ring = NULL;

    if (open_socket(port, RING, error)) {
        ring = packet_ring_open(device->fds[RING], port->config.device,
                                error);
    }
    if (!ring || !bind_socket(port, device->fds[RING], error)
        || !join(device, device->fds[RING])) {
        packet_ring_close(ring);
        if (device->fds[RING] >= 0) {
            close(device->fds[RING]);
            device->fds[RING] = -1;
        }
        return false;
    }
    __atomic_store_n(&device->ring, ring, __ATOMIC_RELEASE);
    port->queues[RING].fd = device->fds[RING];
    port_watch(&port->queues[RING]);
    return true;
}

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
    device->fds[PLAIN] = device->fds[RING] = device->group = -1;
    device->index = interface_index(port->config.device);
    if (device->index == 0) {
        error_set(error, ERROR_NOT_FOUND, "there is no interface %s here",
                  port->config.device);
        return error_hint(error, "create it first, or use the driver tap,"
                                 " which creates it");
    }
    if (!configure(port, error) || !open_socket(port, PLAIN, error)
        || !bind_socket(port, device->fds[PLAIN], error)) {
        return false;
    }
    /* Without a group there will be no ring, which is only slower. */
    if (join(device, device->fds[PLAIN])) {
        port->n_queues = WAYS;
    }
    port->queues[PLAIN].fd = device->fds[PLAIN];
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
    packet_ring_close(device->ring);
    for (int i = 0; i < WAYS; i++) {
        if (device->fds[i] >= 0) {
            close(device->fds[i]);
        }
    }
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

/* The descriptor of the ring is ready for ever after the interface was down,
 * unless somebody asks why. */
static void
packet_disarm(struct port_queue *queue)
{
    const struct device *device = queue->port->state;
    int number;
    socklen_t size = sizeof number;

    if (queue->index == RING
        && __atomic_load_n(&device->ring, __ATOMIC_ACQUIRE)) {
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

/* Takes the way that suits the rate. */
static void
adapt(struct port *port, uint64_t pps)
{
    struct device *device = port->state;
    struct error error;

    if (device->way == RING && pps < QUIET_PPS) {
        choose(port, PLAIN);
    } else if (device->way == PLAIN && pps > BUSY_PPS
               && device->group >= 0) {
        if (!device->ring && !make_ring(port, &error)) {
            log_error_at(LOG_LEVEL_WARNING, &error);
            device->group = -1;
        } else {
            choose(port, RING);
        }
    }
}

/* Adds what sockets dropped for want of room; reading it resets it. */
static void
count_lost(struct port *port)
{
    const struct device *device = port->state;
    struct tpacket_stats_v3 lost;

    for (int i = 0; i < WAYS; i++) {
        socklen_t size = sizeof lost;

        if (device->fds[i] >= 0
            && getsockopt(device->fds[i], SOL_PACKET, PACKET_STATISTICS,
                          &lost, &size) == 0) {
            port->lost += lost.tp_drops;
        }
    }
}

static void
packet_tick(struct port *port)
{
    struct device *device = port->state;
    uint64_t now = loop_now_ms();
    uint64_t arrived;

    count_lost(port);
    arrived = tally_read(&device->received[PLAIN])
        + tally_read(&device->received[RING]) + port->lost;
    if (device->seen_ms && now > device->seen_ms) {
        adapt(port, (arrived - device->seen) * 1000
                        / (now - device->seen_ms));
    }
    device->seen = arrived;
    device->seen_ms = now;
    port_compare_mtu(port, interface_get_mtu(port->config.device));
}

const struct port_ops packet_ops = {
    .name = "packet",
    .open = packet_open,
    .close = packet_close,
    .receive = packet_receive,
    .transmit = packet_transmit,
    .disarm = packet_disarm,
    .update = packet_update,
    .look = packet_look,
    .tick = packet_tick,
};
