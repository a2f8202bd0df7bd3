/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The queue of a stage and its deadlines; see stage.h for the picture.
 */

#include <config.h>

#include "stage/stage.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "marshal/layout.h"
#include "stage/call/call.h"
#include "stage/domain/domain.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/keep/keep.h"
#include "stage/pair/pair.h"
#include "stage/plugin/plugin.h"

#define LOOK_MS 1           /* until a job that hangs is noticed */

static void look(void *arg);
static void flush(struct stage *stage);

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

void
outcome_fail(struct outcome *outcome, uint32_t result,
             const struct error *error)
{
    if (error->hint[0]) {
        outcome_set(outcome, result, "%s (%s)", error->text, error->hint);
    } else {
        outcome_set(outcome, result, "%s", error->text);
    }
    outcome->code = error->code;
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

static struct job *
job_of(struct thread_work *piece)
{
    return (struct job *) (void *) piece;
}

_Static_assert(offsetof(struct job, piece) == 0, "job_of() casts");

/* Looks after the thread in 'delay_ms', and not before. */
static void
look_in(struct stage *stage, uint64_t delay_ms)
{
    loop_timer_remove(stage->look);
    stage->look = loop_timer_add(stage->loop, delay_ms, false, look, stage);
}

/* Everything of this round was given. */
static void
wake(void *arg)
{
    struct stage *stage = arg;

    stage->wake = NULL;
    if (stage->flush_planned) {
        stage->flush_planned = false;
        flush(stage);
    }
    thread_wake(stage->thread);
    if (!stage->look && stage->n_given) {
        look_in(stage, LOOK_MS);
    }
}

static void
run(struct thread_work *piece)
{
    struct job *job = job_of(piece);

    job->stage->doing = job->what;
    if (job->stage->owns) {
        job->stage->calls->own(job->stage);
    }
    job->work(job);
    here_done(job->stage);
}

static void
give(struct stage *stage, struct job *job)
{
    job->piece.run = run;
    stage->n_given++;
    thread_give(stage->thread, &job->piece);
    if (!stage->wake) {
        stage->wake = loop_timer_add(stage->loop, 0, false, wake, stage);
    }
}

/* Refuses all that the thread has not begun and that need not run. */
static void
flush(struct stage *stage)
{
    struct thread_work *piece = thread_take_back(stage->thread), *next;

    for (; piece; piece = next) {
        struct job *job = job_of(piece);

        next = piece->next;
        stage->n_given--;
        if (job->must_run) {
            give(stage, job);
            tell_stuck(job);
        } else {
            refuse(job);
        }
    }
}

static void
over_deadline(struct stage *stage, struct job *job)
{
    uint32_t limit = job->timeout_ms ? job->timeout_ms : STAGE_TIMEOUT_MS;
    struct outcome outcome;

    stage->stuck = true;
    stage->timeouts++;
    outcome_set(&outcome, XVS_TIMED_OUT, "%s did not answer %s within %u ms",
                stage_name(stage), job->what, limit);
    stage->owner->event(stage->owner_arg, stage, EVENT_STUCK, XVS_LOG_ERROR,
                        outcome.text);
    if (stage->calls->late) {
        stage->calls->late(stage, job->what);
    }
    if (!job->timed_out) {
        job->timed_out = true;
        job->done(job, &outcome);
    }
    flush(stage);
}

/* Ends a job that the thread has finished. */
static void
finish(struct stage *stage, struct job *job)
{
    char text[CONTROL_TEXT];

    if (stage->stuck) {
        snprintf(text, sizeof text, "%s answers again", stage_name(stage));
        stage->owner->event(stage->owner_arg, stage, EVENT_RECOVERED,
                            XVS_LOG_WARNING, text);
        stage->stuck = false;
    }
    if (job->outcome.result != XVS_SUCCESS) {
        stage->refusals++;
    }
    end(job, &job->outcome, true);
}

/*
 * Ends what the thread has finished.  False when nothing is left that it has:
 * then the last job may have ended the stage.
 */
static bool
collect(struct stage *stage, bool called)
{
    struct thread_work *piece = thread_collect(stage->thread, called), *next;

    for (; piece; piece = next) {
        next = piece->next;
        if (--stage->n_given == 0) {
            loop_timer_remove(stage->look);
            stage->look = NULL;
            finish(stage, job_of(piece));
            return false;
        }
        finish(stage, job_of(piece));
    }
    return true;
}

/* The thread tells that it has finished something. */
static void
finished(void *arg)
{
    struct stage *stage = arg;

    if (collect(stage, true)) {
        look_in(stage, LOOK_MS);
    }
}

/* Nothing was heard of the thread for a while. */
static void
look(void *arg)
{
    struct stage *stage = arg;
    uint64_t since_ms = 0, now_ms = loop_now_ms(), limit;
    struct thread_work *piece;

    stage->look = NULL;
    if (!collect(stage, false) || !stage->n_given || stage->stuck) {
        return;
    }
    piece = thread_look(stage->thread, &since_ms);
    if (!piece) {
        look_in(stage, LOOK_MS);
        return;
    }
    limit = job_of(piece)->timeout_ms;
    limit = limit ? limit : STAGE_TIMEOUT_MS;
    if (now_ms >= since_ms + limit) {
        over_deadline(stage, job_of(piece));
    } else {
        look_in(stage, since_ms + limit - now_ms);
    }
}

static void
refuse_later(void *arg)
{
    refuse(arg);
}

void
stage_submit(struct stage *stage, struct job *job)
{
    job->stage = stage;
    stage->requests++;
    if (!job->must_run && (stage->stuck || stage->failed)) {
        loop_defer(stage->loop, refuse_later, job);
        return;
    }
    give(stage, job);
    stage->flush_planned |= stage->stuck;
}

void
stage_fail(struct stage *stage)
{
    stage->failed = true;
    flush(stage);
}

/* What its process may do with sockets, by what the classes that are known
 * now can grant. */
static uint32_t
sockets_of(const struct plugin *plugin)
{
    uint32_t sockets = CALL_SOCKETS;

    if (!(plugin->extension.traits & XVS_TRAIT_SOCKETS)) {
        return 0;
    }
    for (const struct feature_layout *one = plugin->layouts; one;
         one = one->next) {
        const struct layout *layout = one->layout;

        for (uint32_t i = 0; i < layout->parts[0].n_fields; i++) {
            if (layout_grant(&layout->fields[i]) == ENDPOINT_UDP_LISTEN) {
                sockets |= CALL_SOCKETS_ANYWHERE;
            }
        }
    }
    return sockets;
}

struct stage *
stage_create(struct plugin *plugin, enum partition partition,
             const char *switch_name, uint32_t switch_id,
             const struct stage_owner *owner, void *owner_arg,
             struct loop *loop, struct error *error)
{
    struct stage *stage = mem_zalloc(sizeof *stage);
    struct thread_calls calls = { .done = finished, .timer = host_timer_due,
                                  .between = host_release_retired,
                                  .arg = stage };
    bool is_inline = partition == PARTITION_INLINE;
    bool good = !is_inline || plugin_open(plugin, error);

    if (good) {
        stage->thread =
            thread_create(loop, plugin->extension.name, &calls, error);
    }
    if (!stage->thread) {
        if (good && is_inline) {
            plugin_close(plugin);
        }
        free(stage);
        return NULL;
    }
    stage->partition = partition;
    stage->calls = is_inline ? &partition_inline
        : partition == PARTITION_DOMAIN ? &partition_domain
        : &partition_process;
    stage->hooks = &plugin->extension;
    stage->plugin = plugin;
    stage->sockets = sockets_of(plugin);
    plugin->n_stages++;
    memcpy(stage->switch_name, switch_name,
           strnlen(switch_name, sizeof stage->switch_name - 1));
    stage->switch_id = switch_id;
    stage->owner = owner;
    stage->owner_arg = owner_arg;
    stage->loop = loop;
    stage->settings = inforce_create();
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->drained, NULL);
    host_for_stage(stage);
    return stage;
}

void
stage_destroy(struct stage *stage)
{
    assert(!stage->n_given);
    thread_destroy(stage->thread);
    loop_timer_remove(stage->wake);
    loop_timer_remove(stage->look);
    pair_destroy(stage->pair);
    domain_destroy(stage->domain);
    kept_destroy(stage->kept);
    inforce_destroy(stage->settings);
    pthread_cond_destroy(&stage->drained);
    pthread_mutex_destroy(&stage->lock);
    stage->plugin->n_stages--;
    if (stage->partition == PARTITION_INLINE) {
        plugin_close(stage->plugin);
    }
    free(stage);
}
