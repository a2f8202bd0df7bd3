/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See connections.h.
 */

#include <config.h>

#include "stage/grant/connections.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/endpoint.h"
#include "base/log.h"
#include "base/memory.h"
#include "stage/grant/diag.h"
#include "stage/grant/unix-sockets.h"

#define FEW 64u                 /* cookies; room for them at first */
#define MANY 4096u              /* from which on the dead are looked for: the
                                 * kernel looks at all sockets for it */
#define ALL_STATES 0xffffffffu

/* A question to the kernel, or an order. */
struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

/* Asked of a socket that the kernel has told of: whether it counts. */
typedef bool (*judge)(const struct inet_diag_msg *found, const void *arg);

static struct request
request_of(const struct endpoint *endpoint, uint16_t type, uint16_t flags)
{
    bool is_udp = endpoint->kind == ENDPOINT_UDP_CONNECT
        || endpoint->kind == ENDPOINT_UDP_LISTEN;

    return (struct request) {
        .head = { .nlmsg_len = sizeof(struct request), .nlmsg_type = type,
                  .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags) },
        .body = { .sdiag_family = (uint8_t) endpoint->address.ss_family,
                  .sdiag_protocol = is_udp ? IPPROTO_UDP : IPPROTO_TCP,
                  .idiag_states = ALL_STATES & ~(1u << TCP_LISTEN) },
    };
}

/* What is looked for. */
struct search {
    judge counts;
    const void *arg;
    struct buffer *found;
};

static void
take(void *arg, const struct nlmsghdr *head)
{
    const struct search *search = arg;

    if (search->counts(NLMSG_DATA(head), search->arg)) {
        buffer_put(search->found, NLMSG_DATA(head),
                   sizeof(struct inet_diag_msg));
    }
}

/* All sockets of an endpoint's kind with its port here or there that count,
 * as struct inet_diag_msg; false with errno. */
static bool
look(int fd, const struct endpoint *endpoint, judge counts, const void *arg,
     struct buffer *found)
{
    struct request request = request_of(endpoint, SOCK_DIAG_BY_FAMILY,
                                        NLM_F_DUMP);
    struct search search = { counts, arg, found };
    /* (In both families the port is at the same place.) */
    uint16_t port =
        ((const struct sockaddr_in *) (const void *) &endpoint->address)
            ->sin_port;

    if (endpoint_listens(endpoint->kind)) {
        request.body.id.idiag_sport = port;
    } else {
        request.body.id.idiag_dport = port;
    }
    return diag_ask(fd, &request, sizeof request,
                    sizeof(struct inet_diag_msg), take, &search);
}

static uint64_t
cookie_of(const struct inet_diag_msg *found)
{
    return found->id.idiag_cookie[0]
        | (uint64_t) found->id.idiag_cookie[1] << 32;
}

static int
compare(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *) one, b = *(const uint64_t *) other;

    return (a > b) - (a < b);
}

/* For is_noted(): the kernel tells of thousands. */
static void
sort(struct connections *connections)
{
    qsort(connections->cookies, connections->n, sizeof *connections->cookies,
          compare);
}

static bool
is_noted(const struct inet_diag_msg *found, const void *arg)
{
    const struct connections *connections = arg;
    uint64_t cookie = cookie_of(found);

    return bsearch(&cookie, connections->cookies, connections->n,
                   sizeof cookie, compare) != NULL;
}

/* Whether it was accepted there: its own address is the listener's. */
static bool
is_accepted(const struct inet_diag_msg *found, const void *arg)
{
    const struct sockaddr_in *four = arg;
    const struct sockaddr_in6 *six = arg;

    if (four->sin_family == AF_INET) {
        return four->sin_addr.s_addr == htonl(INADDR_ANY)
            || four->sin_addr.s_addr == found->id.idiag_src[0];
    }
    return IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr)
        || memcmp(&six->sin6_addr, found->id.idiag_src,
                  sizeof six->sin6_addr) == 0;
}

/* Has the kernel end one; false with errno, ENOENT when it ended itself. */
static bool
end(int fd, const struct endpoint *endpoint, const struct inet_diag_msg *which)
{
    struct request request = request_of(endpoint, SOCK_DESTROY, NLM_F_ACK);
    struct {
        struct nlmsghdr head;
        struct nlmsgerr body;
        char rest[sizeof(struct request)];
    } answer;
    ssize_t n;

    request.body.id = which->id;
    if (send(fd, &request, sizeof request, 0) < 0) {
        return false;
    }
    n = recv(fd, &answer, sizeof answer, 0);
    if (n < (ssize_t) NLMSG_LENGTH(sizeof answer.body)) {
        errno = n < 0 ? errno : EBADMSG;
        return false;
    }
    errno = -answer.body.error;
    return errno == 0;
}

