/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See front-end.h.
 */

#include <config.h>

#include "front-end.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "port/vhost/features.h"

#define USER UINT64_C(0x7f1000000000)       /* the front end's first address */
#define RING_SPACE 0x20000u                 /* of memory for each ring */
#define PROTOCOL (WIRE_F_MQ | WIRE_F_LOG_SHMFD | WIRE_F_REPLY_ACK \
                  | WIRE_F_INFLIGHT | WIRE_F_MTU | WIRE_F_STATUS)

static void
die(const char *what)
{
    fprintf(stderr, "front end: %s (%s)\n", what, strerror(errno));
    exit(1);
}

void
front_boot(struct front_end *front)
{
    front->listener = front->fd = front->inflight = front->log = -1;
    front->file = memfd_create("guest", MFD_CLOEXEC);
    if (front->file < 0 || ftruncate(front->file, FRONT_SIZE) != 0) {
        die("no memory");
    }
    front->memory = mmap(NULL, FRONT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                         front->file, 0);
    for (uint32_t i = 0; i < front->n_rings; i++) {
        driver_start(&front->rings[i], front->memory + i * RING_SPACE,
                     front->ring_size, front->packed, front->event_index);
        front->kick[i] = eventfd(0, EFD_NONBLOCK);
        front->call[i] = eventfd(0, EFD_NONBLOCK);
    }
}

/* ---- The socket --------------------------------------------------------- */

static bool
try_connect(struct front_end *front, uint32_t wait_ms)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { 10, 0 };

    snprintf(address.sun_path, sizeof address.sun_path, "%s", front->path);
    if (front->listens) {
        struct pollfd one = { front->listener, POLLIN, 0 };

        front->fd = poll(&one, 1, (int) wait_ms) > 0
            ? accept(front->listener, NULL, NULL) : -1;
    } else {
        front->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(front->fd, (struct sockaddr *) &address, sizeof address)
            != 0) {
            close(front->fd);
            front->fd = -1;
            usleep(wait_ms * 1000);
        }
    }
    if (front->fd >= 0) {
        setsockopt(front->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                   sizeof patience);
    }
    return front->fd >= 0;
}

static void
start_listening(struct front_end *front)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof address.sun_path, "%s", front->path);
    unlink(front->path);
    front->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(front->listener, (struct sockaddr *) &address, sizeof address)
        || chmod(front->path, 0777) || listen(front->listener, 1)) {
        die(front->path);
    }
}

void
front_connect(struct front_end *front, uint32_t timeout_ms)
{
    if (front->listens && front->listener < 0) {
        start_listening(front);
    }
    for (uint32_t i = 0; i < timeout_ms / 50; i++) {
        if (try_connect(front, 50)) {
            return;
        }
    }
    die("nobody is at the other end of the socket");
}

void
front_disconnect(struct front_end *front)
{
    close(front->fd);
    front->fd = -1;
}

/* A process that is killed accepts a little longer. */
static bool
is_answered(struct front_end *front)
{
    const struct wire_header head = { WIRE_GET_FEATURES, WIRE_VERSION, 0 };
    uint8_t answer[sizeof head + sizeof(uint64_t)];

    return send(front->fd, &head, sizeof head, MSG_NOSIGNAL) == sizeof head
        && recv(front->fd, answer, sizeof answer, MSG_WAITALL)
               == sizeof answer;
}

void
front_reconnect(struct front_end *front, uint32_t timeout_ms)
{
    for (uint32_t i = 0; i < timeout_ms / 50; i++) {
        front_connect(front, timeout_ms);
        if (is_answered(front)) {
            return;
        }
        front_disconnect(front);
        usleep(50000);
    }
    die("whoever is at the other end of the socket does not answer");
}

bool
front_is_gone(const struct front_end *front)
{
    struct pollfd one = { front->fd, POLLIN, 0 };

    return poll(&one, 1, 0) > 0;
}

void
front_end(struct front_end *front)
{
    if (front->fd >= 0) {
        close(front->fd);
    }
    for (uint32_t i = 0; i < front->n_rings; i++) {
        close(front->kick[i]);
        close(front->call[i]);
    }
    munmap(front->memory, FRONT_SIZE);
    close(front->file);
    free(front);
}

