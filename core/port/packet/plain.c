/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames by system calls: one for each that comes, one for many that go.
 */

#include <config.h>

#include "port/packet/plain.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "packet/offload.h"
#include "packet/pool.h"
#include "port/packet/tag.h"
#include "port/vector.h"

#define SEND_BATCH 64u          /* frames in one call */
#define SEND_PARTS 256u         /* their buffers and heads */

/* One frame as the kernel gave it. */
struct arrival {
    uint32_t size;              /* of the frame */
    bool tagged;                /* a tag was stripped */
    uint16_t tag_type;
    uint16_t tag;
};

/* Frames on their way out. */
struct batch {
    uint32_t n;                 /* frames */
    uint32_t n_parts;
    struct mmsghdr messages[SEND_BATCH];
    struct virtio_net_hdr heads[SEND_BATCH];
    struct iovec parts[SEND_PARTS];
    uint32_t sizes[SEND_BATCH]; /* of the frames */
};

/* A socket whose interface was unregistered is bound to index -1. */
bool
packet_is_bound(int fd)
{
    struct sockaddr_ll address;
    socklen_t size = sizeof address;

    return getsockname(fd, (struct sockaddr *) &address, &size) == 0
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
receive_one(int fd, struct vector *vector, struct arrival *arrival)
{
    union {
        char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct msghdr message = { .msg_iov = vector->parts,
                              .msg_iovlen = vector->n + 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);

    memset(arrival, 0, sizeof *arrival);
    if (size < 0) {
        return errno;
    }
    arrival->size = size > (ssize_t) sizeof vector->head
        ? (uint32_t) size - (uint32_t) sizeof vector->head : 0;
    note_tag(arrival, &message);
    return message.msg_flags & MSG_TRUNC ? EMSGSIZE : 0;
}

static void
failed(int fd, int number, struct port_tally *tally, enum port_news *news)
{
    if (number == EMSGSIZE || number == EINVAL) {
        tally->dropped++;       /* a frame the kernel cannot describe */
    } else if (number == ENETDOWN && packet_is_bound(fd)) {
        *news = PORT_DOWN;
    } else if (number != EAGAIN && number != EINTR) {
        *news = PORT_GONE;
    }
}

uint32_t
packet_plain_receive(int fd, struct pool_cache *cache,
                     struct xvs_packet **packets, uint32_t max,
                     struct port_tally *tally, enum port_news *news)
{
    struct vector vector;
    uint32_t n = 0;

    vector_init(&vector);
    while (n < max && vector_fill(&vector, cache, POOL_FRAME_MAX)) {
        struct arrival arrival;
        int number = receive_one(fd, &vector, &arrival);

        if (number != 0) {
            failed(fd, number, tally, news);
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
        if (arrival.tagged) {
            tag_restore(packets[n], arrival.tag_type, arrival.tag);
        }
        tally->bytes += packets[n++]->total;
    }
    tally->packets += n;
    vector_end(&vector, cache);
    return n;
}

/* ---- Sending --------------------------------------------------------------- */

/* Sends the batch; a frame that the kernel refuses does not stop the others,
 * a full socket does. */
static void
flush(int fd, struct batch *batch, struct port_tally *tally)
{
    uint32_t done = 0;

    while (done < batch->n) {
        int sent = sendmmsg(fd, batch->messages + done, batch->n - done,
                            MSG_DONTWAIT);

        if (sent <= 0) {
            uint32_t lost = sent < 0 && errno != EAGAIN && errno != ENOBUFS
                ? 1 : batch->n - done;

            tally->dropped += lost;
            done += lost;
            continue;
        }
        tally->packets += (uint32_t) sent;
        for (; sent > 0; sent--) {
            tally->bytes += batch->sizes[done++];
        }
    }
    batch->n = batch->n_parts = 0;
}

/* How many parts the packet needs, its head among them. */
static uint32_t
count_parts(const struct xvs_packet *packet)
{
    uint32_t n = 1;

    for (; packet; packet = packet->next) {
        n++;
    }
    return n;
}

static void
push(struct batch *batch, const struct xvs_packet *packet, uint32_t n_parts)
{
    struct virtio_net_hdr *head = &batch->heads[batch->n];
    struct iovec *parts = &batch->parts[batch->n_parts];

    offload_give(packet, head);
    batch->sizes[batch->n] = packet->total;
    batch->messages[batch->n++] = (struct mmsghdr) {
        .msg_hdr = { .msg_iov = parts, .msg_iovlen = n_parts } };
    batch->n_parts += n_parts;
    *parts++ = (struct iovec) { head, sizeof *head };
    for (; packet; packet = packet->next) {
        *parts++ = (struct iovec) { packet->data, packet->length };
    }
}

void
packet_plain_send(int fd, struct xvs_packet *const *packets, uint32_t n,
                  struct port_tally *tally)
{
    struct batch batch;

    batch.n = batch.n_parts = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_parts = count_parts(packets[i]);

        if (n_parts > SEND_PARTS) {
            tally->dropped++;
            continue;
        }
        if (batch.n == SEND_BATCH || batch.n_parts + n_parts > SEND_PARTS) {
            flush(fd, &batch, tally);
        }
        push(&batch, packets[i], n_parts);
    }
    flush(fd, &batch, tally);
}