static void
end_all(const struct endpoint *endpoint, const char *text, judge counts,
        const void *arg)
{
    BUFFER_AUTO struct buffer found = BUFFER_INIT;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    int failed = fd >= 0 && look(fd, endpoint, counts, arg, &found)
        ? 0 : errno;

    for (size_t at = 0; at < found.size; at += sizeof(struct inet_diag_msg)) {
        struct inet_diag_msg one;

        memcpy(&one, found.data + at, sizeof one);
        if (!end(fd, endpoint, &one) && errno != ENOENT) {
            failed = errno;
        }
    }
    if (failed) {
        log_line(LOG_LEVEL_WARNING, "connections of %s %s stay: nothing grants"
                 " them any more, but the kernel does not end them: %s",
                 endpoint_kind_name(endpoint->kind), text, strerror(failed));
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void
forget_unix(struct connections *connections)
{
    BUFFER_AUTO struct buffer found = BUFFER_INIT;

    if (unix_sockets_find(connections->cookies, connections->n, NULL,
                          &found)) {
        const struct unix_socket *open = (const void *) found.data;

        connections->n = (uint32_t) (found.size / sizeof *open);
        for (uint32_t i = 0; i < connections->n; i++) {
            connections->cookies[i] = open[i].cookie;
        }
    }
}

/* Forgets those that have ended, now and then. */
static void
forget(struct connections *connections, const struct endpoint *endpoint)
{
    BUFFER_AUTO struct buffer found = BUFFER_INIT;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

    sort(connections);
    if (fd >= 0 && look(fd, endpoint, is_noted, connections, &found)) {
        connections->n = 0;
        for (size_t at = 0; at < found.size;
             at += sizeof(struct inet_diag_msg)) {
            struct inet_diag_msg one;

            memcpy(&one, found.data + at, sizeof one);
            connections->cookies[connections->n++] = cookie_of(&one);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void
reserve(struct connections *connections, uint32_t room)
{
    if (room > connections->room) {
        connections->room = room;
        connections->cookies = mem_realloc(
            connections->cookies, room * sizeof *connections->cookies);
    }
}

/* Not a unix socket. */
static bool
has_port(const struct endpoint *endpoint)
{
    return endpoint->address.ss_family == AF_INET
        || endpoint->address.ss_family == AF_INET6;
}

void
connections_note(struct connections *connections,
                 const struct endpoint *endpoint, int fd)
{
    uint64_t cookie;
    socklen_t size = sizeof cookie;

    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) {
        return;
    }
    if (connections->n == connections->room) {
        if (connections->n >= MANY && has_port(endpoint)) {
            forget(connections, endpoint);
        } else if (connections->n >= MANY) {
            forget_unix(connections);
        }
        if (connections->n >= connections->room / 2) {
            reserve(connections, connections->room * 2 + FEW);
        }
    }
    connections->cookies[connections->n++] = cookie;
}

void
connections_merge(struct connections *to, struct connections *from)
{
    if (from->n) {
        reserve(to, to->n + from->n + FEW);
        memcpy(to->cookies + to->n, from->cookies,
               from->n * sizeof *to->cookies);
        to->n += from->n;
    }
    connections_clear(from);
}

void
connections_cut(struct connections *connections,
                const struct endpoint *endpoint, const char *text)
{
    if (connections->n && has_port(endpoint)) {
        sort(connections);
        end_all(endpoint, text, is_noted, connections);
    }
}

void
connections_left(const struct connections *connections,
                 const struct endpoint *endpoint, const char *text,
                 struct buffer *found)
{
    const struct sockaddr_un *address = (const void *) &endpoint->address;
    const char *path = endpoint->kind == ENDPOINT_UNIX_LISTEN
        ? address->sun_path : NULL;

    if (address->sun_family == AF_UNIX && (path || connections->n)
        && !unix_sockets_find(connections->cookies, connections->n, path,
                              found)) {
        log_line(LOG_LEVEL_WARNING, "connections of %s %s may stay: nothing"
                 " grants them any more, but the kernel does not tell of unix"
                 " sockets: %s", endpoint_kind_name(endpoint->kind), text,
                 strerror(errno));
    }
}

void
connections_cut_accepted(const struct endpoint *endpoint, const char *text)
{
    if (has_port(endpoint) && endpoint->kind == ENDPOINT_TCP_LISTEN) {
        end_all(endpoint, text, is_accepted, &endpoint->address);
    }
}

void
connections_clear(struct connections *connections)
{
    free(connections->cookies);
    memset(connections, 0, sizeof *connections);
}
