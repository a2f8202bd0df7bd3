/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the main thread does about the processes of a pair: hears of ends, has
 * them mended on the control thread (mend.c), tells of them, and ends those
 * that grow.
 */

#include <config.h>

#include "stage/pair/pair-inside.h"

#include <stdio.h>
#include <string.h>

#include "base/loop.h"
#include "packet/pool.h"
#include "stage/keep/keep.h"
#include "stage/lane/share.h"
#include "stage/pair/pair.h"
#include "stage/process/process.h"
#include "stage/process/usage.h"

#define MEND_MS 10000u          /* for making a process what the other is */
#define RETRY_MS 100u           /* when the control thread was not free */

static void
note_end(struct pair *pair, int32_t pid, const char *text)
{
    pthread_mutex_lock(&pair->lock);
    poison_note_end(pair, pid, text);
    snprintf(pair->health.failure, sizeof pair->health.failure, "%s", text);
    pair->health.restarts++;
    pthread_mutex_unlock(&pair->lock);
}

void
attend_end(void *arg, struct process *process)
{
    note_end(arg, process->pid, process->text);
    attend_soon(arg, 0);
}

/* A worker has no more to do with the process. */
static void
on_fault_here(void *arg)
{
    struct process *process = arg;

    mend_kill_for(process, share_fault(process->share));
    attend_soon(process->config.arg, MEND_LOOK_MS);
}

void
attend_fault(void *arg, struct share *share)
{
    const struct pair *pair = arg;

    loop_post(pair->stage->loop, on_fault_here, share->owner);
}

/* The ends that nobody was told of, oldest first; how many. */
static uint32_t
take_ends(struct pair *pair, struct pair_end out[PAIR_ENDS])
{
    uint32_t n = 0;

    pthread_mutex_lock(&pair->lock);
    if (pair->n_ends - pair->n_told > PAIR_ENDS) {
        pair->n_told = pair->n_ends - PAIR_ENDS;
    }
    while (pair->n_told != pair->n_ends) {
        out[n++] = pair->ends[pair->n_told++ % PAIR_ENDS];
    }
    pthread_mutex_unlock(&pair->lock);
    return n;
}

/* An event for each end, the last with what became of the packets. */
static void
tell_ends(struct pair *pair)
{
    struct stage *stage = pair->stage;
    struct pair_end ends[PAIR_ENDS];
    uint32_t n = take_ends(pair, ends);
    struct lanes_tally now;
    char text[CONTROL_TEXT];

    for (uint32_t i = 0; i + 1 < n; i++) {
        stage->owner->event(stage->owner_arg, stage, EVENT_FAILED,
                            XVS_LOG_ERROR, ends[i].text);
    }
    if (n == 0) {
        return;
    }
    lanes_count(stage->lanes, &now);
    snprintf(text, sizeof text, "%.380s; of its packets %lu were given to"
             " another process, %lu lost, %lu taken out", ends[n - 1].text,
             (unsigned long) (now.replayed - pair->told.replayed),
             (unsigned long) (now.lost - pair->told.lost),
             (unsigned long) (now.poison - pair->told.poison));
    stage->owner->event(stage->owner_arg, stage, EVENT_FAILED, XVS_LOG_ERROR,
                        text);
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
    tell_ends(pair);
    poison_tell(pair);
    if (pair->more) {
        pair->more = false;
        again = 0;
    }
    if (again != MEND_NEVER) {
        attend_soon(pair, again);
    }
}

/* Who is published is freed on this thread, later than it is taken out. */
void
pair_watch(struct pair *pair)
{
    uint64_t limit = pair->stage->place->memory_limit;
    const struct kept *kept = xvs_read(pair->stage->kept);
    struct process *watched[3];
    struct usage usage;
    char why[CONTROL_TEXT / 2];

    poison_tell(pair);
    pthread_mutex_lock(&pair->lock);
    memcpy(watched, pair->watched, sizeof watched);
    pthread_mutex_unlock(&pair->lock);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        if (!watched[i]) {
            continue;
        }
        if (!pair_copies(pair->stage)) {
            share_expect(watched[i]->share,
                         pool_reached(pair->stage->place->pool));
        }
        if (!limit) {
            continue;
        }
        usage_read(watched[i]->pid, &usage);
        usage.memory += kept ? kept_bytes(kept) : 0;
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
    pair->job = (struct job) { .what = "mend", .work = mend_work,
                               .done = mend_done, .release = mend_released,
                               .timeout_ms = MEND_MS };
    pair->mending = true;
    stage_submit(pair->stage, &pair->job);
}

void
attend_soon(struct pair *pair, uint32_t milliseconds)
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
