/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See endpoint.h.
 */

#include <config.h>

#include "base/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/socket.h"
#include "base/text.h"

#define BACKLOG 1024
#define HOST_SIZE (INET6_ADDRSTRLEN + 1)

static const char *const names[ENDPOINT_KINDS] = {
    [ENDPOINT_NONE] = "none",
    [ENDPOINT_TCP_CONNECT] = "tcp-connect",
    [ENDPOINT_TCP_LISTEN] = "tcp-listen",
    [ENDPOINT_UDP_CONNECT] = "udp-connect",
    [ENDPOINT_UDP_LISTEN] = "udp-listen",
    [ENDPOINT_UNIX_CONNECT] = "unix-connect",
    [ENDPOINT_UNIX_LISTEN] = "unix-listen",
};

const char *
endpoint_kind_name(enum endpoint_kind kind)
{
    return kind < ENDPOINT_KINDS ? names[kind] : names[ENDPOINT_NONE];
}

enum endpoint_kind
endpoint_kind_find(const char *name)
{
    for (int kind = ENDPOINT_NONE + 1; kind < ENDPOINT_KINDS; kind++) {
        if (strcmp(name, names[kind]) == 0) {
            return (enum endpoint_kind) kind;
        }
    }
    return ENDPOINT_NONE;
}

bool
endpoint_listens(enum endpoint_kind kind)
{
    return kind == ENDPOINT_TCP_LISTEN || kind == ENDPOINT_UDP_LISTEN
        || kind == ENDPOINT_UNIX_LISTEN;
}

static bool
is_unix(enum endpoint_kind kind)
{
    return kind == ENDPOINT_UNIX_CONNECT || kind == ENDPOINT_UNIX_LISTEN;
}

/* ---- Reading ------------------------------------------------------------ */

static bool
refuse(const char *text, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "'%.120s' %s", text, what);
}

static bool
parse_path(const char *text, struct endpoint *endpoint, struct error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(text);

    if (text[0] != '/') {
        refuse(text, "is no path of a socket", error);
        return error_hint(error, "it begins with '/', as"
                                 " /run/collector.sock does");
    }
    if (length >= sizeof address.sun_path) {
        return error_set(error, ERROR_INVALID, "the path of a socket has %zu"
                         " bytes; %zu are possible", length,
                         sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, text, length + 1);
    endpoint->size = sizeof address;
    memcpy(&endpoint->address, &address, sizeof address);
    return true;
}

/* "HOST:PORT" or "[HOST]:PORT"; false when it is neither. */
static bool
divide(const char *text, char host[HOST_SIZE], bool *brackets,
       const char **port)
{
    const char *start = text, *end = strrchr(text, ':');

    *brackets = text[0] == '[';
    if (!end) {
        return false;
    }
    *port = end + 1;
    if (*brackets) {
        if (end == text || end[-1] != ']') {
            return false;
        }
        start++;
        end--;
    }
    if ((size_t) (end - start) >= HOST_SIZE) {
        return false;
    }
    memcpy(host, start, (size_t) (end - start));
    host[end - start] = 0;
    return true;
}

static void
set_v4(struct endpoint *endpoint, struct in_addr host, uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = host };

    endpoint->size = sizeof address;
    memcpy(&endpoint->address, &address, sizeof address);
}

static void
set_v6(struct endpoint *endpoint, struct in6_addr host, uint16_t port)
{
    const struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port),
        .sin6_addr = host };

    endpoint->size = sizeof address;
    memcpy(&endpoint->address, &address, sizeof address);
}

static bool
parse_address(const char *text, struct endpoint *endpoint,
              struct error *error)
{
    char host[HOST_SIZE];
    const char *port_text = "";
    struct in_addr v4;
    struct in6_addr v6;
    uint64_t port;
    bool brackets;

    if (!divide(text, host, &brackets, &port_text)) {
        refuse(text, "is no address with a port", error);
    } else if (port_text[0] < '0' || port_text[0] > '9'
               || !text_to_u64(port_text, &port) || port == 0
               || port > 65535) {
        refuse(text, "has no port of 1 to 65535 behind the last colon",
               error);
    } else if (!brackets && inet_pton(AF_INET, host, &v4) == 1) {
        set_v4(endpoint, v4, (uint16_t) port);
        return true;
    } else if (brackets && inet_pton(AF_INET6, host, &v6) == 1) {
        set_v6(endpoint, v6, (uint16_t) port);
        return true;
    } else if (!host[0] && !brackets && endpoint_listens(endpoint->kind)) {
        set_v6(endpoint, in6addr_any, (uint16_t) port);
        return true;
    } else {
        refuse(text, "names no numeric address", error);
    }
    return error_hint(error, "192.0.2.1:4739 or [2001:db8::1]:4739 is"
                             " expected; names are not looked up");
}

bool
endpoint_parse(enum endpoint_kind kind, const char *text,
               struct endpoint *endpoint, struct error *error)
{
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->kind = kind;
    return is_unix(kind) ? parse_path(text, endpoint, error)
                         : parse_address(text, endpoint, error);
}

bool
endpoint_equal(const struct endpoint *one, const struct endpoint *other)
{
    return one->kind == other->kind && one->size == other->size
        && memcmp(&one->address, &other->address, one->size) == 0;
}

/* ---- Opening ------------------------------------------------------------ */

/* Without one, of IPv6 for all addresses, also where there is no IPv6. */
static int
make_socket(const struct endpoint *endpoint)
{
    bool tcp = endpoint->kind == ENDPOINT_TCP_CONNECT
        || endpoint->kind == ENDPOINT_TCP_LISTEN
        || endpoint->kind == ENDPOINT_UNIX_CONNECT;

    return socket(endpoint->address.ss_family,
                  (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC
                      | SOCK_NONBLOCK, 0);
}

static bool
begin(int fd, const struct endpoint *endpoint)
{
    const struct sockaddr *address = (const void *) &endpoint->address;
    const int on = 1;

    if (!endpoint_listens(endpoint->kind)) {
        return connect(fd, address, endpoint->size) == 0
            || errno == EINPROGRESS;
    }
    if (endpoint->kind == ENDPOINT_TCP_LISTEN) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    return bind(fd, address, endpoint->size) == 0
        && (endpoint->kind != ENDPOINT_TCP_LISTEN || listen(fd, BACKLOG) == 0);
}

int
endpoint_open(const struct endpoint *endpoint, const char *text,
              struct error *error)
{
    int fd, number;

    if (endpoint->kind == ENDPOINT_UNIX_LISTEN) {
        return socket_listen_unix(text, SOCK_STREAM, 0660, error);
    }
    fd = make_socket(endpoint);
    if (fd >= 0 && begin(fd, endpoint)) {
        return fd;
    }
    number = errno;
    if (fd >= 0) {
        close(fd);
    }
    error_set_errno(error, number, "%s %.120s",
                    endpoint_kind_name(endpoint->kind), text);
    if (number == EACCES && endpoint_listens(endpoint->kind)) {
        error_hint(error, "choose a port above 1023, or lower"
                          " net.ipv4.ip_unprivileged_port_start");
    }
    return -1;
}

void
endpoint_remove(const struct endpoint *endpoint)
{
    if (endpoint->kind == ENDPOINT_UNIX_LISTEN) {
        unlink(((const struct sockaddr_un *) (const void *)
                &endpoint->address)->sun_path);
    }
}
