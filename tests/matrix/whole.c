/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What each stage has: three processes, or in a domain its standby; and what
 * xvs-switch has for it.
 */

#include <config.h>

#include "matrix.h"

#include <stdio.h>
#include <string.h>

#include "base/loop.h"

#define SLACK 24u               /* descriptors and threads */
#define PROCESSES 8u            /* of a stage that are looked at */
/* Copies of a plugin: the one that has the packets, and its two standbys. */
#define INSTANCES 3u

/* In a domain, where only xvs-switch knows. */
static bool
has_standby(const struct nemesis *nemesis)
{
    struct counts counts;
    bool good = true;

    manager_count(nemesis->manager, &counts);
    for (uint32_t i = 0; i < STAGES; i++) {
        good = good
            && counts.stages[i].health.standby == STANDBY_PRESENT;
    }
    return good;
}

bool
whole_is(const struct nemesis *nemesis)
{
    pid_t pids[PROCESSES];

    if (nemesis->partition == PARTITION_DOMAIN) {
        return has_standby(nemesis);
    }
    for (uint32_t i = 0; i < STAGES; i++) {
        if (children_of(nemesis->host, stage_names[i], pids, PROCESSES)
            != 3) {
            return false;
        }
    }
    return true;
}

bool
whole_await(const struct nemesis *nemesis)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    while (!whole_is(nemesis)) {
        if (loop_now_ms() > end) {
            return false;
        }
        manager_wait(nemesis->manager, 1);
    }
    return true;
}

/* Copies of a plugin's code in xvs-switch. */
static uint32_t
copies_of(pid_t pid, const char *stage)
{
    char path[64], name[64], line[512];
    uint32_t n = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    snprintf(name, sizeof name, "/memfd:%s.so ", stage);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        n += strstr(line, name) && strstr(line, " r-xp ");
    }
    if (file) {
        fclose(file);
    }
    return n;
}

/* What was closed later than its end was seen is closed as well.  A process that
 * is being made may be counted or not: what is lost at each fault is more. */
bool
whole_is_tidy(struct nemesis *nemesis)
{
    uint32_t copies = nemesis->partition == PARTITION_DOMAIN ? INSTANCES : 0;
    uint32_t things = children_things(nemesis->host);
    bool good = true;

    for (uint32_t i = 0; i < STAGES; i++) {
        good = good && copies_of(nemesis->host, stage_names[i]) == copies;
    }
    if (!nemesis->things) {
        nemesis->things = things;
    }
    return good && things <= nemesis->things + SLACK;
}

void
whole_say(const struct nemesis *nemesis)
{
    for (uint32_t i = 0; i < STAGES; i++) {
        fprintf(stderr, "matrix: %s has %u instances in xvs-switch\n",
                stage_names[i], copies_of(nemesis->host, stage_names[i]));
    }
    fprintf(stderr, "matrix: xvs-switch has %u descriptors and threads, of %u;"
            " each stage %s its standby\n", children_things(nemesis->host),
            nemesis->things, whole_is(nemesis) ? "has" : "has not");
}
