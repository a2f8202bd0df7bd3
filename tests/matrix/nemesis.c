/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A fault and what must have become of it: so many processes (or instances in
 * a domain) ended, an event says why, a frame that did it is gone and no
 * other, all stages have their standby again, and nobody else was disturbed.
 */

#include <config.h>

#include "matrix.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "control/names.h"

#define QUIET_MS 15u            /* without an end, until the next fault */
#define SUSPECTS 64u            /* frames that go one at a time after a fault */
#define PROCESSES 8u            /* of a stage that are looked at */

enum { STEADY, HALVED, MOMENTS };
static const char *const halves[MOMENTS] = { "steady", "halved" };
/* As in plugins/fault.c. */
static const char *const whens[] = { "within", "before", "behind", "at" };
#define WHENS (sizeof whens / sizeof whens[0])
static const char *const places[] = { "first", "middle", "last" };

uint32_t
nemesis_roll(struct nemesis *nemesis, uint32_t below)
{
    nemesis->random = nemesis->random * 1103515245u + 12345u;
    return (nemesis->random >> 16) % below;
}

uint64_t
ledger_sent(const struct ledger *ledger)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < ledger->n_sources; i++) {
        sum += __atomic_load_n(&ledger->sources[i].sent, __ATOMIC_SEQ_CST);
    }
    return sum;
}

uint64_t
ledger_taken(const struct ledger *ledger)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < ledger->n_sources; i++) {
        sum += __atomic_load_n(&ledger->taken[i], __ATOMIC_SEQ_CST);
    }
    return sum;
}

static bool
complain(const struct nemesis *nemesis, const char *what)
{
    struct counts counts;
    const struct control_stage_counters *stage = &counts.stages[HOSTILE];
    const struct ledger *ledger = nemesis->ledger;

    manager_count(nemesis->manager, &counts);
    fprintf(stderr, "matrix: %s\n    sent %lu taken %lu missing %lu late %lu"
            " doubled %lu damaged %lu\n    restarts %lu lost %lu poison %lu"
            " drops %lu replayed %lu; buffers %u; event: %s\n", what,
            ledger_sent(ledger), ledger_taken(ledger), ledger->missing,
            ledger->late, ledger->doubled, ledger->damaged,
            stage->health.restarts,
            stage->health.lost, stage->health.poison, stage->drops,
            stage->health.replayed, counts.buffers_used,
            manager_last(nemesis->manager));
    return false;
}

/* ---- What there is -------------------------------------------------------- */

static bool
helpers_live(const struct nemesis *nemesis)
{
    for (uint32_t i = 0; i <= nemesis->ledger->n_sources; i++) {
        if (waitpid(nemesis->helpers[i], NULL, WNOHANG) != 0) {
            fputs("matrix: a source or the sink has ended\n", stderr);
            return false;
        }
    }
    return true;
}

static bool
streams_well(const struct nemesis *nemesis)
{
    const struct ledger *ledger = nemesis->ledger;

    return (ledger->missing == 0 && ledger->late == 0 && ledger->doubled == 0
            && ledger->damaged == 0)
        || complain(nemesis, "the stream is not as it was sent");
}

static bool
await_whole(const struct nemesis *nemesis)
{
    return (whole_await(nemesis)
            || complain(nemesis, "a stage has no standby"))
        && helpers_live(nemesis);
}

void
nemesis_arrange(struct nemesis *nemesis, uint32_t partition, uint32_t place)
{
    if (nemesis->partition != partition) {
        manager_partition(nemesis->manager, partition);
    }
    nemesis->partition = partition;
    nemesis->place = place;
    manager_move(nemesis->manager, place);
}

/* ---- Strikes -------------------------------------------------------------- */

/* A process that was seen is killed; others may have done that before. */
static void
strike(struct nemesis *nemesis, pid_t pid, int number)
{
    if (pid > 1 && kill(pid, number) == 0 && number == SIGKILL) {
        nemesis->n_killed++;
    }
}

/* What there is before the fault, and both processes of the hostile stage,
 * where it has any. */
static bool
aim(struct nemesis *nemesis, struct counts *counts, pid_t *active,
    pid_t *standby)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    do {
        if (loop_now_ms() > end) {
            return complain(nemesis, "there is no process to be struck");
        }
        manager_wait(nemesis->manager, 1);
        if (!await_whole(nemesis)) {
            return false;
        }
        manager_count(nemesis->manager, counts);
        *active = (pid_t) counts->stages[HOSTILE].health.pid;
        *standby = (pid_t) counts->stages[HOSTILE].health.standby_pid;
    } while ((*active <= 1 || *standby <= 1)
             && nemesis->partition != PARTITION_DOMAIN);
    return true;
}

