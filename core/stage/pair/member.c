/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One process of a pair: made, initialised, and brought to where the other
 * is.
 */

#include <config.h>

#include "stage/pair/pair-inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "stage/call/call.h"
#include "stage/call/nested.h"
#include "stage/call/telling.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/inside/parts.h"
#include "stage/keep/here.h"
#include "stage/keep/keep.h"
#include "stage/lane/share.h"
#include "stage/plugin/plugin.h"
#include "stage/process/process.h"
#include "stage/thread.h"

#define ANSWER_MS 500u          /* that a spare has to say it is there */

/* ---- What it says --------------------------------------------------------- */

static enum xvs_log_level
level_of(const struct call_news *news)
{
    return news->value > XVS_LOG_INFO ? XVS_LOG_INFO
                                      : (enum xvs_log_level) news->value;
}

/* The standby has a timer and is woken as the active one is, but what it says
 * has been said. */
static void
on_news(void *arg, struct process *process, const struct call_news *news)
{
    struct pair *pair = arg;
    struct stage *stage = pair->stage;
    bool is_active = __atomic_load_n(&pair->health.pid, __ATOMIC_RELAXED)
        == (uint32_t) process->pid;

    if (news->type == NEWS_TIMER) {
        __atomic_store_n(&pair->period_ms, news->value, __ATOMIC_RELAXED);
        thread_timer(stage->thread, news->value);
    } else if (news->type == NEWS_WAKE) {
        __atomic_store_n(&process->woken, true, __ATOMIC_RELEASE);
        thread_call_timer(stage->thread);
    } else if (is_active && news->type == NEWS_LOG) {
        host_log(&stage->host, level_of(news), news->text);
    } else if (is_active) {
        host_event(&stage->host, level_of(news), news->text);
    }
}

/* The files, and whose they are. */
static void
hand_over(struct stage *stage, struct process *process,
          struct call_kept *kept, int *fds, uint32_t *n)
{
    struct xvs_keep keep = { .size = sizeof keep };

    kept_fill(stage->kept, &keep);
    kept->before_size = keep.before_size;
    kept->before_version = keep.before_version;
    kept->instance = keep.instance;
    fds[0] = fcntl(kept_file(stage->kept), F_DUPFD_CLOEXEC, 0);
    fds[1] = kept_open_before(stage->kept);
    *n = fds[0] < 0 ? 0 : fds[1] < 0 ? 1 : 2;
    if (*n != (keep.before ? 2 : 1)) {
        kept->result = XVS_RESOURCES;
        return;
    }
    kept->n_files = *n;
    process->share->kept = stage->kept;
    if (keep.instance == 1) {
        kept_own(stage->kept, process->share);
    }
}

static void
answer_keep(struct pair *pair, struct process *process,
            const struct call_keep *wish, struct buffer *out, int *fds,
            uint32_t *n)
{
    struct call_kept *kept = call_begin(out, CALL_KEPT, sizeof *kept);
    struct stage *stage = pair->stage;
    struct error error;

    if (process->share->kept) {
        kept->result = XVS_INVALID_PARAMETER;
    } else if (!here_get(stage, wish->n, wish->version, &error)) {
        kept->result = stage->kept ? XVS_INVALID_PARAMETER : XVS_RESOURCES;
        log_warning("%s on switch %s keeps nothing: %s", stage_name(stage),
                    stage->switch_name, error.text);
    } else {
        hand_over(stage, process, kept, fds, n);
    }
}

static bool
on_question(void *arg, struct process *process,
            const struct call_head *message, struct buffer *out, int *fds,
            uint32_t *n_fds, struct error *error)
{
    struct pair *pair = arg;

    if (message->type == CALL_KEEP && strcmp(process->hook, "init") == 0) {
        answer_keep(pair, process, call_body(message), out, fds, n_fds);
        return true;
    }
    if (message->type == CALL_OPEN && pair_has_sockets(pair->stage)) {
        opens_answer(pair, process, call_body(message), out, fds, n_fds);
        return true;
    }
    if (message->type == CALL_ACCEPT && pair_has_sockets(pair->stage)) {
        opens_accept(pair, process, call_body(message), out, fds, n_fds);
        return true;
    }
    return nested_answer(pair->stage, message, out, error);
}

/* Hosts do not change: once is enough. */
static void
tell_missing(struct pair *pair, const struct process *process)
{
    static bool told;
    char names[CONTROL_MISSING];

    if (!process->missing) {
        return;
    }
    sandbox_names(process->missing, names, sizeof names);
    pthread_mutex_lock(&pair->lock);
    memcpy(pair->health.missing, names, sizeof names);
    pthread_mutex_unlock(&pair->lock);
    if (!__atomic_exchange_n(&told, true, __ATOMIC_RELAXED)) {
        log_warning("this host confines processes of extensions without: %s",
                    names);
    }
}

