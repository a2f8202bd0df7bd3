/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The map of VMs: which names lead where, and which registrations count.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/map.h"
#include "vm/names.h"
#include "unit/unit.h"

#define U1 "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1"
#define U2 "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d2"

static struct map *map;

static struct map_entry
entry(uint32_t id, const char *name, const char *uuid, const char *host)
{
    return (struct map_entry) { .instance = { .a = id }, .name = name,
                                .uuid = uuid, .host = host };
}

static void
begin(void)
{
    map = map_create();
    map_configure(map, "H1", "VM.internal");
}

/* Judges and registers; "" or why not. */
static const char *
put(const struct map_entry *wanted)
{
    static char why[MAP_WHY];

    why[0] = 0;
    if (map_check(wanted, why) && map_judge(map, wanted, why)) {
        CU_ASSERT_PTR_NOT_NULL(map_put(map, wanted, 1000));
    }
    return why;
}

static const char *
put4(uint32_t id, const char *name, const char *uuid, const char *host)
{
    const struct map_entry wanted = entry(id, name, uuid, host);

    return put(&wanted);
}

/* The id of the VM of that name; 0 when it is not found, or the answer. */
static uint32_t
find_at(const char *name, uint64_t now)
{
    const struct map_vm *vm;
    enum map_answer answer = map_find(map, name, strlen(name), now, &vm);

    return answer == MAP_FOUND ? vm->instance.a
        : answer == MAP_UNKNOWN ? 0 : 1000u + answer;
}

static uint32_t
find(const char *name)
{
    return find_at(name, 1000);
}

static void
test_forms(void)
{
    struct map_entry wanted = entry(1, "Vm1", U1, "");
    static const char *const good[] = {
        "vm1", "VM1", "vm1.", "vm1.vm.internal", "vm1.vm.internal.",
        "vm1.h1", "vm1.h1.vm.internal", "h1:vm1", "H1:VM1.vm.internal",
        U1, U1 ".vm.internal", "h1:" U1, U1 ".h1.vm.internal", "db",
        "db.corp.example", "db.corp.example.h1", "h1:db.corp.example",
        "db.corp.example.vm.internal",
    };
    static const char *const bad[] = {
        "", ".", "..", ":", "vm1:", ":vm1", "h2:vm1", "vm1.h2", "vm", "vm11",
        "vm1.internal", "vm1..vm.internal", ".vm.internal", "vm.internal",
        "vm1.h1.h1", "h1:vm1.h1", "vm1.vm.internal.vm.internal", "127.0.0.1",
        "::1", "localhost", "vm1\n", "vm1 ", "vm1/", "h1", "vm1.h1:vm1",
        U2,
    };

    begin();
    wanted.aliases[0] = "db";
    wanted.aliases[1] = "DB.corp.example";
    wanted.n_aliases = 2;
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (find(good[i]) != 1) {
            CU_FAIL("not found");
            fprintf(stderr, "'%s' is not found\n", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (find(bad[i])) {
            CU_FAIL("found");
            fprintf(stderr, "'%s' is found\n", bad[i]);
        }
    }
    map_remove(map, map_get(map, &wanted.instance));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CU_ASSERT(!find(good[i]));
    }
    map_destroy(map);
}

/* A name that is too long, one with a NUL in it. */
static void
test_odd_names(void)
{
    char name[400];
    const struct map_vm *vm;

    begin();
    CU_ASSERT_STRING_EQUAL(put4(1, "vm1", "", ""), "");
    memset(name, 'a', sizeof name);
    for (size_t n = 0; n <= sizeof name; n++) {
        CU_ASSERT_EQUAL(map_find(map, name, n, 0, &vm), MAP_UNKNOWN);
    }
    CU_ASSERT_EQUAL(map_find(map, "vm1\0x", 5, 0, &vm), MAP_UNKNOWN);
    CU_ASSERT_EQUAL(map_find(map, "vm1\0", 4, 0, &vm), MAP_UNKNOWN);
    CU_ASSERT_EQUAL(map_find(map, "vm1x", 3, 0, &vm), MAP_FOUND);
    map_destroy(map);
}

