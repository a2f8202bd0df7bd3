/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet driver: an AF_PACKET socket on an interface that exists, such as
 * the host's end of a veth pair or a network card.  For hosts without taps.
 *
 * A guest behind a veth leaves checksums and TCP segmentation to its "card";
 * the virtio header tells, in both directions.  VLAN tags that the kernel
 * stripped are put back.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/pool.h"
#include "port/interface.h"
#include "port/port.h"
#include "port/vector.h"

#define TAG_SIZE 4u
#define RECEIVE_BUFFER (4 << 20)

/* The driver's own of a port. */
struct device {
    int fd;                     /* -1: not open */
    bool silenced;              /* ARP was turned off */
};

/* One frame as the kernel gave it. */
struct arrival {
    uint32_t size;              /* of the frame */
    bool tagged;                /* a tag was stripped */
    uint16_t tag_type;
    uint16_t tag;
};

static bool
set_options(const struct port *port, int index, struct error *error)
{
    struct packet_mreq promiscuous = { .mr_ifindex = index,
                                       .mr_type = PACKET_MR_PROMISC };
    const struct device *device = port->state;
    int on = 1, size = RECEIVE_BUFFER;

    if (setsockopt(device->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
                   sizeof on) < 0
        || setsockopt(device->fd, SOL_PACKET, PACKET_VNET_HDR, &on,
                      sizeof on) < 0
        || setsockopt(device->fd, SOL_PACKET, PACKET_AUXDATA, &on,
                      sizeof on) < 0
        || setsockopt(device->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                      &promiscuous, sizeof promiscuous) < 0) {
        return error_set_errno(error, errno, "interface %s: cannot set up a"
                               " packet socket", port->config.device);
    }
    /* Smaller buffers work too: these two are only wishes. */
    if (setsockopt(device->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)
        < 0) {
        setsockopt(device->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return true;
}

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
    struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ALL) };
    int index = interface_index(port->config.device);
    struct device *device = mem_zalloc(sizeof *device);

    port->state = device;
    device->fd = -1;
    if (index == 0) {
        error_set(error, ERROR_NOT_FOUND, "there is no interface %s here",
                  port->config.device);
        return error_hint(error, "create it first, or use the driver tap,"
                                 " which creates it");
    }
    device->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (device->fd < 0) {
        return error_set_errno(error, errno, "interface %s: cannot open a"
                               " packet socket", port->config.device);
    }
    if (!configure(port, error) || !set_options(port, index, error)) {
        return false;
    }
    address.sll_ifindex = index;
    if (bind(device->fd, (struct sockaddr *) &address, sizeof address) < 0) {
        return error_set_errno(error, errno, "cannot bind to interface %s",
                               port->config.device);
    }
    port_set_can(port, PORT_CAN_CHAIN | PORT_CAN_CHECKSUM | PORT_CAN_TSO4
                           | PORT_CAN_TSO6 | PORT_CAN_ECN);
    port->queues[0].fd = device->fd;
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
    if (device->fd >= 0) {
        close(device->fd);
    }
    free(device);
}

/* A socket whose interface was unregistered is bound to index -1. */
static bool
is_bound(const struct port *port)
{
    const struct device *device = port->state;
    struct sockaddr_ll address;
    socklen_t size = sizeof address;

    return getsockname(device->fd, (struct sockaddr *) &address, &size) == 0
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

/* One frame into the vector's buffers.  Returns 0 or an errno. */
static int
receive_one(const struct port_queue *queue, struct vector *vector,
            struct arrival *arrival)
{
    union {
        char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct msghdr message = { .msg_iov = vector->parts,
                              .msg_iovlen = vector->n + 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t size = recvmsg(queue->fd, &message, MSG_DONTWAIT);

    memset(arrival, 0, sizeof *arrival);
    if (size < 0) {
        return errno;
    }
    arrival->size = size > (ssize_t) sizeof vector->head
        ? (uint32_t) size - (uint32_t) sizeof vector->head : 0;
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
        packet->total += TAG_SIZE;
        packet->csum_start += TAG_SIZE;
        packet->data[12] = (uint8_t) (arrival->tag_type >> 8);
        packet->data[13] = (uint8_t) arrival->tag_type;
        packet->data[14] = (uint8_t) (arrival->tag >> 8);
        packet->data[15] = (uint8_t) arrival->tag;
    }
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
packet_receive(struct port_queue *queue, struct pool_cache *cache,
               struct xvs_packet **packets, uint32_t max,
               struct port_tally *tally, enum port_news *news)
{
    struct vector vector;
    uint32_t n = 0;

    vector_init(&vector);
    while (n < max && vector_fill(&vector, cache, POOL_FRAME_MAX)) {
        struct arrival arrival;
        int number = receive_one(queue, &vector, &arrival);

        if (number != 0) {
            failed(queue->port, number, tally, news);
            if (number == EMSGSIZE || number == EINVAL) {
                continue;
            }
            break;
        }
        packets[n] = vector_take(&vector, arrival.size);
        if (!packets[n]) {
            tally->dropped++;
            continue;
        }
        restore_tag(packets[n], &arrival);
        tally->bytes += packets[n++]->total;
    }
    tally->packets += n;
    vector_end(&vector, cache);
    return n;
}

static void
packet_transmit(struct port *port, uint32_t worker,
                struct xvs_packet *const *packets, uint32_t n,
                struct port_tally *tally)
{
    const struct device *device = port->state;
    struct vector vector;

    (void) worker;
    for (uint32_t i = 0; i < n; i++) {
        int parts = vector_of(&vector, packets[i]);
        struct msghdr message = { .msg_iov = vector.parts,
                                  .msg_iovlen = (size_t) parts };

        if (parts == 0 || sendmsg(device->fd, &message, MSG_DONTWAIT) < 0) {
            tally->dropped++;
        } else {
            tally->packets++;
            tally->bytes += packets[i]->total;
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
    .update = packet_update,
    .look = packet_look,
};
