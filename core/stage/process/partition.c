/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The partition of extensions that run in a process of their own: each hook is
 * a call to it (call.h).
 *
 * A process that has ended stays ended: what it is called for fails at once,
 * with the sentence that says how it ended.
 */

#include <config.h>

#include "stage/partition.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "marshal/layout.h"
#include "stage/host.h"
#include "stage/inside/parts.h"
#include "stage/plugin.h"
#include "stage/process/call.h"
#include "stage/process/nested.h"
#include "stage/process/process.h"
#include "stage/process/share.h"
#include "stage/stage.h"
#include "stage/thread.h"

/* ---- What a process says -------------------------------------------------- */

static bool
on_question(void *arg, const struct call_head *message, struct buffer *out,
            struct error *error)
{
    return nested_answer(arg, message, out, error);
}

static void
on_end(void *arg, struct process *process)
{
    struct stage *stage = arg;

    stage->owner->event(stage->owner_arg, stage, EVENT_FAILED, XVS_LOG_ERROR,
                        process->text);
}

static enum xvs_log_level
level_of(const struct call_news *news)
{
    return news->value > XVS_LOG_INFO ? XVS_LOG_INFO
                                      : (enum xvs_log_level) news->value;
}

static void
on_news(void *arg, const struct call_news *news)
{
    struct stage *stage = arg;

    switch (news->type) {
    case NEWS_LOG:
        host_log(&stage->host, level_of(news), news->text);
        break;
    case NEWS_EVENT:
        host_event(&stage->host, level_of(news), news->text);
        break;
    case NEWS_TIMER:
        thread_timer(stage->thread, news->value);
        break;
    default:
        thread_call_timer(stage->thread);
        break;
    }
}

/* ---- Calls ---------------------------------------------------------------- */

/* The result of a call; NULL: the process has ended, as the answer says. */
static const struct call_result *
call(struct stage *stage, struct buffer *message, struct buffer *reply,
     struct xvs_answer *answer)
{
    if (!process_call(stage->process, stage->doing, message, reply)) {
        answer->broken = true;
        outcome_set(answer->outcome, XVS_PROVIDER_FAILED, "%s",
                    stage->process->text);
        return NULL;
    }
    return call_body((void *) reply->data);
}

/* A call that has a hook's result. */
static int
call_hook(struct stage *stage, struct buffer *message,
          struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer reply = BUFFER_INIT;
    const struct call_result *result = call(stage, message, &reply, answer);

    return result ? nested_take_result(result, answer) : XVS_PROVIDER_FAILED;
}

static int
process_state(struct stage *stage, enum xvs_state state,
              struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    uint32_t *number =
        call_begin(&message, CALL_STATE, sizeof(uint64_t));

    *number = state;
    return call_hook(stage, &message, answer);
}

static int
process_port(struct stage *stage, enum xvs_port_event event,
             const struct xvs_port *port, struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct call_port *body = call_begin(&message, CALL_PORT, sizeof *body);

    body->event = event;
    body->port = *port;
    return call_hook(stage, &message, answer);
}

static int
process_setting(struct stage *stage, const struct control_setting *head,
                const void *block, struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    call_begin(&message, CALL_SETTING, 0);
    call_put(&message, head, sizeof *head);
    call_put(&message, block, head->block_size);
    return call_hook(stage, &message, answer);
}

static int
process_status(struct stage *stage, const struct control_status *status,
               const struct feature_layout *layout,
               struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct call_status *body =
        call_begin(&message, CALL_STATUS, sizeof *body);

    body->status = *status;
    body->layout_size = (uint32_t) layout->wire.size;
    body->empty_size = (uint32_t) layout->empty.size;
    call_put(&message, layout->wire.data, layout->wire.size);
    call_put(&message, layout->empty.data, layout->empty.size);
    return call_hook(stage, &message, answer);
}

static void
put_layout(struct buffer *message, const struct layout *layout,
           uint32_t *size)
{
    BUFFER_AUTO struct buffer wire = BUFFER_INIT;

    layout_write(layout, &wire);
    *size = (uint32_t) wire.size;
    call_put(message, wire.data, wire.size);
}