/* What would be the name of whom nobody knows. */
static void
test_labels(void)
{
    static const char *const cases[][2] = {
        { "VM9", "vm9" }, { "vm9.", "vm9" }, { "vm9.vm.internal", "vm9" },
        { "vm9.h2.vm.internal", "vm9" }, { "h2:vm9", "vm9" },
        { "h2:vm9.vm.internal", "vm9" }, { "db.corp.example", "db" },
        { "0B9FA7F6-28a5-4bb4-9c4c-6ba0c6f0b9d1.vm.internal",
          "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1" },
        { "", "" }, { ".", "" }, { ":", "" } };
    char label[64], name[400];

    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        map_label(map, cases[i][0], strlen(cases[i][0]), label);
        CU_ASSERT_STRING_EQUAL(label, cases[i][1]);
    }
    memset(name, 'a', sizeof name);
    for (size_t n = 0; n <= sizeof name; n++) {
        map_label(map, name, n, label);
        CU_ASSERT_EQUAL(strlen(label), n >= MAP_NAME_SIZE ? 0
                                       : n < 63 ? n : 63);
    }
    map_destroy(map);
}

static void
test_refused(void)
{
    static const char *const names[] = {
        "", "-a", "a-", "a.b", "a_b", "a b", "ä", "a:b", "*",
        "a123456789b123456789c123456789d123456789e123456789f123456789gggg",
    };
    struct map_entry wanted = entry(1, "vm1", "", "");

    begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CU_ASSERT_STRING_NOT_EQUAL(put4(1, names[i], "", ""), "");
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(1, "a", "abc", ""), "no UUID"));
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(1, "a", U1 "0", ""), "no UUID"));
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(1, "a", "", "h 1"), "no host's name"));
    wanted.n_aliases = 1;
    wanted.aliases[0] = "a..b";
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&wanted), "Aliases: 'a..b'"));
    wanted.aliases[0] = "VM1";
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&wanted), "given twice"));
    wanted.aliases[0] = "ok";
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(2, "OK", "", ""),
                                  "'ok' is a name of VM vm1 on host h1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(2, "ok", U1, "h1"), "is a name of"));
    CU_ASSERT_PTR_NOT_NULL(strstr(put4(2, "vm1", "", ""),
                                  "registered on host h1 already"));
    CU_ASSERT_EQUAL(map_count(map), 1);
    map_destroy(map);
}

/* VMs of two hosts may have one name; who means it says the host. */
static void
test_two_hosts(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(put4(1, "web", U1, ""), "");
    CU_ASSERT_STRING_EQUAL(put4(2, "web", U2, "h2.dc"), "");
    CU_ASSERT_EQUAL(find("web"), 1000 + MAP_AMBIGUOUS);
    CU_ASSERT_EQUAL(find("web.h1"), 1);
    CU_ASSERT_EQUAL(find("h2.dc:web"), 2);
    CU_ASSERT_EQUAL(find("web.h2.dc.vm.internal"), 2);
    CU_ASSERT_EQUAL(find(U2), 2);
    CU_ASSERT_EQUAL(find("web.h2"), 0);
    map_destroy(map);
}

static void
test_generations(void)
{
    struct map_entry here = entry(1, "web", U1, "");
    struct map_entry there = entry(2, "web", U1, "h2");
    uint64_t moves;

    begin();
    here.generation = 5;
    CU_ASSERT_STRING_EQUAL(put(&here), "");
    there.generation = 4;
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&there), "has moved"));
    there.generation = 5;
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&there), "give what replaces it"));
    there.generation = 6;
    moves = map_moves(map);
    CU_ASSERT_STRING_EQUAL(put(&there), "");
    CU_ASSERT_NOT_EQUAL(map_moves(map), moves);
    CU_ASSERT(map_get(map, &here.instance)->moved);
    CU_ASSERT_EQUAL(find("web"), 2);
    CU_ASSERT_EQUAL(find("web.h1"), 0);
    CU_ASSERT_EQUAL(find("h2:web"), 2);
    /* Back again; and nothing older than what is known. */
    here.generation = 4;
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&here), "less than 5"));
    here.generation = 7;
    CU_ASSERT_STRING_EQUAL(put(&here), "");
    CU_ASSERT_EQUAL(find("web"), 1);
    map_remove(map, map_get(map, &here.instance));
    CU_ASSERT_EQUAL(find("web"), 2);
    CU_ASSERT(!map_get(map, &there.instance)->moved);
    map_destroy(map);
}