/* Kills the active one, and then the next process that comes. */
static void
strike_newborn(struct nemesis *nemesis, pid_t active)
{
    uint64_t end = loop_now_ms() + 1000;
    pid_t pids[PROCESSES], old[PROCESSES] = { 0 };

    children_of(nemesis->host, stage_names[HOSTILE], old, PROCESSES);
    strike(nemesis, active, SIGKILL);
    while (loop_now_ms() < end) {
        uint32_t n = children_of(nemesis->host, stage_names[HOSTILE], pids,
                                 PROCESSES);

        for (uint32_t i = 0; i < n; i++) {
            uint32_t k = 0;

            while (k < PROCESSES && old[k] != pids[i]) {
                k++;
            }
            if (k == PROCESSES) {
                strike(nemesis, pids[i], SIGKILL);
                return;
            }
        }
    }
}

static void
strike_again(struct nemesis *nemesis, pid_t second)
{
    const struct timespec moment = {
        0, nemesis_roll(nemesis, 2) ? 0 : nemesis_roll(nemesis, 2000) * 1000 };

    nanosleep(&moment, NULL);
    strike(nemesis, second, SIGKILL);
}

/* Kills, as the kind says. */
static void
strike_processes(struct nemesis *nemesis, const struct kind *kind,
                 pid_t active, pid_t standby)
{
    if (kind->means == KIND_NEWBORN) {
        strike_newborn(nemesis, active);
        return;
    }
    if (kind->means != KIND_STANDBY) {
        strike(nemesis, active,
               kind->means == KIND_STOP ? SIGSTOP : SIGKILL);
    }
    if (kind->means == KIND_STANDBY || kind->means == KIND_BOTH) {
        strike(nemesis, standby, SIGKILL);
    } else if (kind->means == KIND_AGAIN) {
        strike_again(nemesis, standby);
    }
}

/* ---- What follows --------------------------------------------------------- */

/* Frames that the hostile stage has not passed on, whoever dropped them. */
static uint64_t
gone(const struct counts *counts)
{
    return counts->stages[HOSTILE].drops;
}

/* ... and that were lost for another reason than that they did harm. */
static uint64_t
forsaken(const struct counts *counts)
{
    const struct control_health *health = &counts->stages[HOSTILE].health;

    return health->lost - health->poison;
}

/* What there was before a fault. */
struct before {
    struct counts counts;
    uint64_t ends;              /* that will be, at least */
};

static bool
is_over(struct nemesis *nemesis, const struct kind *kind,
        const struct before *before)
{
    struct counts now;
    uint64_t ends;

    manager_count(nemesis->manager, &now);
    ends = now.stages[HOSTILE].health.restarts
        - before->counts.stages[HOSTILE].health.restarts;
    return ends >= before->ends
        && gone(&now) - gone(&before->counts)
               >= (kind->means == KIND_FRAME)
        && (!kind->text || manager_heard(nemesis->manager, kind->text));
}

/* The main thread of xvs-switch hears of an end later than a worker, and the
 * last process that was ended for a frame is none to be struck. */
static bool
await_quiet(struct nemesis *nemesis)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    struct counts counts;
    uint64_t restarts;

    do {
        if (loop_now_ms() > end) {
            return complain(nemesis, "processes go on to end");
        }
        manager_count(nemesis->manager, &counts);
        restarts = counts.stages[HOSTILE].health.restarts;
        manager_wait(nemesis->manager, QUIET_MS);
        if (!await_whole(nemesis)) {
            return false;
        }
        manager_count(nemesis->manager, &counts);
    } while (counts.stages[HOSTILE].health.restarts != restarts);
    return true;
}

static bool
await_over(struct nemesis *nemesis, const struct kind *kind,
           const struct before *before)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    char what[100];

    while (!is_over(nemesis, kind, before)) {
        if (loop_now_ms() > end) {
            snprintf(what, sizeof what, "%s does not end as it has to",
                     kind->name);
            return complain(nemesis, what);
        }
        manager_wait(nemesis->manager, 1);
    }
    return await_whole(nemesis) && await_quiet(nemesis);
}