static struct process *
create(struct pair *pair, struct error *error)
{
    const struct stage *stage = pair->stage;
    const struct partition_place *place = stage->place;
    const struct xvs_extension *extension = &stage->plugin->extension;
    const struct process_config config = {
        .program = place->program, .program_file = place->program_file,
        .plugin = stage->plugin->path,
        .who = extension->name, .switch_name = stage->switch_name,
        .id = &extension->id, .version = extension->version,
        .loop = stage->loop, .nested = on_question,
        .sockets = stage->sockets,
        .on_end = attend_end, .on_news = on_news, .arg = pair };
    struct share *share =
        share_create(pair_copies(stage) ? NULL : place->pool,
                     place->n_workers,
                     extension->extension_class != XVS_CLASS_CAPTURE, error);

    return share ? process_create(&config, share) : NULL;
}

/* Bells of its own: what it does to them is no other process's trouble. */
static bool
make_bells(struct process *process, const struct partition_place *place,
           struct error *error)
{
    for (uint32_t i = 0; i < place->n_workers; i++) {
        process->bells[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (process->bells[i] < 0
            || !place->watch_bell(place->arg, i, process->bells[i])) {
            return error_set_errno(error, errno, "cannot make a bell for a"
                                   " worker");
        }
    }
    return true;
}

bool
member_call(struct pair *pair, struct process *process, const char *hook,
            struct buffer *message, struct buffer *reply)
{
    bool good;

    (void) xvs_publish(pair->called, process);
    good = process_call(process, hook, message, reply);
    (void) xvs_publish(pair->called, NULL);
    return good;
}

/* A call that has to be accepted. */
static bool
insist(struct pair *pair, struct process *process, const char *hook,
       struct buffer *message, struct outcome *outcome)
{
    BUFFER_AUTO struct buffer reply = BUFFER_INIT;
    struct xvs_answer answer = { .stage = pair->stage, .outcome = outcome };
    int result;

    if (!member_call(pair, process, hook, message, &reply)) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s", process->text);
        return false;
    }
    result = nested_take_result(call_body((void *) reply.data), &answer);
    if (!answer.broken) {
        outcome_judge(outcome, pair->stage, hook, result);
    }
    return outcome->result == XVS_SUCCESS;
}

struct process *
member_start(struct pair *pair, struct outcome *outcome)
{
    struct error error;
    struct process *process = create(pair, &error);

    if (!process) {
        outcome_set(outcome, XVS_RESOURCES, "%s", error.text);
        return NULL;
    }
    (void) xvs_publish(pair->called, process);
    if (!make_bells(process, pair->stage->place, &error)
        || !process_start(process, &error)) {
        (void) xvs_publish(pair->called, NULL);
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s", error.text);
        process_close(process);
        return NULL;
    }
    (void) xvs_publish(pair->called, NULL);
    tell_missing(pair, process);
    return process;
}

bool
member_answers(struct pair *pair, struct process *process)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;
    bool good;

    call_begin(&message, CALL_PING, 0);
    process_limit(process, ANSWER_MS);
    good = member_call(pair, process, "load", &message, &reply);
    process_limit(process, 0);
    return good;
}

bool
member_init(struct pair *pair, struct process *process,
            struct outcome *outcome)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    call_begin(&message, CALL_INIT, 0);
    if (!insist(pair, process, "init", &message, outcome)) {
        process_close(process);
        return false;
    }
    return true;
}

static bool
tell_ports(struct pair *pair, struct process *process,
           struct outcome *outcome)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    for (uint32_t i = 0; i < pair->roster.n_ports; i++) {
        const struct roster_port *one = &pair->roster.ports[i];

        tell_port(&message, XVS_PORT_CREATED, &one->port);
        if (!insist(pair, process, "PORT_CREATE", &message, outcome)) {
            return false;
        }
        tell_port(&message, XVS_PORT_CONNECTED, &one->port);
        if (one->connected
            && !insist(pair, process, "NIC_CONNECT", &message, outcome)) {
            return false;
        }
    }
    return true;
}

bool
member_activate(struct pair *pair, struct process *process,
                struct outcome *outcome)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    pair->opens = process;
    tell_state(&message, XVS_ACTIVATE);
    return insist(pair, process, "activate", &message, outcome);
}

bool
member_tell_all(struct pair *pair, struct process *process,
                struct outcome *outcome)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    if (!tell_ports(pair, process, outcome)) {
        return false;
    }
    for (const struct setting *one = inforce_first(pair->roster.settings);
         one; one = one->next) {
        tell_setting(&message, &one->head, one->block);
        if (!insist(pair, process, "ADD", &message, outcome)) {
            return false;
        }
    }
    if (!pair->roster.active
        || (pair_has_sockets(pair->stage) && pair->active)) {
        return true;
    }
    return member_activate(pair, process, outcome);
}