/* Without UUIDs the name says which VM it is. */
static void
test_generations_by_name(void)
{
    struct map_entry one = entry(1, "web", "", "h2");
    struct map_entry other = entry(2, "web", U1, "h3");

    begin();
    CU_ASSERT_STRING_EQUAL(put(&one), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(put(&other), "on host h2 with Gen"));
    other.generation = 1;
    CU_ASSERT_STRING_EQUAL(put(&other), "");
    CU_ASSERT_EQUAL(find("web"), 2);
    /* Renamed, it is another one. */
    other.name = "db";
    CU_ASSERT_STRING_EQUAL(put(&other), "");
    CU_ASSERT_EQUAL(find("web"), 1);
    CU_ASSERT_EQUAL(find("db"), 2);
    map_destroy(map);
}

static void
test_leases(void)
{
    struct map_entry wanted = entry(1, "vm1", "", "");
    struct map_vm *vm;

    begin();
    wanted.lease = 50;
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    CU_ASSERT_EQUAL(find_at("vm1", 1049), 1);
    CU_ASSERT_EQUAL(find_at("vm1", 1050), 1000 + MAP_EXPIRED);
    vm = map_get(map, &wanted.instance);
    map_renew(vm, 2000);
    CU_ASSERT_EQUAL(find_at("vm1", 2049), 1);
    /* One that is over is not ambiguous with one that is not. */
    CU_ASSERT_STRING_EQUAL(put4(2, "vm1", U1, "h2"),
                           "VM vm1 is registered already, on host h1 with"
                           " Generation 0; give what replaces it a greater"
                           " one");
    wanted = entry(1, "vm1", U2, "");
    wanted.lease = 50;
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    CU_ASSERT_STRING_EQUAL(put4(2, "vm1", U1, "h2"), "");
    CU_ASSERT_EQUAL(find_at("vm1", 1049), 1000 + MAP_AMBIGUOUS);
    CU_ASSERT_EQUAL(find_at("vm1", 1050), 2);
    wanted.lease = 0;
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    CU_ASSERT_EQUAL(find_at("h1:vm1", UINT64_MAX), 1);
    map_destroy(map);
}

/* The VM stays where it is, with its owner, whatever is changed. */
static void
test_update(void)
{
    struct map_entry wanted = entry(1, "vm1", "", "");
    struct map_vm *vm;

    begin();
    wanted.aliases[0] = "old";
    wanted.n_aliases = 1;
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    vm = map_get(map, &wanted.instance);
    vm->owner = &wanted;
    wanted.aliases[0] = "new";
    wanted.name = "vm2";
    CU_ASSERT_STRING_EQUAL(put(&wanted), "");
    CU_ASSERT_PTR_EQUAL(map_get(map, &wanted.instance), vm);
    CU_ASSERT_PTR_EQUAL(vm->owner, &wanted);
    CU_ASSERT_EQUAL(find("vm1") + find("old"), 0);
    CU_ASSERT_EQUAL(find("vm2"), 1);
    CU_ASSERT_EQUAL(find("new"), 1);
    map_configure(map, "h9", "other.zone");
    CU_ASSERT_EQUAL(find("vm2.h9.other.zone"), 1);
    CU_ASSERT_EQUAL(find("vm2.vm.internal"), 0);
    map_destroy(map);
}

