/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See pair.h.
 */

#include <config.h>

#include "stage/pair/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/call/call.h"
#include "stage/host.h"
#include "stage/pair/pair-inside.h"
#include "stage/plugin/plugin.h"
#include "stage/process/process.h"

#define ECHO_MS 1000u           /* that a standby has more than the active */

struct roster *
pair_roster(struct pair *pair)
{
    return &pair->roster;
}

/* ---- Calls ---------------------------------------------------------------- */

bool
pair_call(struct pair *pair, struct buffer *message, struct buffer *reply,
          struct outcome *outcome)
{
    uint64_t start = loop_now_ms();

    mend_settle(pair);
    if (!pair->active) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s has no process just"
                    " now", stage_name(pair->stage));
        outcome->ended = true;
        return false;
    }
    if (!member_call(pair, pair->active, pair->stage->doing, message, reply)) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s", pair->active->text);
        outcome->ended = true;
        return false;
    }
    pair->took_ms = (uint32_t) (loop_now_ms() - start);
    return true;
}

void
pair_echo(struct pair *pair, struct buffer *message)
{
    BUFFER_AUTO struct buffer reply = BUFFER_INIT;
    const struct call_result *result;
    bool good;

    if (!pair->standby) {
        return;
    }
    /* Whoever asked must not wait for a standby that hangs. */
    process_limit(pair->standby, ECHO_MS + pair->took_ms);
    good = member_call(pair, pair->standby, pair->stage->doing, message,
                       &reply);
    process_limit(pair->standby, 0);
    if (!good) {
        return;
    }
    result = call_body((void *) reply.data);
    if (result->result != XVS_SUCCESS) {
        process_kill(pair->standby, "as standby did not accept what it was"
                                    " told, and was ended");
    }
}

/* ---- Sockets -------------------------------------------------------------- */

bool
pair_is_alone(const struct pair *pair)
{
    return pair_has_sockets(pair->stage);
}

void
pair_state(struct pair *pair, enum xvs_state state)
{
    mend_settle(pair);
    pair->opens = state == XVS_ACTIVATE ? pair->active : NULL;
}

bool
pair_offer(struct pair *pair, const struct control_setting *head,
           const void *block, struct xvs_answer *answer)
{
    struct error error;

    if (!pair_has_sockets(pair->stage)
        || grants_offer(&pair->grants, head, block, pair->stage->layout,
                        &error)) {
        return true;
    }
    answer->broken = true;
    outcome_fail(answer->outcome, XVS_INVALID_PARAMETER, &error);
    return false;
}

void
pair_settle(struct pair *pair, const struct control_setting *head,
            bool accepted)
{
    if (pair_has_sockets(pair->stage)) {
        grants_settle(&pair->grants, head, accepted);
    }
    if (pair->grants.left.size) {
        pair_want_standby(pair);    /* has it looked at, too */
    }
}

static void
ping(struct job *job)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;

    job->outcome.result = XVS_SUCCESS;
    call_begin(&message, CALL_PING, 0);
    pair_call(job->stage->pair, &message, &reply, &job->outcome);
}

static void
ping_done(struct job *job, const struct outcome *outcome)
{
    (void) job;
    (void) outcome;
}

static void
ping_released(struct job *job, bool ran)
{
    (void) ran;
    xvs_read(job->stage->pair)->pinging = false;
}

/* A process with sockets runs hooks of its own accord: one that does not
 * return from ready() would not be missed. */
void
pair_ping(struct pair *pair)
{
    struct stage *stage = pair->stage;

    if (!pair_has_sockets(stage) || pair->pinging || !stage->active
        || stage->failed || stage->stuck) {
        return;
    }
    pair->ping = (struct job) { .what = "ready", .work = ping,
                                .done = ping_done,
                                .release = ping_released };
    pair->pinging = true;
    stage_submit(stage, &pair->ping);
}

/* Whether it was for the process that the timer is called. */
static bool
was_woken(struct process *process)
{
    return process
        && __atomic_exchange_n(&process->woken, false, __ATOMIC_ACQ_REL);
}