static void
receive(struct front_end *front, uint32_t request, union wire_body *answer)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct wire_header head;
    struct iovec part = { &head, sizeof head };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    struct cmsghdr *extra;

    if (recvmsg(front->fd, &message, MSG_WAITALL) != sizeof head
        || head.request != request || head.size > sizeof *answer
        || (head.size && recv(front->fd, answer, head.size, MSG_WAITALL)
                             != (ssize_t) head.size)) {
        die("no answer, or a wrong one");
    }
    extra = CMSG_FIRSTHDR(&message);
    if (extra && extra->cmsg_type == SCM_RIGHTS) {
        memcpy(&front->inflight, CMSG_DATA(extra), sizeof(int));
    }
}

void
front_send(struct front_end *front, uint32_t request,
           const union wire_body *body, uint32_t size, const int *fds,
           uint32_t n_fds, union wire_body *answer)
{
    union {
        char space[CMSG_SPACE(sizeof(int) * WIRE_FDS)];
        struct cmsghdr align;
    } control;
    struct wire_header head = { request, WIRE_VERSION, size };
    struct iovec parts[] = { { &head, sizeof head }, { (void *) body, size } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

    memset(&control, 0, sizeof control);
    if (n_fds) {
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(n_fds * sizeof *fds);
        memcpy(CMSG_DATA(&control.align), fds, n_fds * sizeof *fds);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(n_fds * sizeof *fds);
    }
    if (sendmsg(front->fd, &message, MSG_NOSIGNAL) < 0) {
        die("cannot send");
    }
    if (answer) {
        receive(front, request, answer);
    }
}

static uint64_t
get(struct front_end *front, uint32_t request)
{
    union wire_body answer = { 0 };

    front_send(front, request, NULL, 0, NULL, 0, &answer);
    return answer.number;
}

static void
set(struct front_end *front, uint32_t request, uint64_t number, int fd)
{
    union wire_body body = { .number = number };

    front_send(front, request, &body, 8, &fd, fd >= 0, NULL);
}

static void
set_ring(struct front_end *front, uint32_t request, uint32_t ring,
         uint32_t number)
{
    union wire_body body = { .state = { ring, number } };

    front_send(front, request, &body, 8, NULL, 0, NULL);
}

/* ---- The device --------------------------------------------------------- */

static void
negotiate(struct front_end *front)
{
    uint64_t offered = get(front, WIRE_GET_FEATURES);

    front->features = FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VHOST_F_PROTOCOL)
        | FEATURE(VIRTIO_RING_F_INDIRECT_DESC)
        | (front->packed ? FEATURE(VIRTIO_F_RING_PACKED) : 0)
        | (front->event_index ? FEATURE(VIRTIO_RING_F_EVENT_IDX) : 0)
        | (front->mergeable ? FEATURE(VIRTIO_NET_F_MRG_RXBUF) : 0);
    if (front->offloads) {
        front->features |= FEATURE(VIRTIO_NET_F_CSUM)
            | FEATURE(VIRTIO_NET_F_GUEST_CSUM)
            | FEATURE(VIRTIO_NET_F_HOST_TSO4)
            | FEATURE(VIRTIO_NET_F_GUEST_TSO4);
    }
    if ((offered & front->features) != front->features) {
        die("the switch does not offer what a guest needs");
    }
    front->protocol = get(front, WIRE_GET_PROTOCOL_FEATURES) & PROTOCOL;
    if (front->protocol != PROTOCOL) {
        die("the switch lacks a feature of the protocol");
    }
    set(front, WIRE_SET_PROTOCOL_FEATURES, front->protocol, -1);
    if (get(front, WIRE_GET_QUEUE_NUM) < front->n_rings / 2) {
        die("the switch has too few queues");
    }
    front_send(front, WIRE_SET_OWNER, NULL, 0, NULL, 0, NULL);
    set(front, WIRE_SET_FEATURES, front->features, -1);
}

/* The memory for positions stays with us when the switch goes. */
static void
share_inflight(struct front_end *front)
{
    union wire_body *body = &front->inflight_body;

    if (front->inflight < 0) {
        body->inflight.n_queues = (uint16_t) front->n_rings;
        body->inflight.queue_size = (uint16_t) front->ring_size;
        front_send(front, WIRE_GET_INFLIGHT_FD, body, 20, NULL, 0, body);
        if (front->inflight < 0) {
            die("no memory for buffers in flight");
        }
    }
    front_send(front, WIRE_SET_INFLIGHT_FD, body, 20, &front->inflight, 1,
               NULL);
}

