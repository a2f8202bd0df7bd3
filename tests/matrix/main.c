/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The fault matrix; see matrix.h.
 *
 *     matrix [-e] [-q] [-k KIND] [-n FAULTS] [-t SECONDS] [-s SEED]
 *            [-p PARTITION] [-w SOURCES] SOCKET PID FOLDER
 *
 * SOCKET and PID are those of an xvs-switch, whose extensions hostile, honest
 * and honest-2 it can load, and which can make sockets in FOLDER.  Segments of
 * faults, each with a partition and a place of the hostile stage, follow each
 * other until there were so many, or so much time has passed.  With -e, instead,
 * all lies come once (kinds.c), also those that are no part of the matrix; with
 * -q none that takes seconds.
 *
 * Prints rows for lab/chaos.awk: a "cell" for each fault, with the processes
 * that it ended behind it, and "frames" for each segment.
 */

#include <config.h>

#include "matrix.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "control/names.h"
#include "plugins/lies.h"

#define SEGMENT 40u             /* faults */
#define PLACES 3u
#define START_MS 40000u         /* until both ends of the stream are there */
#define PAUSE_US 200u           /* between two bursts, unless there is none */

static struct nemesis nemesis;
static bool is_quick;
static uint64_t until_ms = UINT64_MAX, most = UINT64_MAX;
static uint32_t partitions[2] = { PARTITION_PROCESS, PARTITION_COPY };
static uint32_t n_partitions = 2;
static uint32_t n_sources = 1;

/* A source, or behind them the sink, which end with us. */
static pid_t
start_helper(uint32_t which, const char *folder, uint32_t seed)
{
    pid_t pid = fork();
    char path[128];

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(path, sizeof path, "%.100s/%u", folder, which + 1);
        if (which < n_sources) {
            stream_source(path, nemesis.ledger, which, seed + which);
        }
        stream_sink(path, nemesis.ledger);
    }
    return pid;
}

