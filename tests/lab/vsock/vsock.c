/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * vsock VHOST-SOCKET CID PATH: see vsock.h.
 */

#include "vsock.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Milliseconds until a guest learns of what it has sent: each call costs it a
 * change of context, and nothing waits for it but the memory. */
#define CALL_AFTER 1

void
watch(struct device *device, int operation, int fd, uint32_t events,
      uint64_t tag)
{
    struct epoll_event event = { .events = events, .data.u64 = tag };

    epoll_ctl(device->epoll, operation, fd, &event);
}

static int
listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) != 0
        || listen(fd, 4096) != 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

static void
accept_all(struct device *device)
{
    int fd;

    while ((fd = accept4(device->door, NULL, NULL,
                         SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        stream_came(device, fd);
    }
}

static void
front_came(struct device *device)
{
    int fd = accept4(device->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0 && device->front >= 0) {
        close(fd);
    } else if (fd >= 0) {
        device->front = fd;
        watch(device, EPOLL_CTL_ADD, fd, EPOLLIN, TAG_FRONT);
    }
}

static void
front_ready(struct device *device)
{
    if (!device_message(device)) {
        device_reset(device);
        close(device->front);
        device->front = -1;
    }
}

static void
serve(struct device *device, const struct epoll_event *event)
{
    eventfd_t count;

    switch (event->data.u64) {
    case TAG_LISTENER:
        front_came(device);
        break;
    case TAG_DOOR:
        accept_all(device);
        break;
    case TAG_FRONT:
        front_ready(device);
        break;
    case TAG_TO_GUEST:
        if (device->rings[0].kick >= 0) {
            eventfd_read(device->rings[0].kick, &count);
        }
        streams_to_guest(device);
        break;
    case TAG_FROM_GUEST:
        if (device->rings[1].kick >= 0) {
            eventfd_read(device->rings[1].kick, &count);
        }
        streams_from_guest(device);
        break;
    default:
        stream_ready(device, (struct stream *) (uintptr_t) event->data.u64,
                     event->events);
    }
}

int
main(int argc, char **argv)
{
    static struct device device = { .front = -1, .next_port = 1u << 30 };
    struct epoll_event events[64];

    if (argc != 4) {
        fprintf(stderr, "usage: vsock VHOST-SOCKET CID PATH\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    device.rings[0] = device.rings[1] =
        (struct ring) { .kick = -1, .call = -1 };
    device.cid = strtoull(argv[2], NULL, 10);
    device.path = argv[3];
    device.epoll = epoll_create1(EPOLL_CLOEXEC);
    device.listener = listen_at(argv[1]);
    device.door = listen_at(argv[3]);
    watch(&device, EPOLL_CTL_ADD, device.listener, EPOLLIN, TAG_LISTENER);
    watch(&device, EPOLL_CTL_ADD, device.door, EPOLLIN, TAG_DOOR);
    for (;;) {
        uint32_t owed = device.rings[1].owed;
        int n = epoll_wait(device.epoll, events, 64, owed ? CALL_AFTER : -1);

        if (n == 0) {
            ring_call(&device.rings[1]);
        }
        for (int i = 0; i < n; i++) {
            serve(&device, &events[i]);
        }
        streams_free(&device);
    }
}