void
pair_timer(struct pair *pair)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;
    struct outcome outcome;
    bool active = was_woken(pair->active), standby = was_woken(pair->standby);

    /* When nobody was woken it is the period's; or the second of two calls
     * that came together. */
    if (!active && !standby
        && !__atomic_load_n(&pair->period_ms, __ATOMIC_RELAXED)) {
        return;
    }
    call_begin(&message, CALL_TIMER, 0);
    if (active || !standby || pair_has_sockets(pair->stage)) {
        pair_call(pair, &message, &reply, &outcome);
    }
    if ((standby || !active) && !pair_has_sockets(pair->stage)) {
        pair_echo(pair, &message);
    }
}

void
pair_late(struct pair *pair, const char *what)
{
    struct process *process = xvs_read(pair->called);
    char why[CONTROL_TEXT / 2];

    if (process) {
        snprintf(why, sizeof why, "did not return from %s and was ended",
                 what);
        process_kill(process, why);
    }
}

void
pair_health(struct pair *pair, struct stage_health *out)
{
    struct lanes_tally tally;

    lanes_count(pair->stage->lanes, &tally);
    pthread_mutex_lock(&pair->lock);
    *out = pair->health;
    pthread_mutex_unlock(&pair->lock);
    out->lost = tally.lost + tally.poison;
    out->replayed = tally.replayed;
    out->poison = tally.poison;
}

void
pair_own(struct pair *pair)
{
    mend_settle(pair);
    mend_own(pair);
}

static void
attend_now(void *arg)
{
    attend_soon(arg, 0);
}

void
pair_want_standby(struct pair *pair)
{
    loop_post(pair->stage->loop, attend_now, pair);
}

/* ---- Beginning and end ---------------------------------------------------- */

struct pair *
pair_create(struct stage *stage)
{
    struct pair *pair = mem_zalloc(sizeof *pair);
    const struct xvs_extension *extension = &stage->plugin->extension;
    const struct lanes_config config = {
        .pool = stage->place->pool, .n_workers = stage->place->n_workers,
        .extension_class = extension->extension_class,
        .on_failure = extension->on_failure, .traits = extension->traits,
        .copies = pair_copies(stage), .budget_us = LANES_BUDGET_US,
        .on_fault = attend_fault, .arg = pair };

    pair->stage = stage;
    roster_init(&pair->roster);
    pthread_mutex_init(&pair->lock, NULL);
    stage->lanes = lanes_create(&config);
    return pair;
}

void
pair_destroy(struct pair *pair)
{
    if (pair) {
        loop_timer_remove(pair->timer);
        poison_free(pair);
        lanes_destroy(pair->stage->lanes);
        pair->stage->lanes = NULL;
        roster_destroy(&pair->roster);
        grants_clear(&pair->grants);
        pthread_mutex_destroy(&pair->lock);
        free(pair);
    }
}

bool
pair_init(struct pair *pair, struct outcome *outcome)
{
    struct process *process = member_start(pair, outcome);

    if (process && member_init(pair, process, outcome)) {
        pair->active = process;
    }
    mend_publish(pair);
    return pair->active != NULL;
}

static void
say_goodbye(struct pair *pair, struct process *process)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;

    if (process) {
        call_begin(&message, CALL_FINI, 0);
        process_limit(process, PAIR_FINI_MS / 2);
        member_call(pair, process, "fini", &message, &reply);
        process_close(process);
    }
}

void
pair_fini(struct pair *pair)
{
    struct process *active = pair->active, *standby = pair->standby;
    struct process *spare = pair->spare;

    pair->active = pair->standby = pair->spare = NULL;
    pair->opens = NULL;
    mend_publish(pair);
    if (spare) {
        process_close(spare);
    }
    say_goodbye(pair, standby);
    say_goodbye(pair, active);
    /* What grace_over() touches must stay until it was called. */
    grace_drain();
    while (pair->gone) {
        struct gone *gone = pair->gone;

        pair->gone = gone->next;
        process_close(gone->process);
        free(gone);
    }
}
