/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tap interfaces by plain read and write, without a packet information
 * header: the kernel then finishes checksums and cuts segments itself.
 * The descriptor stays valid when the interface moves to another namespace.
 *
 * A descriptor that was opened ahead is worth keeping: when its port closes,
 * the interface is removed in another way than by closing it, and it waits
 * for the next port.
 */

#include <config.h>

#include "port/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "packet/pool.h"
#include "port/interface.h"
#include "port/port.h"

#define RESERVE_MAX 256

static int reserve[RESERVE_MAX];
static unsigned int n_reserve;

unsigned int
tap_reserve(unsigned int n)
{
    while (n_reserve < n && n_reserve < RESERVE_MAX) {
        int fd = open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

        if (fd < 0) {
            break;
        }
        reserve[n_reserve++] = fd;
    }
    return n_reserve;
}

static bool
open_device(struct port *port, struct error *error)
{
    port->fd = open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port->fd < 0 && n_reserve > 0) {
        port->fd = reserve[--n_reserve];
        port->reserved = true;
    }
    if (port->fd < 0) {
        error_set_errno(error, errno, "cannot open " TAP_DEVICE);
        error_hint(error, errno == EACCES
                   ? "make it readable and writable for the user of"
                     " xvs-switch, as udev does"
                   : "use the driver packet where the host has no taps");
    }
    return port->fd >= 0;
}

static bool
attach(struct port *port, struct error *error)
{
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    memcpy(ifr.ifr_name, port->config.device, IFNAMSIZ);
    if (ioctl(port->fd, TUNSETIFF, &ifr) == 0) {
        return true;
    }
    switch (errno) {
    case EBUSY:
        return error_set(error, ERROR_BUSY,
                         "tap %s is in use by another program",
                         port->config.device);
    case EINVAL:
        return error_set(error, ERROR_EXISTS,
                         "interface %s exists and is not a tap",
                         port->config.device);
    default:
        return error_set_errno(error, errno, "cannot create tap %s",
                               port->config.device);
    }
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

static bool
tap_open(struct port *port, struct error *error)
{
    return open_device(port, error) && attach(port, error)
        && configure(port, error);
}

/* Whether the tap is in our namespace, not in that of a guest. */
static bool
is_here(int fd)
{
    struct stat theirs = { 0 }, ours = { 0 };
    int namespace = ioctl(fd, TUNGETDEVNETNS);
    bool here = namespace >= 0 && fstat(namespace, &theirs) == 0
        && stat("/proc/self/ns/net", &ours) == 0
        && theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;

    if (namespace >= 0) {
        close(namespace);
    }
    return here;
}

/* Makes the descriptor as good as new.  What was here before us stays. */
static bool
part_from_tap(int fd)
{
    struct ifreq ifr = { 0 };

    if (ioctl(fd, TUNGETIFF, &ifr) != 0) {
        return true;
    }
    return !(ifr.ifr_flags & IFF_PERSIST) && is_here(fd)
        && interface_delete(ifr.ifr_name);
}

static void
tap_close(struct port *port)
{
    if (port->reserved && n_reserve < RESERVE_MAX
        && part_from_tap(port->fd)) {
        reserve[n_reserve++] = port->fd;
        port->fd = -1;
    }
}

static uint32_t
tap_receive(struct port *port, struct pool *pool, struct xvs_packet **packets,
            uint32_t max, struct port_tally *tally, enum port_news *news)
{
    uint32_t got = pool_get(pool, packets, max);
    uint32_t n = 0;

    while (n < got) {
        /* A frame that fills the room may have been cut off. */
        ssize_t size = read(port->fd, packets[n]->data, POOL_FRAME);

        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                *news = PORT_GONE;
            }
            break;
        }
        if (size < 14 || size == POOL_FRAME) {
            tally->dropped++;
            continue;
        }
        packets[n]->length = (uint32_t) size;
        tally->bytes += (uint64_t) size;
        n++;
    }
    tally->packets += n;
    pool_put(pool, packets + n, got - n);
    return n;
}

static void
tap_transmit(struct port *port, struct xvs_packet *const *packets, uint32_t n,
             struct port_tally *tally)
{
    for (uint32_t i = 0; i < n; i++) {
        if (write(port->fd, packets[i]->data, packets[i]->length) < 0) {
            tally->dropped++;
        } else {
            tally->packets++;
            tally->bytes += packets[i]->length;
        }
    }
}

static enum port_news
tap_look(const struct port *port)
{
    struct ifreq ifr = { 0 };

    return ioctl(port->fd, TUNGETIFF, &ifr) == 0 ? PORT_SAME : PORT_GONE;
}

const struct port_ops tap_ops = {
    .name = "tap",
    .open = tap_open,
    .close = tap_close,
    .receive = tap_receive,
    .transmit = tap_transmit,
    .look = tap_look,
};
