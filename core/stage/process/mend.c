/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What happens when a process of a pair ends.
 *
 * The main thread hears of it and has the pair mended: a job on the control
 * thread puts the standby into its place and makes another one.  Workers do
 * not wait for that: their lanes know the standby.
 */

#include <config.h>

#include "stage/process/pair-inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/process/pair.h"
#include "stage/process/process.h"
#include "stage/process/share.h"
#include "stage/process/usage.h"

#define MEND_MS 10000u          /* for making a process what the other is */
#define LOOK_MS 10u             /* between two looks at what has retired */
#define RETRY_MS 100u           /* when the control thread was not free */
#define FORGIVE_MS 1000u        /* after which one is forgotten */
#define SLOWEST_MS 60000u       /* between two tries */
#define NEVER UINT32_MAX

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

static void
retire(struct pair *pair, struct process *process)
{
    struct gone *gone = mem_zalloc(sizeof *gone);

    gone->process = process;
    gone->next = pair->gone;
    pair->gone = gone;
    note_failure(pair);
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
    __atomic_store_n(&pair->health.pid,
                     active ? (uint32_t) active->pid : 0, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pair->lock);
}

void
mend_settle(struct pair *pair)
{
    struct gone *before = pair->gone;

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
    for (struct gone *one = pair->gone; one != before; one = one->next) {
        grace_defer(&one->grace, grace_over);
    }
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
    if (!told && share_fault(process->share) == SHARE_ENDED) {
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

/* Makes the one that is lacking. */
static void
complete(struct pair *pair)
{
    struct outcome outcome = { 0 };
    struct process *process = member_start(pair, &outcome);

    if (process && !member_tell_all(pair, process, &outcome)) {
        process_close(process);
        process = NULL;
    }
    if (!process) {
        log_warning("%s on switch %s: no new process: %s",
                    stage_name(pair->stage), pair->stage->switch_name,
                    outcome.text);
        note_failure(pair);
        mend_publish(pair);
        return;
    }
    if (pair->active) {
        pair->standby = process;
    } else {
        pair->active = process;
    }
    mend_publish(pair);
}

static void
mend(struct job *job)
{
    struct pair *pair =
        (struct pair *) (void *) ((char *) job - offsetof(struct pair, job));

    pair->again_ms = NEVER;
    mend_settle(pair);
    if (!pair->active || !pair->standby) {
        pair->again_ms = patience(pair);
        if (pair->again_ms == 0) {
            complete(pair);
            pair->again_ms = pair->active && pair->standby ? NEVER
                : patience(pair);
        }
    }
    close_gone(pair);
    if (pair->gone && pair->again_ms > LOOK_MS) {
        pair->again_ms = LOOK_MS;
    }
    outcome_judge(&job->outcome, pair->stage, job->what, XVS_SUCCESS);
}

/* ---- Main thread ---------------------------------------------------------- */

static void
note_end(struct pair *pair, const char *text)
{
    pthread_mutex_lock(&pair->lock);
    snprintf(pair->ended, sizeof pair->ended, "%s", text);
    snprintf(pair->health.failure, sizeof pair->health.failure, "%s", text);
    pair->health.restarts++;
    pthread_mutex_unlock(&pair->lock);
}

void
mend_on_end(void *arg, struct process *process)
{
    note_end(arg, process->text);
    mend_soon(arg, 0);
}

/* A worker has no more to do with the process. */
static void
on_fault_here(void *arg)
{
    struct process *process = arg;
    enum share_fault fault = share_fault(process->share);

    if (fault == SHARE_HANGS) {
        process_kill(process, "did not return from its packet hook and was"
                              " ended");
    } else if (fault == SHARE_LIES) {
        process_kill(process, "told of packets that it did not have and was"
                              " ended");
    }
    mend_soon(process->config.arg, LOOK_MS);
}

void
mend_fault(void *arg, struct share *share)
{
    const struct pair *pair = arg;

    loop_post(pair->stage->loop, on_fault_here, share->owner);
}

/* The beginning of the packet that was taken out last. */
static void
tell_poison(struct pair *pair)
{
    struct stage *stage = pair->stage;
    struct lanes_poison poison;
    char text[CONTROL_TEXT], hex[2 * sizeof poison.head + 1] = "";

    for (uint32_t i = 0; i < stage->place->n_workers; i++) {
        if (!lanes_last_poison(stage->lanes, i, &poison)) {
            continue;
        }
        for (uint32_t j = 0; j < poison.size; j++) {
            snprintf(hex + 2 * j, 3, "%02x", poison.head[j]);
        }
        snprintf(text, sizeof text, "%s: processes ended over a frame of %u"
                 " bytes from port number %u, which was dropped; it begins"
                 " with %s", stage_name(stage), poison.total, poison.in_port,
                 hex);
        stage->owner->event(stage->owner_arg, stage, EVENT_EXTENSION,
                            XVS_LOG_WARNING, text);
    }
}

/* An event with what became of the packets. */
static void
tell_end(struct pair *pair)
{
    struct stage *stage = pair->stage;
    struct lanes_tally now;
    char text[CONTROL_TEXT], ended[CONTROL_TEXT];

    pthread_mutex_lock(&pair->lock);
    memcpy(ended, pair->ended, sizeof ended);
    pair->ended[0] = 0;
    pthread_mutex_unlock(&pair->lock);
    if (!ended[0]) {
        return;
    }
    lanes_count(stage->lanes, &now);
    snprintf(text, sizeof text, "%.380s; of its packets %lu were given to"
             " another process, %lu lost, %lu taken out", ended,
             (unsigned long) (now.replayed - pair->told.replayed),
             (unsigned long) (now.lost - pair->told.lost),
             (unsigned long) (now.poison - pair->told.poison));
    stage->owner->event(stage->owner_arg, stage, EVENT_FAILED, XVS_LOG_ERROR,
                        text);
    if (now.poison != pair->told.poison) {
        tell_poison(pair);
    }
    pair->told = now;
}

static void
mend_done(struct job *job, const struct outcome *outcome)
{
    (void) job;
    (void) outcome;
}

static void
mend_released(struct job *job, bool ran)
{
    struct pair *pair =
        (struct pair *) (void *) ((char *) job - offsetof(struct pair, job));
    uint32_t again = ran ? pair->again_ms : RETRY_MS;

    pair->mending = false;
    tell_end(pair);
    if (pair->more) {
        pair->more = false;
        again = 0;
    }
    if (again != NEVER) {
        mend_soon(pair, again);
    }
}

/* Who is published is freed on this thread, later than it is taken out. */
void
pair_watch(struct pair *pair)
{
    uint64_t limit = pair->stage->place->memory_limit;
    struct process *watched[2];
    struct usage usage;
    char why[CONTROL_TEXT / 2];

    pthread_mutex_lock(&pair->lock);
    memcpy(watched, pair->watched, sizeof watched);
    pthread_mutex_unlock(&pair->lock);
    for (size_t i = 0; i < 2 && limit; i++) {
        if (!watched[i]) {
            continue;
        }
        usage_read(watched[i]->pid, &usage);
        if (usage.memory > limit) {
            snprintf(why, sizeof why, "has grown to %lu MiB and was ended"
                     " (the limit is %lu)",
                     (unsigned long) (usage.memory >> 20),
                     (unsigned long) (limit >> 20));
            process_kill(watched[i], why);
        }
    }
}

static void
submit(void *arg)
{
    struct pair *pair = arg;

    pair->timer = NULL;
    if (pair->stage->failed) {
        return;
    }
    pair->job = (struct job) { .what = "mend", .work = mend,
                               .done = mend_done, .release = mend_released,
                               .timeout_ms = MEND_MS };
    pair->mending = true;
    stage_submit(pair->stage, &pair->job);
}

void
mend_soon(struct pair *pair, uint32_t milliseconds)
{
    if (pair->stage->failed) {
        return;
    }
    if (pair->mending) {
        pair->more = true;
        return;
    }
    loop_timer_remove(pair->timer);
    pair->timer = loop_timer_add(pair->stage->loop, milliseconds, false,
                                 submit, pair);
}