/* Of the partitions that are asked for. */
static const struct kind *
kind_named(const char *name)
{
    const struct kind *kinds = process_kinds;
    uint32_t n = n_process_kinds;

    if (partitions[0] == PARTITION_DOMAIN) {
        kinds = domain_kinds;
        n = n_domain_kinds;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    fprintf(stderr, "matrix: there is no kind '%s'\n", name);
    exit(2);
}

/* So that there are five kills for each caught fault of a kind, and few that
 * take a second. */
static const struct kind *
choose(void)
{
    static const struct {
        const char *name;
        uint32_t weight;
    } weights[] = {
        { "kill", 16 }, { "kill-standby", 3 }, { "kill-both", 5 },
        { "kill-again", 4 }, { "kill-newborn", 4 }, { "stop", 1 },
        { "crash", 10 }, { "exit", 10 }, { "hang", 10 }, { "call", 10 },
        { "stack", 10 }, { "lie", 10 }, { "word", 10 } };
    const size_t n = sizeof weights / sizeof weights[0];
    uint32_t all = 0, roll;
    size_t i = 0;

    if (nemesis.partition == PARTITION_DOMAIN) {
        return &domain_kinds[nemesis_roll(&nemesis, n_domain_kinds)];
    }
    for (size_t j = 0; j < n; j++) {
        all += weights[j].weight;
    }
    roll = nemesis_roll(&nemesis, all);
    while (roll >= weights[i].weight) {
        roll -= weights[i++].weight;
    }
    return kind_named(weights[i].name);
}

/* What became of the frames since it was called last, 'faults' later. */
static bool
tell_frames(uint64_t faults)
{
    static uint64_t sent;
    static uint64_t frames;
    const struct ledger *ledger = nemesis.ledger;
    bool good = nemesis_settle(&nemesis);

    printf("frames %s alone %lu %lu %lu %lu %lu %lu %lu 0\n",
           control_partition_name(nemesis.partition), faults,
           ledger_sent(ledger) - sent, ledger->missing, ledger->late,
           ledger->doubled, ledger->damaged, nemesis.n_frames - frames);
    fflush(stdout);
    sent = ledger_sent(ledger);
    frames = nemesis.n_frames;
    return good;
}

/* What a process does, and not what happens to any. */
static bool
is_lie(const struct kind *kind)
{
    return !kind->is_matrix || kind->what >= LIE_AHEAD;
}

/* Each lie once, in a place of its own. */
static bool
run_each(void)
{
    bool good = true;

    for (uint32_t p = 0; p < n_partitions; p++) {
        for (uint32_t i = 0; i < n_process_kinds && good; i++) {
            const struct kind *kind = &process_kinds[i];

            if (!is_lie(kind) || (kind->is_slow && (is_quick || p))) {
                continue;
            }
            nemesis_arrange(&nemesis, partitions[p], i % PLACES);
            good = nemesis_strike(&nemesis, kind);
        }
        good = good && tell_frames(nemesis.n_faults);
    }
    return good;
}

static bool
run_segment(const struct kind *only)
{
    uint64_t faults = nemesis.n_faults;

    /* As fast as can be in one of three, and with gaps in the others. */
    nemesis.ledger->pause_us = nemesis_roll(&nemesis, 3) ? PAUSE_US : 0;
    nemesis_arrange(&nemesis,
                    partitions[nemesis_roll(&nemesis, n_partitions)],
                    nemesis_roll(&nemesis, PLACES));
    while (nemesis.n_faults - faults < SEGMENT && nemesis.n_faults < most
           && loop_now_ms() < until_ms) {
        if (!nemesis_strike(&nemesis, only ? only : choose())) {
            return false;
        }
    }
    return tell_frames(nemesis.n_faults - faults);
}

static bool
run_matrix(const struct kind *only)
{
    bool good = true;

    while (good && nemesis.n_faults < most && loop_now_ms() < until_ms) {
        good = run_segment(only);
    }
    return good;
}

static void
use_partition(const char *name)
{
    partitions[0] = control_partition_find(name);
    n_partitions = 1;
    if (partitions[0] != PARTITION_PROCESS && partitions[0] != PARTITION_COPY
        && partitions[0] != PARTITION_DOMAIN) {
        fprintf(stderr, "matrix: partitions are process, copy and domain\n");
        exit(2);
    }
}

static void
use_sources(const char *number)
{
    n_sources = (uint32_t) strtoul(number, NULL, 10);
    if (n_sources < 1 || n_sources > SOURCES) {
        fprintf(stderr, "matrix: there can be 1 to %u sources\n", SOURCES);
        exit(2);
    }
}

static bool
open_all(char **words, uint32_t seed)
{
    uint64_t end = loop_now_ms() + START_MS;
    struct counts counts;

    nemesis.ledger = mmap(NULL, sizeof *nemesis.ledger,
                          PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0);
    if (nemesis.ledger == MAP_FAILED) {
        return false;
    }
    nemesis.random = seed;
    nemesis.host = (pid_t) atoi(words[1]);
    nemesis.partition = partitions[0];
    nemesis.manager = manager_open(words[0], words[2], n_sources + 1,
                                   partitions[0]);
    /* Nothing is sent until all are there. */
    nemesis.ledger->rest = 1;
    nemesis.ledger->n_sources = n_sources;
    for (uint32_t i = 0; i <= n_sources; i++) {
        nemesis.helpers[i] = start_helper(i, words[2], seed);
    }
    do {
        manager_wait(nemesis.manager, 10);
        manager_count(nemesis.manager, &counts);
    } while (counts.n_up <= n_sources && loop_now_ms() < end);
    return counts.n_up == n_sources + 1;
}

static void
close_all(void)
{
    for (uint32_t i = 0; i <= n_sources; i++) {
        kill(nemesis.helpers[i], SIGKILL);
        waitpid(nemesis.helpers[i], NULL, 0);
    }
    manager_close(nemesis.manager);
}

int
main(int argc, char **argv)
{
    const char *only = NULL;
    uint64_t begin = loop_now_ms();
    uint32_t seed = 1;
    bool each = false, good;
    int option;

    while ((option = getopt(argc, argv, "eqk:n:t:s:p:w:")) != -1) {
        switch (option) {
        case 'e': each = true; break;
        case 'q': is_quick = true; break;
        case 'k': only = optarg; break;
        case 'n': most = strtoul(optarg, NULL, 10); break;
        case 's':
            seed = (uint32_t) strtoul(optarg, NULL, 10);
            break;
        case 'p': use_partition(optarg); break;
        case 'w': use_sources(optarg); break;
        case 't':
            until_ms = begin + 1000 * strtoul(optarg, NULL, 10);
            break;
        default: return 2;
        }
    }
    if (argc - optind != 3) {
        fputs("usage: matrix [OPTION]... SOCKET PID FOLDER\n", stderr);
        return 2;
    }
    if (!open_all(argv + optind, seed)) {
        fputs("matrix: the stream does not begin\n", stderr);
        return 1;
    }
    nemesis.ledger->pause_us = each ? 5 * PAUSE_US : PAUSE_US;
    good = nemesis_settle(&nemesis)
        && (each ? run_each()
                 : run_matrix(only ? kind_named(only) : NULL));
    printf("matrix: seed %u: %lu faults ended %lu processes in %lu s, %lu of"
           " them by SIGKILL; %lu frames did harm; it took %lu ms at most"
           " until all was well\n", seed, nemesis.n_faults, nemesis.n_ends,
           (loop_now_ms() - begin) / 1000, nemesis.n_killed,
           nemesis.n_frames, nemesis.slowest_ms);
    close_all();
    return good ? 0 : 1;
}
