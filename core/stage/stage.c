/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The queue of a stage and its deadlines; see stage.h for the picture.
 */

#include <config.h>

#include "stage/stage.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/plugin.h"
#include "stage/thread.h"

static void start_next(struct stage *stage);

const char *
stage_name(const struct stage *stage)
{
    return stage->plugin->extension.name;
}

uint32_t
outcome_code(uint32_t result)
{
    static const uint32_t codes[] = {
        [XVS_SUCCESS] = ERROR_NONE,
        [XVS_PENDING] = ERROR_PROVIDER,
        [XVS_NOT_SUPPORTED] = ERROR_NO_CONSUMER,
        [XVS_NOT_ACCEPTED] = ERROR_REFUSED,
        [XVS_RESOURCES] = ERROR_BUSY,
        [XVS_INVALID_LENGTH] = ERROR_PROVIDER,
        [XVS_INVALID_PARAMETER] = ERROR_INVALID,
        [XVS_NO_CONSUMER] = ERROR_NO_CONSUMER,
        [XVS_TIMED_OUT] = ERROR_TIMEOUT,
        [XVS_PROVIDER_FAILED] = ERROR_PROVIDER,
    };

    return result < sizeof codes / sizeof codes[0] ? codes[result]
                                                   : ERROR_PROVIDER;
}

void
outcome_set(struct outcome *outcome, uint32_t result, const char *format, ...)
{
    va_list args;

    outcome->result = result;
    outcome->code = outcome_code(result);
    va_start(args, format);
    vsnprintf(outcome->text, sizeof outcome->text, format, args);
    va_end(args);
}

/* A hook's result that is ours to give, or none at all. */
static bool
is_insane(int result)
{
    return result == XVS_PENDING || result < XVS_SUCCESS
        || result > XVS_INVALID_PARAMETER;
}

void
outcome_judge(struct outcome *outcome, const struct stage *stage,
              const char *what, int result)
{
    const char *name = stage_name(stage);

    if (result == XVS_SUCCESS) {
        outcome->result = XVS_SUCCESS;
        outcome->code = ERROR_NONE;
        outcome->text[0] = 0;
    } else if (is_insane(result)) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s answered %s with %d,"
                    " which is no result of a hook", name, what, result);
    } else if (result == XVS_NOT_SUPPORTED) {
        outcome_set(outcome, XVS_NO_CONSUMER, "%s does not take %s for this"
                    " class", name, what);
    } else if (outcome->text[0]) {
        outcome->result = (uint32_t) result;
        outcome->code = outcome_code((uint32_t) result);
    } else if (result == XVS_RESOURCES) {
        outcome_set(outcome, XVS_RESOURCES, "%s lacks resources for %s, also"
                    " after some retries", name, what);
    } else if (result == XVS_INVALID_PARAMETER) {
        outcome_set(outcome, XVS_INVALID_PARAMETER, "%s knows no such"
                    " instance, port or value (%s)", name, what);
    } else {
        outcome_set(outcome, (uint32_t) result, "%s refused %s without giving"
                    " a reason", name, what);
    }
}

/* Ends a job that the thread does not have. */
static void
end(struct job *job, const struct outcome *outcome, bool ran)
{
    if (!job->timed_out) {
        job->done(job, outcome);
    }
    job->release(job, ran);
}

static void
refuse(struct job *job)
{
    struct stage *stage = job->stage;
    struct outcome outcome;

    stage->refusals++;
    if (stage->stuck) {
        outcome_set(&outcome, XVS_TIMED_OUT, "%s still does not answer; %s was"
                    " not tried", stage_name(stage), job->what);
    } else {
        outcome_set(&outcome, XVS_NO_CONSUMER, "%s is not running on switch"
                    " %s", stage_name(stage), stage->switch_name);
    }
    end(job, &outcome, false);
}

/* Tells the requester of a job that must run not to wait for it. */
static void
tell_stuck(struct job *job)
{
    struct stage *stage = job->stage;
    struct outcome outcome;

    if (stage->stuck && !job->timed_out) {
        job->timed_out = true;
        outcome_set(&outcome, XVS_TIMED_OUT, "%s still does not answer; %s"
                    " waits", stage_name(stage), job->what);
        job->done(job, &outcome);
    }
}

