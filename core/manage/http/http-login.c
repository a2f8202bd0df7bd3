/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who is at the other end.  A peer on the unix socket is known by its
 * credentials; one on TCP by a certificate or a password, which is checked
 * once per connection and remembered as long as the field does not change.
 */

#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/socket.h"
#include "manage/http/http-conn.h"
#include "manage/http/http-server.h"

#define GROUPS_LIMIT 64     /* groups of a peer that are looked at */

static void
know_unix_peer(struct connection *connection)
{
    gid_t groups[GROUPS_LIMIT + 1];
    socklen_t size = GROUPS_LIMIT * sizeof *groups;
    uid_t uid;
    pid_t pid;

    if (!socket_peer(connection->fd, &uid, &groups[GROUPS_LIMIT], &pid)) {
        return;
    }
    if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERGROUPS, groups,
                   &size) != 0) {
        size = 0;
    }
    size /= sizeof *groups;
    groups[size] = groups[GROUPS_LIMIT];    /* the primary one */
    auth_peer(connection->server->auth, uid, groups, size + 1,
              &connection->principal);
    snprintf(connection->where, sizeof connection->where, "uid %u",
             (unsigned int) uid);
}

static void
know_tcp_peer(struct connection *connection)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer = { .any.sa_family = AF_UNSPEC };
    socklen_t size = sizeof peer;
    const struct in6_addr *v6 = &peer.v6.sin6_addr;

    if (getpeername(connection->fd, &peer.any, &size) != 0) {
        return;
    }
    if (peer.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &peer.v4.sin_addr, connection->where,
                  sizeof connection->where);
        connection->is_loopback = ntohl(peer.v4.sin_addr.s_addr) >> 24 == 127;
    } else if (peer.any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, v6, connection->where, sizeof connection->where);
        connection->is_loopback =
            IN6_IS_ADDR_LOOPBACK(v6)
            || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    }
}

void
login_peer(struct connection *connection)
{
    if (connection->is_unix) {
        know_unix_peer(connection);
    } else {
        know_tcp_peer(connection);
    }
}

static bool
refuse(struct connection *connection, int status, const char *text)
{
    struct exchange *exchange = &connection->exchange;

    exchange->close = true;
    if (status == 401) {
        exchange_field(exchange, "WWW-Authenticate", "Basic realm=\"xvs\"");
    }
    exchange_field(exchange, "XVS-Error", status == 503 ? "busy" : "denied");
    exchange_refuse(exchange, status, text);
    return false;
}

/* Forgets the credentials that were checked, in memory too. */
void
login_forget(struct connection *connection)
{
    if (connection->verified) {
        explicit_bzero(connection->verified, strlen(connection->verified));
        free(connection->verified);
        connection->verified = NULL;
    }
}

static void
checked(void *arg, const struct principal *principal)
{
    struct connection *connection = arg;

    connection->check = NULL;
    connection->state = CONN_WORK;
    connection->principal = *principal;
    if (!principal->name[0]) {
        login_forget(connection);
        refuse(connection, 401, "The user or the password is wrong.");
        return;
    }
    connection_accept(connection);
}

/* Something that a password can be taken from at all. */
static bool
is_basic(const char *field)
{
    char text[512];
    char *user, *password;
    bool ok = auth_decode(field, text, sizeof text, &user, &password);

    explicit_bzero(text, sizeof text);
    return ok;
}

static bool
check_password(struct connection *connection, const char *field)
{
    if (connection->verified && auth_equal(field, connection->verified)) {
        return true;
    }
    connection->principal = (struct principal){ ROLE_NONE, "" };
    login_forget(connection);
    if (!is_basic(field)) {
        return refuse(connection, 401, "A user and a password are needed, "
                      "as Basic authentication.");
    }
    connection->verified = mem_strdup(field);
    connection->state = CONN_CHECK;
    connection->check = auth_check(connection->server->auth, field,
                                   connection->where, checked, connection);
    if (!connection->check) {
        connection->state = CONN_WORK;
        return refuse(connection, 503, "Too many passwords are being "
                      "checked.");
    }
    return false;
}

bool
login_check(struct connection *connection)
{
    const char *field = http_field(&connection->parser, "Authorization");

    if (connection->is_unix) {
        return connection->principal.role != ROLE_NONE
               || refuse(connection, 403, "This user may not use the "
                         "management socket.");
    }
    /* No challenge here: it would only bring a password in plain text. */
    if (!connection->tls && !connection->is_loopback) {
        return refuse(connection, 403, "Plain http is for this host only: "
                      "use https.");
    }
    if (field) {
        return check_password(connection, field);
    }
    /* Known without a password: a client certificate. */
    if (connection->verified || connection->principal.role == ROLE_NONE) {
        return refuse(connection, 401, "A user and a password are needed.");
    }
    return true;
}