static void
process_method(struct stage *stage, const struct control_method *head,
               const struct xvs_method *method, const struct buffer *block,
               const struct layout *in, const struct layout *out,
               struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;
    struct control_method sizes = *head;
    const struct call_result *result;
    size_t at;

    call_begin(&message, CALL_METHOD, 0);
    at = call_put(&message, &sizes, sizeof sizes);
    sizes.block_size = (uint32_t) block->size;
    snprintf(sizes.name, sizeof sizes.name, "%s", method->name);
    call_put(&message, block->data, block->size);
    put_layout(&message, in, &sizes.in_layout_size);
    put_layout(&message, out, &sizes.out_layout_size);
    memcpy(message.data + at, &sizes, sizeof sizes);
    result = call(stage, &message, &reply, answer);
    if (result) {
        nested_take_method(result, &head->instance, out, answer);
    }
}

/* A call that nobody asked for; what goes wrong is told as the end of the
 * process. */
static void
call_plainly(struct stage *stage, enum call_type type)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;

    call_begin(&message, type, 0);
    process_call(stage->process, stage->doing, &message, &reply);
}

static void
process_timer(struct stage *stage)
{
    call_plainly(stage, CALL_TIMER);
}

/* ---- Beginning and end ---------------------------------------------------- */

static struct process *
make(struct stage *stage, struct error *error)
{
    const struct partition_place *place = stage->place;
    const struct xvs_extension *extension = &stage->plugin->extension;
    const struct process_config config = {
        .program = place->program, .plugin = stage->plugin->path,
        .who = extension->name, .switch_name = stage->switch_name,
        .id = &extension->id, .version = extension->version,
        .bells = place->bells, .loop = stage->loop, .nested = on_question,
        .on_end = on_end, .on_news = on_news, .arg = stage };
    struct share *share =
        share_create(place->pool, place->n_workers,
                     extension->extension_class != XVS_CLASS_CAPTURE, error);

    return share ? process_create(&config, share) : NULL;
}

/* Hosts do not change: once is enough. */
static void
tell_missing(const struct process *process)
{
    static bool told;
    char names[CONTROL_TEXT];

    if (process->missing
        && !__atomic_exchange_n(&told, true, __ATOMIC_RELAXED)) {
        sandbox_names(process->missing, names, sizeof names);
        log_warning("this host confines processes of extensions without: %s",
                    names);
    }
}

static void
leave(struct stage *stage)
{
    struct process *process = stage->process;

    (void) xvs_publish(stage->process, NULL);
    process_close(process);
}

/* init, in a process that runs. */
static bool
call_init(struct stage *stage, struct outcome *outcome)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct xvs_answer answer = { .stage = stage, .outcome = outcome };
    int result;

    call_begin(&message, CALL_INIT, 0);
    result = call_hook(stage, &message, &answer);
    if (!answer.broken) {
        outcome_judge(outcome, stage, "init", result);
    }
    return result == XVS_SUCCESS;
}

static bool
process_init(struct stage *stage, struct outcome *outcome)
{
    struct error error;
    struct process *process = make(stage, &error);

    if (!process) {
        outcome_set(outcome, XVS_RESOURCES, "%s", error.text);
        return false;
    }
    (void) xvs_publish(stage->process, process);
    if (!process_start(process, &error)) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s", error.text);
        leave(stage);
        return false;
    }
    tell_missing(process);
    if (!call_init(stage, outcome)) {
        leave(stage);
        return false;
    }
    /* Here process->share can be given to the stage's lanes. */
    return true;
}

static void
process_fini(struct stage *stage)
{
    /* ... and here it must be out of them. */
    call_plainly(stage, CALL_FINI);
    leave(stage);
}

static bool
process_late(struct stage *stage, const char *what)
{
    struct process *process = xvs_read(stage->process);
    char why[CONTROL_TEXT / 2];

    if (!process) {
        return false;
    }
    snprintf(why, sizeof why, "did not return from %s and was ended", what);
    process_kill(process, why);
    return true;
}

const struct partition_calls partition_process = {
    .init = process_init,
    .fini = process_fini,
    .state = process_state,
    .port = process_port,
    .setting = process_setting,
    .status = process_status,
    .method = process_method,
    .timer = process_timer,
    .late = process_late,
};
