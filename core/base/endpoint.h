/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_ENDPOINT_H
#define XVS_BASE_ENDPOINT_H

/*
 * Where a socket leads to, as a setting names it: the value of a property with
 * the qualifier Grant.  Addresses are numbers, because looking a name up would
 * block, and would grant what a stranger's name server says:
 *
 *     tcp-... udp-...     192.0.2.1:4739, [2001:db8::1]:4739, or
 *                         :4739 to listen on all addresses
 *     unix-...            /run/collector.sock
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct error;

/* Numbers travel in layouts (marshal/layout.h). */
enum endpoint_kind {
    ENDPOINT_NONE = 0,
    ENDPOINT_TCP_CONNECT = 1,
    ENDPOINT_TCP_LISTEN = 2,
    ENDPOINT_UDP_CONNECT = 3,
    ENDPOINT_UDP_LISTEN = 4,
    ENDPOINT_UNIX_CONNECT = 5,
    ENDPOINT_UNIX_LISTEN = 6,
    ENDPOINT_KINDS
};

struct endpoint {
    enum endpoint_kind kind;
    socklen_t size;             /* of 'address' */
    struct sockaddr_storage address;
};

/* "tcp-connect"; never NULL. */
const char *endpoint_kind_name(enum endpoint_kind kind);
/* ENDPOINT_NONE when there is none of that name. */
enum endpoint_kind endpoint_kind_find(const char *name);
/* Whether others come to it, so that it can be there once only. */
bool endpoint_listens(enum endpoint_kind kind);

/* Judges the text, and says what is wrong with it and what is expected. */
bool endpoint_parse(enum endpoint_kind kind, const char *text,
                    struct endpoint *endpoint, struct error *error);
/* Whether both are the same. */
bool endpoint_equal(const struct endpoint *one, const struct endpoint *other);
/*
 * Opens a socket there, close-on-exec and non-blocking: one that listens, or
 * is connected, or (TCP) begins to be.  The descriptor, or -1 with an error
 * that names the text.
 */
int endpoint_open(const struct endpoint *endpoint, const char *text,
                  struct error *error);
/* One that listened is closed for good: nobody finds it any more. */
void endpoint_remove(const struct endpoint *endpoint);

#endif
