/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lock-free learning table; see mac.h for its shape.
 */

#include <config.h>

#include "switch/forward/mac.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xvs/types.h>

#define WAYS 4u

struct place {
    uint64_t key;
    uint64_t value;
};

struct bucket {
    struct place places[WAYS];
};

_Static_assert(sizeof(struct bucket) == 64, "one cache line");

struct mac_table {
    struct bucket buckets[MAC_BUCKETS];
};

static uint64_t
load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void
store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

struct mac_table *
mac_create(void)
{
    /* Of its own mapping a small network touches a few pages only. */
    void *table = mmap(NULL, sizeof(struct mac_table), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (table == MAP_FAILED) {
        abort();
    }
    return table;
}

void
mac_destroy(struct mac_table *table)
{
    if (table) {
        munmap(table, sizeof *table);
    }
}

static uint64_t
make_key(const uint8_t *address, uint16_t vlan)
{
    uint32_t high;
    uint16_t low;

    memcpy(&high, address, 4);
    memcpy(&low, address + 4, 2);
    return (uint64_t) high << 32 | (uint64_t) low << 16
        | (uint64_t) (vlan & 0xfff) << 4 | 1;
}

static uint32_t
bucket_of(uint64_t key)
{
    key ^= key >> 32;
    return (uint32_t) ((key * 0x9e3779b97f4a7c15u) >> 40) % MAC_BUCKETS;
}

static uint64_t
make_value(uint32_t port, uint32_t now)
{
    return (uint64_t) port << 32 | now;
}

/* Seconds since the sighting; negative when another worker's clock was read
 * later than ours. */
static int32_t
age_of(uint64_t value, uint32_t now)
{
    return (int32_t) (now - (uint32_t) value);
}

static bool
is_old(uint64_t value, uint32_t now)
{
    return age_of(value, now) > (int32_t) MAC_AGE;
}

/* The place for a new address: a free or forgotten one, else the oldest. */
static struct place *
victim(struct bucket *bucket, uint32_t now)
{
    struct place *oldest = &bucket->places[0];

    for (uint32_t i = 0; i < WAYS; i++) {
        struct place *place = &bucket->places[i];

        if (load(&place->key) == 0) {
            return place;
        }
        if (age_of(load(&place->value), now)
            > age_of(load(&oldest->value), now)) {
            oldest = place;
        }
    }
    return oldest;
}

void
mac_learn(struct mac_table *table, const uint8_t *address, uint16_t vlan,
          uint32_t port, uint32_t now)
{
    uint64_t key = make_key(address, vlan);
    uint64_t value = make_value(port, now);
    struct bucket *bucket = &table->buckets[bucket_of(key)];
    struct place *place;

    for (uint32_t i = 0; i < WAYS; i++) {
        place = &bucket->places[i];
        if (load(&place->key) == key) {
            if (load(&place->value) != value) {
                store(&place->value, value);
            }
            return;
        }
    }
    place = victim(bucket, now);
    store(&place->key, 0);
    store(&place->value, value);
    store(&place->key, key);
}

void
mac_prefetch(const struct mac_table *table, const uint8_t *address,
             uint16_t vlan)
{
    __builtin_prefetch(&table->buckets[bucket_of(make_key(address, vlan))]);
}

uint32_t
mac_find(const struct mac_table *table, const uint8_t *address,
         uint16_t vlan, uint32_t now)
{
    uint64_t key = make_key(address, vlan);
    const struct bucket *bucket = &table->buckets[bucket_of(key)];

    for (uint32_t i = 0; i < WAYS; i++) {
        const struct place *place = &bucket->places[i];
        uint64_t value;

        if (load(&place->key) != key) {
            continue;
        }
        value = load(&place->value);
        if (load(&place->key) == key && !is_old(value, now)) {
            return (uint32_t) (value >> 32);
        }
    }
    return XVS_PORT_NONE;
}

void
mac_forget(struct mac_table *table, uint32_t port)
{
    for (uint32_t i = 0; i < MAC_BUCKETS * WAYS; i++) {
        struct place *place = &table->buckets[i / WAYS].places[i % WAYS];

        if (load(&place->key) && load(&place->value) >> 32 == port) {
            store(&place->key, 0);
        }
    }
}

uint32_t
mac_count(const struct mac_table *table, uint32_t now)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < MAC_BUCKETS * WAYS; i++) {
        const struct place *place =
            &table->buckets[i / WAYS].places[i % WAYS];

        n += load(&place->key) && !is_old(load(&place->value), now);
    }
    return n;
}