/* In two regions that are neighbours for the guest only. */
void
front_set_memory(struct front_end *front)
{
    union wire_body body = { .table = { .n = 2 } };
    int fds[] = { front->file, front->file };
    uint32_t half = FRONT_SIZE / 2;

    body.table.regions[0] = (struct wire_region) { FRONT_GUEST, half, USER,
                                                   0 };
    body.table.regions[1] = (struct wire_region) { FRONT_GUEST + half, half,
                                                   USER + FRONT_SIZE, half };
    front_send(front, WIRE_SET_MEM_TABLE, &body,
               8 + 2 * sizeof(struct wire_region), fds, 2, NULL);
}

static void
set_address(struct front_end *front, uint32_t ring, uint32_t flags)
{
    uint64_t base = USER + ring * RING_SPACE;
    union wire_body body = { .address = { .index = ring, .flags = flags } };
    uint32_t avail, used;

    driver_layout(front->packed, front->ring_size, &avail, &used);
    body.address.desc = base;
    body.address.avail = base + avail;
    body.address.used = base + used;
    body.address.log = FRONT_GUEST + ring * RING_SPACE + used;
    front_send(front, WIRE_SET_VRING_ADDR, &body, sizeof body.address, NULL,
               0, NULL);
}

static void
start_ring(struct front_end *front, uint32_t ring)
{
    const struct driver_ring *driver = &front->rings[ring];
    uint32_t base = driver->last;

    if (front->packed) {
        base |= driver->last_wrap ? 0x8000u : 0;
        base |= base << 16;
    }
    set_ring(front, WIRE_SET_VRING_NUM, ring, front->ring_size);
    set_ring(front, WIRE_SET_VRING_BASE, ring, base);
    set_address(front, ring, 0);
    set(front, WIRE_SET_VRING_CALL, ring, front->call[ring]);
    set(front, WIRE_SET_VRING_KICK, ring, front->kick[ring]);
    set_ring(front, WIRE_SET_VRING_ENABLE, ring, 1);
}

void
front_start(struct front_end *front)
{
    negotiate(front);
    share_inflight(front);
    front_set_memory(front);
    for (uint32_t i = 0; i < front->n_rings; i++) {
        start_ring(front, i);
    }
    front_wait(front);
}

/* An answer means that all before it was done. */
void
front_wait(struct front_end *front)
{
    get(front, WIRE_GET_FEATURES);
}

void
front_stop(struct front_end *front)
{
    for (uint32_t i = 0; i < front->n_rings; i++) {
        union wire_body body = { .state = { i, 0 } };

        front_send(front, WIRE_GET_VRING_BASE, &body, 8, NULL, 0, &body);
        if (!front->packed
            && (uint16_t) (body.state.number - front->rings[i].last)
                   > front->ring_size) {
            die("a ring stopped at a wrong place");
        }
    }
}

void
front_start_log(struct front_end *front)
{
    uint64_t size = (FRONT_GUEST + FRONT_SIZE) / 4096 / 8;
    union wire_body body = { .log = { size, 0 } }, answer;

    front->log = memfd_create("log", MFD_CLOEXEC);
    if (front->log < 0 || ftruncate(front->log, (off_t) size) != 0) {
        die("no memory for a log");
    }
    front->log_bits = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                           front->log, 0);
    front_send(front, WIRE_SET_LOG_BASE, &body, sizeof body.log, &front->log,
               1, &answer);
    set(front, WIRE_SET_FEATURES, front->features | FEATURE(VHOST_F_LOG_ALL),
        -1);
    for (uint32_t i = 0; i < front->n_rings; i++) {
        set_address(front, i, WIRE_RING_LOG);
    }
    front_wait(front);
}

bool
front_was_written(const struct front_end *front, uint64_t address)
{
    return front->log_bits[address / 4096 / 8] >> (address / 4096 % 8) & 1;
}

void
front_kick(struct front_end *front, uint32_t ring)
{
    if (driver_wants_kick(&front->rings[ring])) {
        eventfd_write(front->kick[ring], 1);
    }
}
