/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the acl's rules cost by themselves: for sets of rules of mixed shape,
 * nanoseconds to find the rule of a packet whose flow is not known, time to
 * compile the set, and time of one change.  Rules and packets are those of
 * unit/test-acl-classify, from a fixed seed; each number is the least of RUNS.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "packet/cycles.h"
#include "unit/acl-linear.h"
#include "view.h"

#define RUNS 10
#define MOST 16384u
#define N_KEYS 4096u

static struct acl_rule *rules[MOST];
static struct acl_key keys[N_KEYS];

static double
us(uint64_t cycles)
{
    return (double) cycles / (double) cycles_per_us();
}

static struct acl_view *
make_view(uint32_t n, uint32_t world)
{
    struct acl_view *view = acl_view_create();

    for (uint32_t i = 0; i < n; i++) {
        struct acl_view *old = view;

        rules[i] = chance_rule(world);
        view = acl_view_change(old, NULL, rules[i]);
        acl_view_place(view, view->table != old->table);
        acl_view_release(old);
    }
    return view;
}

static double
compile_time(struct acl_view **view)
{
    uint64_t best = UINT64_MAX;

    for (int run = 0; run < RUNS; run++) {
        struct acl_view *old = *view;
        uint64_t start = clock_cycles(), spent;

        *view = acl_view_compile(old);
        spent = clock_cycles() - start;
        best = spent < best ? spent : best;
        acl_view_place(*view, true);
        acl_view_release(old);
    }
    return us(best);
}

static double
change_time(const struct acl_view *view, uint32_t n)
{
    uint64_t best = UINT64_MAX;

    for (int run = 0; run < RUNS; run++) {
        uint64_t start = clock_cycles(), spent;
        struct acl_view *next = acl_view_change(
            view, rules[(uint32_t) run * 7919 % n], NULL);

        spent = clock_cycles() - start;
        best = spent < best ? spent : best;
        acl_view_release(next);
    }
    return us(best);
}

/* Nanoseconds a packet; '*found' is how many of them a rule decides about. */
static double
find_time(const struct acl_view *view, uint32_t *found)
{
    uint64_t best = UINT64_MAX;

    for (int run = 0; run < RUNS; run++) {
        uint64_t start = clock_cycles(), spent;

        *found = 0;
        for (uint32_t i = 0; i < N_KEYS; i++) {
            *found += acl_view_find(view, acl_list(ACL_IN, keys[i].kind),
                                    &keys[i], UINT64_MAX) != ACL_NOWHERE;
        }
        spent = clock_cycles() - start;
        best = spent < best ? spent : best;
    }
    return us(best) * 1000 / N_KEYS;
}

static void
measure(uint32_t n, uint32_t world)
{
    struct acl_view *view;
    uint32_t found;

    chance_state = n;
    view = make_view(n, world);
    for (uint32_t i = 0; i < N_KEYS; i++) {
        chance_key_for(&keys[i], rules[chance(n)], world);
    }
    double compile = compile_time(&view);
    double find = find_time(view, &found);

    printf("%5u rules of a world of %5u: %6.0f ns a packet (%2u %% match), "
           "%7.0f us to compile, %5.2f us a change, %5.0f KB\n", n, world,
           find, found * 100 / N_KEYS, compile, change_time(view, n),
           view->table ? (double) acl_table_size(view->table) / 1024 : 0);
    fflush(stdout);
    acl_view_release(view);
    for (uint32_t i = 0; i < n; i++) {
        free(rules[i]);
    }
}

int
main(void)
{
    static const uint32_t numbers[] = { 16, 100, 1000, 10000, 16384 };
    static const uint32_t worlds[] = { 50, 1500, 60000 };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        for (size_t j = 0; j < sizeof(worlds) / sizeof(worlds[0]); j++) {
            measure(numbers[i], worlds[j]);
        }
    }
    return 0;
}
