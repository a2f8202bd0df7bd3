/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_FLOWS_H
#define ACL_FLOWS_H

/*
 * What was found for flows, so that it is looked for once per flow.
 *
 * Each worker has a memory of its own, so that nobody waits for anybody.  An
 * entry is all of a packet that rules look at, and the generation of the set
 * that was asked: a new set makes all that was found with the old one
 * worthless without anyone touching it.
 *
 *     hash -> tags    [t|t|t|t]     of the entries, and whether they were
 *          -> flows   [e][e][e][e]  found since they were put
 *
 * A search looks at one word of tags and at the one entry whose tag fits.
 * A flood of flows that never come again must not push out those that do: an
 * entry that was found again is not replaced until new flows have come to its
 * place several times without it being found.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "connections.h"
#include "key.h"

struct xvs_packet;

#define ACL_FLOW_WORKERS 16     /* that have a memory at the same time */
#define ACL_FLOWS 65536u        /* of a worker; 64 bytes each */
#define ACL_FLOW_WAYS 4u        /* places of a flow */

/* A packet as rules of one set see it, to be compared word by word. */
struct acl_asked {
    uint64_t words[7];          /* see flow-key.c; the last has the set */
    uint64_t hash;
};

/* Whom a packet is asked for, apart from what is in it. */
struct acl_asker {
    uint64_t seed;              /* secret, and of one port */
    uint64_t generation;        /* of the set */
    int direction;              /* ACL_IN, ACL_OUT */
};

/* What was found: the connection of the flow, or its rule. */
struct acl_known {
    bool is_connection;
    struct acl_track track;     /* the connection */
    int index;                  /* the rule, -1: none, or ... */
    uint32_t bucket;            /* ... a connection here, since then */
};

/* The memory of one worker, and an entry in it. */
struct acl_memory;
struct acl_memory_entry;

struct acl_flows {
    struct {
        atomic_bool is_taken;   /* by a thread, for a burst */
        struct acl_memory *memory;  /* NULL: not needed yet */
    } slots[ACL_FLOW_WORKERS];
};

/* Zeroes to start with. */
void acl_flows_fini(struct acl_flows *flows);
/*
 * Memory for the calling thread alone, until it gives it back; NULL: there is
 * none, and rules have to be asked.
 */
struct acl_memory *acl_flows_take(struct acl_flows *flows);
void acl_flows_give(struct acl_flows *flows, struct acl_memory *memory);

/*
 * flow-key.c.  Reads what is asked straight from a packet, when it is TCP or
 * UDP, no fragment and not broken, else returns false.  '*tcp_flags' are 0 for
 * UDP.
 */
bool acl_asked_read(struct acl_asked *asked, const struct acl_asker *asker,
                    const struct xvs_packet *packet, uint8_t *tcp_flags);
/* The same, and nothing else, from the key of any packet. */
void acl_asked_from(struct acl_asked *asked, const struct acl_asker *asker,
                    const struct acl_key *key);
/*
 * How many of 'n' packets, from the first on, are alike in all that is asked
 * and are no TCP segments with SYN, FIN or RST; 1 when it is one itself.
 * acl_asked_read() has read the first.
 */
uint32_t acl_asked_alike(struct xvs_packet *const *packets, uint32_t n);

/* Tells the processor that the flow will be asked for. */
void acl_memory_fetch(const struct acl_memory *memory, uint64_t hash);
/* The only entry that can be it, on its way from memory; or NULL. */
const struct acl_memory_entry *
acl_memory_place(const struct acl_memory *memory, uint64_t hash);
/* True when the entry is the flow: what is known of it. */
bool acl_memory_find(struct acl_memory *memory,
                     const struct acl_memory_entry *entry,
                     const struct acl_asked *asked, struct acl_known *known);
void acl_memory_put(struct acl_memory *memory, const struct acl_asked *asked,
                    const struct acl_known *known);

#endif
