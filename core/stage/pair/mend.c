/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What happens when a process of a pair ends.
 *
 * The main thread hears of it and has the pair mended (attend.c): a job on the
 * control thread puts the standby into its place, and the spare into the
 * standby's, and then makes another spare.  Workers do not wait for that: their
 * lanes know the standby.
 */

#include <config.h>

#include "stage/pair/pair-inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/keep/keep.h"
#include "stage/lane/share.h"
#include "stage/pair/pair.h"
#include "stage/process/end.h"
#include "stage/process/process.h"

#define RETRY_MS 100u           /* when at once was too often */
#define FORGIVE_MS 1000u        /* after which one is forgotten */
#define SLOWEST_MS 60000u       /* between two tries */
#define TAKEN_US 50             /* between two looks whether it has taken */

/* ---- Failures ------------------------------------------------------------- */

static uint32_t
delay_of(const struct pair *pair, uint32_t n_failures)
{
    uint32_t at_once = pair->stage->place->n_restarts;
    uint32_t more = n_failures > at_once ? n_failures - at_once : 0;

    if (more == 0) {
        return 0;
    }
    return more > 9 ? SLOWEST_MS : RETRY_MS << more;
}

/* Failures that are not forgotten by now. */
static uint32_t
failures(const struct pair *pair)
{
    uint64_t n = (loop_now_ms() - pair->failed_ms) / FORGIVE_MS;

    return n < pair->n_failures ? pair->n_failures - (uint32_t) n : 0;
}

static void
note_failure(struct pair *pair)
{
    pair->n_failures = failures(pair) + 1;
    pair->failed_ms = loop_now_ms();
}

/* Milliseconds until another process may be made. */
static uint32_t
patience(const struct pair *pair)
{
    uint64_t ready = pair->failed_ms + delay_of(pair, pair->n_failures);
    uint64_t now = loop_now_ms();

    return ready > now ? (uint32_t) (ready - now) : 0;
}

/* ---- Mending -------------------------------------------------------------- */

static bool
is_bad(struct process *process)
{
    return !share_is_fine(process->share) || share_has_ended(process->share)
        || process_has_ended(process);
}

static void
grace_over(struct grace_call *call)
{
    struct gone *gone = (struct gone *) (void *) call;

    __atomic_store_n(&gone->past, 1, __ATOMIC_RELEASE);
}

_Static_assert(offsetof(struct gone, grace) == 0, "grace_over() casts");

void
mend_kill_for(struct process *process, enum share_fault fault)
{
    if (fault == SHARE_HANGS) {
        process_kill(process, "did not return from its packet hook and was"
                              " ended");
    } else if (fault == SHARE_LIES) {
        process_kill(process, "told of packets that it did not have and was"
                              " ended");
    }
}

static void
retire(struct pair *pair, struct process *process)
{
    struct gone *gone = mem_zalloc(sizeof *gone);

    if (pair->stage->kept) {
        /* Its main thread writes there as long as it lives. */
        mend_kill_for(process, share_fault(process->share));
        end_note(process, true);
    }

    gone->process = process;
    gone->next = pair->gone;
    pair->gone = gone;
    note_failure(pair);
}

/* With pair->lock. */
static void
note_standby(struct pair *pair)
{
    pair->health.standby = pair->standby ? STANDBY_PRESENT
        : patience(pair) == 0 ? STANDBY_STARTING : STANDBY_ABSENT;
}

void
mend_publish(struct pair *pair)
{
    struct process *active = pair->active, *standby = pair->standby;

    lanes_use(pair->stage->lanes, active ? active->share : NULL,
              standby ? standby->share : NULL);
    lanes_expect(pair->stage->lanes,
                 delay_of(pair, failures(pair) + 1) == 0);
    pthread_mutex_lock(&pair->lock);
    pair->watched[0] = active;
    pair->watched[1] = standby;
    pair->watched[2] = pair->spare;
    __atomic_store_n(&pair->health.pid,
                     active ? (uint32_t) active->pid : 0, __ATOMIC_RELAXED);
    pair->health.standby_pid = standby ? (uint32_t) standby->pid : 0;
    note_standby(pair);
    pthread_mutex_unlock(&pair->lock);
}

/* The standby has not been told yet that it works. */
static void
take_over(struct pair *pair)
{
    struct outcome outcome = { 0 };

    if (!member_activate(pair, pair->active, &outcome)) {
        process_kill(pair->active, "did not take over and was ended");
    }
}

void
mend_settle(struct pair *pair)
{
    struct gone *before = pair->gone;

    if (pair->spare && is_bad(pair->spare)) {
        retire(pair, pair->spare);
        pair->spare = NULL;
    }
    if (pair->standby && is_bad(pair->standby)) {
        retire(pair, pair->standby);
        pair->standby = NULL;
    }
    if (pair->active && is_bad(pair->active)) {
        retire(pair, pair->active);
        pair->active = pair->standby;
        pair->standby = NULL;
    }
    if (pair->gone == before) {
        return;
    }
    mend_publish(pair);
    mend_own(pair);
    for (struct gone *one = pair->gone; one != before; one = one->next) {
        grace_defer(&one->grace, grace_over);
    }
    if (pair->active && pair_has_sockets(pair->stage)
        && pair->roster.active && pair->opens != pair->active) {
        take_over(pair);
    }
}

