/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memories of flows: see flows.h.
 */
#include "flows.h"

#include <stddef.h>
#include <stdlib.h>

#include "key.h"
#include "thread.h"

#define N_LINES (ACL_FLOWS / ACL_FLOW_WAYS)
#define FOUND 0x8000u           /* bit of a tag: since it was put, or spared */
#define SPARE 8u                /* in how many tries those found are aged */

_Static_assert((N_LINES & (N_LINES - 1)) == 0, "lines are found by a mask");

struct flow {
    struct acl_flow_words words;    /* upper half of the last: index */
    uint64_t generation;
};

_Static_assert(sizeof(struct flow) == 64, "a flow is a cache line");

struct line {
    uint16_t tags[ACL_FLOW_WAYS];   /* 0: empty */
};

struct acl_memory {
    uint32_t slot;              /* whose it is */
    uint32_t tries;             /* to put something where all were found */
    struct line *lines;         /* N_LINES of them */
    struct flow *flows;         /* ACL_FLOWS of them */
};

static void
memory_free(struct acl_memory *memory)
{
    if (memory) {
        free(memory->lines);
        free(memory->flows);
        free(memory);
    }
}

/* Pages that no flow needs are never touched. */
static struct acl_memory *
memory_create(uint32_t slot)
{
    struct acl_memory *memory = calloc(1, sizeof(*memory));

    if (!memory) {
        return NULL;
    }
    memory->slot = slot;
    memory->lines = calloc(N_LINES, sizeof(*memory->lines));
    memory->flows = aligned_alloc(sizeof(struct flow),
                                  ACL_FLOWS * sizeof(*memory->flows));
    if (!memory->lines || !memory->flows) {
        memory_free(memory);
        return NULL;
    }
    return memory;
}

void
acl_flows_fini(struct acl_flows *flows)
{
    for (uint32_t i = 0; i < ACL_FLOW_WORKERS; i++) {
        memory_free(flows->slots[i].memory);
        flows->slots[i].memory = NULL;
    }
}

struct acl_memory *
acl_flows_take(struct acl_flows *flows)
{
    for (uint32_t i = 0; i < ACL_FLOW_WORKERS; i++) {
        uint32_t slot = (acl_thread_number() + i) % ACL_FLOW_WORKERS;

        if (atomic_exchange_explicit(&flows->slots[slot].is_taken, true,
                                     memory_order_acquire)) {
            continue;
        }
        if (!flows->slots[slot].memory) {
            flows->slots[slot].memory = memory_create(slot);
        }
        if (!flows->slots[slot].memory) {
            atomic_store_explicit(&flows->slots[slot].is_taken, false,
                                  memory_order_release);
        }
        return flows->slots[slot].memory;
    }
    return NULL;
}

void
acl_flows_give(struct acl_flows *flows, struct acl_memory *memory)
{
    if (memory) {
        atomic_store_explicit(&flows->slots[memory->slot].is_taken, false,
                              memory_order_release);
    }
}

void
acl_flow_pack(struct acl_flow_words *to, int direction,
              const struct acl_key *key)
{
    uint64_t *words = to->words;

    words[0] = key->source[0];
    words[1] = key->source[1];
    words[2] = key->destination[0];
    words[3] = key->destination[1];
    words[4] = key->source_mac | (uint64_t) key->ethertype << 48;
    words[5] = key->destination_mac | (uint64_t) key->protocol << 48
               | (uint64_t) key->kind << 56 | (uint64_t) key->is_later << 62
               | (uint64_t) direction << 63;
    words[6] = (uint64_t) key->source_port << 16 | key->destination_port;
}

/* 1 to FOUND - 1; bits of the hash that choose no line. */
static uint16_t
tag_of(uint64_t hash)
{
    return (uint16_t) (1 + (hash >> 48) % (FOUND - 1));
}

static uint32_t
line_of(uint64_t hash)
{
    return (uint32_t) (hash >> 16) & (N_LINES - 1);
}

void
acl_memory_prefetch(const struct acl_memory *memory, uint64_t hash)
{
    __builtin_prefetch(&memory->lines[line_of(hash)]);
}

void
acl_memory_prefetch_entry(const struct acl_memory *memory, uint64_t hash)
{
    uint32_t number = line_of(hash);
    const struct line *line = &memory->lines[number];

    for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
        if ((line->tags[way] & ~FOUND) == tag_of(hash)) {
            __builtin_prefetch(&memory->flows[number * ACL_FLOW_WAYS + way]);
        }
    }
}

static bool
is_flow(const struct flow *flow, const struct acl_flow_words *asked,
        uint64_t generation)
{
    const uint64_t *a = flow->words.words;
    const uint64_t *b = asked->words;
    uint64_t differs = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2])
                       | (a[3] ^ b[3]) | (a[4] ^ b[4]) | (a[5] ^ b[5])
                       | (uint32_t) (a[6] ^ b[6]);

    return (differs | (flow->generation ^ generation)) == 0;
}

bool
acl_memory_find(struct acl_memory *memory, uint64_t hash,
                const struct acl_flow_words *words, uint64_t generation,
                int *index)
{
    uint32_t number = line_of(hash);
    struct line *line = &memory->lines[number];
    uint16_t tag = tag_of(hash);

    for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
        const struct flow *flow = &memory->flows[number * ACL_FLOW_WAYS
                                                 + way];

        if ((line->tags[way] & ~FOUND) != tag
            || !is_flow(flow, words, generation)) {
            continue;
        }
        if (!(line->tags[way] & FOUND)) {
            line->tags[way] |= FOUND;
        }
        *index = (int) (flow->words.words[6] >> 32);
        return true;
    }
    return false;
}

/* Where to put another flow; ACL_FLOW_WAYS: nowhere, this time. */
static uint32_t
choose_way(struct acl_memory *memory, struct line *line, uint16_t tag)
{
    for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
        if ((line->tags[way] & ~FOUND) == tag) {
            return way;         /* most likely of an older generation */
        }
    }
    for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
        if (!(line->tags[way] & FOUND)) {
            return way;
        }
    }
    if (memory->tries++ % SPARE == 0) {
        for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
            line->tags[way] &= (uint16_t) ~FOUND;
        }
    }
    return ACL_FLOW_WAYS;
}

void
acl_memory_put(struct acl_memory *memory, uint64_t hash,
               const struct acl_flow_words *words, uint64_t generation,
               int index)
{
    uint32_t number = line_of(hash);
    struct line *line = &memory->lines[number];
    uint32_t way = choose_way(memory, line, tag_of(hash));

    if (way < ACL_FLOW_WAYS) {
        struct flow *flow = &memory->flows[number * ACL_FLOW_WAYS + way];

        flow->words = *words;
        flow->words.words[6] |= (uint64_t) (uint32_t) index << 32;
        flow->generation = generation;
        line->tags[way] = tag_of(hash);
    }
}
