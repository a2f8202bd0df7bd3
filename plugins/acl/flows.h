/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_FLOWS_H
#define ACL_FLOWS_H

/*
 * What the rules said about flows, so that they are asked once per flow.
 *
 * Each worker has a memory of its own, so that nobody waits for anybody.  An
 * entry is all of a packet that rules look at, and the generation of the set
 * that was asked: a new set makes all that was found with the old one
 * worthless without anyone touching it.
 *
 *     hash -> tags    [t|t|t|t]     of the entries of a way each, and whether
 *          -> flows   [e][e][e][e]  they were found since
 *
 * A search looks at one word and at the entries whose tag fits: mostly one.
 * A flood of flows that never come again must not push out those that do:
 * an entry that was found again is not replaced until it has been asked for
 * less often than new flows came to its place, several times over.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "key.h"

#define ACL_FLOW_WORKERS 16     /* that have a memory at the same time */
#define ACL_FLOWS 65536u        /* of a worker; 64 bytes each */
#define ACL_FLOW_WAYS 4u        /* places of a flow */

/* A packet as rules see it, to be compared word by word. */
struct acl_flow_words {
    uint64_t words[7];          /* of the last one only the lower half */
};

/* The memory of one worker. */
struct acl_memory;

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

void acl_flow_pack(struct acl_flow_words *words, int direction,
                   const struct acl_key *key);
/*
 * What the following want as 'hash': acl_key_hash(), and what else a flow of
 * rules may differ in.  Who makes MACs up to meet in one place crowds out
 * flows of that place only, and cannot know which.
 */
static inline uint64_t
acl_flow_hash(uint64_t hash, const struct acl_key *key)
{
    uint64_t macs = key->source_mac
                    ^ (key->destination_mac << 16 | key->ethertype);

    return hash + macs * 0x9e3779b97f4a7c15u;
}

/* Tells the processor that the flow will be asked for; 'entry' after the
 * rest has arrived. */
void acl_memory_prefetch(const struct acl_memory *memory, uint64_t hash);
void acl_memory_prefetch_entry(const struct acl_memory *memory,
                               uint64_t hash);
/* True when it is known; '*index' is what was put. */
bool acl_memory_find(struct acl_memory *memory, uint64_t hash,
                     const struct acl_flow_words *words, uint64_t generation,
                     int *index);
void acl_memory_put(struct acl_memory *memory, uint64_t hash,
                    const struct acl_flow_words *words, uint64_t generation,
                    int index);

#endif
