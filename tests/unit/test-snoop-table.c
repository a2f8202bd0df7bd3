/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of members and that of routers, with a clock of the test's own;
 * and the queue in front of them, with several writers.
 */
#include <config.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "queue.h"
#include "table.h"
#include "unit.h"
#include "vlans.h"

enum { N_WRITERS = 3, N_EVENTS = 30000, SECOND = 1000000000 };

static struct snoop_table *table;
static struct snoop_owner owners[3] = { { 1, 0 }, { 2, 0 }, { 3, 0 } };

static struct snoop_key
key_of(const char *text, uint16_t vlan)
{
    struct snoop_key key = { strchr(text, ':') != NULL, vlan, { 0 } };

    inet_pton(key.is_ipv6 ? AF_INET6 : AF_INET, text, key.group);
    return key;
}

static enum snoop_joined
join(const char *text, uint16_t vlan, unsigned int owner, uint64_t now)
{
    static const uint8_t source[SNOOP_ADDRESS] = { 192, 0, 2, 1 };
    struct snoop_key key = key_of(text, vlan);
    const struct snoop_join how = {
        .owner = &owners[owner], .version = 2, .source = source, .now = now,
        .expires = now + 10, .max_groups = 4, .max_joined = 3,
    };

    return snoop_table_join(table, &key, &how);
}

static void
leave(const char *text, unsigned int owner, uint64_t expires)
{
    struct snoop_key key = key_of(text, 0);

    snoop_table_leave(table, &key, &owners[owner], expires);
}

/* The next change: its ports as digits, such as "12"; "-": none left. */
static const char *
change(void)
{
    static char text[8];
    uint32_t ids[8], n;
    struct snoop_entry *entry = snoop_table_changed(table);

    if (!entry) {
        return "-";
    }
    n = snoop_entry_ports(entry, ids, 8);
    for (uint32_t i = 0; i < n; i++) {
        text[i] = (char) ('0' + ids[i]);
    }
    text[n] = 0;
    entry->is_told = n > 0;
    snoop_table_told(table, entry);
    return text;
}

static void
test_members(void)
{
    table = snoop_table_create(1);
    CU_ASSERT_EQUAL(join("239.1.1.1", 0, 0, 100), SNOOP_JOINED);
    CU_ASSERT_STRING_EQUAL(change(), "1");
    CU_ASSERT_STRING_EQUAL(change(), "-");
    CU_ASSERT_EQUAL(join("239.1.1.1", 0, 1, 105), SNOOP_JOINED);
    CU_ASSERT_STRING_EQUAL(change(), "12");
    /* Said again: nothing is new but the time. */
    CU_ASSERT_EQUAL(join("239.1.1.1", 0, 0, 106), SNOOP_JOINED);
    CU_ASSERT_STRING_EQUAL(change(), "-");
    snoop_table_age(table, 114);
    CU_ASSERT_STRING_EQUAL(change(), "-");
    snoop_table_age(table, 115);
    CU_ASSERT_STRING_EQUAL(change(), "1");
    CU_ASSERT_EQUAL(owners[1].n_joined, 0);
    snoop_table_age(table, 116);
    CU_ASSERT_STRING_EQUAL(change(), "");
    CU_ASSERT_EQUAL(snoop_table_groups(table), 0);
    /* A leave shortens what is left, and never makes it longer. */
    join("239.1.1.1", 0, 0, 200);
    leave("239.1.1.1", 0, 202);
    leave("239.1.1.1", 0, 209);
    leave("239.1.1.1", 1, 0);
    snoop_table_age(table, 201);
    CU_ASSERT_STRING_EQUAL(change(), "1");
    snoop_table_age(table, 202);
    CU_ASSERT_STRING_EQUAL(change(), "");
    join("239.1.1.1", 0, 0, 200);
    leave("239.1.1.1", 0, 0);
    CU_ASSERT_STRING_EQUAL(change(), "");
    CU_ASSERT_STRING_EQUAL(change(), "-");
    CU_ASSERT_EQUAL(owners[0].n_joined, 0);
    snoop_table_destroy(table);
}

