/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * VMs come to the map, change and go; a move makes the older registration of
 * a VM one that does not count.
 */

#include "vm/map-inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vm/names.h"

struct map *
map_create(void)
{
    struct map *map = calloc(1, sizeof(*map));

    if (!map) {
        return NULL;
    }
    map->n_places = 1;
    if (!map_slots_begin(&map->names) || !map_slots_begin(&map->instances)
        || getrandom(map->salt, sizeof(map->salt), 0)
               != (ssize_t) sizeof(map->salt)) {
        map_destroy(map);
        return NULL;
    }
    return map;
}

void
map_destroy(struct map *map)
{
    if (map) {
        map_places_end(map);
        free(map->names.slots);
        free(map->instances.slots);
    }
    free(map);
}

void
map_configure(struct map *map, const char *host, const char *zone)
{
    names_copy(map->host, sizeof(map->host), host);
    map->zone_length = names_copy(map->zone, sizeof(map->zone), zone);
}

/* Whether 'vm' counts, after one of the same VM has come or gone. */
static void
settle(struct map *map, struct map_vm *vm, const char *label)
{
    size_t length = strlen(label);
    uint32_t hash = map_hash(map, label, length), at = hash;
    const struct map_vm *other;

    while ((other = map_slot(map, label, length, hash, &at))) {
        if (other != vm && map_is_same(other, vm->uuid, vm->name)
            && other->generation > vm->generation) {
            vm->moved = true;
        }
    }
}

/* The same for all that share a name or UUID with it. */
static void
settle_all(struct map *map, const struct map_vm *like)
{
    const char *const labels[] = { like->name, like->uuid };

    for (uint32_t i = 0; i < 2; i++) {
        size_t length = strlen(labels[i]);
        uint32_t hash = map_hash(map, labels[i], length), at = hash;
        struct map_vm *vm;

        while (length && (vm = map_slot(map, labels[i], length, hash, &at))) {
            bool before = vm->moved;

            vm->moved = false;
            settle(map, vm, vm->name);
            settle(map, vm, vm->uuid);
            map->moves += vm->moved != before;
        }
    }
}

/* False: no memory. */
static bool
keep_aliases(struct kept *kept, const struct map_entry *entry)
{
    size_t size = 0, at = 0;
    char *to = kept->near;

    kept->n_aliases = entry->n_aliases < MAP_ALIASES ? entry->n_aliases
                                                     : MAP_ALIASES;
    for (uint32_t i = 0; i < kept->n_aliases; i++) {
        size += strlen(entry->aliases[i]) + 1;
    }
    if (size > sizeof(kept->near)) {
        to = kept->far = malloc(size);
    }
    for (uint32_t i = 0; to && i < kept->n_aliases; i++) {
        at += names_copy(to + at, size - at, entry->aliases[i]) + 1;
    }
    return to;
}

/* 'kept' becomes what 'fresh' is, and the other way, at its place. */
static void
replace(struct kept *kept, struct kept *fresh)
{
    struct kept before = *kept;

    *kept = *fresh;
    kept->place = before.place;
    kept->vm.link = before.vm.link;
    kept->vm.owner = before.vm.owner;
    *fresh = before;
}

struct map_vm *
map_put(struct map *map, const struct map_entry *entry, uint64_t now)
{
    struct kept *kept = (struct kept *) map_get(map, &entry->instance);
    struct kept fresh = { .lease = entry->lease };
    bool is_known = kept;

    map_read(map, entry, &fresh.vm);
    if (!map_make_room(map) || !keep_aliases(&fresh, entry)) {
        return NULL;
    }
    if (is_known) {
        map_keys(map, kept, false);
        replace(kept, &fresh);
        map_keys(map, kept, true);
        settle_all(map, &fresh.vm);
        free(fresh.far);
    } else {
        kept = map_place(map, &fresh);
        map_keys(map, kept, true);
    }
    settle_all(map, &kept->vm);
    map_renew(&kept->vm, now);
    return &kept->vm;
}

void
map_remove(struct map *map, struct map_vm *vm)
{
    struct kept *kept = (struct kept *) vm;

    map_keys(map, kept, false);
    settle_all(map, vm);
    map_place_free(map, kept);
}

void
map_renew(struct map_vm *vm, uint64_t now)
{
    const struct kept *kept = (const struct kept *) vm;

    vm->expires = kept->lease ? now + kept->lease : 0;
}

struct map_vm *
map_next(const struct map *map, const struct map_vm *vm)
{
    uint32_t place = vm ? ((const struct kept *) vm)->place + 1 : 1;

    while (place < map->n_places && !kept_at(map, place)->vm.name[0]) {
        place++;
    }
    return place < map->n_places ? &kept_at(map, place)->vm : NULL;
}

void
map_each_named(const struct map *map, const char *name,
               void (*call)(void *arg, struct map_vm *vm), void *arg)
{
    char label[sizeof(((struct map_vm *) NULL)->name)];
    size_t length = names_copy(label, sizeof(label), name);
    uint32_t hash = map_hash(map, label, length), at = hash;
    struct map_vm *vm;

    while ((vm = map_slot(map, label, length, hash, &at))) {
        if (strcmp(vm->name, label) == 0) {
            call(arg, vm);
        }
    }
}

uint32_t
map_count(const struct map *map)
{
    return map->n;
}

uint64_t
map_moves(const struct map *map)
{
    return map->moves;
}
