/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The extension in a process of its own: what happens when that is killed, or
 * does not go on.  Packets come through a real port, from a program's end of
 * a pipe, so that the switch's own worker carries them.
 */

#include <config.h>

#include "exttest.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xvs/pipe.h>

#include "base/error.h"
#include "base/loop.h"
#include "corpus.h"
#include "object/instance.h"
#include "rig.h"
#include "settings.h"
#include "stage/plugin/plugin.h"
#include "state.h"
#include "subject.h"

#define PATIENCE_MS 10000u      /* until a successor is there */

/* ---- A program behind port 11 --------------------------------------------- */

struct sender {
    char path[128];             /* of the port's socket */
    pthread_t thread;
    bool stop;                  /* atomic */
};

static void
send_some(struct xvs_pipe *pipe, uint32_t *at)
{
    static uint8_t room[CORPUS_FRAME];
    struct xvs_pipe_frame frame = { .data = room };

    for (int i = 0; i < 16; i++) {
        *at = (*at + 1) % (corpus_count() - 6);
        frame.size = corpus_frame(*at, room);
        xvs_pipe_send(pipe, &frame, 1);
    }
}

static void *
run_sender(void *arg)
{
    const struct timespec pause = { .tv_nsec = 200000 };
    struct sender *sender = arg;
    struct xvs_pipe *pipe = NULL;
    char why[256];
    uint32_t at = 0;

    while (!__atomic_load_n(&sender->stop, __ATOMIC_ACQUIRE)) {
        if (pipe) {
            send_some(pipe, &at);
        } else {
            pipe = xvs_pipe_open(sender->path, 0, why, sizeof why);
        }
        nanosleep(&pause, NULL);
    }
    xvs_pipe_close(pipe);
    return NULL;
}

static bool
start_sender(struct sender *sender, struct trial *trial)
{
    memset(sender, 0, sizeof *sender);
    snprintf(sender->path, sizeof sender->path, "%s/11",
             trial->subject->work);
    return pthread_create(&sender->thread, NULL, run_sender, sender) == 0
        || trial_skip(trial, "no thread for traffic");
}

/* The other end of the handshake is on our loop. */
static void
end_sender(struct sender *sender, struct trial *trial)
{
    __atomic_store_n(&sender->stop, true, __ATOMIC_RELEASE);
    rig_wait(trial->rig, 50);
    pthread_join(sender->thread, NULL);
}

/* ---- The process ---------------------------------------------------------- */

/* What the switch tells of the stage. */
static bool
ask_stage(struct trial *trial, struct control_stage_counters *counters)
{
    struct buffer message = BUFFER_INIT;
    struct control_switch *head =
        message_start(&message, CONTROL_COUNTERS, sizeof *head);
    const struct control_counters *answer;
    const struct control_port_counters *ports;
    struct error error;

    head->switch_id = 1;
    if (!rig_ask(trial->rig, &message, &error)) {
        return trial_fail(trial, "%s", error.text);
    }
    answer = (const void *) trial->rig->answer.data;
    ports = control_after(answer, sizeof *answer);
    if (answer->n_stages != 1) {
        return trial_fail(trial, "it is not there any more");
    }
    memcpy(counters, ports + answer->n_ports, sizeof *counters);
    return true;
}

/* Waits for a process that is not 'old', and which the packets come to when
 * they came before. */
static bool
await_successor(struct trial *trial, uint32_t old, bool has_packets)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    struct control_stage_counters now = { 0 };
    uint64_t packets = UINT64_MAX;

    while (loop_now_ms() < end) {
        if (!ask_stage(trial, &now)) {
            return false;
        }
        if (now.health.pid && now.health.pid != old) {
            packets = packets == UINT64_MAX ? now.packets : packets;
            if (!has_packets || now.packets > packets) {
                return true;
            }
        }
        rig_wait(trial->rig, 20);
    }
    return trial_fail(trial, packets == UINT64_MAX
                             ? "no process follows the one that ended: %s"
                             : "no packets come to its successor: %s",
                      now.health.failure[0] ? now.health.failure
                                            : "no reason is known");
}

static void
set_one(struct trial *trial, const struct subject_feature *feature,
        void *arg)
{
    struct instance *object = settings_find(trial, feature);
    struct error error;

    (void) arg;
    if (object) {
        rig_set(trial->rig, feature, XVS_ADD, 0, object, &error);
    }
    instance_destroy(object);
}

/* In its process, with settings in force and, if it has hooks for them, with
 * packets. */
static bool
start(struct trial *trial, struct control_stage_counters *counters)
{
    struct finding before = *trial->finding;
    struct error error;

    trial->rig->partition = PARTITION_PROCESS;
    if (access(trial->rig->program, X_OK) != 0) {
        return trial_skip(trial, "%s is not there, which runs extensions in"
                          " processes", trial->rig->program);
    }
    trial_step(trial, "enabling it in a process");
    if (!rig_enable(trial->rig, 1, &error)) {
        return trial_fail(trial, "it does not run in a process: %s",
                          error.text);
    }
    if (!settings_classes(trial, set_one, NULL)) {
        *trial->finding = before;
    }
    return trial_goes_on(trial) && ask_stage(trial, counters)
        && (counters->health.pid
            || trial_fail(trial, "there is no process"));
}

static bool
has_ingress(const struct trial *trial)
{
    return rig_plugin(trial->rig)->hooks & HOOK_INGRESS;
}

/* Ends its process by the signal; all is as before then. */
static void
hurt(struct trial *trial, int number)
{
    struct control_stage_counters counters;
    struct state *before = NULL, *now = NULL;
    struct sender sender;
    char what[256];

    if (!start(trial, &counters) || !(before = state_take(trial))
        || !start_sender(&sender, trial)) {
        state_free(before);
        return;
    }
    rig_wait(trial->rig, 100);
    trial_step(trial, "waiting for the successor of process %u",
               counters.health.pid);
    kill((pid_t) counters.health.pid, number);
    if (await_successor(trial, counters.health.pid, has_ingress(trial))) {
        now = state_take(trial);
    }
    end_sender(&sender, trial);
    if (now && state_count(now) < state_count(before)) {
        trial_fail(trial, "the successor has lost something: %s",
                   state_same(before, now, what, sizeof what) ? "" : what);
    }
    state_free(before);
    state_free(now);
}

static void
test_process(struct trial *trial)
{
    struct control_stage_counters counters;
    struct error error;

    if (!start(trial, &counters)) {
        return;
    }
    state_free(state_take(trial));
    if (trial_goes_on(trial) && !rig_disable(trial->rig, 1, &error)) {
        trial_fail(trial, "%s", error.text);
    }
    trial_note(trial, "%s%s", counters.health.missing[0]
                                  ? "this host lacks for its sandbox: " : "",
               counters.health.missing);
}

static void
test_kill(struct trial *trial)
{
    hurt(trial, SIGKILL);
}

static void
test_hang(struct trial *trial)
{
    if (rig_plugin(trial->rig)->hooks & HOOK_INGRESS) {
        hurt(trial, SIGSTOP);
    } else {
        trial_skip(trial, "it has no packet hook");
    }
}

static const struct test tests[] = {
    SLOW("faults.process", "The same file runs in a process of its own, with"
         " nothing of the host but its packets.", test_process, NEEDS_RIG, 0),
    TEST("faults.kill", "A process that is killed has a successor, which is"
         " told settings and ports and gets the packets.", test_kill,
         NEEDS_RIG),
    SLOW("faults.hang", "One that does not go on is ended, and its successor"
         " goes on.", test_hang, NEEDS_RIG, 40),
};

GROUP(faults, "ends of its process", tests);
