/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet driver: an AF_PACKET socket on an interface that exists, such as
 * the host's end of a veth pair or a network card.  For hosts without taps.
 *
 * A guest behind a veth leaves checksums and TCP segmentation to its "card".
 * The virtio header tells; both are finished here, because other ports take
 * whole frames only.  VLAN tags that the kernel stripped are put back.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/offload.h"
#include "packet/pool.h"
#include "port/interface.h"
#include "port/port.h"

#define LARGE_FRAME (64u * 1024 + 64)
#define TAG_SIZE 4u
#define FRAME_MAX (POOL_FRAME - TAG_SIZE)   /* room for a stripped tag */
#define RECEIVE_BUFFER (4 << 20)

/* One frame as the kernel gave it. */
struct arrival {
    struct virtio_net_hdr head;
    uint32_t size;              /* of the frame */
    bool tagged;                /* a tag was stripped */
    uint16_t tag_type;
    uint16_t tag;
};

static bool
set_options(struct port *port, int index, struct error *error)
{
    struct packet_mreq promiscuous = { .mr_ifindex = index,
                                       .mr_type = PACKET_MR_PROMISC };
    int on = 1, size = RECEIVE_BUFFER;

    if (setsockopt(port->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
                   sizeof on) < 0
        || setsockopt(port->fd, SOL_PACKET, PACKET_VNET_HDR, &on,
                      sizeof on) < 0
        || setsockopt(port->fd, SOL_PACKET, PACKET_AUXDATA, &on,
                      sizeof on) < 0
        || setsockopt(port->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                      &promiscuous, sizeof promiscuous) < 0) {
        return error_set_errno(error, errno, "interface %s: cannot set up a"
                               " packet socket", port->config.device);
    }
    /* Smaller buffers work too: these two are only wishes. */
    if (setsockopt(port->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)
        < 0) {
        setsockopt(port->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return true;
}

static bool
configure(struct port *port, struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;

    if (port->config.mtu
        && !interface_set_mtu(name, port->config.mtu, error)) {
        return false;
    }
    if (!interface_set_up(name, error)) {
        return false;
    }
    /* The host's own stack would answer for its addresses beside us. */
    port->silenced = interface_silence(name);
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
    struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL) };
    int index = interface_index(port->config.device);

    if (index == 0) {
        error_set(error, ERROR_NOT_FOUND, "there is no interface %s here",
                  port->config.device);
        return error_hint(error, "create it first, or use the driver tap,"
                                 " which creates it");
    }
    port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->fd < 0) {
        return error_set_errno(error, errno, "interface %s: cannot open a"
                               " packet socket", port->config.device);
    }
    if (!configure(port, error) || !set_options(port, index, error)) {
        return false;
    }
    address.sll_ifindex = index;
    if (bind(port->fd, (struct sockaddr *) &address, sizeof address) < 0) {
        return error_set_errno(error, errno, "cannot bind to interface %s",
                               port->config.device);
    }
    /* Its front takes the part of a frame that went to a pool buffer. */
    port->large = mem_alloc(POOL_FRAME + LARGE_FRAME);
    return true;
}

static void
packet_close(struct port *port)
{
    if (port->silenced) {
        interface_unsilence(port->config.device);
    }
}

/* A socket whose interface was unregistered is bound to index -1. */
static bool
is_bound(const struct port *port)
{
    struct sockaddr_ll address;
    socklen_t size = sizeof address;

    return getsockname(port->fd, (struct sockaddr *) &address, &size) == 0
        && address.sll_ifindex > 0;
}

static void
note_tag(struct arrival *arrival, struct msghdr *message)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
         head = CMSG_NXTHDR(message, head)) {
        struct tpacket_auxdata aux;

        if (head->cmsg_level != SOL_PACKET
            || head->cmsg_type != PACKET_AUXDATA) {
            continue;
        }
        memcpy(&aux, CMSG_DATA(head), sizeof aux);
        arrival->tagged = aux.tp_status & TP_STATUS_VLAN_VALID;
        arrival->tag = aux.tp_vlan_tci;
        arrival->tag_type = aux.tp_status & TP_STATUS_VLAN_TPID_VALID
            ? aux.tp_vlan_tpid : ETH_P_8021Q;
    }
}

/* One frame into 'packet' and, what does not fit, behind port->large's
 * front.  Returns 0 or an errno. */
static int
receive_one(struct port *port, struct xvs_packet *packet,
            struct arrival *arrival)
{
    union {
        char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct iovec parts[] = {
        { &arrival->head, sizeof arrival->head },
        { packet->data, FRAME_MAX },
        { port->large + FRAME_MAX, LARGE_FRAME },
    };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t size = recvmsg(port->fd, &message, MSG_DONTWAIT);