/* Refuses all of the queue that need not run. */
static void
flush(struct stage *stage)
{
    struct job *job = stage->first;

    stage->first = NULL;
    stage->last = &stage->first;
    while (job) {
        struct job *next = job->next;

        job->next = NULL;
        if (job->must_run) {
            *stage->last = job;
            stage->last = &job->next;
            tell_stuck(job);
        } else {
            refuse(job);
        }
        job = next;
    }
}

static void
over_deadline(void *arg)
{
    struct stage *stage = arg;
    struct job *job = stage->running;
    uint32_t limit = job->timeout_ms ? job->timeout_ms : STAGE_TIMEOUT_MS;
    struct outcome outcome;

    stage->deadline = NULL;
    stage->stuck = true;
    stage->timeouts++;
    outcome_set(&outcome, XVS_TIMED_OUT, "%s did not answer %s within %u ms",
                stage_name(stage), job->what, limit);
    stage->owner->event(stage->owner_arg, stage, EVENT_STUCK, XVS_LOG_ERROR,
                        outcome.text);
    job->timed_out = true;
    job->done(job, &outcome);
    flush(stage);
}

/* The thread has finished what it had. */
static void
finished(void *arg)
{
    struct stage *stage = arg;
    struct job *job = stage->running;
    char text[CONTROL_TEXT];
    bool more;

    stage->running = NULL;
    loop_timer_remove(stage->deadline);
    stage->deadline = NULL;
    if (stage->stuck) {
        stage->stuck = false;
        snprintf(text, sizeof text, "%s answers again", stage_name(stage));
        stage->owner->event(stage->owner_arg, stage, EVENT_RECOVERED,
                            XVS_LOG_WARNING, text);
    }
    if (job->outcome.result != XVS_SUCCESS) {
        stage->refusals++;
    }
    /* The job may end the stage, but only when nothing waits behind it. */
    more = stage->first != NULL;
    end(job, &job->outcome, true);
    if (more) {
        start_next(stage);
    }
}

static void
work(void *arg)
{
    struct job *job = arg;

    job->work(job);
}

static void
start_next(struct stage *stage)
{
    struct job *job = stage->first;

    if (!job || stage->running) {
        return;
    }
    stage->first = job->next;
    if (!stage->first) {
        stage->last = &stage->first;
    }
    stage->running = job;
    stage->deadline =
        loop_timer_add(stage->loop,
                       job->timeout_ms ? job->timeout_ms : STAGE_TIMEOUT_MS,
                       false, over_deadline, stage);
    thread_give(stage->thread, work, job);
}

static void
refuse_later(void *arg)
{
    refuse(arg);
}

static void
flush_later(void *arg)
{
    flush(arg);
}

void
stage_submit(struct stage *stage, struct job *job)
{
    job->stage = stage;
    job->next = NULL;
    stage->requests++;
    if (!job->must_run && (stage->stuck || stage->failed)) {
        loop_defer(stage->loop, refuse_later, job);
        return;
    }
    *stage->last = job;
    stage->last = &job->next;
    if (stage->stuck) {
        loop_defer(stage->loop, flush_later, stage);
    }
    start_next(stage);
}

void
stage_fail(struct stage *stage)
{
    stage->failed = true;
    flush(stage);
}

struct stage *
stage_create(struct plugin *plugin, const char *switch_name,
             uint32_t switch_id, const struct stage_owner *owner,
             void *owner_arg, struct loop *loop, struct error *error)
{
    struct stage *stage = mem_zalloc(sizeof *stage);
    struct thread_calls calls = { .done = finished, .timer = host_timer_due,
                                  .between = host_release_retired,
                                  .arg = stage };

    stage->thread =
        thread_create(loop, plugin->extension.name, &calls, error);
    if (!stage->thread) {
        free(stage);
        return NULL;
    }
    stage->plugin = plugin;
    plugin->n_stages++;
    memcpy(stage->switch_name, switch_name,
           strnlen(switch_name, sizeof stage->switch_name - 1));
    stage->switch_id = switch_id;
    stage->owner = owner;
    stage->owner_arg = owner_arg;
    stage->loop = loop;
    stage->last = &stage->first;
    stage->settings = inforce_create();
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->drained, NULL);
    host_for_stage(stage);
    return stage;
}

void
stage_destroy(struct stage *stage)
{
    assert(!stage->running && !stage->first);
    thread_destroy(stage->thread);
    inforce_destroy(stage->settings);
    pthread_cond_destroy(&stage->drained);
    pthread_mutex_destroy(&stage->lock);
    stage->plugin->n_stages--;
    free(stage);
}
