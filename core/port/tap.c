/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tap interfaces by plain read and write, with a virtio header in front of
 * each frame: checksums and segmentation pass through in both directions.
 * The descriptor stays valid when the interface moves to another namespace.
 * A tap of several queues has a descriptor for each; the kernel spreads flows
 * over them, and a worker transmits by the one of its number.
 *
 * A descriptor that was opened ahead is worth keeping: when its port closes,
 * the interface is removed in another way than by closing it, and it waits
 * for the next port.
 */

#include <config.h>

#include "port/tap.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "port/bell.h"
#include "port/interface.h"
#include "port/port.h"
#include "port/vector.h"

/* Newer kernels' segmentation of UDP. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/* The driver's own of a port. */
struct tap {
    uint32_t n;                 /* descriptors that are open, one per queue */
    int fds[PORT_QUEUES];
    struct bell bells[PORT_QUEUES];     /* of their frames */
    bool reserved[PORT_QUEUES]; /* was opened ahead, goes back */
};

static bool
open_device(struct tap *tap, struct error *error)
{
    int fd = tap_device(&tap->reserved[tap->n]), number;

    if (fd < 0) {
        number = errno;
        error_set_errno(error, number, "cannot open " TAP_DEVICE);
        return error_hint(error, number == EACCES
                          ? "make it readable and writable for the user of"
                            " xvs-switch, as udev does"
                          : "use the driver packet where the host has no"
                            " taps");
    }
    tap->bells[tap->n].bell = -1;
    tap->fds[tap->n++] = fd;
    return true;
}

/* Makes the interface, or a queue of it; an errno when that fails. */
static int
request(const struct port *port, int fd, bool several)
{
    struct ifreq ifr = { .ifr_flags = (short) (IFF_TAP | IFF_NO_PI
                             | IFF_VNET_HDR
                             | (several ? IFF_MULTI_QUEUE : 0)) };

    memcpy(ifr.ifr_name, port->config.device, IFNAMSIZ);
    return ioctl(fd, TUNSETIFF, &ifr) == 0 ? 0 : errno;
}

static bool
refused(const struct port *port, const struct tap *tap, int number,
        struct error *error)
{
    const char *name = port->config.device;

    if (number == EBUSY) {
        return error_set(error, ERROR_BUSY,
                         "tap %s is in use by another program", name);
    }
    if (number == EINVAL && port->n_queues > 1
        && request(port, tap->fds[0], false) == 0) {
        error_set(error, ERROR_EXISTS, "tap %s exists and was made for one"
                  " queue, not for %u", name, port->n_queues);
        return error_hint(error, "remove it, or make it with: ip tuntap add %s"
                          " mode tap multi_queue", name);
    }
    if (number == EINVAL) {
        error_set(error, ERROR_EXISTS,
                  "interface %s exists and is not a tap", name);
        return error_hint(error, "give the port another device, or use the"
                          " driver packet");
    }
    return error_set_errno(error, number, "cannot create tap %s", name);
}

/* A descriptor for each queue. */
static bool
attach(const struct port *port, struct tap *tap, struct error *error)
{
    bool several = port->n_queues > 1;

    while (tap->n < port->n_queues) {
        int number;

        if (!open_device(tap, error)) {
            return false;
        }
        number = request(port, tap->fds[tap->n - 1], several);
        /* One that exists may have been made for several. */
        if (number == EINVAL && port->n_queues == 1) {
            number = request(port, tap->fds[0], true);
        }
        if (number != 0) {
            return refused(port, tap, number, error);
        }
    }
    return true;
}

static bool
configure(struct port *port, struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;

    if (memcmp(port->config.mac, zero, 6) != 0
        && !interface_set_mac(name, port->config.mac, error)) {
        return false;
    }
    if (port->config.mtu
        && !interface_set_mtu(name, port->config.mtu, error)) {
        return false;
    }
    if (!interface_set_up(name, error)) {
        return false;
    }
    interface_get_mac(name, port->config.mac);
    port->config.mtu = interface_get_mtu(name);
    return true;
}

/* What the guest may leave to us; we can leave the same to it. */
static bool
set_offloads(struct port *port, const struct tap *tap, struct error *error)
{
    unsigned int flags = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    uint32_t can = PORT_CAN_CHAIN | PORT_CAN_CHECKSUM | PORT_CAN_TSO4
        | PORT_CAN_TSO6 | PORT_CAN_ECN;

    if (ioctl(tap->fds[0], TUNSETOFFLOAD, flags | TUN_F_USO4 | TUN_F_USO6)
        == 0) {
        can |= PORT_CAN_USO;
    } else if (ioctl(tap->fds[0], TUNSETOFFLOAD, flags) != 0) {
        return error_set_errno(error, errno, "tap %s: cannot set offloads",
                               port->config.device);
    }
    port_set_can(port, can);
    return true;
}

