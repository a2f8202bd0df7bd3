/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What may be registered: names that can be names, of one VM, and nothing
 * that is older than what is known.
 */

#include "vm/map-inside.h"

#include <stdio.h>
#include <string.h>

#include "vm/names.h"

bool
map_check(const struct map_entry *entry, char why[MAP_WHY])
{
    if (!entry->name[0]) {
        snprintf(why, MAP_WHY, "Name is missing: by which name is the VM"
                 " known?");
        return false;
    }
    if (!names_is_label(entry->name)) {
        snprintf(why, MAP_WHY, "Name: '%.63s' is no host label: letters,"
                 " digits and hyphens, 63 at most, no hyphen first or last",
                 entry->name);
        return false;
    }
    if (entry->uuid[0] && !names_is_uuid(entry->uuid)) {
        snprintf(why, MAP_WHY, "Uuid: '%.40s' is no UUID such as"
                 " 0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1", entry->uuid);
        return false;
    }
    if (entry->host[0] && !names_is_domain(entry->host)) {
        snprintf(why, MAP_WHY, "Host: '%.63s' is no host's name", entry->host);
        return false;
    }
    for (uint32_t i = 0; i < entry->n_aliases; i++) {
        if (!names_is_domain(entry->aliases[i])) {
            snprintf(why, MAP_WHY, "Aliases: '%.100s' is no name of a host:"
                     " letters, digits, hyphens, and dots between them",
                     entry->aliases[i]);
            return false;
        }
    }
    return true;
}

bool
map_is_same(const struct map_vm *one, const char *uuid, const char *name)
{
    return one->uuid[0] && uuid[0] ? strcmp(one->uuid, uuid) == 0
                                   : strcmp(one->name, name) == 0;
}

/* Against one that has a name of it. */
static bool
judge_pair(const struct map *map, const struct map_entry *entry,
           const struct map_vm *mine, const struct map_vm *other,
           const char *label, char why[MAP_WHY])
{
    const char *host = other->host[0] ? other->host : map->host;
    const char *own = mine->host[0] ? mine->host : map->host;

    if (map_is_same(other, mine->uuid, mine->name)
        && strcmp(host, own) == 0) {
        snprintf(why, MAP_WHY, "VM %s is registered on host %s already: change"
                 " that setting", mine->name, host);
        return false;
    }
    if (map_is_same(other, mine->uuid, mine->name)) {
        if (entry->generation > other->generation) {
            return true;
        }
        snprintf(why, MAP_WHY, entry->generation == other->generation
                 ? "VM %s is registered already, on host %s with Generation"
                 " %llu; give what replaces it a greater one"
                 : "VM %s has moved: it is known on host %s with Generation"
                 " %llu, which is greater than this one's", mine->name, host,
                 (unsigned long long) other->generation);
        return false;
    }
    if (strcmp(host, own) == 0) {
        snprintf(why, MAP_WHY, "'%.80s' is a name of VM %s on host %s already",
                 label, other->name, host);
        return false;
    }
    return true;
}

void
map_read(const struct map *map, const struct map_entry *entry,
           struct map_vm *vm)
{
    memset(vm, 0, sizeof(*vm));
    vm->instance = entry->instance;
    names_copy(vm->name, sizeof(vm->name), entry->name);
    names_copy(vm->uuid, sizeof(vm->uuid), entry->uuid);
    names_copy(vm->host, sizeof(vm->host), entry->host);
    if (strcmp(vm->host, map->host) == 0) {
        vm->host[0] = 0;
    }
    vm->generation = entry->generation;
}

static bool
judge_label(const struct map *map, const struct map_entry *entry,
            const struct map_vm *mine, const char *text, char why[MAP_WHY])
{
    char label[MAP_NAME_SIZE];
    size_t length = names_copy(label, sizeof(label), text);
    uint32_t hash = map_hash(map, label, length), at = hash;
    const struct map_vm *other;

    while ((other = map_slot(map, label, length, hash, &at))) {
        if (memcmp(&other->instance, &entry->instance,
                   sizeof(other->instance)) != 0
            && !judge_pair(map, entry, mine, other, label, why)) {
            return false;
        }
    }
    return true;
}

/* The same name twice in one registration. */
static bool
judge_itself(const struct map_entry *entry, char why[MAP_WHY])
{
    for (uint32_t i = 0; i < entry->n_aliases; i++) {
        const char *alias = entry->aliases[i];
        bool twice = names_equal(alias, entry->name)
            || names_equal(alias, entry->uuid);

        for (uint32_t j = 0; j < i; j++) {
            twice = twice || names_equal(alias, entry->aliases[j]);
        }
        if (twice) {
            snprintf(why, MAP_WHY, "Aliases: '%.200s' is given twice", alias);
            return false;
        }
    }
    return true;
}

bool
map_judge(const struct map *map, const struct map_entry *entry,
          char why[MAP_WHY])
{
    const struct map_vm *old = map_get(map, &entry->instance);
    struct map_vm mine;

    map_read(map, entry, &mine);
    if (old && entry->generation < old->generation) {
        snprintf(why, MAP_WHY, "Generation: %llu is less than %llu, which VM"
                 " %s is known with", (unsigned long long) entry->generation,
                 (unsigned long long) old->generation, old->name);
        return false;
    }
    if (!judge_itself(entry, why)
        || !judge_label(map, entry, &mine, mine.name, why)
        || (mine.uuid[0]
            && !judge_label(map, entry, &mine, mine.uuid, why))) {
        return false;
    }
    for (uint32_t i = 0; i < entry->n_aliases; i++) {
        if (!judge_label(map, entry, &mine, entry->aliases[i], why)) {
            return false;
        }
    }
    return true;
}