/* Many come, change and go; each time the names are those of who is there. */
static void
test_many(void)
{
    enum { N = 3000, STEPS = 20000 };
    static uint32_t there[N];       /* 0: none, else the number in its alias */
    char name[32], alias[32];
    uint32_t bad = 0, n = 0;

    begin();
    srand(1);
    for (uint32_t step = 1; step <= STEPS; step++) {
        uint32_t i = (uint32_t) rand() % N;
        struct map_entry wanted = entry(i + 1, name, "", "");

        snprintf(name, sizeof name, "vm-%u", i);
        snprintf(alias, sizeof alias, "alias-%u", there[i]);
        bad += find(name) != (there[i] ? i + 1 : 0);
        bad += there[i] && find(alias) != i + 1;
        if (there[i] && rand() % 2) {
            map_remove(map, map_get(map, &wanted.instance));
            there[i] = 0;
            n--;
        } else {
            n += !there[i];
            there[i] = step;
            snprintf(alias, sizeof alias, "alias-%u", step);
            wanted.aliases[0] = alias;
            wanted.n_aliases = 1;
            bad += put(&wanted)[0] != 0;
        }
    }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_EQUAL(map_count(map), n);
    map_destroy(map);
}

/* Aliases that have no room beside the VM's other names, and then have. */
static void
test_long_aliases(void)
{
    struct map_entry wanted = entry(1, "vm1", U1, "");
    static char aliases[MAP_ALIASES][MAP_NAME_SIZE];

    begin();
    for (uint32_t i = 0; i < MAP_ALIASES; i++) {
        memset(aliases[i], 'a' + (int) i, 253);
        aliases[i][63] = aliases[i][127] = aliases[i][191] = '.';
        wanted.aliases[i] = aliases[i];
    }
    for (uint32_t n = MAP_ALIASES; n <= MAP_ALIASES; n--) {
        wanted.n_aliases = n;
        CU_ASSERT_STRING_EQUAL(put(&wanted), "");
        for (uint32_t i = 0; i < MAP_ALIASES; i++) {
            CU_ASSERT_EQUAL(find(aliases[i]), i < n);
        }
        CU_ASSERT_EQUAL(find("vm1") + find(U1), 2);
    }
    map_destroy(map);
}

/* More than are in one piece of memory; some go while all are walked. */
static void
test_walk(void)
{
    enum { N = 15000 };
    static unsigned char seen[N + 1];
    char name[32];
    uint32_t bad = 0;
    struct map_vm *next;

    begin();
    CU_ASSERT_PTR_NULL(map_next(map, NULL));
    for (uint32_t i = 1; i <= N; i++) {
        snprintf(name, sizeof name, "vm-%u", i);
        bad += put4(i, name, "", "")[0] != 0;
    }
    for (struct map_vm *vm = map_next(map, NULL); vm; vm = next) {
        next = map_next(map, vm);
        seen[vm->instance.a]++;
        if (vm->instance.a % 3 == 0) {
            map_remove(map, vm);
        }
    }
    CU_ASSERT_EQUAL(map_count(map), N - N / 3);
    for (struct map_vm *vm = map_next(map, NULL); vm; vm = map_next(map, vm)) {
        seen[vm->instance.a]++;
    }
    for (uint32_t i = 1; i <= N; i++) {
        bad += seen[i] != (i % 3 ? 2 : 1);
    }
    CU_ASSERT_EQUAL(bad, 0);
    map_destroy(map);
}

static void
test_patterns(void)
{
    CU_ASSERT(names_match("*", ""));
    CU_ASSERT(names_match("*", "abc"));
    CU_ASSERT(names_match("a*c", "abc"));
    CU_ASSERT(names_match("a*c", "ac"));
    CU_ASSERT(names_match("a*b*c", "aXbXbc"));
    CU_ASSERT(names_match("web-??", "web-01"));
    CU_ASSERT(!names_match("web-??", "web-1"));
    CU_ASSERT(!names_match("a*c", "abd"));
    CU_ASSERT(!names_match("", "a"));
    CU_ASSERT(!names_match("abc", "ab"));
    CU_ASSERT(!names_match("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static const struct unit_test tests[] = {
    { "all forms of a name", test_forms },
    { "odd names", test_odd_names },
    { "names that would be", test_labels },
    { "what is no name, or another's", test_refused },
    { "VMs of two hosts", test_two_hosts },
    { "a VM moves", test_generations },
    { "a VM without UUID moves", test_generations_by_name },
    { "leases", test_leases },
    { "a VM changes", test_update },
    { "many VMs", test_many },
    { "long aliases", test_long_aliases },
    { "a walk", test_walk },
    { "patterns", test_patterns },
};

UNIT_MAIN("map of VMs", tests)
