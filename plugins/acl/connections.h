/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_CONNECTIONS_H
#define ACL_CONNECTIONS_H

/*
 * Connections that a stateful rule let in, so that their replies pass.
 *
 *     buckets   [lock|head] -> entry -> entry
 *               [lock|head]                       entries: one fixed array
 *               [lock|head] -> entry
 *     free      [tag|index] -> entry -> entry -> ...
 *
 * Threads: any number of workers and the control thread use a table at the
 * same time.  A bucket's lock (a spin lock, held for some dozen
 * instructions) covers its chain and the entries in it; both directions of a
 * connection fall into one bucket.  Unused entries are on a stack without
 * lock, whose tag changes with each pop.  Nothing is allocated after
 * creation.
 *
 * A connection belongs to one port: each port decides for itself.  It names
 * the port by its serial number and its rule by the generation of the set
 * and an index, never by pointer.  When the port has a newer set, the rule is
 * looked up again, so a new denial ends connections at once.
 *
 * Fragments: the first one carries the ports and is treated as a whole
 * packet.  When it passes statefully, a short-lived entry with the datagram's
 * identification instead of ports (acl_key_fragment()) lets the later ones
 * follow.
 *
 * TCP is followed by its flags (no sequence numbers): half open, open,
 * closing.  A connection that was open before the table was made is taken
 * up by its next packet in the allowed direction.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "key.h"

struct acl_connections;
struct acl_set;

/* A packet at a port, and what the port says about connections. */
struct acl_flow {
    const struct acl_key *key;
    const struct acl_set *set;
    uint64_t hash;              /* of the key, see acl_key_hash() */
    uint64_t now;               /* nanoseconds, monotonic */
    uint32_t port;              /* serial number, never used again */
    int direction;              /* ACL_IN, ACL_OUT */
    _Atomic uint32_t *n_open;   /* connections of the port */
};

/* A connection, and one direction of it, to be found again without a look at
 * addresses. */
struct acl_track {
    uint32_t number;            /* of the entry, from 1 */
    uint32_t uses;              /* connection.uses */
    bool replies;               /* packets that go the other way */
};

enum acl_open { ACL_OPENED, ACL_NOT_TRACKED, ACL_FULL };

/* 'capacity' is a power of two; NULL: no memory. */
struct acl_connections *acl_connections_create(uint32_t capacity);
void acl_connections_destroy(struct acl_connections *table);

/*
 * When the packet belongs to a connection that its port still allows: notes
 * it there and returns the index of the rule in flow->set, else -1.  '*track'
 * is for acl_connections_again().
 */
int acl_connections_pass(struct acl_connections *table,
                         const struct acl_flow *flow,
                         struct acl_track *track);
/*
 * The same for another packet at that port, alike in all that rules look at,
 * which arrived at 'now' and is no TCP segment with SYN, FIN or RST.  -1 also
 * when the connection or the generation of the set is another one now.
 */
int acl_connections_again(struct acl_connections *table,
                          const struct acl_track *track, uint64_t generation,
                          uint64_t now);
/* Where connections of packets with that acl_key_hash() are. */
uint32_t acl_connections_bucket(const struct acl_connections *table,
                                uint64_t hash);
/* True when there are none. */
bool acl_connections_none(const struct acl_connections *table,
                          uint32_t bucket);
/* Tell the processor what will be needed. */
void acl_connections_fetch(const struct acl_connections *table,
                           uint32_t bucket);
void acl_connections_fetch_track(const struct acl_connections *table,
                                 const struct acl_track *track);
/*
 * As above for a packet that an ICMP error quotes: notes nothing, and looks
 * up no rule again.
 */
int acl_connections_quoted(struct acl_connections *table,
                           const struct acl_flow *flow);
/* Makes a connection for a packet that rule 'index' lets pass. */
enum acl_open acl_connections_open(struct acl_connections *table,
                                   const struct acl_flow *flow, int index);

/*
 * Forgets what 'is_over' (called under a lock: short) tells; it gets the
 * port's serial number and whether the connection has expired.  It is told of
 * every connection.  Returns the number forgotten.
 */
uint32_t acl_connections_sweep(struct acl_connections *table, uint64_t now,
                               bool (*is_over)(void *arg, uint32_t port,
                                               bool has_expired),
                               void *arg);
/* Entries in use. */
uint32_t acl_connections_used(const struct acl_connections *table);

#endif
