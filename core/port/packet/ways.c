/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets, their group, and which of them gets the frames; see ways.h.
 */

#include <config.h>

#include "port/packet/ways.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "packet/tally.h"
#include "port/packet/ring.h"
#include "port/port.h"

#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif
#define SOCKET_BUFFER (4 << 20)
#define GROUP_TYPE (PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_IGNORE_OUTGOING)

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
bind_socket(struct port *port, enum way way, struct error *error)
{
    struct device *device = port->state;
    int fd = device->fds[way];
    struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL),
                                   .sll_ifindex = device->index };

    if (bind(fd, (struct sockaddr *) &address, sizeof address) < 0
        || !bell_open(&device->bells[way], fd)) {
        return error_set_errno(error, errno, "cannot bind to interface %s",
                               port->config.device);
    }
    port->queues[way].fd = device->bells[way].bell;
    return true;
}

static void
close_socket(struct device *device, enum way way)
{
    bell_close(&device->bells[way]);
    if (device->fds[way] >= 0) {
        close(device->fds[way]);
        device->fds[way] = -1;
    }
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

/* Takes no frames, or all again. */
static bool
set_filter(int fd, int option)
{
    struct sock_filter code[] = { { .code = BPF_RET | BPF_K, .k = 0 } };
    struct sock_fprog program = { 1, code };

    return setsockopt(fd, SOL_SOCKET, option, &program, sizeof program) == 0;
}

static bool
cannot(const struct port *port, struct error *error)
{
    return error_set_errno(error, errno, "interface %s: cannot receive by a"
                           " ring", port->config.device);
}

static bool
make_ring(struct port *port, struct error *error)
{
    struct device *device = port->state;
    struct packet_ring *ring = NULL;

    if (open_socket(port, RING, error)
        && (set_filter(device->fds[RING], SO_ATTACH_FILTER)
            || cannot(port, error))) {
        ring = packet_ring_open(device->fds[RING], port->config.device,
                                error);
    }
    /* Frames that come before it is in the group would be there twice. */
    if (!ring || !bind_socket(port, RING, error)
        || ((!join(device, device->fds[RING])
             || !set_filter(device->fds[RING], SO_DETACH_FILTER))
            && !cannot(port, error))) {
        port->queues[RING].fd = -1;
        packet_ring_close(ring);
        close_socket(device, RING);
        return false;
    }
    __atomic_store_n(&device->ring, ring, __ATOMIC_RELEASE);
    port_watch(&port->queues[RING]);
    return true;
}

/* ---- All of it ------------------------------------------------------------- */

void
ways_init(struct device *device)
{
    device->fds[PLAIN] = device->fds[RING] = device->group = -1;
    device->bells[PLAIN].bell = device->bells[RING].bell = -1;
}

bool
ways_open(struct port *port, struct error *error)
{
    struct device *device = port->state;

    if (!open_socket(port, PLAIN, error)
        || !bind_socket(port, PLAIN, error)) {
        return false;
    }
    /* Without a group there will be no ring, which is only slower. */
    if (join(device, device->fds[PLAIN])) {
        port->n_queues = WAYS;
    }
    return true;
}

void
ways_close(struct device *device)
{
    packet_ring_close(device->ring);
    close_socket(device, PLAIN);
    close_socket(device, RING);
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

void
ways_adapt(struct port *port)
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
}
