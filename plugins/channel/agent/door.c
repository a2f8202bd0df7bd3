/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where links come from: the device, and sockets at which the host comes in.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "agent.h"

/* linux/vm_sockets.h, which not every C library has. */
enum { VSOCK_ANY = -1, VSOCK_HOST = 2 };
struct vsock_address {
    uint16_t family, zero;
    uint32_t port, cid;
    uint8_t rest[4];
};

/* One at which links come in. */
struct entry {
    struct watch watch;         /* first */
    bool is_vsock;
};

int
door_device(const char *path)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct termios raw;

    if (fd >= 0 && tcgetattr(fd, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(fd, TCSANOW, &raw);
    }
    return fd;
}

static void
come_in(struct watch *watch, uint32_t what)
{
    struct entry *entry = (struct entry *) (void *) watch;
    struct vsock_address peer;

    (void) what;
    for (;;) {
        socklen_t size = sizeof(peer);
        int fd = accept4(watch->fd, entry->is_vsock ? (void *) &peer : NULL,
                         entry->is_vsock ? &size : NULL,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            return;
        }
        if (entry->is_vsock && peer.cid != VSOCK_HOST) {
            say("vsock: only the host may come, not %u", peer.cid);
            close(fd);
        } else {
            link_add(fd, false);
        }
    }
}

void
door_open(int fd, bool is_vsock)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    if (!entry) {
        die("no memory");
    }
    entry->watch = (struct watch) { .fd = fd, .ready = come_in };
    entry->is_vsock = is_vsock;
    if (!loop_watch(&entry->watch)) {
        die("no memory: %s", strerror(errno));
    }
}

int
door_vsock(uint32_t port)
{
    struct vsock_address address = { .family = AF_VSOCK, .port = port,
                                     .cid = (uint32_t) VSOCK_ANY };
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (void *) &address, sizeof(address)) != 0
        || listen(fd, 8) != 0) {
        die("cannot listen at vsock port %u: %s", port, strerror(errno));
    }
    return fd;
}
