/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sockets of this guest: addresses are its own (127.0.0.1, ::1) or paths,
 * never anything that came over a link.
 */

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent.h"

static int
new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, path, strlen(path));
    return address;
}

/* A socket that a former agent left; nobody answers at it. */
static void
remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    int fd;

    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return;
    }
    fd = new_socket(AF_UNIX);
    if (connect(fd, (const struct sockaddr *) address, sizeof(*address)) != 0
        && errno == ECONNREFUSED) {
        unlink(address->sun_path);
    }
    close(fd);
}

int
local_listen_unix(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = new_socket(AF_UNIX);

    remove_stale(&address);
    if (fd < 0
        || bind(fd, (const struct sockaddr *) &address, sizeof(address)) != 0
        || listen(fd, 128) != 0) {
        die("cannot listen at %s: %s", path, strerror(errno));
    }
    return fd;
}

int
local_listen_tcp(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    const int one = 1;
    int fd = new_socket(AF_INET);

    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (fd < 0
        || bind(fd, (const struct sockaddr *) &address, sizeof(address)) != 0
        || listen(fd, 128) != 0) {
        die("cannot listen at 127.0.0.1:%u: %s", port, strerror(errno));
    }
    return fd;
}

static int
connect_to(int family, const void *address, socklen_t size)
{
    int fd = new_socket(family), why;

    if (fd >= 0 && connect(fd, address, size) != 0 && errno != EINPROGRESS) {
        why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

int
local_connect(const struct allowed *allowed, bool second)
{
    struct sockaddr_un path;
    struct sockaddr_in v4 = {
        .sin_family = AF_INET, .sin_port = htons(allowed->local),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(allowed->local),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT
    };

    if (allowed->local == 0) {
        path = address_of(allowed->path);
        return connect_to(AF_UNIX, &path, sizeof(path));
    }
    return second ? connect_to(AF_INET6, &v6, sizeof(v6))
                  : connect_to(AF_INET, &v4, sizeof(v4));
}
