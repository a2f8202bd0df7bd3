/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * libxvs-pipe: a program's end of a pipe port.  The switch's end is
 * core/port/pipe; both are made of the same ring and messages.  This side
 * trusts the switch no more than the switch trusts it.
 */

#include <config.h>

#include <xvs/pipe.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "port/pipe/message.h"

#define PATIENCE 5              /* seconds, for the switch's welcome */
#define GSO_UDP_L4 5            /* newer kernels' VIRTIO_NET_HDR_GSO_UDP_L4 */
#define PUBLIC __attribute__((visibility("default")))

struct xvs_pipe {
    int fd;                     /* the connection; -1: not open */
    struct pipe_memory *memory;
    struct ring_end rx;         /* from the switch */
    struct ring_end tx;         /* to it */
    struct pipe_welcome welcome;
};

static const uint8_t gso_types[] = {
    [XVS_GSO_NONE] = VIRTIO_NET_HDR_GSO_NONE,
    [XVS_GSO_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
    [XVS_GSO_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
    [XVS_GSO_UDP] = GSO_UDP_L4,
};

/* ---- Connecting --------------------------------------------------------- */

/* Says "what: text of errno"; false. */
static bool
fail(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s: %s", what, strerror(errno));
    return false;
}

static bool
connect_to(struct xvs_pipe *pipe, const char *path, char *why, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval patience = { .tv_sec = PATIENCE };

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(why, size, path);
    }
    memcpy(address.sun_path, path, strlen(path));
    pipe->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return (pipe->fd >= 0
            && connect(pipe->fd, (struct sockaddr *) &address,
                       sizeof address) == 0
            && setsockopt(pipe->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                          sizeof patience) == 0)
        || fail(why, size, path);
}

/* Receives the welcome; the descriptor that came with it, or -1. */
static int
receive_welcome(struct xvs_pipe *pipe, ssize_t *size)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = { &pipe->welcome, sizeof pipe->welcome };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    struct cmsghdr *head;
    int fd = -1;

    *size = recvmsg(pipe->fd, &message, MSG_CMSG_CLOEXEC);
    head = *size < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (head && head->cmsg_level == SOL_SOCKET
        && head->cmsg_type == SCM_RIGHTS
        && head->cmsg_len == CMSG_LEN(sizeof fd)) {
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    }
    return fd;
}

/* Whether the welcome is one; 'memory' came with it. */
static bool
check_welcome(struct xvs_pipe *pipe, ssize_t size, int memory, char *why,
              size_t why_size)
{
    struct stat status;

    if (size < 0) {
        return fail(why, why_size, "no answer from the switch");
    }
    if (size != (ssize_t) sizeof pipe->welcome
        || pipe->welcome.magic != PIPE_MAGIC) {
        snprintf(why, why_size, "this is no pipe of a switch");
        return false;
    }
    pipe->welcome.text[sizeof pipe->welcome.text - 1] = 0;
    if (pipe->welcome.refusal != PIPE_WELCOME) {
        snprintf(why, why_size, "%s", pipe->welcome.text);
        return false;
    }
    if (pipe->welcome.version != PIPE_VERSION || memory < 0
        || fstat(memory, &status) != 0
        || status.st_size < (off_t) sizeof(struct pipe_memory)) {
        snprintf(why, why_size, "the switch shares unknown memory");
        return false;
    }
    return true;
}

static bool
map(struct xvs_pipe *pipe, int fd, char *why, size_t size)
{
    void *memory = mmap(NULL, sizeof *pipe->memory, PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);

    if (memory == MAP_FAILED) {
        return fail(why, size, "the switch's memory");
    }
    pipe->memory = memory;
    pipe->rx.ring = &pipe->memory->to_peer;
    pipe->tx.ring = &pipe->memory->to_switch;
    return true;
}

