/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What it costs to find what a setting grants, and to add and remove one,
 * among 100,000 that grant something else.  Prints nanoseconds; each number is
 * the median of RUNS.
 *
 *     bench-grants [SETTINGS]
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "bench/times.h"
#include "stage/call/call.h"
#include "stage/grant/grants.h"
#include "unit/grant-setting.h"

#define RUNS 9
#define OWN CLOCK_PROCESS_CPUTIME_ID    /* time, not that of others */
#define TIMES 100u

static struct grants grants;

static void
change(uint32_t id, uint32_t op)
{
    struct grant_setting setting;
    struct error error;
    char path[64];

    snprintf(path, sizeof path, "/run/vm-%u.sock", id);
    grant_setting(&setting, id, op, path, NULL);
    if (!grants_offer(&grants, &setting.head, &setting.header, &grant_layout,
                      &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    grants_settle(&grants, &setting.head, true);
}

/* Nobody listens there: all that is done is to find it. */
static void
find(uint32_t id)
{
    const struct xvs_guid uuid = { .a = 1 }, instance = { .a = id };
    struct call_visitor visitor;
    struct error error;
    int fd;

    if (grants_accept(&grants, &uuid, &instance, 0, &fd, &visitor, &error)
        || error.text[0] != '/') {
        fprintf(stderr, "setting %u grants nothing\n", id);
        exit(1);
    }
}

static void
replace(uint32_t id)
{
    change(id, XVS_DELETE);
    change(id, XVS_ADD);
}

static void
measure(const char *what, void (*one)(uint32_t id), uint32_t n)
{
    double times[RUNS];

    for (uint32_t run = 0; run < RUNS; run++) {
        double before = times_now(OWN);

        for (uint32_t i = 0; i < TIMES; i++) {
            one((uint32_t) rand() % n);
        }
        times[run] = (times_now(OWN) - before) / TIMES;
    }
    times_sort(times, RUNS);
    printf("grants %-21s %9.0f ns (%.0f to %.0f)\n", what, times[RUNS / 2],
           times[0], times[RUNS - 1]);
}

int
main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t) atoi(argv[1]) : 100000;
    double before = times_now(OWN);

    for (uint32_t i = 0; i < n; i++) {
        change(i, XVS_ADD);
    }
    printf("grants %-21s %9.0f ns\n", "all added, each",
           (times_now(OWN) - before) / n);
    srand(1);
    measure("found", find, n);
    measure("removed and added", replace, n);
    grants_clear(&grants);
    return 0;
}
