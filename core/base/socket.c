/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets of the daemons.  Every error names the address as the operator
 * wrote it.
 */
#include <config.h>

#include "base/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define BACKLOG 64

static bool
unix_address(const char *path, struct sockaddr_un *address,
             struct error *error)
{
    *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address->sun_path)) {
        return error_set(error, ERROR_LIMIT, "socket path %s is longer than "
                         "%zu characters", path,
                         sizeof(address->sun_path) - 1);
    }
    memcpy(address->sun_path, path, strlen(path));
    return true;
}

/* Closes 'fd' and fills the error from errno; -1 for the caller to return. */
static int
fail(int fd, struct error *error, const char *what, const char *where)
{
    int number = errno;

    if (fd >= 0) {
        close(fd);
    }
    error_set_errno(error, number, "cannot %s %s", what, where);
    return -1;
}

/* True when somebody accepts connections at the address. */
static bool
is_live(const struct sockaddr_un *address, int type)
{
    int fd = socket(AF_UNIX, type | FLAGS, 0);

    if (fd < 0) {
        return false;
    }
    bool live = connect(fd, (const struct sockaddr *) address,
                        sizeof(*address)) == 0
                || errno == EAGAIN || errno == EPROTOTYPE;

    close(fd);
    return live;
}

/* Removes a socket file that a dead process left behind. */
static bool
clear_stale(const char *path, const struct sockaddr_un *address, int type,
            struct error *error)
{
    struct stat status;

    if (lstat(path, &status) < 0) {
        return true;
    }
    if (!S_ISSOCK(status.st_mode)) {
        return error_set(error, ERROR_EXISTS, "%s is there and is not a "
                         "socket", path);
    }
    if (is_live(address, type)) {
        error_set(error, ERROR_EXISTS, "another process listens on %s",
                  path);
        return error_hint(error, "end it, or use another path");
    }
    return unlink(path) == 0
           || error_set_errno(error, errno, "cannot remove the stale socket "
                              "%s", path);
}

int
socket_listen_unix(const char *path, int type, mode_t mode,
                   struct error *error)
{
    struct sockaddr_un address;

    if (!unix_address(path, &address, error)
        || !clear_stale(path, &address, type, error)) {
        return -1;
    }
    int fd = socket(AF_UNIX, type | FLAGS, 0);

    /* fchmod() before bind() decides the mode of the file: no window. */
    if (fd < 0 || fchmod(fd, mode) < 0
        || bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0) {
        return fail(fd, error, "listen on", path);
    }
    if (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
        unlink(path);
        return fail(fd, error, "listen on", path);
    }
    return fd;
}

int
socket_connect_unix(const char *path, int type, struct error *error)
{
    struct sockaddr_un address;

    if (!unix_address(path, &address, error)) {
        return -1;
    }
    int fd = socket(AF_UNIX, type | FLAGS, 0);

    if (fd < 0
        || connect(fd, (const struct sockaddr *) &address,
                   sizeof(address)) < 0) {
        bool absent = errno == ENOENT || errno == ECONNREFUSED;

        fail(fd, error, "connect to", path);
        if (absent) {
            error_hint(error, "is the daemon running?");
        }
        return -1;
    }
    return fd;
}

/* Splits "host:port", "[v6]:port" or ":port"; 'host' has 256 bytes. */
static bool
split_address(const char *text, char *host, const char **port,
              struct error *error)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t) (colon - text) : 0;
    uint64_t number;

    if (!colon || size > 255 || !text_to_u64(colon + 1, &number)
        || number > 65535) {
        error_set(error, ERROR_INVALID, "%s is not an address: expected "
                  "address:port, [v6]:port or :port", text);
        return false;
    }
    if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    }
    memcpy(host, text, size);
    host[size] = 0;
    *port = colon + 1;
    return true;
}

static struct addrinfo *
resolve(const char *host, const char *port, int flags, struct error *error)
{
    struct addrinfo hints = {
        .ai_flags = flags | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *list;
    int result = getaddrinfo(host && *host ? host : NULL, port, &hints,
                             &list);

    if (result != 0) {
        error_set(error, ERROR_NOT_FOUND, "cannot resolve %s: %s",
                  host && *host ? host : "*", gai_strerror(result));
        return NULL;
    }
    return list;
}

static int
listen_at(const struct addrinfo *at, bool wildcard)
{
    int on = 1;
    int off = 0;
    int fd = socket(at->ai_family, at->ai_socktype | FLAGS, at->ai_protocol);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (wildcard && at->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0
        && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int number = errno;

    close(fd);
    errno = number;
    return -1;
}

int
socket_listen_tcp(const char *address, struct error *error)
{
    char host[256];
    const char *port;

    if (!split_address(address, host, &port, error)) {
        return -1;
    }
    /* "All addresses" is one v6 socket that takes v4 as well. */
    struct addrinfo *list = resolve(*host ? host : "::", port, AI_PASSIVE,
                                    error);
    int fd = -1;

    if (!list) {
        return -1;
    }
    for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
        fd = listen_at(at, !*host);
    }
    int number = errno;

    freeaddrinfo(list);
    if (fd < 0 && !*host && number == EAFNOSUPPORT) {
        char v4[32];

        snprintf(v4, sizeof(v4), "0.0.0.0:%s", port);
        return socket_listen_tcp(v4, error);
    }
    errno = number;
    return fd >= 0 ? fd : fail(-1, error, "listen on", address);
}

int
socket_connect_tcp(const char *host, uint16_t port, struct error *error)
{
    char service[8];
    int fd = -1;
    int on = 1;

    snprintf(service, sizeof(service), "%u", port);
    struct addrinfo *list = resolve(host, service, 0, error);

    if (!list) {
        return -1;
    }
    for (struct addrinfo *at = list; at; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | FLAGS, 0);
        if (fd >= 0 && (connect(fd, at->ai_addr, at->ai_addrlen) == 0
                        || errno == EINPROGRESS)) {
            break;
        }
        int number = errno;

        if (fd >= 0) {
            close(fd);
        }
        fd = -1;
        errno = number;
    }
    int number = errno;

    freeaddrinfo(list);
    errno = number;
    if (fd < 0) {
        return fail(-1, error, "connect to", host);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

uint16_t
socket_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = { .any.sa_family = AF_UNSPEC };
    socklen_t size = sizeof(address);

    if (getsockname(fd, &address.any, &size) < 0) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

int
socket_accept(int fd)
{
    int on = 1;
    int peer = accept4(fd, NULL, NULL, FLAGS);

    if (peer >= 0) {
        /* Fails on a unix socket, which has no such delay. */
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return peer;
}

bool
socket_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0
        || peer.uid == (uid_t) -1) {
        return false;
    }
    if (uid) {
        *uid = peer.uid;
    }
    if (gid) {
        *gid = peer.gid;
    }
    if (pid) {
        *pid = peer.pid;
    }
    return true;
}
