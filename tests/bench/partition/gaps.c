/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See gaps.h.
 */

#include <config.h>

#include "bench/partition/gaps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "bench/times.h"
#include "stage/lane/lanes.h"

/* Prints and frees them. */
static void
show(const char *what, double *gaps, uint32_t n,
     const struct lanes_tally *tally)
{
    times_sort(gaps, n);
    printf("%u %s: no packet for %.0f us (median), %.0f us (p99), %.0f us"
           " (most)\n%lu packets: %lu given twice, %lu lost, %lu not in"
           " order\n", n, what, gaps[n / 2], gaps[n * 99 / 100], gaps[n - 1],
           (unsigned long) lab_taken, (unsigned long) tally->replayed,
           (unsigned long) tally->lost, (unsigned long) lab_wrong);
    free(gaps);
}

/* Kills the process, and has it killed when another is to do it, under load
 * until it is over; returns microseconds without packets. */
static double
kill_one(const struct share *share, bool other)
{
    lab_load(300);
    lab_watch();
    if (other) {
        process_doom(share->pid);
        while (!process_has_struck()) {
            lab_watch();
            lab_load(20);
        }
    } else {
        kill(share->pid, SIGKILL);
    }
    lab_load(2000);
    lab_land_all();
    return lab_gap();
}

void
gaps_show_deaths(enum lab_place place, uint32_t kills, bool other)
{
    double *gaps = mem_array(kills, sizeof *gaps);
    struct share *active = lab_shares[place][0];
    struct share *standby = process_make(place);
    struct lanes *lanes = lab_lanes[place][0];
    struct lanes_tally tally;
    pid_t killer = other ? process_start_killer() : 0;

    lab_chain(0, 1, place);
    lanes_use(lanes, active, standby);
    lanes_expect(lanes, true);
    for (uint32_t i = 0; i < kills; i++) {
        gaps[i] = kill_one(active, other);
        lanes_use(lanes, standby, NULL);
        process_end(active, false);
        active = standby;
        standby = process_make(place);
        lanes_use(lanes, active, standby);
    }
    lab_land_all();
    if (killer) {
        kill(killer, SIGKILL);
    }
    lab_shares[place][0] = active;
    lanes_count(lanes, &tally);
    show("kills", gaps, kills, &tally);
}

void
gaps_show_updates(enum lab_place place, uint32_t updates)
{
    double *gaps = mem_array(updates, sizeof *gaps);
    struct lanes_tally tally, other;

    lab_chain(0, 1, place);
    for (uint32_t i = 0; i < updates; i++) {
        uint32_t next = (i + 1) % 2;    /* whose place is the new one's */
        struct share *old = lab_shares[place][next];

        lab_shares[place][next] = process_make(place);
        lanes_use(lab_lanes[place][next], lab_shares[place][next], NULL);
        process_end(old, true);
        lab_load(300);
        lab_watch();
        lab_chain(next, 1, place);
        lab_load(2000);
        gaps[i] = lab_gap();
        lab_land_all();
    }
    lanes_count(lab_lanes[place][0], &tally);
    lanes_count(lab_lanes[place][1], &other);
    tally.replayed += other.replayed;
    tally.lost += other.lost;
    show("updates", gaps, updates, &tally);
}