static bool
tap_open(struct port *port, struct error *error)
{
    struct tap *tap = mem_zalloc(sizeof *tap);

    port->state = tap;
    port->n_queues = port->config.queues ? port->config.queues : 1;
    if (!attach(port, tap, error) || !configure(port, error)) {
        return false;
    }
    for (uint32_t i = 0; i < tap->n; i++) {
        if (!bell_open(&tap->bells[i], tap->fds[i])) {
            return error_set_errno(error, errno, "tap %s: cannot wait for"
                                   " frames", port->config.device);
        }
        port->queues[i].fd = tap->bells[i].bell;
    }
    if (tap->n > 1) {
        port_describe(port, "%u queues", tap->n);
    }
    return set_offloads(port, tap, error);
}

static bool
tap_update(struct port *port, const struct port_config *wanted,
           struct error *error)
{
    const struct tap *tap = port->state;

    return tap_change(port, tap->fds[0], wanted, error);
}

/* Makes the descriptor as good as new.  What was here before us stays. */
static bool
part_from_tap(int fd)
{
    struct ifreq ifr = { 0 };

    if (ioctl(fd, TUNGETIFF, &ifr) != 0) {
        return true;
    }
    return !(ifr.ifr_flags & IFF_PERSIST) && tap_is_here(fd)
        && interface_delete(ifr.ifr_name);
}

static void
tap_close(struct port *port)
{
    struct tap *tap = port->state;

    for (uint32_t i = 0; i < tap->n; i++) {
        bell_close(&tap->bells[i]);
        if (!tap->reserved[i] || !part_from_tap(tap->fds[i])
            || !tap_give_back(tap->fds[i])) {
            close(tap->fds[i]);
        }
    }
    free(tap);
}

static uint32_t
tap_receive(struct port_queue *queue, struct pool_cache *cache,
            struct xvs_packet **packets, uint32_t max,
            struct port_tally *tally, enum port_news *news)
{
    const struct tap *tap = queue->port->state;
    int fd = tap->fds[queue->index];
    struct vector vector;
    uint32_t n = 0;

    vector_init(&vector);
    while (n < max && vector_fill(&vector, cache, POOL_FRAME_MAX)) {
        ssize_t size = readv(fd, vector.parts, (int) vector.n + 1);

        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                *news = PORT_GONE;
            }
            break;
        }
        packets[n] = size < (ssize_t) sizeof vector.head ? NULL
            : vector_take(&vector, (uint32_t) size
                                       - (uint32_t) sizeof vector.head);
        if (packets[n]) {
            tally->bytes += packets[n++]->total;
        } else {
            tally->dropped++;
        }
    }
    tally->packets += n;
    vector_end(&vector, cache);
    return n;
}

static bool
tap_arm(struct port_queue *queue)
{
    struct tap *tap = queue->port->state;

    return bell_arm(&tap->bells[queue->index]);
}

static void
tap_disarm(struct port_queue *queue)
{
    struct tap *tap = queue->port->state;

    bell_disarm(&tap->bells[queue->index]);
}

static void
tap_transmit(struct port *port, uint32_t worker,
             struct xvs_packet *const *packets, uint32_t n,
             struct port_tally *tally)
{
    const struct tap *tap = port->state;
    int fd = tap->fds[worker % tap->n];
    struct vector vector;

    for (uint32_t i = 0; i < n; i++) {
        int parts = vector_of(&vector, packets[i]);

        if (parts == 0 || writev(fd, vector.parts, parts) < 0) {
            tally->dropped++;
        } else {
            tally->packets++;
            tally->bytes += packets[i]->total;
        }
    }
}

static enum port_news
tap_look(const struct port *port)
{
    const struct tap *tap = port->state;
    struct ifreq ifr = { 0 };

    return ioctl(tap->fds[0], TUNGETIFF, &ifr) == 0 ? PORT_SAME : PORT_GONE;
}

/* The guest sees its cable pulled. */
static void
tap_link(struct port *port, bool up)
{
    const struct tap *tap = port->state;
    int carrier = up;

    ioctl(tap->fds[0], TUNSETCARRIER, &carrier);
}

static void
tap_tick(struct port *port)
{
    /* Not known while a guest has it in a namespace of its own. */
    port_compare_mtu(port, interface_get_mtu(port->config.device));
}

const struct port_ops tap_ops = {
    .name = "tap",
    .open = tap_open,
    .close = tap_close,
    .receive = tap_receive,
    .transmit = tap_transmit,
    .arm = tap_arm,
    .disarm = tap_disarm,
    .update = tap_update,
    .link = tap_link,
    .look = tap_look,
    .tick = tap_tick,
};
