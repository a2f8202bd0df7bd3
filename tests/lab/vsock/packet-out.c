/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets to the guest.  Those without bytes wait in one queue and go before
 * all others: nobody knocks for what was parked behind them, since the guest's
 * kernel tells of new buffers only when half of them are used.
 */

#include "vsock.h"

#include <errno.h>

#define HEAD sizeof(struct virtio_vsock_hdr)
#define N_PACKETS (sizeof(((struct device *) 0)->packets) / HEAD)

static void
fill(const struct device *device, struct virtio_vsock_hdr *packet,
     struct stream *stream, uint32_t host, uint32_t guest, uint16_t op)
{
    *packet = (struct virtio_vsock_hdr) {
        .src_cid = HOST, .dst_cid = device->cid, .src_port = host,
        .dst_port = guest, .type = VIRTIO_VSOCK_TYPE_STREAM, .op = op,
        .buf_alloc = BUFFER, .fwd_cnt = stream ? stream->taken : 0,
    };
    if (stream) {
        stream->told = stream->taken;
    }
}

void
packet_queue(struct device *device, struct stream *stream, uint32_t host,
             uint32_t guest, uint16_t op, uint32_t flags)
{
    struct virtio_vsock_hdr *packet =
        &device->packets[device->last++ % N_PACKETS];

    fill(device, packet, stream, host, guest, op);
    packet->flags = flags;
}

void
packet_queue_for(struct device *device, struct stream *stream, uint16_t op,
                 uint32_t flags)
{
    packet_queue(device, stream, stream->host_port, stream->guest_port, op,
                 flags);
}

/* A buffer of the guest; -1: there is none, and one is wanted. */
static int
take(struct device *device, struct iovec parts[PARTS], int *n)
{
    int head = ring_take(device, &device->rings[0], parts, n);

    device->is_short |= head < 0;
    return head;
}

static bool
send_queued(struct device *device)
{
    struct ring *ring = &device->rings[0];
    struct iovec parts[PARTS];
    bool any = false;
    int n, head;

    while (device->first != device->last
           && (head = take(device, parts, &n)) >= 0) {
        parts_put(parts, n, &device->packets[device->first++ % N_PACKETS],
                  HEAD);
        ring_give(ring, head, HEAD);
        any = true;
    }
    return any;
}

/* One packet of what the host says, read straight into the guest's memory.
 * False: not now, or never again. */
static bool
send_bytes(struct device *device, struct stream *stream)
{
    struct ring *ring = &device->rings[0];
    uint32_t credit = stream->room - (stream->sent - stream->passed);
    struct virtio_vsock_hdr packet;
    struct iovec parts[PARTS], bytes[PARTS];
    int n, m, head = -1;
    ssize_t size;

    if (credit > 0 && device->first == device->last) {
        head = take(device, parts, &n);
    }
    if (head < 0) {
        stream->stalled = true;
        return false;
    }
    m = parts_behind(parts, n, HEAD, credit, bytes);
    size = readv(stream->fd, bytes, m);
    if (size < 0 && errno == EAGAIN) {
        return false;
    }
    if (size <= 0) {
        stream->ended = true;
        packet_queue_for(device, stream, VIRTIO_VSOCK_OP_SHUTDOWN,
                         VIRTIO_VSOCK_SHUTDOWN_SEND
                         | (stream->shut ? VIRTIO_VSOCK_SHUTDOWN_RCV : 0));
        return false;
    }
    fill(device, &packet, stream, stream->host_port, stream->guest_port,
         VIRTIO_VSOCK_OP_RW);
    packet.len = (uint32_t) size;
    parts_put(parts, n, &packet, HEAD);
    ring_give(ring, head, (uint32_t) (HEAD + (size_t) size));
    stream->sent += (uint32_t) size;
    return true;
}

/* Whether anything went. */
static bool
send_all(struct device *device)
{
    bool any = send_queued(device);

    for (struct stream *one = device->streams; one; one = one->next) {
        if (one->fd < 0 || !one->stalled || one->ended) {
            continue;
        }
        one->stalled = false;
        while (send_bytes(device, one)) {
            any = true;
        }
        stream_events(device, one);
    }
    return send_queued(device) || any;
}

void
streams_to_guest(struct device *device)
{
    struct ring *ring = &device->rings[0];
    bool any = false;

    do {
        device->is_short = false;
        ring_want_kicks(ring, false);
        any = send_all(device) || any;
    } while (device->is_short && ring_want_kicks(ring, true));
    if (any) {
        ring_call(ring);
    }
}