/* Groups with one Ethernet address: its ports are those of all. */
static void
test_same_address(void)
{
    struct snoop_key first = key_of("239.1.1.1", 5);

    table = snoop_table_create(2);
    join("239.1.1.1", 5, 0, 100);
    join("225.1.1.1", 5, 1, 105);
    join("225.1.1.1", 5, 0, 105);
    join("239.1.1.1", 6, 2, 100);
    CU_ASSERT_EQUAL(snoop_table_groups(table), 3);
    CU_ASSERT_STRING_EQUAL(change(), "3");
    CU_ASSERT_STRING_EQUAL(change(), "12");
    snoop_table_age(table, 110);
    CU_ASSERT_EQUAL(snoop_table_groups(table), 1);
    while (*change() != '-') {
    }
    snoop_table_change_vlan(table, false, 5);
    CU_ASSERT_STRING_EQUAL(change(), "12");
    snoop_table_change_vlan(table, true, 5);
    CU_ASSERT_STRING_EQUAL(change(), "-");
    CU_ASSERT(snoop_table_has(table, 5, (const uint8_t *)
                              "\x01\0\x5e\x01\x01\x01"));
    CU_ASSERT(!snoop_table_has(table, 6, (const uint8_t *)
                               "\x01\0\x5e\x01\x01\x01"));
    /* Static members stay whatever happens. */
    CU_ASSERT(snoop_table_set(table, &first, &owners[2], true));
    CU_ASSERT_STRING_EQUAL(change(), "123");
    snoop_table_age(table, 1000);
    CU_ASSERT_STRING_EQUAL(change(), "3");
    snoop_table_leave(table, &first, &owners[2], 0);
    CU_ASSERT_STRING_EQUAL(change(), "-");
    snoop_table_forget(table, &owners[2]);
    CU_ASSERT_STRING_EQUAL(change(), "");
    CU_ASSERT_EQUAL(snoop_table_groups(table), 0);
    snoop_table_destroy(table);
}

static void
test_limits(void)
{
    struct snoop_key key = key_of("239.2.0.9", 0);

    table = snoop_table_create(3);
    CU_ASSERT_EQUAL(join("239.2.0.1", 0, 0, 1), SNOOP_JOINED);
    CU_ASSERT_EQUAL(join("239.2.0.2", 0, 0, 1), SNOOP_JOINED);
    CU_ASSERT_EQUAL(join("239.2.0.3", 0, 0, 1), SNOOP_JOINED);
    CU_ASSERT_EQUAL(join("239.2.0.4", 0, 0, 1), SNOOP_PORT_FULL);
    CU_ASSERT_EQUAL(join("239.2.0.3", 0, 0, 2), SNOOP_JOINED);
    CU_ASSERT_EQUAL(join("239.2.0.4", 0, 1, 1), SNOOP_JOINED);
    CU_ASSERT_EQUAL(join("239.2.0.5", 0, 1, 1), SNOOP_SWITCH_FULL);
    CU_ASSERT_EQUAL(join("239.2.0.1", 0, 1, 1), SNOOP_JOINED);
    /* The operator's are not counted. */
    CU_ASSERT(snoop_table_set(table, &key, &owners[0], true));
    CU_ASSERT_EQUAL(snoop_table_groups(table), 5);
    CU_ASSERT_EQUAL(owners[0].n_joined, 3);
    snoop_table_forget(table, &owners[0]);
    CU_ASSERT_EQUAL(owners[0].n_joined, 0);
    CU_ASSERT_EQUAL(snoop_table_groups(table), 2);
    snoop_table_forget(table, &owners[1]);
    snoop_table_destroy(table);
}

/* ---- Routers ------------------------------------------------------------ */

static struct snoop_vlans vlans;

static void
hear(const char *source, uint32_t port_id, uint64_t now, bool is_general)
{
    uint8_t address[SNOOP_ADDRESS] = { 0 };
    const struct snoop_heard heard = {
        .vlan = 7, .port_id = port_id, .version = 3, .source = address,
        .is_general = is_general, .response_ms = 1000, .now = now,
        .ageing = 100ull * SECOND, .longest = 50ull * SECOND,
    };

    inet_pton(AF_INET, source, address);
    CU_ASSERT(snoop_vlans_hear(&vlans, &heard));
}

