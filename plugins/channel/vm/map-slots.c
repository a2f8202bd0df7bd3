/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The map of VMs: slots, by the hash of a text, and the memory of VMs.  Many
 * VMs lie in large pages, so that the processor need not look for where a page
 * is before it can wait for what is in it.
 */

#include "vm/map-inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_SLOTS 64u

_Static_assert(KEYS < 1 << KEY_BITS, "keys have no room in a slot");

__extension__ typedef unsigned __int128 wide;

/* Each word is multiplied by what nobody knows, and both halves of the product
 * count. */
uint32_t
map_hash(const struct map *map, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t hash = map->salt[0] + size;

    while (size) {
        size_t n = size < 8 ? size : 8;
        uint64_t word = 0;
        wide product;

        memcpy(&word, at, n);
        product = (wide) (hash ^ word) * (map->salt[1] | 1);
        hash = (uint64_t) product ^ (uint64_t) (product >> 64);
        at += n;
        size -= n;
    }
    return (uint32_t) (hash ^ hash >> 32);
}

/* ---- Slots -------------------------------------------------------------- */

static const char *
alias_of(const struct kept *kept, uint32_t i)
{
    const char *alias = kept->far ? kept->far : kept->near;

    while (i--) {
        alias += strlen(alias) + 1;
    }
    return alias;
}

static const char *
text_of(const struct kept *kept, uint32_t key)
{
    return key == KEY_NAME ? kept->vm.name : key == KEY_UUID ? kept->vm.uuid
        : alias_of(kept, key - KEY_ALIAS);
}

static struct slot
slot_of(const struct map *map, const struct kept *kept, uint32_t key)
{
    const char *text = key == KEY_INSTANCE ? NULL : text_of(kept, key);

    return (struct slot) {
        text ? map_hash(map, text, strlen(text))
             : map_hash(map, &kept->vm.instance, sizeof(kept->vm.instance)),
        kept->place << KEY_BITS | key };
}

static void
slot_put(struct slots *slots, struct slot slot)
{
    uint32_t at = slot.hash & slots->mask;

    while (slots->slots[at].what) {
        at = (at + 1) & slots->mask;
    }
    slots->slots[at] = slot;
    slots->n++;
}

/* Those behind move up, so that no gap ends a search too early. */
static void
slot_remove(struct slots *slots, struct slot slot)
{
    uint32_t mask = slots->mask, at = slot.hash & mask, next;

    while (slots->slots[at].what != slot.what) {
        at = (at + 1) & mask;
    }
    for (next = (at + 1) & mask; slots->slots[next].what;
         next = (next + 1) & mask) {
        uint32_t home = slots->slots[next].hash & mask;

        if (((next - home) & mask) >= ((next - at) & mask)) {
            slots->slots[at] = slots->slots[next];
            at = next;
        }
    }
    slots->slots[at].what = 0;
    slots->n--;
}

bool
map_slots_begin(struct slots *slots)
{
    slots->mask = FIRST_SLOTS - 1;
    slots->slots = calloc(FIRST_SLOTS, sizeof(*slots->slots));
    return slots->slots != NULL;
}

/* Room for 'more' of them, a quarter unused. */
static bool
slots_grow(struct slots *slots, uint32_t more)
{
    struct slots old = *slots;

    if (slots->n + more <= slots->mask / 4 * 3) {
        return true;
    }
    slots->mask = slots->mask * 2 + 1;
    slots->slots = calloc((size_t) slots->mask + 1, sizeof(*slots->slots));
    if (!slots->slots) {
        *slots = old;
        return false;
    }
    slots->n = 0;
    for (uint32_t i = 0; i <= old.mask; i++) {
        if (old.slots[i].what) {
            slot_put(slots, old.slots[i]);
        }
    }
    free(old.slots);
    return true;
}

