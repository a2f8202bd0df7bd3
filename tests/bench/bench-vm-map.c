/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a look-up in the map of VMs costs: 100,000 VMs, each with a UUID and an
 * alias, names in random order and in all forms.  Prints nanoseconds for each;
 * each number is the median of RUNS.  The names that are asked for lie one
 * behind the other, because a client's has just been read.
 *
 * And how long the longest registration takes, of all: until it is over,
 * nobody is served.
 *
 *     bench-vm-map [VMS]
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/times.h"
#include "vm/map.h"

#define RUNS 9
#define OWN CLOCK_PROCESS_CPUTIME_ID    /* time, not that of others */
#define LOOKUPS 200000u

static char names[LOOKUPS * 64];
static uint32_t starts[LOOKUPS + 1];    /* in names; of the next one, too */

static void
measure(const struct map *map, const char *what, bool found)
{
    double times[RUNS];
    const struct map_vm *vm;

    for (uint32_t run = 0; run < RUNS; run++) {
        double before = times_now(OWN);

        for (uint32_t i = 0; i < LOOKUPS; i++) {
            const char *name = names + starts[i];
            bool is = map_find(map, name, starts[i + 1] - starts[i] - 1, 1,
                               &vm) == MAP_FOUND;

            if (is != found) {
                fprintf(stderr, "%s: %s\n", name,
                        found ? "not found" : "found");
                exit(1);
            }
        }
        times[run] = (times_now(OWN) - before) / LOOKUPS;
    }
    times_sort(times, RUNS);
    printf("map %-24s %6.0f ns (%.0f to %.0f)\n", what, times[RUNS / 2],
           times[0], times[RUNS - 1]);
}

static void
fill(struct map *map, uint32_t n)
{
    double longest = 0, begun = times_now(OWN);

    for (uint32_t i = 0; i < n; i++) {
        char name[40], uuid[40], alias[40];
        double before, took;
        const struct map_entry entry = {
            .instance = { .a = i, .b = 7 }, .name = name, .uuid = uuid,
            .host = "", .aliases = { alias }, .n_aliases = 1 };

        snprintf(name, sizeof name, "tenant-%u-vm-%u", i % 97, i);
        snprintf(uuid, sizeof uuid, "%08x-28a5-4bb4-9c4c-6ba0c6f0b9d1", i);
        snprintf(alias, sizeof alias, "db-%u.example.org", i);
        before = times_now(OWN);
        if (!map_put(map, &entry, 1)) {
            fprintf(stderr, "no memory\n");
            exit(1);
        }
        took = times_now(OWN) - before;
        longest = took > longest ? took : longest;
    }
    printf("map %-24s %6.0f ns (the longest: %.2f ms)\n", "registration",
           (times_now(OWN) - begun) / n, longest / 1e6);
}

int
main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t) atoi(argv[1]) : 100000;
    static const struct {
        const char *what, *format;
    } forms[] = {
        { "short name", "tenant-%1$u-vm-%2$u" },
        { "in the zone", "tenant-%1$u-vm-%2$u.vm.internal" },
        { "with host and zone", "tenant-%1$u-vm-%2$u.h1.vm.internal" },
        { "host:name", "h1:tenant-%1$u-vm-%2$u" },
        { "UUID", "%2$08x-28a5-4bb4-9c4c-6ba0c6f0b9d1" },
        { "alias", "db-%2$u.example.org" },
        { "unknown", "tenant-%1$u-vx-%2$u" },
    };
    struct map *map = map_create();

    map_configure(map, "h1", "vm.internal");
    fill(map, n);
    srand(1);
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        for (uint32_t i = 0; i < LOOKUPS; i++) {
            uint32_t vm = (uint32_t) rand() % n;

            /* Formats of this file only. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            starts[i + 1] = starts[i] + 1 + (uint32_t) snprintf(
                names + starts[i], 64, forms[form].format, vm % 97, vm);
#pragma GCC diagnostic pop
        }
        measure(map, forms[form].what, strcmp(forms[form].what, "unknown"));
    }
    map_destroy(map);
    return 0;
}