/* Nothing but what is to blame was lost, and nobody else has ended. */
static bool
is_alone(struct nemesis *nemesis, const struct kind *kind,
         const struct before *before)
{
    struct counts now;
    uint64_t ends;
    bool good = true;

    manager_count(nemesis->manager, &now);
    if (gone(&now) - gone(&before->counts) != (kind->means == KIND_FRAME)
        || forsaken(&now) != forsaken(&before->counts)) {
        good = complain(nemesis, "frames are lost that did no harm");
    }
    for (uint32_t i = FIRST_HONEST; i < STAGES; i++) {
        if (now.stages[i].health.restarts || now.stages[i].health.lost
            || now.stages[i].drops) {
            good = complain(nemesis, "an honest stage was disturbed");
        }
    }
    ends = now.stages[HOSTILE].health.restarts
        - before->counts.stages[HOSTILE].health.restarts;
    if (nemesis->partition == PARTITION_DOMAIN && ends != kind->ends) {
        good = complain(nemesis, "more instances ended than had to");
    }
    nemesis->n_ends += ends;
    return good && streams_well(nemesis);
}

/* Between two faults the load varies.  A frame that is alone in a hook, because
 * it is suspected of what another did, would end one process and not three. */
static bool
wait_a_moment(struct nemesis *nemesis)
{
    const struct ledger *ledger = nemesis->ledger;
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    uint64_t taken = ledger_taken(ledger);

    do {
        if (loop_now_ms() > end) {
            return complain(nemesis, "the stream stands still");
        }
        manager_wait(nemesis->manager, 1 + nemesis_roll(nemesis, 3));
    } while (ledger_taken(ledger) - taken < SUSPECTS);
    return true;
}

static void
say(const struct nemesis *nemesis, const struct kind *kind, uint32_t half,
    uint32_t when, uint64_t ends)
{
    const char *moment =
        kind->means == KIND_FRAME ? whens[when] : halves[half];

    printf("cell %s %s alone %s %s 1 %lu\n", kind->name,
           control_partition_name(nemesis->partition),
           places[nemesis->place], moment, ends);
}

/* One source is to send a frame that does harm. */
static void
order(struct nemesis *nemesis, const struct kind *kind, uint32_t when)
{
    struct ledger *ledger = nemesis->ledger;
    uint32_t source = nemesis_roll(nemesis, ledger->n_sources);

    __atomic_store_n(&ledger->sources[source].order, ORDER(kind->what, when),
                     __ATOMIC_SEQ_CST);
    nemesis->n_frames++;
}

bool
nemesis_strike(struct nemesis *nemesis, const struct kind *kind)
{
    uint32_t half = nemesis_roll(nemesis, 4) == 0 ? HALVED : STEADY;
    uint32_t when = nemesis_roll(nemesis, WHENS);
    struct before before = { .ends = kind->ends };
    uint64_t begin, took, ends = nemesis->n_ends;
    pid_t active = 0, standby = 0;

    if (!wait_a_moment(nemesis)
        || !aim(nemesis, &before.counts, &active, &standby)) {
        return false;
    }
    manager_forget(nemesis->manager);
    begin = loop_now_ms();
    if (kind->means != KIND_FRAME && half == HALVED) {
        strike(nemesis, standby, SIGKILL);
    }
    if (kind->means == KIND_FRAME) {
        order(nemesis, kind, when);
    } else {
        strike_processes(nemesis, kind, active, standby);
    }
    nemesis->n_faults++;
    if (!await_over(nemesis, kind, &before)
        || !is_alone(nemesis, kind, &before)) {
        return false;
    }
    took = loop_now_ms() - begin;
    nemesis->slowest_ms =
        took > nemesis->slowest_ms ? took : nemesis->slowest_ms;
    say(nemesis, kind, half, when, nemesis->n_ends - ends);
    return true;
}

/* ---- Rest ----------------------------------------------------------------- */

/* No source sends anything, and what was sent has arrived. */
static bool
is_at_rest(const struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->n_sources; i++) {
        if (!__atomic_load_n(&ledger->sources[i].rests, __ATOMIC_SEQ_CST)) {
            return false;
        }
    }
    return ledger_sent(ledger) == ledger_taken(ledger);
}

bool
nemesis_settle(struct nemesis *nemesis)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    struct ledger *ledger = nemesis->ledger;
    struct counts counts;

    __atomic_store_n(&ledger->rest, 1, __ATOMIC_SEQ_CST);
    do {
        if (loop_now_ms() > end) {
            whole_say(nemesis);
            return complain(nemesis, "frames, buffers, descriptors, threads or"
                            " instances are not as before");
        }
        manager_wait(nemesis->manager, 2);
        manager_count(nemesis->manager, &counts);
    } while (!is_at_rest(ledger) || counts.buffers_used || !whole_is(nemesis)
             || !whole_is_tidy(nemesis));
    __atomic_store_n(&ledger->rest, 0, __ATOMIC_SEQ_CST);
    return streams_well(nemesis);
}