static void
test_routers(void)
{
    const struct snoop_vlan *vlan;
    uint64_t now = 1000ull * SECOND;

    hear("192.0.2.5", 1, now, false);
    vlan = vlans.of[0][7];
    CU_ASSERT(!vlan->has_querier && vlan->routers);
    hear("192.0.2.5", 1, now, true);
    CU_ASSERT(vlan->has_querier && vlans.is_changed);
    vlans.is_changed = false;
    /* It settles within the time for answers and half a second. */
    CU_ASSERT_EQUAL(snoop_vlans_age(&vlans, now + SECOND, 9ull * SECOND),
                    SECOND / 2);
    CU_ASSERT(!vlan->is_bound && !vlans.is_changed);
    snoop_vlans_age(&vlans, now + SECOND * 3ull / 2, SECOND);
    CU_ASSERT(vlan->is_bound && vlans.is_changed);
    /* The lower address stays, also when a higher one asks. */
    hear("192.0.2.9", 2, now + 10ull * SECOND, true);
    CU_ASSERT_EQUAL(vlan->port_id, 1);
    hear("192.0.2.2", 3, now + 20ull * SECOND, true);
    CU_ASSERT_EQUAL(vlan->port_id, 3);
    hear("192.0.2.9", 2, now + 80ull * SECOND, true);
    CU_ASSERT_EQUAL(vlan->port_id, 2);
    /* Routers go one by one, and the VLAN with the last. */
    snoop_vlans_age(&vlans, now + 110ull * SECOND, SECOND);
    CU_ASSERT(vlan->routers->next && !vlan->routers->next->next);
    snoop_vlans_age(&vlans, now + 130ull * SECOND, SECOND);
    CU_ASSERT(!vlan->routers->next && vlan->is_bound);
    snoop_vlans_age(&vlans, now + 180ull * SECOND, SECOND);
    CU_ASSERT_PTR_NULL(vlans.of[0][7]);
    CU_ASSERT_PTR_NULL(vlans.first);
    /* A port that goes takes its querier along. */
    hear("192.0.2.5", 1, now, true);
    snoop_vlans_forget(&vlans, 2);
    CU_ASSERT_PTR_NOT_NULL(vlans.of[0][7]);
    snoop_vlans_forget(&vlans, 1);
    CU_ASSERT_PTR_NULL(vlans.of[0][7]);
}

/* ---- The queue ---------------------------------------------------------- */

static struct snoop_queue *queue;
static atomic_uint n_lost;

static void *
write_events(void *arg)
{
    struct snoop_event event = { .port_id = *(const uint32_t *) arg };

    for (uint32_t i = 0; i < N_EVENTS; i++) {
        event.response_ms = i;
        memset(event.group, (int) (i & 0xff), SNOOP_ADDRESS);
        if (!snoop_queue_put(queue, &event)) {
            n_lost++;
            sched_yield();
        }
    }
    return NULL;
}

/* Each writer's events come whole and in order; none comes twice. */
static void
test_queue(void)
{
    static const uint32_t ids[N_WRITERS] = { 0, 1, 2 };
    uint32_t next[N_WRITERS] = { 0 }, n = 0;
    pthread_t writers[N_WRITERS];
    struct snoop_event event;

    queue = snoop_queue_create();
    for (int i = 0; i < N_WRITERS; i++) {
        pthread_create(&writers[i], NULL, write_events, (void *) &ids[i]);
    }
    while (n + n_lost < N_WRITERS * N_EVENTS) {
        if (!snoop_queue_take(queue, &event)) {
            sched_yield();
            continue;
        }
        n++;
        CU_ASSERT(event.response_ms >= next[event.port_id]);
        CU_ASSERT_EQUAL(event.group[0], event.response_ms & 0xff);
        CU_ASSERT_EQUAL(event.group[15], event.response_ms & 0xff);
        next[event.port_id] = event.response_ms + 1;
    }
    for (int i = 0; i < N_WRITERS; i++) {
        pthread_join(writers[i], NULL);
    }
    CU_ASSERT(!snoop_queue_take(queue, &event));
    /* Full: exactly as many as there are places. */
    for (n = 0; snoop_queue_put(queue, &event); n++) {
    }
    CU_ASSERT_EQUAL(n, SNOOP_QUEUE);
    CU_ASSERT(snoop_queue_take(queue, &event));
    CU_ASSERT(snoop_queue_put(queue, &event));
    CU_ASSERT(!snoop_queue_put(queue, &event));
    snoop_queue_destroy(queue);
}

static const struct unit_test tests[] = {
    { "members and time", test_members },
    { "groups with the same address", test_same_address },
    { "limits", test_limits },
    { "routers and queriers", test_routers },
    { "queue", test_queue },
};

UNIT_MAIN("snoop table", tests)
