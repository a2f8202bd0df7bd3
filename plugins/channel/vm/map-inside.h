/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_MAP_INSIDE_H
#define CHANNEL_MAP_INSIDE_H

/*
 * What the files of the map share: tables of slots, open addressing, with a
 * slot for each name of a VM, and one for its setting.  Forms with zone and
 * host are no names of their own; they are taken apart when one is looked up.
 *
 *     map.c           look-ups
 *     map-slots.c     slots, and the memory of VMs
 *     map-change.c    VMs come, change, go
 *     map-judge.c     what may come
 *
 * A look-up waits for memory twice: for a slot, then for the VM.  Slots are
 * small, and what a look-up reads of a VM is in its first line, so that the
 * lines of 100,000 VMs are in the processor's cache, which others use, too;
 * a UUID or alias that is compared is in another line, fetched at the same
 * time.
 *
 *     slot                      VM
 *     +------+-------------+    +-----------------------------------------+
 *     | hash | place | key |    | expires, link, moved, name | uuid | ... |
 *     +------+---|---+-----+    +-----------------------------------------+
 *                +------------- to one of the chunks' places
 */

#include "vm/map.h"

/* Which text of a VM a slot is about; aliases are from KEY_ALIAS on. */
enum { KEY_NAME, KEY_UUID, KEY_ALIAS, KEYS = KEY_ALIAS + MAP_ALIASES,
       KEY_INSTANCE = KEYS, KEY_BITS = 4 };

/* What is kept of a registration. */
struct kept {
    struct map_vm vm;           /* first: is what others see */
    uint64_t lease;             /* ns */
    char *far;                  /* aliases that do not fit into 'near' */
    uint32_t place;             /* its number */
    uint32_t next_free;         /* place, of one without a name; or 0 */
    uint32_t n_aliases;
    char near[68];              /* aliases, each with its end, lower case */
} __attribute__((aligned(64)));

/* 'what' 0: unused. */
struct slot {
    uint32_t hash;
    uint32_t what;              /* place << KEY_BITS | key */
};

struct slots {
    struct slot *slots;         /* a power of 2, some of them unused */
    uint32_t mask, n;           /* their number less 1; used ones */
};

#define LARGE_PAGE (2u << 20)
#define CHUNK (LARGE_PAGE / sizeof(struct kept))    /* VMs */
#define MOST_PLACES (UINT32_MAX >> KEY_BITS)

struct map {
    struct slots names, instances;
    struct kept **chunks;       /* VMs stay where they are; their memory is
                                 * kept until the end */
    uint32_t n_chunks;
    uint32_t n_places;          /* that were ever used, and the first, which
                                 * is nobody's */
    uint32_t first_free;        /* of those, or 0 */
    uint32_t n;
    uint64_t salt[2];           /* of hashes, so that nobody can choose names
                                 * that share a slot */
    uint64_t moves;             /* that 'moved' of a VM has changed */
    char host[64], zone[128];   /* lower case */
    size_t zone_length;
};

static inline struct kept *
kept_at(const struct map *map, uint32_t place)
{
    return &map->chunks[place / CHUNK][place % CHUNK];
}

uint32_t map_hash(const struct map *map, const void *bytes, size_t size);
/* False: no memory. */
bool map_slots_begin(struct slots *slots);
/* The VM of the next slot of that label from '*at' on (first: its hash), or
 * NULL. */
struct map_vm *map_slot(const struct map *map, const char *label,
                        size_t length, uint32_t hash, uint32_t *at);
/* It will be asked for soon. */
void map_slot_fetch(const struct map *map, uint32_t hash);
/* Puts the slots of all keys of a VM, for which there is room, or removes
 * them. */
void map_keys(struct map *map, struct kept *kept, bool add);
/* Room for one more VM and its slots; false: no memory. */
bool map_make_room(struct map *map);
/* A place for a VM, for which there is room, and which owns its aliases from
 * now on; and one that is free again. */
struct kept *map_place(struct map *map, const struct kept *fresh);
void map_place_free(struct map *map, struct kept *kept);
void map_places_end(struct map *map);
/* What is compared, in lower case, and without this host's own name. */
void map_read(const struct map *map, const struct map_entry *entry,
              struct map_vm *vm);
/* Whether the VM is the one that has these. */
bool map_is_same(const struct map_vm *one, const char *uuid,
                 const char *name);

#endif
