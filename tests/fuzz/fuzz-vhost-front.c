/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Messages of a hostile front end, with descriptors of every kind: the port
 * survives, and nothing of the front end stays when it has gone.
 *
 * The input: messages as on the socket, each after a byte that says which
 * descriptors go with it (bits 0-2: how many, bits 3-5: of which kind the
 * first one is).
 */

#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "port/port.h"
#include "port/vhost/front.h"
#include "port/vhost/wire.h"

#define KINDS 4u                /* of descriptors */
#define MESSAGES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stays from input to input. */
struct bed {
    struct loop *loop;
    struct port *port;
    struct pool *pool;
    struct pool_cache *cache;
    int fds[KINDS];             /* memory, a short one, an event, a device */
};

static void
prepare(struct bed *bed)
{
    struct port_owner owner = { 0 };
    struct port_config config = { .driver = DRIVER_VHOST_USER,
                                  .mode = MODE_SERVER, .queues = 2 };

    log_open("fuzz", LOG_LEVEL_ERROR);
    grace_thread_begin();
    bed->loop = owner.loop = loop_create(NULL);
    snprintf(config.device, sizeof config.device, "/tmp/xvs-fuzz-%d.sock",
             (int) getpid());
    bed->port = port_open(&config, &owner, NULL);
    bed->pool = pool_create(1024, NULL);
    bed->cache = pool_cache_create(bed->pool);
    bed->fds[0] = memfd_create("memory", MFD_CLOEXEC);
    bed->fds[1] = memfd_create("short", MFD_CLOEXEC);
    bed->fds[2] = eventfd(0, EFD_NONBLOCK);
    bed->fds[3] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (!bed->port || ftruncate(bed->fds[0], 1 << 20) != 0
        || ftruncate(bed->fds[1], 100) != 0) {
        abort();
    }
    unlink(config.device);
}

/* Lets the port do all that it can. */
static void
settle(struct bed *bed)
{
    for (uint32_t i = 0; i < 3; i++) {
        loop_once(bed->loop, 0);
        grace_drain();
    }
    loop_once(bed->loop, 0);
}

/* A worker comes by. */
static void
work(struct bed *bed)
{
    struct xvs_packet *packets[8];
    struct port_tally tally = { 0 };
    enum port_news news = PORT_SAME;
    uint32_t n;

    grace_online();
    for (uint32_t i = 0; i < bed->port->n_queues; i++) {
        struct port_queue *queue = &bed->port->queues[i];

        n = bed->port->ops->receive(queue, bed->cache, packets, 8, &tally,
                                    &news);
        pool_put(bed->cache, packets, n);
        bed->port->ops->disarm(queue);
        bed->port->ops->arm(queue);
    }
    n = pool_get(bed->cache, packets, 1);
    if (n) {
        packets[0]->length = packets[0]->total = 60;
        memset(packets[0]->data, 0, 60);
        bed->port->ops->transmit(bed->port, 0, packets, n, &tally);
        pool_put(bed->cache, packets, n);
    }
    grace_offline();
}

static void
send_bytes(const struct bed *bed, int socket, uint8_t how,
           const uint8_t *data, size_t size)
{
    union {
        char space[CMSG_SPACE(sizeof(int) * WIRE_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec part = { (void *) data, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    int fds[WIRE_FDS];
    uint32_t n = how & 7;

    for (uint32_t i = 0; i < n; i++) {
        fds[i] = bed->fds[((how >> 3) + i) % KINDS];
    }
    memset(&control, 0, sizeof control);
    if (n) {
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
    }
    if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        /* The port has parted from us. */
    }
}

/* The message that begins at 'data' with its body, as far as it goes. */
static size_t
message_size(const uint8_t *data, size_t size)
{
    struct wire_header head;
    size_t whole;

    if (size < sizeof head) {
        return size;
    }
    memcpy(&head, data, sizeof head);
    whole = sizeof head + (head.size < 1024 ? head.size : 1024);
    return whole < size ? whole : size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bed bed;
    struct vhost *vhost;
    uint32_t n = 0;
    int ends[2];

    if (!bed.loop) {
        prepare(&bed);
    }
    vhost = bed.port->state;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) {
        abort();
    }
    vhost->front = front_create(vhost, ends[0]);
    while (size > 1 && n++ < MESSAGES) {
        size_t part = message_size(data + 1, size - 1);

        send_bytes(&bed, ends[1], data[0], data + 1, part);
        data += part + 1;
        size -= part + 1;
        settle(&bed);
        work(&bed);
    }
    close(ends[1]);
    settle(&bed);
    settle(&bed);
    if (vhost->front) {
        abort();
    }
    return 0;
}
