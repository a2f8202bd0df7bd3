/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_CONNECTION_H
#define ACL_CONNECTION_H

/*
 * One connection: which packets belong to it, how long it lives.  Its bucket
 * in the table (connections.c) is locked around every call that takes one.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct acl_flow;
struct acl_key;

/* What each packet of a known connection needs is in front. */
struct connection {
    _Atomic uint32_t uses;      /* changes whenever it becomes another one */
    _Atomic uint32_t bucket;    /* where it is, while 'uses' stays */
    uint64_t expires;           /* nanoseconds, monotonic */
    uint64_t generation;        /* of the set that allowed it */
    uint32_t rule;              /* index in that set */
    uint32_t idle_seconds;      /* of the rule, 0: by protocol */
    uint8_t protocol;
    uint8_t direction;          /* in which it was opened */
    uint8_t kind;               /* tells the address families apart */
    uint8_t seen;               /* SEEN_..., see connection.c */
    _Atomic uint32_t next;      /* in its bucket, or among the free ones */
    uint32_t port;              /* serial number */
    uint16_t source_port;
    uint16_t destination_port;
    uint64_t source[2];         /* of the packet that opened it */
    uint64_t destination[2];
};

/* True when the packet goes the way of the one that opened it. */
bool connection_goes(const struct connection *c, const struct acl_flow *flow);
/* True when it goes the other way. */
bool connection_replies(const struct connection *c,
                        const struct acl_flow *flow);
/*
 * Looks the rule up again when the port has another set than at that time;
 * false when it does not allow the connection any more.
 */
bool connection_allowed(struct connection *c, const struct acl_flow *flow,
                        bool replies);
/* Takes the packet into account: state and time to live. */
void connection_note(struct connection *c, const struct acl_flow *flow,
                     bool replies);
/* The same for one that arrived at 'now' and says nothing but that the
 * connection is in use: no TCP segment with SYN, FIN or RST. */
void connection_touch(struct connection *c, uint64_t now, bool replies);
/* Makes it the connection of its first packet, by rule 'index' of the set. */
void connection_fill(struct connection *c, const struct acl_flow *flow,
                     int index);
/* Whether replies to the packet can be told from other packets. */
bool connection_may_open(const struct acl_key *key);

#endif
