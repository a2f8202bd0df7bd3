/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Services for extensions.  What an extension hands over is checked here,
 * on its own thread, before anyone else sees it.
 */

#include <config.h>

#include "stage/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/block.h"
#include "packet/grace.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "stage/thread.h"

#define EVENTS_PER_SECOND 100u      /* of one stage; the others are lost */

/* Memory of the extension that a packet hook may still use. */
struct retired {
    struct grace_call grace;
    struct retired *next;
    struct stage *stage;
    void *data;
    void (*release)(void *data);
};

/* An event on its way to the main thread. */
struct said {
    struct stage *stage;
    enum xvs_log_level severity;
    char text[CONTROL_TEXT];
};

static struct stage *
stage_of(const struct xvs_host *host)
{
    return host->context;
}

void
host_copy_text(char *out, size_t size, const char *text)
{
    size_t length = text ? strnlen(text, size - 1) : 0;
    bool good;

    memcpy(out, text ? text : "", length);
    /* Not into the middle of a character. */
    while (length > 0 && !text_is_utf8(out, length)
           && ((unsigned char) out[length - 1] & 0x80)) {
        length--;
    }
    out[length] = 0;
    good = text_is_utf8(out, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char) out[i];

        if (byte < 0x20 || byte == 0x7f) {
            out[i] = '?';
        } else if (!good && byte & 0x80) {
            out[i] = '?';
            good = text_is_utf8(out, length);
        }
    }
}

void
host_log(const struct xvs_host *host, enum xvs_log_level level,
         const char *text)
{
    const struct stage *stage = stage_of(host);
    char line[CONTROL_TEXT];

    host_copy_text(line, sizeof line, text);
    log_line(level == XVS_LOG_ERROR ? LOG_LEVEL_ERROR
             : level == XVS_LOG_WARNING ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
             "%s on switch %s: %s", stage_name(stage), stage->switch_name,
             line);
}

static int
host_refuse(struct xvs_answer *answer, int result, const char *text)
{
    if (answer && answer->outcome) {
        host_copy_text(answer->outcome->text, sizeof answer->outcome->text,
                       text);
        answer->refusal = result;
    }
    return result;
}

static bool
break_answer(struct xvs_answer *answer, const char *what)
{
    answer->broken = true;
    outcome_set(answer->outcome, XVS_PROVIDER_FAILED,
                "%s returned a status object that is not valid: %.300s",
                stage_name(answer->stage), what);
    return false;
}

bool
host_take_object(struct xvs_answer *answer, const struct xvs_guid *instance,
                 const struct xvs_view *view)
{
    struct control_object object = { 0 };
    struct error error;
    size_t at;

    if (!view || !view->body || view->size > BLOCK_LIMIT
        || view->n_present > BLOCK_LIMIT
        || (view->n_present && !view->present)) {
        return break_answer(answer, "it has no body or an impossible size");
    }
    if (answer->objects.size > CONTROL_LIMIT - 2 * BLOCK_LIMIT) {
        return break_answer(answer, "the answer is too large");
    }
    if (!block_check_view(view, answer->layout, &error)) {
        return break_answer(answer, error.text);
    }
    at = buffer_extend(&answer->objects, sizeof object);
    block_from_view(view, answer->layout, &answer->objects);
    object.block_size =
        (uint32_t) (answer->objects.size - at - sizeof object);
    if (instance) {
        object.instance = *instance;
    }
    buffer_align(&answer->objects, 8);
    memcpy(answer->objects.data + at, &object, sizeof object);
    answer->n++;
    return true;
}

static int
host_answer(struct xvs_answer *answer, const struct xvs_guid *instance,
            const struct xvs_view *view)
{
    if (!answer || !answer->layout) {
        return XVS_NOT_SUPPORTED;
    }
    if (answer->broken || !host_take_object(answer, instance, view)) {
        return XVS_INVALID_PARAMETER;
    }
    return XVS_SUCCESS;
}

static void
tell(void *arg)
{
    struct said *said = arg;
    struct stage *stage = said->stage;

    stage->owner->event(stage->owner_arg, stage, EVENT_EXTENSION,
                        said->severity, said->text);
    free(said);
}

/* An extension that never stops talking is not listened to. */
static bool
may_speak(struct stage *stage)
{
    uint64_t second = loop_now_ms() / 1000;
    bool good;

    pthread_mutex_lock(&stage->lock);
    if (stage->event_second != second) {
        stage->event_second = second;
        stage->n_events = 0;
    }
    good = ++stage->n_events <= EVENTS_PER_SECOND;
    pthread_mutex_unlock(&stage->lock);
    return good;
}

/* The end of the stage is posted after this: it is still there in tell(). */
void
host_event(const struct xvs_host *host, enum xvs_log_level level,
           const char *text)
{
    struct said *said;
    char line[CONTROL_TEXT - 80];

    if (!may_speak(stage_of(host))) {
        return;
    }
    said = mem_zalloc(sizeof *said);
    said->stage = stage_of(host);
    said->severity = level > XVS_LOG_INFO ? XVS_LOG_INFO : level;
    host_copy_text(line, sizeof line, text);
    snprintf(said->text, sizeof said->text, "%s: %s",
             stage_name(said->stage), line);
    loop_post(said->stage->loop, tell, said);
}