/* Waits until the extension has taken over what it keeps. */
static void
await_taken(struct process *process)
{
    const struct share *share = process->share;
    uint64_t until = loop_now_ms() + PROCESS_TIMER_MS;

    while (!__atomic_load_n(&share->state->taken, __ATOMIC_ACQUIRE)
           && !is_bad(process)) {
        if (loop_now_ms() >= until) {
            process_kill(process, "did not return from taken and was ended");
            end_note(process, true);
            return;
        }
        usleep(TAKEN_US);
    }
}

void
mend_own(struct pair *pair)
{
    struct process *process = pair->active;
    struct kept *kept = pair->stage->kept;

    if (!kept || !pair->stage->owns || !process || !process->share->kept
        || __atomic_load_n(&process->share->given[0].own, __ATOMIC_ACQUIRE)
               & KEEP_CONTROL
        || !kept_own(kept, process->share)) {
        return;
    }
    share_ring(process->share);
    await_taken(process);
}

/* One that no worker has and whose end was told. */
static bool
may_close(const struct pair *pair, struct gone *gone)
{
    struct process *process = gone->process;
    bool told;

    pthread_mutex_lock(&process->lock);
    told = process->told;
    pthread_mutex_unlock(&process->lock);
    if (!told && share_fault(process->share) == SHARE_ENDED
        && share_feigns_end(process->share)) {
        pthread_mutex_lock(&process->lock);
        process->feigns = true;
        pthread_mutex_unlock(&process->lock);
        process_kill(process, "feigned its end and was ended");
    }
    return told && __atomic_load_n(&gone->past, __ATOMIC_ACQUIRE)
        && !lanes_have(pair->stage->lanes, process->share);
}

static void
close_gone(struct pair *pair)
{
    struct gone **at = &pair->gone;

    while (*at) {
        struct gone *gone = *at;

        if (may_close(pair, gone)) {
            *at = gone->next;
            process_close(gone->process);
            free(gone);
        } else {
            at = &gone->next;
        }
    }
}

/* The spare, if there is one that is any good; one that is not has ended, and
 * that is told as any other end. */
static struct process *
take_spare(struct pair *pair)
{
    struct process *spare = pair->spare;

    if (spare && !member_answers(pair, spare)) {
        mend_settle(pair);
        return NULL;
    }
    pair->spare = NULL;
    mend_publish(pair);         /* nobody watches it when it is closed */
    return spare;
}

/* A process that knows what the active one does; NULL with the outcome. */
static struct process *
make_member(struct pair *pair, struct outcome *outcome)
{
    struct process *process = take_spare(pair);

    if (!process) {
        process = member_start(pair, outcome);
    }
    if (!process || !member_init(pair, process, outcome)) {
        return NULL;
    }
    if (!member_tell_all(pair, process, outcome)) {
        process_close(process);
        return NULL;
    }
    return process;
}

/* Makes the first one that is lacking. */
static void
complete(struct pair *pair)
{
    bool is_spare = pair->active && pair->standby;
    struct outcome outcome = { 0 };
    struct process *process;

    pthread_mutex_lock(&pair->lock);
    note_standby(pair);
    pthread_mutex_unlock(&pair->lock);
    process = is_spare ? member_start(pair, &outcome)
        : make_member(pair, &outcome);
    if (is_spare) {
        pair->spare = process;
    } else if (pair->active) {
        pair->standby = process;
    } else {
        pair->active = process;
    }
    if (!process) {
        log_warning("%s on switch %s: no new process: %s",
                    stage_name(pair->stage), pair->stage->switch_name,
                    outcome.text);
        note_failure(pair);
    }
    mend_publish(pair);
    mend_own(pair);
}

static bool
is_complete(const struct pair *pair)
{
    return pair->active && pair->standby && pair->spare;
}

/* What nothing grants any more, the process closes, or is ended. */
static void
look_at_grants(struct pair *pair)
{
    uint32_t wait = grants_look(&pair->grants);

    if (wait == 0 && pair->active) {
        process_kill(pair->active, "kept a unix socket that no setting grants"
                                   " any more and was ended");
    } else if (wait != GRANTS_NEVER && wait < pair->again_ms) {
        pair->again_ms = wait;
    }
}

void
mend_work(struct job *job)
{
    struct pair *pair =
        (struct pair *) (void *) ((char *) job - offsetof(struct pair, job));

    pair->again_ms = MEND_NEVER;
    mend_settle(pair);
    if (!is_complete(pair)) {
        pair->again_ms = patience(pair);
        if (pair->again_ms == 0) {
            complete(pair);
            pair->again_ms = is_complete(pair) ? MEND_NEVER : patience(pair);
        }
    }
    look_at_grants(pair);
    close_gone(pair);
    if (pair->gone && pair->again_ms > MEND_LOOK_MS) {
        pair->again_ms = MEND_LOOK_MS;
    }
    outcome_judge(&job->outcome, pair->stage, job->what, XVS_SUCCESS);
}