static bool
shake_hands(struct xvs_pipe *pipe, uint32_t can, char *why, size_t size)
{
    const struct pipe_hello hello = { .magic = PIPE_MAGIC,
                                      .version = PIPE_VERSION, .can = can };
    ssize_t got;
    bool done;
    int fd;

    /* A switch that refuses has answered already, and closed. */
    send(pipe->fd, &hello, sizeof hello, MSG_NOSIGNAL);
    fd = receive_welcome(pipe, &got);
    done = check_welcome(pipe, got, fd, why, size)
        && map(pipe, fd, why, size);
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

PUBLIC struct xvs_pipe *
xvs_pipe_open(const char *path, uint32_t can, char *why, size_t size)
{
    struct xvs_pipe *pipe = calloc(1, sizeof *pipe);

    if (!pipe) {
        fail(why, size, path);
        return NULL;
    }
    pipe->fd = -1;
    if (!connect_to(pipe, path, why, size)
        || !shake_hands(pipe, can, why, size)) {
        xvs_pipe_close(pipe);
        return NULL;
    }
    return pipe;
}

PUBLIC void
xvs_pipe_close(struct xvs_pipe *pipe)
{
    if (pipe) {
        if (pipe->memory) {
            munmap(pipe->memory, sizeof *pipe->memory);
        }
        if (pipe->fd >= 0) {
            close(pipe->fd);
        }
        free(pipe);
    }
}

/* ---- Frames ------------------------------------------------------------- */

static struct virtio_net_hdr
virtio_of(const struct xvs_pipe_frame *frame)
{
    struct virtio_net_hdr virtio = { .gso_size = frame->gso_size };

    if (frame->offload & XVS_OFFLOAD_CHECKSUM) {
        virtio.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        virtio.csum_start = frame->csum_start;
        virtio.csum_offset = frame->csum_offset;
    } else if (frame->offload & XVS_OFFLOAD_VALID) {
        virtio.flags = VIRTIO_NET_HDR_F_DATA_VALID;
    }
    if (frame->gso_type < sizeof gso_types) {
        virtio.gso_type = gso_types[frame->gso_type];
    }
    if (virtio.gso_type && (frame->offload & XVS_OFFLOAD_ECN)) {
        virtio.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
    }
    return virtio;
}

static void
note_virtio(struct xvs_pipe_frame *frame, const struct virtio_net_hdr *virtio)
{
    uint8_t type = virtio->gso_type & (uint8_t) ~VIRTIO_NET_HDR_GSO_ECN;

    frame->csum_start = frame->csum_offset = 0;
    frame->gso_type = frame->offload = frame->reserved = 0;
    frame->gso_size = virtio->gso_size;
    if (virtio->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        frame->offload = XVS_OFFLOAD_CHECKSUM;
        frame->csum_start = virtio->csum_start;
        frame->csum_offset = (uint8_t) virtio->csum_offset;
    } else if (virtio->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
        frame->offload = XVS_OFFLOAD_VALID;
    }
    if (virtio->gso_type & VIRTIO_NET_HDR_GSO_ECN) {
        frame->offload |= XVS_OFFLOAD_ECN;
    }
    for (uint8_t i = 0; i < sizeof gso_types; i++) {
        frame->gso_type = type == gso_types[i] ? i : frame->gso_type;
    }
}

PUBLIC uint32_t
xvs_pipe_send(struct xvs_pipe *pipe, const struct xvs_pipe_frame *frames,
              uint32_t n)
{
    struct ring_end *tx = &pipe->tx;
    uint32_t i;

    for (i = 0; i < n; i++) {
        uint32_t size = frames[i].size, slots = ring_slots_of(size);
        struct virtio_net_hdr virtio = virtio_of(&frames[i]);

        if (size == 0 || size > RING_FRAME_MAX) {
            continue;
        }
        if (ring_room(tx, slots) < slots) {
            break;
        }
        ring_fill(tx, 0, frames[i].data, size);
        ring_add(tx, size, &virtio);
    }
    if (i > 0 && ring_show(tx)) {
        send(pipe->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    return i;
}

PUBLIC uint32_t
xvs_pipe_unsent(struct xvs_pipe *pipe)
{
    return RING_SLOTS - ring_room(&pipe->tx, RING_SLOTS);
}

PUBLIC uint32_t
xvs_pipe_receive(struct xvs_pipe *pipe, struct xvs_pipe_frame *frames,
                 uint32_t n)
{
    struct ring_end *rx = &pipe->rx;
    struct ring_head head;
    uint32_t i;

    for (i = 0; i < n && ring_next(rx, &head); i++) {
        uint32_t room = frames[i].size;

        ring_read(rx, 0, frames[i].data,
                  head.total < room ? head.total : room);
        frames[i].size = head.total;
        note_virtio(&frames[i], &head.virtio);
        ring_skip(rx, head.total);
    }
    if (i > 0) {
        ring_free(rx);
    }
    return i;
}

/* Reads what woke us; false at the end of the connection. */
static bool
drain(const struct xvs_pipe *pipe)
{
    char byte;
    ssize_t size;

    while ((size = recv(pipe->fd, &byte, 1, MSG_DONTWAIT)) > 0) {
    }
    return size < 0 && (errno == EAGAIN || errno == EINTR);
}

PUBLIC int
xvs_pipe_wait(struct xvs_pipe *pipe, int milliseconds)
{
    struct pollfd poll_fd = { pipe->fd, POLLIN, 0 };
    bool there = true;

    if (ring_waiting(&pipe->rx)) {
        return 1;
    }
    if (ring_doze(&pipe->rx) && !pipe->rx.broken
        && poll(&poll_fd, 1, milliseconds) > 0) {
        there = drain(pipe);
    }
    ring_rouse(&pipe->rx);
    if (ring_waiting(&pipe->rx)) {
        return 1;
    }
    return there && !pipe->rx.broken && !pipe->tx.broken ? 0 : -1;
}

PUBLIC int
xvs_pipe_link(const struct xvs_pipe *pipe)
{
    return !__atomic_load_n(&pipe->memory->to_peer.down, __ATOMIC_ACQUIRE);
}

PUBLIC uint32_t
xvs_pipe_mtu(const struct xvs_pipe *pipe)
{
    return pipe->welcome.mtu;
}

PUBLIC const uint8_t *
xvs_pipe_mac(const struct xvs_pipe *pipe)
{
    return pipe->welcome.mac;
}
