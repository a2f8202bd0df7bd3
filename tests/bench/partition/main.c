/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a stage costs in a domain and in a process of its own, and what its
 * fault, its death or its update costs.
 *
 *     bench-partition [-t MILLISECONDS] [-f FAULTS] [-k KILLS] [-u UPDATES]
 *                     [-s STAGES] [-b BYTES] [-c | -d] [-1] [-a]
 *
 * The worker is on processor 0, processes and control threads on processor 1.
 * First, for frames of 64 and 1500 bytes, bursts of 32 and 256 and chains of 0,
 * 1, 2 and 4 stages that touch each header: nanoseconds per packet, when the
 * stages run in this process, when each has a domain, when each has a process
 * of its own, and when that works on copies; what a stage adds there, and how
 * much more that is with copies.  A loop writes headers, sends frames and takes
 * up what comes back, so that the numbers of no stage are what the loop costs.
 * Each is the least of several.  -s measures only that many stages in
 * processes, with bursts of 32; -b says how long frames are, -c that processes
 * have copies, -d that there are domains instead.  -1 puts the processes on
 * processor 0 as well.  With -t 0 this is left out.
 *
 * Then (-f) a stage in a domain fails under the same load, FAULTS times in each
 * way: how long the burst took with which it did, until its standby had all of
 * it, and how long no packet came out; with a burst that fails in one instance,
 * and with a packet that ends any.
 *
 * Where the processor has no protection keys, what is said of domains is without
 * the instructions that write rights (rights.h), and so it says.
 *
 * Then one stage with a standby under the same load: its process is killed
 * KILLS times, and a new standby is made each time.  How long no packet came
 * out, and what became of the packets, each of which has a number.  The worker
 * kills it itself, or (-a) another process does, when it likes.
 *
 * Last (-u), the same while a new process takes the old one's place in the
 * chain, as it is for a change of partition or of version.
 */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench/partition/cost.h"
#include "bench/partition/faults.h"
#include "bench/partition/gaps.h"
#include "bench/partition/lab.h"
#include "bench/partition/rights.h"

struct wanted {
    uint64_t milliseconds;      /* a run of the cost */
    uint32_t faults, kills, updates;
    uint32_t only;              /* stages; 0: all */
    enum lab_place place;
    bool other;                 /* another process kills */
    int processor;              /* of the processes */
};

static bool
read_options(int argc, char **argv, struct wanted *wanted)
{
    int option;

    while ((option = getopt(argc, argv, "t:f:k:u:s:b:cd1a")) != -1) {
        uint32_t number = optarg ? (uint32_t) strtoul(optarg, NULL, 10) : 0;

        switch (option) {
        case 't': wanted->milliseconds = number; break;
        case 'f': wanted->faults = number; break;
        case 'k': wanted->kills = number; break;
        case 'u': wanted->updates = number; break;
        case 's': wanted->only = number % (LAB_STAGES + 1); break;
        case 'b':
            lab_size = number < 64 ? 64 : number > 2000 ? 2000 : number;
            break;
        case 'c': wanted->place = LAB_COPY; break;
        case 'd': wanted->place = LAB_DOMAIN; break;
        case '1': wanted->processor = 0; break;
        case 'a': wanted->other = true; break;
        default: return false;
        }
    }
    return wanted->place != LAB_DOMAIN || wanted->only;
}

/* Whether what is wanted needs domains. */
static bool
has_domains(const struct wanted *wanted)
{
    return wanted->faults || wanted->place == LAB_DOMAIN
        || (wanted->milliseconds && !wanted->only);
}

static void
prepare(const struct wanted *wanted)
{
    if (has_domains(wanted)) {
        rights_prepare();
        if (!rights_are_real()) {
            puts("no protection keys: domains without the instructions that"
                 " write rights, which protects nothing");
        }
    }
    process_prepare(wanted->processor);
    lab_prepare();
    if (has_domains(wanted)) {
        lab_prepare_domains(wanted->processor);
    }
}

static bool
measure(const struct wanted *wanted)
{
    bool good = true;

    if (wanted->only) {
        printf("%.1f\n", cost_least(wanted->only, wanted->place, 32,
                                    wanted->milliseconds));
        return true;
    }
    if (wanted->milliseconds) {
        cost_show(wanted->milliseconds);
    }
    if (wanted->faults) {
        good = faults_show(wanted->faults, wanted->processor);
    }
    if (wanted->kills) {
        gaps_show_deaths(wanted->place, wanted->kills, wanted->other);
    }
    if (wanted->updates) {
        gaps_show_updates(wanted->place, wanted->updates);
    }
    return good;
}

int
main(int argc, char **argv)
{
    struct wanted wanted = { .milliseconds = 20, .faults = 200,
                             .kills = 200, .updates = 200, .place = LAB_PROCESS,
                             .processor = 1 };
    bool good;
    int as;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    as = argc > 1 ? process_be(argv[1]) : -1;
    if (as >= 0) {
        return as;
    }
    if (!read_options(argc, argv, &wanted)) {
        return 2;
    }
    prepare(&wanted);
    good = measure(&wanted);
    if (lab_taken != lab_number || lab_wrong) {
        fprintf(stderr, "%lu of %lu packets came out\n",
                (unsigned long) lab_taken, (unsigned long) lab_number);
        return 1;
    }
    return !good;
}