    if (size < 0) {
        return errno;
    }
    arrival->tagged = false;
    arrival->size = size > (ssize_t) sizeof arrival->head
        ? (uint32_t) size - (uint32_t) sizeof arrival->head : 0;
    note_tag(arrival, &message);
    return message.msg_flags & MSG_TRUNC ? EMSGSIZE : 0;
}

/* Puts a stripped tag back, into the headroom. */
static void
restore_tag(struct xvs_packet *packet, const struct arrival *arrival)
{
    if (arrival->tagged) {
        memmove(packet->data - TAG_SIZE, packet->data, 12);
        packet->data -= TAG_SIZE;
        packet->length += TAG_SIZE;
        packet->data[12] = (uint8_t) (arrival->tag_type >> 8);
        packet->data[13] = (uint8_t) arrival->tag_type;
        packet->data[14] = (uint8_t) (arrival->tag >> 8);
        packet->data[15] = (uint8_t) arrival->tag;
    }
}

/* Cuts a super frame into packets[0..max); returns how many. */
static uint32_t
cut(struct port *port, struct pool *pool, struct xvs_packet **packets,
    uint32_t max, const struct arrival *arrival)
{
    struct offload_cut state;
    uint32_t n = 0;

    memcpy(port->large, packets[0]->data,
           arrival->size < FRAME_MAX ? arrival->size : FRAME_MAX);
    if (!offload_cut_start(&state, port->large, arrival->size, &arrival->head,
                           FRAME_MAX)) {
        return 0;
    }
    /* packets[0] is in hand already; the others come from the pool. */
    while (n < max && (n == 0 || pool_get(pool, &packets[n], 1) == 1)) {
        packets[n]->length = offload_cut_next(&state, packets[n]->data);
        if (packets[n]->length == 0) {
            pool_put(pool, &packets[n], 1);
            break;
        }
        restore_tag(packets[n], arrival);
        n++;
    }
    return n;
}

/* The packets of one arrival at packets[0..max); 0: dropped, and packets[0]
 * is still in hand. */
static uint32_t
accept_arrival(struct port *port, struct pool *pool,
               struct xvs_packet **packets, uint32_t max,
               const struct arrival *arrival)
{
    struct xvs_packet *packet = packets[0];

    if (arrival->size < 14) {
        return 0;
    }
    if (arrival->head.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
        return cut(port, pool, packets, max, arrival);
    }
    if (arrival->size > FRAME_MAX) {
        return 0;
    }
    if ((arrival->head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        && !offload_checksum(packet->data, arrival->size, &arrival->head)) {
        return 0;
    }
    packet->length = arrival->size;
    restore_tag(packet, arrival);
    return 1;
}

static void
failed(const struct port *port, int number, struct port_tally *tally,
       enum port_news *news)
{
    if (number == EMSGSIZE || number == EINVAL) {
        tally->dropped++;       /* a frame the kernel cannot describe */
    } else if (number == ENETDOWN && is_bound(port)) {
        *news = PORT_DOWN;
    } else if (number != EAGAIN && number != EINTR) {
        *news = PORT_GONE;
    }
}

static uint32_t
packet_receive(struct port *port, struct pool *pool,
               struct xvs_packet **packets, uint32_t max,
               struct port_tally *tally, enum port_news *news)
{
    uint32_t n = 0;

    /* A super frame is cut into half a burst at most; leave room. */
    while (n < max && (n == 0 || max - n >= XVS_BURST / 2)
           && pool_get(pool, &packets[n], 1) == 1) {
        struct arrival arrival;
        int number = receive_one(port, packets[n], &arrival);
        uint32_t made = 0;

        if (number == 0) {
            made = accept_arrival(port, pool, packets + n, max - n, &arrival);
            tally->dropped += made == 0;
        } else {
            failed(port, number, tally, news);
        }
        if (made == 0) {
            pool_put(pool, &packets[n], 1);
        }
        for (uint32_t i = n; i < n + made; i++) {
            tally->bytes += packets[i]->length;
        }
        n += made;
        if (number != 0 && number != EMSGSIZE && number != EINVAL) {
            break;
        }
    }
    tally->packets += n;
    return n;
}

static void
packet_transmit(struct port *port, struct xvs_packet *const *packets,
                uint32_t n, struct port_tally *tally)
{
    static const struct virtio_net_hdr plain;

    for (uint32_t i = 0; i < n; i++) {
        struct iovec parts[] = {
            { (void *) &plain, sizeof plain },
            { packets[i]->data, packets[i]->length },
        };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

        if (sendmsg(port->fd, &message, MSG_DONTWAIT) < 0) {
            tally->dropped++;
        } else {
            tally->packets++;
            tally->bytes += packets[i]->length;
        }
    }
}

static enum port_news
packet_look(const struct port *port)
{
    if (!is_bound(port)) {
        return PORT_GONE;
    }
    return interface_is_up(port->config.device) ? PORT_SAME : PORT_DOWN;
}

const struct port_ops packet_ops = {
    .name = "packet",
    .open = packet_open,
    .close = packet_close,
    .receive = packet_receive,
    .transmit = packet_transmit,
    .look = packet_look,
};