void
map_keys(struct map *map, struct kept *kept, bool add)
{
    void (*change)(struct slots *slots, struct slot slot) =
        add ? slot_put : slot_remove;

    for (uint32_t key = 0; key < KEY_ALIAS + kept->n_aliases; key++) {
        if (key != KEY_UUID || kept->vm.uuid[0]) {
            change(&map->names, slot_of(map, kept, key));
        }
    }
    change(&map->instances, slot_of(map, kept, KEY_INSTANCE));
}

void
map_slot_fetch(const struct map *map, uint32_t hash)
{
    __builtin_prefetch(&map->names.slots[hash & map->names.mask]);
}

struct map_vm *
map_slot(const struct map *map, const char *label, size_t length,
         uint32_t hash, uint32_t *at)
{
    for (;; ++*at) {
        const struct slot *slot = &map->names.slots[*at & map->names.mask];
        struct kept *kept;
        const char *text;

        if (!slot->what) {
            return NULL;
        }
        if (slot->hash != hash) {
            continue;
        }
        kept = kept_at(map, slot->what >> KEY_BITS);
        __builtin_prefetch(kept);
        text = text_of(kept, slot->what & ((1u << KEY_BITS) - 1));
        if (strncmp(text, label, length) == 0 && !text[length]) {
            ++*at;
            return &kept->vm;
        }
    }
}

struct map_vm *
map_get(const struct map *map, const struct xvs_guid *instance)
{
    const struct slots *slots = &map->instances;
    uint32_t hash = map_hash(map, instance, sizeof(*instance));

    for (uint32_t at = hash;; at++) {
        const struct slot *slot = &slots->slots[at & slots->mask];
        struct kept *kept;

        if (!slot->what) {
            return NULL;
        }
        kept = kept_at(map, slot->what >> KEY_BITS);
        if (slot->hash == hash
            && memcmp(&kept->vm.instance, instance, sizeof(*instance)) == 0) {
            return &kept->vm;
        }
    }
}

/* ---- Memory of VMs ------------------------------------------------------ */

/* The first chunk is not in a large page: most hosts have few VMs. */
static bool
chunk_get(struct map *map)
{
    struct kept **chunks = realloc(map->chunks, (map->n_chunks + 1)
                                                    * sizeof(*chunks));
    struct kept *chunk = chunks ? aligned_alloc(LARGE_PAGE, LARGE_PAGE) : NULL;

    if (chunks) {
        map->chunks = chunks;
    }
    if (!chunk) {
        return false;
    }
    if (map->n_chunks) {
        madvise(chunk, LARGE_PAGE, MADV_HUGEPAGE);
    }
    chunks[map->n_chunks++] = chunk;
    return true;
}

bool
map_make_room(struct map *map)
{
    bool is_full = !map->first_free
        && map->n_places >= map->n_chunks * CHUNK;

    return map->n < MOST_PLACES - CHUNK && slots_grow(&map->names, KEYS)
        && slots_grow(&map->instances, 1) && (!is_full || chunk_get(map));
}

struct kept *
map_place(struct map *map, const struct kept *fresh)
{
    uint32_t place = map->first_free;
    struct kept *kept;

    if (!place) {
        place = map->n_places++;
        kept = kept_at(map, place);
    } else {
        kept = kept_at(map, place);
        map->first_free = kept->next_free;
    }
    *kept = *fresh;
    kept->place = place;
    map->n++;
    return kept;
}

void
map_place_free(struct map *map, struct kept *kept)
{
    free(kept->far);
    kept->vm.name[0] = 0;
    kept->next_free = map->first_free;
    map->first_free = kept->place;
    map->n--;
}

void
map_places_end(struct map *map)
{
    for (uint32_t place = 1; place < map->n_places; place++) {
        if (kept_at(map, place)->vm.name[0]) {
            free(kept_at(map, place)->far);
        }
    }
    for (uint32_t i = 0; i < map->n_chunks; i++) {
        free(map->chunks[i]);
    }
    free(map->chunks);
}
