/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lock-free learning table; see mac.h for its shape.
 */

#include <config.h>

#include "switch/forward/mac.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <xvs/types.h>

#include "switch/forward/table.h"

#define WAYS 4u
#define BUSY 2u                 /* key of a place that is being changed */

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

static bool
swap(uint64_t *word, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
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
hash_of(uint64_t key)
{
    key ^= key >> 32;
    return key * 0x9e3779b97f4a7c15u;
}

/* The bucket where an address is looked for first ... */
static uint32_t
near_of(uint64_t key)
{
    return (uint32_t) (hash_of(key) >> 40) % MAC_NEAR;
}

/* ... and the one where it is when it found that one full. */
static uint32_t
far_of(uint64_t key)
{
    return MAC_NEAR
        + (uint32_t) ((hash_of(key) >> 32) * (MAC_BUCKETS - MAC_NEAR) >> 32);
}

static uint64_t
make_value(uint32_t port, uint32_t now)
{
    return (uint64_t) port << 32 | now;
}

static uint32_t
port_of(uint64_t value)
{
    return (uint32_t) (value >> 32);
}

/* Seconds since the sighting; negative when another worker's clock was read
 * later than ours. */
static int32_t
age_of(uint64_t value, uint32_t now)
{
    return (int32_t) (now - (uint32_t) value);
}

static bool
is_old(uint64_t value, uint32_t age, uint32_t now)
{
    return age_of(value, now) > (int32_t) age;
}

/* The key's place in a bucket, or NULL. */
static inline const struct place *
look_in(const struct bucket *bucket, uint64_t key)
{
    for (uint32_t i = 0; i < WAYS; i++) {
        if (load(&bucket->places[i].key) == key) {
            return &bucket->places[i];
        }
    }
    return NULL;
}

__attribute__((noinline))
static const struct place *
look_far(const struct mac_table *table, uint64_t key)
{
    return look_in(&table->buckets[far_of(key)], key);
}

/* The key's place, or NULL. */
static inline const struct place *
place_of(const struct mac_table *table, uint64_t key)
{
    const struct place *place = look_in(&table->buckets[near_of(key)], key);

    return place ? place : look_far(table, key);
}

/* ---- Fairness ----------------------------------------------------------- */

static void
discount(const struct port_table *ports, uint32_t id)
{
    struct vport *port = table_find(ports, id);

    if (port) {
        __atomic_sub_fetch(&port->n_addresses, 1, __ATOMIC_RELAXED);
    }
}

/* Another address for the learner's port; false: it has its limit. */
static bool
claim(const struct mac_learner *learner)
{
    uint32_t n = __atomic_add_fetch(&learner->in->n_addresses, 1,
                                    __ATOMIC_RELAXED);

    if (learner->limit && n > learner->limit) {
        __atomic_sub_fetch(&learner->in->n_addresses, 1, __ATOMIC_RELAXED);
        return false;
    }
    return true;
}

static void
unclaim(const struct mac_learner *learner)
{
    __atomic_sub_fetch(&learner->in->n_addresses, 1, __ATOMIC_RELAXED);
}

/* The best place to give to another address so far. */
struct choice {
    struct place *place;
    uint64_t key;               /* that it has now */
    uint32_t weight;            /* addresses of its port; UINT32_MAX: free */
    int32_t age;
};

/* Of 'own' addresses less than the place's port has, or its own place. */
static void
consider(struct choice *choice, struct place *place,
         const struct mac_learner *learner, uint32_t own)
{
    uint64_t key = load(&place->key), value = load(&place->value);
    uint32_t weight = UINT32_MAX;
    int32_t age = age_of(value, learner->now);

    if (key == BUSY) {
        return;
    }
    if (key != 0 && !is_old(value, learner->age, learner->now)) {
        const struct vport *port = port_of(value) == learner->in->id
            ? learner->in : table_find(learner->ports, port_of(value));

        weight = !port ? UINT32_MAX
            : __atomic_load_n(&port->n_addresses, __ATOMIC_RELAXED);
        if (weight <= own && port != learner->in) {
            return;
        }
    }
    if (!choice->place || weight > choice->weight
        || (weight == choice->weight && age > choice->age)) {
        *choice = (struct choice) { place, key, weight, age };
    }
}

/* A place for an address that has none; the place is NULL: there is none. */
static struct choice
make_room(struct mac_table *table, uint64_t key,
          const struct mac_learner *learner)
{
    uint32_t own = __atomic_load_n(&learner->in->n_addresses,
                                   __ATOMIC_RELAXED);
    const uint32_t buckets[] = { near_of(key), far_of(key) };
    struct choice choice = { 0 };

    for (uint32_t far = 0; far < 2; far++) {
        struct bucket *bucket = &table->buckets[buckets[far]];

        for (uint32_t i = 0; i < WAYS; i++) {
            consider(&choice, &bucket->places[i], learner, own);
            if (choice.place && choice.key == 0) {
                return choice;
            }
        }
    }
    return choice;
}

/* ---- Learning ----------------------------------------------------------- */

__attribute__((noinline))
static enum mac_result
learn_new(struct mac_table *table, uint64_t key,
          const struct mac_learner *learner)
{
    uint64_t value = make_value(learner->in->id, learner->now);
    struct choice choice;
    uint64_t old;

    if (!claim(learner)) {
        return MAC_LIMIT;
    }
    choice = make_room(table, key, learner);
    if (!choice.place || !swap(&choice.place->key, choice.key, BUSY)) {
        unclaim(learner);
        return MAC_NO_ROOM;
    }
    old = __atomic_exchange_n(&choice.place->value, value, __ATOMIC_ACQ_REL);
    if (choice.key != 0) {
        discount(learner->ports, port_of(old));
    }
    store(&choice.place->key, key);
    return MAC_NEW;
}

/* It was at another port, or there is another second. */
__attribute__((noinline))
static enum mac_result
renew(struct place *place, uint64_t seen, const struct mac_learner *learner)
{
    uint64_t value = make_value(learner->in->id, learner->now);

    if (port_of(seen) == learner->in->id) {
        swap(&place->value, seen, value);
        return MAC_SAME;
    }
    if (!claim(learner)) {
        return MAC_LIMIT;
    }
    if (!swap(&place->value, seen, value)) {
        unclaim(learner);
        return MAC_SAME;
    }
    discount(learner->ports, port_of(seen));
    return is_old(seen, learner->age, learner->now) ? MAC_NEW : MAC_MOVED;
}

enum mac_result
mac_learn(struct mac_table *table, uint64_t key,
          const struct mac_learner *learner)
{
    const struct place *place = place_of(table, key);
    uint64_t value;

    if (!place) {
        return learn_new(table, key, learner);
    }
    value = load(&place->value);
    if (value == make_value(learner->in->id, learner->now)) {
        return MAC_SAME;
    }
    return renew((struct place *) (uintptr_t) place, value, learner);
}

void
mac_fetch_all(const struct mac_table *table, const uint64_t *keys, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        __builtin_prefetch(&table->buckets[near_of(keys[i])]);
    }
}

