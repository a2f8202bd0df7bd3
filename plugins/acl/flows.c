/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memories of flows: see flows.h.
 */
#include "flows.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "thread.h"

#define N_LINES (ACL_FLOWS / ACL_FLOW_WAYS)
#define FOUND 0x8000u           /* bit of a tag: since it was put, or spared */
#define SPARE 8u                /* in how many tries those found are aged */

_Static_assert((N_LINES & (N_LINES - 1)) == 0, "lines are found by a mask");

struct acl_memory_entry {
    uint64_t words[7];          /* acl_asked.words */
    uint64_t known;             /* see pack() */
};

_Static_assert(sizeof(struct acl_memory_entry) == 64, "one cache line");

struct line {
    uint16_t tags[ACL_FLOW_WAYS];   /* 0: empty */
};

struct acl_memory {
    uint32_t slot;              /* whose it is */
    uint32_t tries;             /* to put something where all were found */
    struct line *lines;         /* N_LINES of them */
    struct acl_memory_entry *entries;   /* ACL_FLOWS of them */
};

static void
memory_free(struct acl_memory *memory)
{
    if (memory) {
        free(memory->lines);
        free(memory->entries);
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
    memory->entries = aligned_alloc(sizeof(*memory->entries),
                                    ACL_FLOWS * sizeof(*memory->entries));
    if (!memory->lines || !memory->entries) {
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

/* 1 to FOUND - 1; bits of the hash that choose no line. */
static inline uint16_t
tag_of(uint64_t hash)
{
    uint16_t tag = (uint16_t) (hash >> 48) & (FOUND - 1);

    return tag ? tag : 1;
}

static inline uint32_t
line_of(uint64_t hash)
{
    return (uint32_t) hash & (N_LINES - 1);
}

/* The way whose tag it is: there is one at most; ACL_FLOW_WAYS: none. */
static inline uint32_t
way_of(const struct line *line, uint16_t tag)
{
    const uint64_t ones = 0x0001000100010001u;
    uint64_t tags = 0;

    _Static_assert(sizeof(*line) == sizeof(tags), "all tags at once");
    memcpy(&tags, line, sizeof(tags));
    /* Of all differences to the tag only 0 leaves the bit above them. */
    tags = (tags & ones * (FOUND - 1)) ^ ones * tag;
    tags = (ones * FOUND - tags) & ones * FOUND;
    if (tags == 0) {
        return ACL_FLOW_WAYS;
    }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (uint32_t) __builtin_clzll(tags) / 16;
#else
    return (uint32_t) __builtin_ctzll(tags) / 16;
#endif
}

void
acl_memory_fetch(const struct acl_memory *memory, uint64_t hash)
{
    __builtin_prefetch(&memory->lines[line_of(hash)]);
}

const struct acl_memory_entry *
acl_memory_place(const struct acl_memory *memory, uint64_t hash)
{
    uint32_t number = line_of(hash);
    uint32_t way = way_of(&memory->lines[number], tag_of(hash));
    const struct acl_memory_entry *entry =
        &memory->entries[number * ACL_FLOW_WAYS + way];

    if (way == ACL_FLOW_WAYS) {
        return NULL;
    }
    __builtin_prefetch(entry);
    return entry;
}

/*
 * For a connection uses, number, replies and a one; for a rule index, bucket
 * and a zero.
 */
static uint64_t
pack(const struct acl_known *known)
{
    if (known->is_connection) {
        return (uint64_t) known->track.uses << 32
               | (uint64_t) known->track.number << 2
               | (uint64_t) known->track.replies << 1 | 1;
    }
    return (uint64_t) (uint32_t) known->index << 32
           | (uint64_t) known->bucket << 1;
}

static inline void
unpack(struct acl_known *known, uint64_t from)
{
    known->is_connection = from & 1;
    if (known->is_connection) {
        known->track.uses = (uint32_t) (from >> 32);
        known->track.number = (uint32_t) from >> 2;
        known->track.replies = from >> 1 & 1;
    } else {
        known->index = (int) (from >> 32);
        known->bucket = (uint32_t) from >> 1;
    }
}

bool
acl_memory_find(struct acl_memory *memory,
                const struct acl_memory_entry *entry,
                const struct acl_asked *asked, struct acl_known *known)
{
    const uint64_t *a = entry->words;
    const uint64_t *b = asked->words;
    uint64_t differs = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2])
                       | (a[3] ^ b[3]) | (a[4] ^ b[4]) | (a[5] ^ b[5])
                       | (a[6] ^ b[6]);
    size_t at = (size_t) (entry - memory->entries);
    uint16_t *tag = &memory->lines[at / ACL_FLOW_WAYS]
                         .tags[at % ACL_FLOW_WAYS];

    if (differs) {
        return false;
    }
    if (!(*tag & FOUND)) {
        *tag |= FOUND;
    }
    unpack(known, entry->known);
    return true;
}

/* Where to put another flow; ACL_FLOW_WAYS: nowhere, this time. */
static uint32_t
choose_way(struct acl_memory *memory, struct line *line, uint16_t tag)
{
    uint32_t same = way_of(line, tag);

    if (same < ACL_FLOW_WAYS) {
        return same;            /* most likely of an older generation */
    }
    for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
        if (!(line->tags[way] & FOUND)) {
            return way;
        }
    }
    if (memory->tries++ % SPARE == 0) {
        for (uint32_t way = 0; way < ACL_FLOW_WAYS; way++) {
            line->tags[way] &= FOUND - 1;
        }
    }
    return ACL_FLOW_WAYS;
}

void
acl_memory_put(struct acl_memory *memory, const struct acl_asked *asked,
               const struct acl_known *known)
{
    uint32_t number = line_of(asked->hash);
    uint16_t tag = tag_of(asked->hash);
    struct line *line = &memory->lines[number];
    uint32_t way = choose_way(memory, line, tag);

    if (way < ACL_FLOW_WAYS) {
        struct acl_memory_entry *entry =
            &memory->entries[number * ACL_FLOW_WAYS + way];

        memcpy(entry->words, asked->words, sizeof(entry->words));
        entry->known = pack(known);
        line->tags[way] = tag;
    }
}
