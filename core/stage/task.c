/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tasks: made and ended on the main thread, worked on the control thread.
 * A task carries copies of everything that its work needs.
 */

#include <config.h>

#include "stage/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "marshal/layout.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/pair/pair.h"
#include "stage/partition.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"

struct task {
    struct job job;                     /* first: a job is its task */
    task_call call;
    void (*ended)(void *arg);
    void *arg;
    struct feature_layout *layout;      /* held, or NULL */
    struct control_setting head;        /* of a setting */
    struct buffer block;                /* of a setting or method */
    struct control_status status;       /* of a query */
    struct control_method method;       /* of a method */
    const struct xvs_method *function;
    struct layout *in, *out;            /* of its parameters */
    struct xvs_port port;               /* of a port event */
    uint32_t number;                    /* event or state */
    struct xvs_answer answer;
};

static struct task *
task_of(struct job *job)
{
    return (struct task *) (void *) job;
}

static void
task_done(struct job *job, const struct outcome *outcome)
{
    struct task *task = task_of(job);

    if (task->call) {
        task->call(task->arg, task, outcome);
    }
}

static void
task_free(struct task *task)
{
    feature_layout_unref(task->layout);
    buffer_free(&task->block);
    buffer_free(&task->answer.objects);
    layout_destroy(task->in);
    layout_destroy(task->out);
    free(task);
}

/* A setting or port that was accepted too late is undone. */
static void
make_good(struct task *task)
{
    struct stage *stage = task->job.stage;
    const struct task_options options = { .must_run = true };

    /* A stage that is on its way out forgets it all anyway. */
    if (task->job.outcome.result != XVS_SUCCESS || stage->failed) {
        return;
    }
    if (task->port.id && task->number == XVS_PORT_CREATED) {
        task_port(stage, XVS_PORT_DELETED, &task->port, &options);
    } else if (task->head.op && task->head.op != XVS_VALIDATE) {
        task_undo(stage, &task->head,
                  inforce_find(stage->settings, &task->head.uuid,
                               &task->head.instance),
                  task->layout, &options);
    }
}

static void
task_release(struct job *job, bool ran)
{
    struct task *task = task_of(job);

    if (ran && job->timed_out && !job->must_run) {
        make_good(task);
    }
    if (task->ended) {
        task->ended(task->arg);
    }
    task_free(task);
}

static struct task *
task_create(struct stage *stage, const char *what,
            void (*work)(struct job *job),
            const struct task_options *options)
{
    struct task *task = mem_zalloc(sizeof *task);

    task->job.what = what;
    task->job.work = work;
    task->job.done = task_done;
    task->job.release = task_release;
    task->job.timeout_ms = options->timeout_ms;
    task->job.must_run = options->must_run;
    task->call = options->call;
    task->ended = options->ended;
    task->arg = options->arg;
    task->answer.stage = stage;
    task->answer.outcome = &task->job.outcome;
    return task;
}

static void
hold_layout(struct task *task, struct feature_layout *layout)
{
    task->layout = layout;
    layout->refs++;
}

/* What a hook returned, unless the outcome says more already. */
static void
judge(struct task *task, int result)
{
    struct job *job = &task->job;

    if (!task->answer.broken) {
        outcome_judge(&job->outcome, job->stage, job->what, result);
    }
}

static void
work_init(struct job *job)
{
    struct stage *stage = job->stage;

    stage->inited = stage->calls->init(stage, &job->outcome);
}

void
task_init(struct stage *stage, const struct task_options *options)
{
    stage_submit(stage, &task_create(stage, "init", work_init, options)->job);
}

static void
work_fini(struct job *job)
{
    struct stage *stage = job->stage;

    host_drain(stage);
    if (stage->inited) {
        stage->calls->fini(stage);
    }
    stage->inited = false;
    outcome_judge(&job->outcome, stage, job->what, XVS_SUCCESS);
}

void
task_fini(struct stage *stage, const struct task_options *options)
{
    struct task *task = task_create(stage, "fini", work_fini, options);

    if (xvs_read(stage->pair) && !options->timeout_ms) {
        task->job.timeout_ms = STAGE_TIMEOUT_MS + PAIR_FINI_MS;
    }
    stage_submit(stage, &task->job);
}

static void
work_state(struct job *job)
{
    struct task *task = task_of(job);
    struct stage *stage = job->stage;
    int result = XVS_SUCCESS;

    if (stage->inited) {
        result = stage->calls->state(
            stage, (enum xvs_state) task->number, &task->answer);
    }
    judge(task, result);
}

/* What there is to be done is done before any job. */
static void
work_own(struct job *job)
{
    outcome_judge(&job->outcome, job->stage, job->what, XVS_SUCCESS);
}