static int
host_request(const struct xvs_host *host, struct xvs_oid *oid)
{
    struct stage *stage = stage_of(host);

    return stage->owner->request(stage->owner_arg, stage, oid);
}

/* Behind the grace period: the stage's own thread releases. */
static void
grace_over(struct grace_call *call)
{
    struct retired *retired = (struct retired *) (void *) call;
    struct stage *stage = retired->stage;

    pthread_mutex_lock(&stage->lock);
    retired->next = stage->retired;
    stage->retired = retired;
    thread_poke(stage->thread);
    pthread_cond_signal(&stage->drained);
    pthread_mutex_unlock(&stage->lock);
}

static void
host_retire(const struct xvs_host *host, void *data,
            void (*release)(void *data))
{
    struct stage *stage = stage_of(host);
    struct retired *retired;

    /* No packet hook can be running: there is nothing to wait for. */
    if (!__atomic_load_n(&stage->in_chain, __ATOMIC_ACQUIRE)) {
        release(data);
        return;
    }
    retired = mem_zalloc(sizeof *retired);
    retired->stage = stage;
    retired->data = data;
    retired->release = release;
    pthread_mutex_lock(&stage->lock);
    stage->n_retired++;
    pthread_mutex_unlock(&stage->lock);
    grace_defer(&retired->grace, grace_over);
}

void
host_release_retired(void *arg)
{
    struct stage *stage = arg;
    struct retired *list;

    pthread_mutex_lock(&stage->lock);
    list = stage->retired;
    stage->retired = NULL;
    pthread_mutex_unlock(&stage->lock);
    while (list) {
        struct retired *retired = list;

        list = retired->next;
        retired->release(retired->data);
        free(retired);
        pthread_mutex_lock(&stage->lock);
        stage->n_retired--;
        pthread_mutex_unlock(&stage->lock);
    }
}

void
host_drain(struct stage *stage)
{
    bool more = true;

    while (more) {
        host_release_retired(stage);
        pthread_mutex_lock(&stage->lock);
        more = stage->n_retired > 0;
        if (more && !stage->retired) {
            pthread_cond_wait(&stage->drained, &stage->lock);
        }
        pthread_mutex_unlock(&stage->lock);
    }
}

static void
host_timer(const struct xvs_host *host, uint32_t milliseconds)
{
    thread_timer(stage_of(host)->thread, milliseconds);
}

static void
host_wake(const struct xvs_host *host)
{
    thread_call_timer(stage_of(host)->thread);
}

static int
host_keep(const struct xvs_host *host, struct xvs_keep *keep)
{
    struct stage *stage = stage_of(host);

    return stage->inited ? XVS_NOT_SUPPORTED
                         : here_keep(stage, &stage->here, keep, false);
}

void
host_timer_due(void *arg)
{
    struct stage *stage = arg;

    if (stage->inited) {
        stage->doing = "timer";
        stage->calls->timer(stage);
        here_done(stage);
    }
}

static uint64_t
host_now(const struct xvs_host *host)
{
    (void) host;
    return loop_now_ns();
}

void
host_for_stage(struct stage *stage)
{
    stage->host = (struct xvs_host) {
        .size = sizeof stage->host,
        .api_version = XVS_API_VERSION,
        .switch_name = stage->switch_name,
        .context = stage,
        .log = host_log,
        .refuse = host_refuse,
        .answer = host_answer,
        .event = host_event,
        .request = host_request,
        .retire = host_retire,
        .timer = host_timer,
        .now = host_now,
        .switching = stage->owner->switching,
        .wake = host_wake,
        .keep = host_keep,
    };
}

static void
probe_say(const struct xvs_host *host, enum xvs_log_level level,
          const char *text)
{
    (void) host;
    (void) level;
    (void) text;
}

static int
probe_request(const struct xvs_host *host, struct xvs_oid *oid)
{
    (void) host;
    (void) oid;
    return XVS_NOT_SUPPORTED;
}

static void
probe_retire(const struct xvs_host *host, void *data,
             void (*release)(void *data))
{
    (void) host;
    release(data);
}

static void
probe_timer(const struct xvs_host *host, uint32_t milliseconds)
{
    (void) host;
    (void) milliseconds;
}

static void
probe_wake(const struct xvs_host *host)
{
    (void) host;
}

void
host_for_probe(struct xvs_host *host)
{
    *host = (struct xvs_host) {
        .size = sizeof *host,
        .api_version = XVS_API_VERSION,
        .switch_name = "probe",
        .log = probe_say,
        .refuse = host_refuse,
        .answer = host_answer,
        .event = probe_say,
        .request = probe_request,
        .retire = probe_retire,
        .timer = probe_timer,
        .now = host_now,
        .wake = probe_wake,
        .keep = here_try,
    };
}
