/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The driver in this process, and the manager's end of its door; what the
 * manager asks is in rig-ask.c.
 */

#include <config.h>

#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "control/link.h"
#include "stage/plugin/plugin.h"
#include "stage/process/spawn.h"
#include "stage/stage.h"
#include "subject.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

#define BUFFERS 2048            /* of packets */
#define ANSWER_MS 15000u        /* more than an extension has */

static void
on_message(void *arg, struct link *link, const struct control_header *message)
{
    struct rig *rig = arg;
    const struct control_event *event = control_body(message);

    (void) link;
    if (message->type == CONTROL_EVENT
        && (event->kind == EVENT_STUCK || event->kind == EVENT_FAILED)) {
        rig->n_bad_events++;
        memcpy(rig->event, event->text, sizeof rig->event);
    }
}

static void
on_closed(void *arg, const struct error *error)
{
    struct rig *rig = arg;

    (void) error;
    rig->lost = true;
}

static void
on_answer(void *arg, const struct control_header *answer)
{
    struct rig *rig = arg;

    rig->n_open--;
    if (rig->result != XVS_SUCCESS) {
        return;                 /* an error of before is the one to tell */
    }
    rig->answer.size = 0;
    rig->result = answer ? answer->result : XVS_PROVIDER_FAILED;
    if (answer) {
        buffer_put(&rig->answer, control_body(answer),
                   answer->size - sizeof *answer);
    }
}

void
rig_send(struct rig *rig, struct buffer *message)
{
    if (rig->n_open == 0) {
        rig->result = XVS_SUCCESS;
    }
    rig->n_open++;
    link_request(rig->link, message, on_answer, rig);
    buffer_free(message);
}

bool
rig_await(struct rig *rig, struct error *error)
{
    uint64_t end = loop_now_ms() + ANSWER_MS;
    const struct control_result *result;

    while (rig->n_open && !rig->lost && loop_now_ms() < end) {
        loop_once(rig->loop, 100);
    }
    if (rig->n_open || rig->answer.size < sizeof *result) {
        rig->result = XVS_TIMED_OUT;
        return error_set(error, ERROR_TIMEOUT, "the switch did not answer");
    }
    result = (const void *) rig->answer.data;
    memcpy(rig->refusal, result->text, sizeof rig->refusal);
    if (rig->result == XVS_SUCCESS) {
        return true;
    }
    return error_set(error, (enum error_code) result->code, "%s",
                     result->text[0] ? result->text : "refused without a"
                     " reason");
}

bool
rig_ask(struct rig *rig, struct buffer *message, struct error *error)
{
    rig_send(rig, message);
    return rig_await(rig, error);
}

void
rig_wait(struct rig *rig, uint32_t ms)
{
    uint64_t end = loop_now_ms() + ms, now;

    while ((now = loop_now_ms()) < end) {
        loop_once(rig->loop, (int) (end - now));
    }
}

/* A listening socket without a file, and one that is connected to it. */
static bool
make_door(int *listener, int *client, struct error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t size = sizeof address;
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;

    *listener = socket(AF_UNIX, type, 0);
    *client = socket(AF_UNIX, type, 0);
    if (*listener < 0 || *client < 0
        || bind(*listener, (struct sockaddr *) &address,
                sizeof(sa_family_t)) != 0
        || getsockname(*listener, (struct sockaddr *) &address, &size) != 0
        || listen(*listener, 1) != 0
        || connect(*client, (struct sockaddr *) &address, size) != 0) {
        return error_set_errno(error, errno, "cannot make a socket");
    }
    return true;
}

static bool
say_hello(struct rig *rig, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_hello *hello =
        message_start(&message, CONTROL_HELLO, sizeof *hello);

    hello->pid = (uint32_t) getpid();
    return rig_ask(rig, &message, error);
}

static bool
make_switches(struct rig *rig, struct error *error)
{
    return rig_switch(rig, 1, error) && rig_switch(rig, 2, error)
        && rig_port(rig, 1, 11, error) && rig_port(rig, 1, 12, error)
        && rig_port(rig, 1, 13, error) && rig_port(rig, 2, 21, error)
        && rig_port(rig, 2, 22, error);
}

bool
rig_open(struct rig *rig, const struct subject *subject, struct error *error)
{
    const struct workers_config config = { .n = 1, .n_packets = BUFFERS };
    struct partition_place place = { .program = rig->program,
                                     .memory_limit = 1u << 30,
                                     .n_restarts = 20 };
    int listener, client;

    memset(rig, 0, sizeof *rig);
    rig->subject = subject;
    rig->partition = PARTITION_INLINE;
    rig->folders[0] = subject->folder;
    rig->folders[1] = subject->work;
    spawn_find_program(rig->program, sizeof rig->program);
    rig->loop = loop_create(error);
    if (!rig->loop || !make_door(&listener, &client, error)) {
        return false;
    }
    rig->driver = driver_create(rig->loop, listener, geteuid(), &config,
                                rig->folders, geteuid(), &place, error);
    if (!rig->driver) {
        return false;
    }
    rig->link = link_create(rig->loop, client, on_message, on_closed, rig);
    return say_hello(rig, error) && make_switches(rig, error);
}

bool
rig_close(struct rig *rig)
{
    link_destroy(rig->link);
    if (rig->driver && !driver_destroy(rig->driver)) {
        return false;
    }
    loop_once(rig->loop, 0);
    loop_destroy(rig->loop);
    buffer_free(&rig->answer);
    return true;
}

struct plugin *
rig_plugin(const struct rig *rig)
{
    return driver_plugin(rig->driver, &rig->id);
}

struct vswitch *
rig_vswitch(const struct rig *rig, uint32_t switch_id)
{
    return driver_switch(rig->driver, switch_id);
}

struct stage *
rig_stage(const struct rig *rig, uint32_t switch_id)
{
    return stages_find(rig_vswitch(rig, switch_id), &rig->id);
}

/* ---- Work of our own on the control thread -------------------------------- */

struct call {
    struct job job;             /* first: a job is its call */
    struct rig *rig;
    rig_work work;
    void *arg;
    struct outcome *outcome;
    bool done, released;
};

static void
work_call(struct job *job)
{
    struct call *call = (struct call *) (void *) job;

    call->work(call->arg, job->stage, &job->outcome);
}

static void
call_done(struct job *job, const struct outcome *outcome)
{
    struct call *call = (struct call *) (void *) job;

    call->done = true;
    *call->outcome = *outcome;
}

static void
call_released(struct job *job, bool ran)
{
    (void) ran;
    ((struct call *) (void *) job)->released = true;
}

bool
rig_call(struct rig *rig, const char *what, rig_work work, void *arg,
         struct outcome *outcome, struct error *error)
{
    static struct call call;    /* stays when the hook does not return */
    uint64_t end = loop_now_ms() + ANSWER_MS;
    struct stage *stage = rig_stage(rig, 1);

    if (!stage) {
        return error_set(error, ERROR_FAILED, "it is not enabled");
    }
    call = (struct call) { .job = { .what = what, .work = work_call,
                                    .done = call_done,
                                    .release = call_released },
                           .rig = rig, .work = work, .arg = arg,
                           .outcome = outcome };
    stage_submit(stage, &call.job);
    while (!call.released && loop_now_ms() < end) {
        loop_once(rig->loop, 100);
    }
    if (!call.released) {
        return error_set(error, ERROR_TIMEOUT, "%s does not return", what);
    }
    if (outcome->result == XVS_TIMED_OUT) {
        return error_set(error, ERROR_TIMEOUT, "%s", outcome->text);
    }
    return true;
}