void
task_own(struct stage *stage, const struct task_options *options)
{
    stage_submit(stage,
                 &task_create(stage, "taken", work_own, options)->job);
}

void
task_state(struct stage *stage, enum xvs_state state,
           const struct task_options *options)
{
    struct task *task = task_create(
        stage, state == XVS_ACTIVATE ? "activate" : "pause", work_state,
        options);

    task->number = state;
    stage_submit(stage, &task->job);
}

static void
work_port(struct job *job)
{
    struct task *task = task_of(job);
    struct stage *stage = job->stage;
    int result = XVS_SUCCESS;

    if (stage->inited) {
        result = stage->calls->port(
            stage, (enum xvs_port_event) task->number, &task->port,
            &task->answer);
    }
    judge(task, result);
}

void
task_port(struct stage *stage, enum xvs_port_event event,
          const struct xvs_port *port, const struct task_options *options)
{
    static const char *const what[] = {
        [XVS_PORT_CREATED] = "PORT_CREATE",
        [XVS_PORT_CONNECTED] = "NIC_CONNECT",
        [XVS_PORT_UPDATED] = "NIC_UPDATED",
        [XVS_PORT_DISCONNECTED] = "NIC_DISCONNECT",
        [XVS_PORT_DELETED] = "PORT_DELETE",
    };
    struct task *task = task_create(stage, what[event], work_port, options);

    task->port = *port;
    task->number = event;
    stage_submit(stage, &task->job);
}

static void
work_setting(struct job *job)
{
    struct task *task = task_of(job);
    int result;

    if (!job->stage->inited) {
        outcome_set(&job->outcome, XVS_NO_CONSUMER, "%s was not initialised",
                    stage_name(job->stage));
        return;
    }
    job->stage->layout = task->layout->layout;
    result = job->stage->calls->setting(job->stage, &task->head,
                                        task->block.data, &task->answer);
    job->stage->layout = NULL;
    judge(task, result);
}

void
task_setting(struct stage *stage, const struct control_setting *head,
             const void *block, struct feature_layout *layout,
             const struct task_options *options)
{
    static const char *const what[] = {
        [XVS_VALIDATE] = "VALIDATE", [XVS_ADD] = "ADD",
        [XVS_UPDATE] = "UPDATE", [XVS_DELETE] = "DELETE",
    };
    struct task *task =
        task_create(stage, what[head->op], work_setting, options);

    task->head = *head;
    buffer_put(&task->block, block, head->block_size);
    hold_layout(task, layout);
    stage_submit(stage, &task->job);
}

void
task_undo(struct stage *stage, const struct control_setting *head,
          const struct setting *old, struct feature_layout *layout,
          const struct task_options *options)
{
    struct control_setting back = old ? old->head : *head;

    if (!old) {
        back.op = XVS_DELETE;
        back.block_size = 0;
    } else {
        back.op = head->op == XVS_DELETE ? XVS_ADD : XVS_UPDATE;
    }
    task_setting(stage, &back, old ? old->block : NULL, layout, options);
}

static void
work_status(struct job *job)
{
    struct task *task = task_of(job);
    int result;

    if (!job->stage->inited) {
        outcome_set(&job->outcome, XVS_NO_CONSUMER, "%s was not initialised",
                    stage_name(job->stage));
        return;
    }
    task->answer.layout = task->layout->layout;
    result = job->stage->calls->status(job->stage, &task->status,
                                       task->layout, &task->answer);
    judge(task, result);
}

void
task_status(struct stage *stage, const struct control_status *status,
            struct feature_layout *layout,
            const struct task_options *options)
{
    struct task *task = task_create(stage, "STATUS", work_status, options);

    task->status = *status;
    hold_layout(task, layout);
    stage_submit(stage, &task->job);
}

static void
work_method(struct job *job)
{
    struct task *task = task_of(job);
    struct stage *stage = job->stage;

    if (!stage->inited) {
        outcome_set(&job->outcome, XVS_NO_CONSUMER, "%s was not initialised",
                    stage_name(stage));
        return;
    }
    stage->calls->method(stage, &task->method, task->function, &task->block,
                         task->in, task->out, &task->answer);
}

void
task_method(struct stage *stage, const struct control_method *call,
            const struct xvs_method *method, const void *block,
            struct layout *in, struct layout *out,
            const struct task_options *options)
{
    struct task *task =
        task_create(stage, method->name, work_method, options);

    task->method = *call;
    task->function = method;
    buffer_put(&task->block, block, call->block_size);
    task->in = in;
    task->out = out;
    stage_submit(stage, &task->job);
}

const struct buffer *
task_objects(const struct task *task, uint32_t *n)
{
    *n = task->answer.n;
    return &task->answer.objects;
}