static inline uint32_t
find(const struct mac_table *table, uint64_t key, uint32_t age, uint32_t now)
{
    const struct place *place = place_of(table, key);
    uint64_t value;

    if (!place) {
        return XVS_PORT_NONE;
    }
    value = load(&place->value);
    return load(&place->key) == key && !is_old(value, age, now)
        ? port_of(value) : XVS_PORT_NONE;
}

uint32_t
mac_find(const struct mac_table *table, uint64_t key, uint32_t age,
         uint32_t now)
{
    return find(table, key, age, now);
}

void
mac_find_all(const struct mac_table *table, const uint64_t *keys, uint32_t n,
             uint32_t age, uint32_t now, uint32_t *ports)
{
    for (uint32_t i = 0; i < n; i++) {
        ports[i] = find(table, keys[i], age, now);
    }
}

/* ---- Forgetting --------------------------------------------------------- */

/* Empties the place if it is of that port (XVS_PORT_NONE: of any) and older
 * than 'age' seconds; its port is in *port then. */
static bool
empty(struct place *place, uint32_t wanted, int32_t age, uint32_t now,
      uint32_t *port)
{
    uint64_t key = load(&place->key), value;
    bool goes;

    value = load(&place->value);
    goes = (wanted == XVS_PORT_NONE || port_of(value) == wanted)
        && age_of(value, now) > age;
    if (key == 0 || key == BUSY || !goes || !swap(&place->key, key, BUSY)) {
        return false;
    }
    *port = port_of(__atomic_exchange_n(&place->value, 0, __ATOMIC_ACQ_REL));
    store(&place->key, 0);
    return true;
}

void
mac_forget(struct mac_table *table, uint32_t port)
{
    uint32_t was;

    for (uint32_t i = 0; i < MAC_BUCKETS * WAYS; i++) {
        empty(&table->buckets[i / WAYS].places[i % WAYS], port, INT32_MIN, 0,
              &was);
    }
}

void
mac_sweep(struct mac_table *table, const struct port_table *ports,
          uint32_t first, uint32_t n, uint32_t age, uint32_t now)
{
    uint32_t port;

    for (uint32_t i = first * WAYS; i < (first + n) * WAYS; i++) {
        if (empty(&table->buckets[i / WAYS].places[i % WAYS], XVS_PORT_NONE,
                  (int32_t) age, now, &port)) {
            discount(ports, port);
        }
    }
}

bool
mac_next(const struct mac_table *table, uint32_t *at, uint32_t age,
         uint32_t now, struct mac_sighting *out)
{
    while (*at < MAC_BUCKETS * WAYS) {
        const struct place *place =
            &table->buckets[*at / WAYS].places[*at % WAYS];
        uint64_t value;

        ++*at;
        out->key = load(&place->key);
        value = load(&place->value);
        if (out->key & 1 && load(&place->key) == out->key
            && !is_old(value, age, now)) {
            out->port = port_of(value);
            out->age = age_of(value, now) > 0
                ? (uint32_t) age_of(value, now) : 0;
            return true;
        }
    }
    return false;
}
