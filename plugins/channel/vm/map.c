/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The map of VMs: looking one up.
 */

#include "vm/map-inside.h"

#include <string.h>

#include "vm/names.h"

/* A name that is looked for, in parts. */
struct wanted {
    const char *label, *host;   /* host NULL: none was said */
    size_t length, host_length;
};

static bool
is_at(const struct map *map, const struct map_vm *vm,
      const struct wanted *wanted)
{
    const char *host = vm->host[0] ? vm->host : map->host;

    return !wanted->host
        || (strncmp(host, wanted->host, wanted->host_length) == 0
            && !host[wanted->host_length]);
}

static enum map_answer
search(const struct map *map, const struct wanted *wanted, uint64_t now,
       const struct map_vm **found)
{
    uint32_t hash = map_hash(map, wanted->label, wanted->length);
    uint32_t at = hash;
    enum map_answer answer = MAP_UNKNOWN;
    const struct map_vm *vm;

    while ((vm = map_slot(map, wanted->label, wanted->length, hash, &at))) {
        bool over = vm->expires && now >= vm->expires;

        if (vm->moved || !is_at(map, vm, wanted)
            || (answer == MAP_FOUND && (over || *found == vm))) {
            continue;
        }
        if (answer == MAP_FOUND) {
            return MAP_AMBIGUOUS;
        }
        answer = over ? MAP_EXPIRED : MAP_FOUND;
        *found = vm;
    }
    return answer;
}

/* Without the zone, if it ends with that. */
static size_t
without_zone(const struct map *map, const char *label, size_t length)
{
    size_t zone = map->zone_length;

    return zone && length > zone + 1 && label[length - zone - 1] == '.'
        && memcmp(label + length - zone, map->zone, zone) == 0
        ? length - zone - 1 : length;
}

/* NAME.HOST, the dot being 'at' or a later one. */
static enum map_answer
search_hosts(const struct map *map, const struct wanted *whole,
             const char *at, bool only_one, uint64_t now,
             const struct map_vm **vm)
{
    const char *end = whole->label + whole->length;
    enum map_answer answer = MAP_UNKNOWN;

    while (at && answer == MAP_UNKNOWN) {
        const struct wanted wanted = {
            whole->label, at + 1, (size_t) (at - whole->label),
            (size_t) (end - at) - 1 };

        answer = search(map, &wanted, now, vm);
        at = only_one ? NULL : memchr(at + 1, '.', wanted.host_length);
    }
    return answer;
}

/* With dots it is most often NAME.HOST, else an alias, or ALIAS.HOST; so the
 * alias's slot is fetched while NAME's is looked at. */
static enum map_answer
search_forms(const struct map *map, const struct wanted *wanted, uint64_t now,
             const struct map_vm **vm)
{
    const char *dot = wanted->host
        ? NULL : memchr(wanted->label, '.', wanted->length);
    enum map_answer answer = MAP_UNKNOWN;

    if (dot) {
        map_slot_fetch(map, map_hash(map, wanted->label, wanted->length));
        answer = search_hosts(map, wanted, dot, true, now, vm);
    }
    if (answer == MAP_UNKNOWN) {
        answer = search(map, wanted, now, vm);
    }
    if (answer == MAP_UNKNOWN && dot) {
        size_t before = (size_t) (dot - wanted->label) + 1;

        dot = memchr(dot + 1, '.', wanted->length - before);
        answer = search_hosts(map, wanted, dot, false, now, vm);
    }
    return answer;
}

/* What is looked for, in lower case, but for the zone; false: that cannot be
 * a name.  'whole' is how long it is with what may be the zone. */
static bool
take_apart(const struct map *map, const char *name, size_t length,
           char lower[MAP_NAME_SIZE], struct wanted *wanted, size_t *whole)
{
    const char *mark;

    *wanted = (struct wanted) { .label = lower };
    if (length == 0 || length >= MAP_NAME_SIZE) {
        return false;
    }
    names_lower(lower, name, length);
    length -= length > 1 && lower[length - 1] == '.';
    mark = memchr(lower, ':', length);
    if (mark) {
        wanted->host = lower;
        wanted->host_length = (size_t) (mark - lower);
        wanted->label = mark + 1;
        length -= wanted->host_length + 1;
    }
    *whole = length;
    wanted->length = without_zone(map, wanted->label, length);
    return true;
}

enum map_answer
map_find(const struct map *map, const char *name, size_t length, uint64_t now,
         const struct map_vm **vm)
{
    char lower[MAP_NAME_SIZE];
    struct wanted wanted;
    enum map_answer answer;
    size_t whole;

    *vm = NULL;
    if (!take_apart(map, name, length, lower, &wanted, &whole)) {
        return MAP_UNKNOWN;
    }
    answer = search_forms(map, &wanted, now, vm);
    if (answer == MAP_UNKNOWN && wanted.length < whole) {
        wanted.length = whole;
        answer = search(map, &wanted, now, vm);
    }
    return answer;
}

void
map_label(const struct map *map, const char *name, size_t length,
          char label[64])
{
    char lower[MAP_NAME_SIZE];
    struct wanted wanted;
    size_t n = 0, whole;

    if (take_apart(map, name, length, lower, &wanted, &whole)) {
        while (n < wanted.length && n < 63 && wanted.label[n] != '.') {
            label[n] = wanted.label[n];
            n++;
        }
    }
    label[n] = 0;
}
