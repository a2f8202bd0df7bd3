/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets from the guest.
 */

#include "vsock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEAD sizeof(struct virtio_vsock_hdr)
#define BULK 16384              /* bytes at once, of those who have many */

static void
took(struct device *device, struct stream *stream, size_t n)
{
    /* (A guest sends no more than it would take itself.) */
    uint32_t most = stream->room < BUFFER ? stream->room : BUFFER;

    stream->taken += (uint32_t) n;
    if (stream->taken - stream->told >= most / 2) {
        packet_queue_for(device, stream, VIRTIO_VSOCK_OP_CREDIT_UPDATE, 0);
    }
}

/* What the host has not taken yet. */
void
packet_write_waiting(struct device *device, struct stream *stream)
{
    while (stream->size > 0) {
        ssize_t n = write(stream->fd, stream->waiting + stream->from,
                          stream->size);

        if (n < 0) {
            if (errno != EAGAIN) {
                stream_reset(device, stream);
            }
            return;
        }
        stream->from += (size_t) n;
        stream->size -= (size_t) n;
        took(device, stream, (size_t) n);
    }
    stream->from = 0;
    if ((stream->shut & 3) == 3) {
        stream_reset(device, stream);
    } else if (stream->shut & VIRTIO_VSOCK_SHUTDOWN_SEND) {
        shutdown(stream->fd, SHUT_WR);
    }
}

/* False: more than it had credit for. */
static bool
keep(struct stream *stream, const struct iovec *parts, int n, size_t size)
{
    if (stream->size + size > BUFFER) {
        return false;
    }
    if (!stream->waiting && !(stream->waiting = malloc(BUFFER))) {
        return false;
    }
    memmove(stream->waiting, stream->waiting + stream->from, stream->size);
    stream->from = 0;
    parts_get(parts, n, stream->waiting + stream->size, size);
    stream->size += size;
    return true;
}

static void
bytes_came(struct device *device, struct stream *stream,
           const struct iovec *parts, int n, size_t size)
{
    struct iovec bytes[PARTS], rest[PARTS];
    int m = parts_behind(parts, n, HEAD, size, bytes);
    ssize_t written = 0;

    if (!stream->size) {
        written = writev(stream->fd, bytes, m);
        if (written < 0 && errno != EAGAIN) {
            stream_reset(device, stream);
            return;
        }
        written = written < 0 ? 0 : written;
        took(device, stream, (size_t) written);
    }
    size -= (size_t) written;
    m = parts_behind(bytes, m, (size_t) written, size, rest);
    if (size > 0 && !keep(stream, rest, m, size)) {
        stream_reset(device, stream);
    }
}

/* The guest wants a port of the host. */
static void
asked(struct device *device, const struct virtio_vsock_hdr *packet)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stream *stream = NULL;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s_%u",
             device->path, packet->dst_port);
    if (connect(fd, (const struct sockaddr *) &address,
                sizeof(address)) != 0) {
        close(fd);
    } else {
        stream = stream_add(device, fd);
    }
    if (!stream) {
        packet_queue(device, NULL, packet->dst_port, packet->src_port,
                     VIRTIO_VSOCK_OP_RST, 0);
        return;
    }
    stream->at = OPEN;
    stream->host_port = packet->dst_port;
    stream->guest_port = packet->src_port;
    stream->room = packet->buf_alloc;
    stream->passed = packet->fwd_cnt;
    packet_queue_for(device, stream, VIRTIO_VSOCK_OP_RESPONSE, 0);
}

static void
agreed(struct device *device, struct stream *stream)
{
    char line[32];
    int n = snprintf(line, sizeof(line), "OK %u\n", stream->host_port);

    stream->at = OPEN;
    if (write(stream->fd, line, (size_t) n) != n) {
        stream_reset(device, stream);
    }
}

static void
was_shut(struct device *device, struct stream *stream, uint32_t flags)
{
    stream->shut |= flags;
    if ((flags & VIRTIO_VSOCK_SHUTDOWN_SEND) && !stream->size) {
        shutdown(stream->fd, SHUT_WR);
    }
    if ((stream->shut & 3) == 3 && !stream->size) {
        stream_reset(device, stream);
    }
}

static void
packet_came(struct device *device, const struct virtio_vsock_hdr *packet,
            const struct iovec *parts, int n)
{
    struct stream *stream = stream_find(device, packet->dst_port,
                                        packet->src_port);

    if (!stream) {
        if (packet->op == VIRTIO_VSOCK_OP_REQUEST) {
            asked(device, packet);
        } else if (packet->op != VIRTIO_VSOCK_OP_RST) {
            packet_queue(device, NULL, packet->dst_port, packet->src_port,
                         VIRTIO_VSOCK_OP_RST, 0);
        }
        return;
    }
    stream->room = packet->buf_alloc;
    stream->passed = packet->fwd_cnt;
    switch (packet->op) {
    case VIRTIO_VSOCK_OP_RESPONSE:
        agreed(device, stream);
        break;
    case VIRTIO_VSOCK_OP_RST:
        stream_end(device, stream);
        break;
    case VIRTIO_VSOCK_OP_SHUTDOWN:
        was_shut(device, stream, packet->flags);
        break;
    case VIRTIO_VSOCK_OP_RW:
        bytes_came(device, stream, parts, n, packet->len);
        break;
    case VIRTIO_VSOCK_OP_CREDIT_REQUEST:
        packet_queue_for(device, stream, VIRTIO_VSOCK_OP_CREDIT_UPDATE, 0);
        break;
    default:
        break;
    }
    stream_events(device, stream);
}

void
streams_from_guest(struct device *device)
{
    struct ring *ring = &device->rings[1];
    struct virtio_vsock_hdr packet;
    struct iovec parts[PARTS];
    size_t size = 0;
    int n, head;

    do {
        ring_want_kicks(ring, false);
        while ((head = ring_take(device, ring, parts, &n)) >= 0) {
            if (parts_get(parts, n, &packet, HEAD) == HEAD
                && packet.src_cid == device->cid && packet.dst_cid == HOST) {
                packet_came(device, &packet, parts, n);
                size += packet.len;
            }
            ring_give(ring, head, 0);
            ring->owed += (uint32_t) n;
        }
    } while (ring_want_kicks(ring, true));
    if (ring->owed > 0 && (size < BULK || ring->owed >= ring->n / 4)) {
        ring_call(ring);
    }
    streams_to_guest(device);
}
