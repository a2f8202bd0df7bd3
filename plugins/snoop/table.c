/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See table.h.
 */
#include "table-inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- Entries ------------------------------------------------------------ */

static uint32_t
mix(uint32_t word)
{
    word = (word ^ word >> 16) * 0x7feb352du;
    word = (word ^ word >> 15) * 0x846ca68bu;
    return word ^ word >> 16;
}

static uint32_t
bucket_of(const struct snoop_table *table, uint16_t vlan,
          const uint8_t mac[6])
{
    uint32_t low;

    memcpy(&low, mac + 2, sizeof(low));
    return mix(mix(low ^ table->seed) + vlan + mac[0]) % BUCKETS;
}

static struct snoop_entry **
place_of(struct snoop_table *table, uint16_t vlan, const uint8_t mac[6])
{
    struct snoop_entry **at = &table->buckets[bucket_of(table, vlan, mac)];

    while (*at && ((*at)->vlan != vlan || memcmp((*at)->mac, mac, 6) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

struct snoop_entry *
table_next(const struct snoop_table *table, const struct snoop_entry *entry)
{
    uint32_t bucket = 0;

    if (entry && entry->next) {
        return entry->next;
    }
    if (entry) {
        bucket = bucket_of(table, entry->vlan, entry->mac) + 1;
    }
    while (bucket < BUCKETS && !table->buckets[bucket]) {
        bucket++;
    }
    return bucket < BUCKETS ? table->buckets[bucket] : NULL;
}

bool
snoop_table_has(struct snoop_table *table, uint16_t vlan,
                const uint8_t mac[6])
{
    const struct snoop_entry *entry = *place_of(table, vlan, mac);

    return entry && entry->is_told;
}

void
snoop_table_change(struct snoop_table *table, struct snoop_entry *entry)
{
    if (!entry->is_changed) {
        entry->is_changed = true;
        entry->next_change = table->changes;
        table->changes = entry;
    }
}

struct snoop_entry *
snoop_table_changed(struct snoop_table *table)
{
    struct snoop_entry *entry = table->changes;

    if (entry) {
        table->changes = entry->next_change;
        entry->is_changed = false;
    }
    return entry;
}

void
snoop_table_told(struct snoop_table *table, struct snoop_entry *entry)
{
    if (!entry->groups && !entry->is_changed) {
        *place_of(table, entry->vlan, entry->mac) = entry->next;
        free(entry);
    }
}

void
snoop_table_change_vlan(struct snoop_table *table, bool is_ipv6,
                        uint16_t vlan)
{
    struct snoop_entry *entry = NULL;

    while ((entry = table_next(table, entry)) != NULL) {
        if (entry->is_ipv6 == is_ipv6 && entry->vlan == vlan) {
            snoop_table_change(table, entry);
        }
    }
}

static int
compare_ids(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *) a, right = *(const uint32_t *) b;

    return left < right ? -1 : left > right;
}

uint32_t
snoop_entry_ports(const struct snoop_entry *entry, uint32_t *ids, uint32_t n)
{
    uint32_t filled = 0, kept = 0;

    for (const struct snoop_group *group = entry->groups; group;
         group = group->next) {
        for (const struct snoop_member *member = group->members;
             member && filled < n; member = member->next) {
            ids[filled++] = member->owner->id;
        }
    }
    if (filled) {
        qsort(ids, filled, sizeof(ids[0]), compare_ids);
    }
    for (uint32_t i = 0; i < filled; i++) {
        if (kept == 0 || ids[kept - 1] != ids[i]) {
            ids[kept++] = ids[i];
        }
    }
    return kept;
}

/* ---- Groups ------------------------------------------------------------- */

bool
snoop_key_equal(const struct snoop_key *a, const struct snoop_key *b)
{
    return a->is_ipv6 == b->is_ipv6 && a->vlan == b->vlan
        && memcmp(a->group, b->group, SNOOP_ADDRESS) == 0;
}

struct snoop_entry *
table_entry(struct snoop_table *table, const struct snoop_key *key)
{
    uint8_t mac[6];

    snoop_mac(key->is_ipv6, key->group, mac);
    return *place_of(table, key->vlan, mac);
}

struct snoop_group *
table_group(const struct snoop_entry *entry, const struct snoop_key *key)
{
    struct snoop_group *group = entry ? entry->groups : NULL;

    while (group && !snoop_key_equal(&group->key, key)) {
        group = group->next;
    }
    return group;
}

struct snoop_entry *
table_make_entry(struct snoop_table *table, const struct snoop_key *key)
{
    struct snoop_entry *entry = table_entry(table, key);

    if (!entry && (entry = calloc(1, sizeof(*entry))) != NULL) {
        entry->is_ipv6 = key->is_ipv6;
        entry->vlan = key->vlan;
        snoop_mac(key->is_ipv6, key->group, entry->mac);
        *place_of(table, entry->vlan, entry->mac) = entry;
    }
    return entry;
}

struct snoop_group *
table_make_group(struct snoop_table *table, struct snoop_entry *entry,
           const struct snoop_key *key)
{
    struct snoop_group *group = calloc(1, sizeof(*group));

    if (group) {
        group->key = *key;
        group->next = entry->groups;
        entry->groups = group;
        table->n_groups++;
    }
    return group;
}

uint32_t
snoop_table_groups(const struct snoop_table *table)
{
    return table->n_groups;
}

struct snoop_table *
snoop_table_create(uint32_t seed)
{
    struct snoop_table *table = calloc(1, sizeof(*table));

    if (table) {
        table->seed = seed;
    }
    return table;
}

static void
free_groups(struct snoop_entry *entry)
{
    while (entry->groups) {
        struct snoop_group *group = entry->groups;

        entry->groups = group->next;
        while (group->members) {
            struct snoop_member *member = group->members;

            group->members = member->next;
            free(member);
        }
        free(group);
    }
}

void
snoop_table_destroy(struct snoop_table *table)
{
    for (uint32_t i = 0; table && i < BUCKETS; i++) {
        while (table->buckets[i]) {
            struct snoop_entry *entry = table->buckets[i];

            table->buckets[i] = entry->next;
            free_groups(entry);
            free(entry);
        }
    }
    free(table);
}
