/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Streams: their life, and what processes on the host do with their ends.
 */

#include "vsock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

void
stream_end(struct device *device, struct stream *stream)
{
    if (stream->fd >= 0) {
        watch(device, EPOLL_CTL_DEL, stream->fd, 0, 0);
        close(stream->fd);
        stream->fd = -1;
    }
}

void
streams_end(struct device *device)
{
    for (struct stream *one = device->streams; one; one = one->next) {
        stream_end(device, one);
    }
    device->first = device->last;
}

void
streams_free(struct device *device)
{
    struct stream **at = &device->streams, *one;

    while ((one = *at) != NULL) {
        if (one->fd < 0) {
            *at = one->next;
            free(one->waiting);
            free(one);
        } else {
            at = &one->next;
        }
    }
}

struct stream *
stream_find(const struct device *device, uint32_t host, uint32_t guest)
{
    for (struct stream *one = device->streams; one; one = one->next) {
        if (one->fd >= 0 && one->at != LINE && one->host_port == host
            && one->guest_port == guest) {
            return one;
        }
    }
    return NULL;
}

struct stream *
stream_add(struct device *device, int fd)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (!stream) {
        close(fd);
        return NULL;
    }
    stream->fd = fd;
    stream->events = EPOLLIN;
    stream->next = device->streams;
    device->streams = stream;
    watch(device, EPOLL_CTL_ADD, fd, EPOLLIN, (uintptr_t) stream);
    return stream;
}

void
stream_came(struct device *device, int fd)
{
    stream_add(device, fd);
}

void
stream_events(struct device *device, struct stream *stream)
{
    uint32_t events = stream->size ? EPOLLOUT : 0;

    if (stream->fd < 0) {
        return;
    }
    if (stream->at == LINE
        || (stream->at == OPEN && !stream->stalled && !stream->ended)) {
        events |= EPOLLIN;
    }
    if (events != stream->events) {
        stream->events = events;
        watch(device, EPOLL_CTL_MOD, stream->fd, events, (uintptr_t) stream);
    }
}

void
stream_reset(struct device *device, struct stream *stream)
{
    if (stream->at != LINE) {
        packet_queue_for(device, stream, VIRTIO_VSOCK_OP_RST, 0);
    }
    stream_end(device, stream);
}

/* ---- The host's end ----------------------------------------------------- */

/* "CONNECT 1024\n", byte by byte: what is behind it is the stream's. */
static void
read_line(struct device *device, struct stream *stream)
{
    char byte;
    ssize_t n;
    unsigned port;

    while ((n = read(stream->fd, &byte, 1)) == 1 && byte != '\n'
           && stream->length + 1 < sizeof(stream->line)) {
        stream->line[stream->length++] = byte;
    }
    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n != 1 || byte != '\n'
        || sscanf(stream->line, "CONNECT %u", &port) != 1) {
        stream_end(device, stream);
        return;
    }
    stream->guest_port = port;
    stream->host_port = device->next_port++ | 1u << 30;
    stream->at = ASKED;
    packet_queue_for(device, stream, VIRTIO_VSOCK_OP_REQUEST, 0);
}

void
stream_ready(struct device *device, struct stream *stream, uint32_t events)
{
    if (stream->fd < 0) {
        return;
    }
    if (stream->at == LINE) {
        read_line(device, stream);
    } else if ((events & (EPOLLERR | EPOLLHUP))
               && (stream->at == ASKED || stream->ended)) {
        stream_reset(device, stream);
    } else {
        if ((events & EPOLLOUT) && stream->size) {
            packet_write_waiting(device, stream);
        }
        stream->stalled |= stream->fd >= 0 && stream->at == OPEN
            && (events & (EPOLLIN | EPOLLHUP));
    }
    stream_events(device, stream);
    streams_to_guest(device);
}
