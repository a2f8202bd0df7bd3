/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The host's services in the process of a stage.  What needs the switch is
 * asked over the stream, by the main thread alone: it is always in the middle
 * of a call then.  What is only said goes as news.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/host.h"
#include "stage/inside/inside.h"
#include "stage/lane/serve.h"

#define NEWS_PER_SECOND 200u    /* so that a WAKE always finds room */

static struct inside *
inside_of(const struct xvs_host *host)
{
    return host->context;
}

/* ---- News --------------------------------------------------------------- */

static bool
say(const struct inside *inside, const struct call_news *news)
{
    size_t size = offsetof(struct call_news, text)
        + strnlen(news->text, sizeof news->text - 1) + 1;

    return send(inside->news, news, size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

static bool
may_speak(struct inside *inside)
{
    uint64_t second = loop_now_ms() / 1000;
    bool good;

    pthread_mutex_lock(&inside->lock);
    if (inside->second != second) {
        inside->second = second;
        inside->n_news = 0;
    }
    good = ++inside->n_news <= NEWS_PER_SECOND;
    pthread_mutex_unlock(&inside->lock);
    return good;
}

static void
say_text(const struct xvs_host *host, enum news_type type,
         enum xvs_log_level level, const char *text)
{
    struct inside *inside = inside_of(host);
    struct call_news news = { .type = type, .value = level };

    if (may_speak(inside)) {
        host_copy_text(news.text, sizeof news.text, text);
        say(inside, &news);
    }
}

static void
inside_log(const struct xvs_host *host, enum xvs_log_level level,
           const char *text)
{
    say_text(host, NEWS_LOG, level, text);
}

static void
inside_event(const struct xvs_host *host, enum xvs_log_level level,
             const char *text)
{
    say_text(host, NEWS_EVENT, level, text);
}

static void
inside_timer(const struct xvs_host *host, uint32_t milliseconds)
{
    const struct call_news news = { .type = NEWS_TIMER,
                                    .value = milliseconds };

    say(inside_of(host), &news);
}

static void
inside_wake(const struct xvs_host *host)
{
    const struct call_news news = { .type = NEWS_WAKE };
    struct inside *inside = inside_of(host);

    /* One is enough until timer() begins; one that did not get through is
     * said again by the next call. */
    if (!__atomic_load_n(&inside->woken, __ATOMIC_SEQ_CST)
        && !__atomic_exchange_n(&inside->woken, true, __ATOMIC_SEQ_CST)
        && !say(inside, &news)) {
        __atomic_store_n(&inside->woken, false, __ATOMIC_SEQ_CST);
    }
}

/* ---- Questions ---------------------------------------------------------- */

static bool
may_ask(const struct inside *inside)
{
    return inside->called && pthread_equal(inside->main, pthread_self());
}

const struct call_answer *
inside_ask(struct inside *inside, int *fds, uint32_t *n)
{
    struct error error;
    bool good = call_send(inside->calls, &inside->answer, NULL, 0, &error)
        && call_receive(inside->calls, &inside->answer, fds, n, 0, &error)
               == CALL_GOOD;

    if (!good
        || ((struct call_head *) (void *) inside->answer.data)->type
               != CALL_ANSWER) {
        /* xvs-switch has gone, and so do we. */
        _exit(1);
    }
    return call_body((void *) inside->answer.data);
}

static const struct call_answer *
ask(struct inside *inside)
{
    return inside_ask(inside, NULL, NULL);
}

static int
inside_request(const struct xvs_host *host, struct xvs_oid *oid)
{
    struct inside *inside = inside_of(host);
    struct call_request *request;
    const struct call_answer *answer;

    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    if (!oid || oid->size < sizeof *oid || oid->length > oid->capacity
        || oid->capacity > CALL_OID_LIMIT) {
        return XVS_INVALID_PARAMETER;
    }
    request = call_begin(&inside->answer, CALL_REQUEST, sizeof *request);
    request->code = oid->code;
    request->kind = oid->kind;
    request->port_id = oid->port_id;
    request->length = oid->length;
    request->capacity = oid->capacity;
    call_put(&inside->answer, oid->buffer, oid->length);
    answer = ask(inside);
    oid->written = answer->written;
    oid->needed = answer->needed;
    if (answer->size <= oid->capacity && answer->size) {
        memcpy(oid->buffer, answer + 1, answer->size);
    }
    return answer->result;
}

/* The answer to a call of a function with 'size' bytes at 'given'. */
static const struct call_answer *
call(struct inside *inside, const struct call_switching *wanted,
     const void *given, size_t size)
{
    struct call_switching *call = call_begin(&inside->answer, CALL_SWITCHING,
                                             sizeof *call);

    *call = *wanted;
    call->given = given != NULL;
    call->size = given ? (uint32_t) size : 0;
    call_put(&inside->answer, given, call->size);
    return ask(inside);
}

const struct call_answer *
inside_call(struct inside *inside, const struct call_switching *wanted,
            const void *given, size_t size)
{
    return may_ask(inside) ? call(inside, wanted, given, size) : NULL;
}

/* An extension's struct may be of another time than ours. */
#define COPY_SIZED(to, from) \
    do { \
        uint32_t known = (from)->size < sizeof *(to) \
            ? (from)->size : (uint32_t) sizeof *(to); \
        memcpy((to), (from), known); \
        (to)->size = known; \
    } while (0)

static int
port_policy(const struct xvs_host *host, uint32_t port_id, uint32_t parts,
            const struct xvs_port_policy *policy)
{
    const struct call_switching wanted = {
        .function = CALL_PORT_POLICY, .port_id = port_id, .parts = parts };
    struct inside *inside = inside_of(host);
    struct xvs_port_policy copy = { 0 };

    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    if (policy) {
        COPY_SIZED(&copy, policy);
    }
    return call(inside, &wanted, policy ? &copy : NULL,
                sizeof copy)->result;
}

static int
switch_policy(const struct xvs_host *host, uint32_t parts,
              const struct xvs_switch_policy *policy)
{
    const struct call_switching wanted = { .function = CALL_SWITCH_POLICY,
                                           .parts = parts };
    struct inside *inside = inside_of(host);
    struct xvs_switch_policy copy = { 0 };

    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    if (policy) {
        COPY_SIZED(&copy, policy);
    }
    return call(inside, &wanted, policy ? &copy : NULL,
                sizeof copy)->result;
}

static int
address(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
        uint32_t port_id)
{
    struct call_switching wanted = { .function = CALL_ADDRESS, .vlan = vlan,
                                     .port_id = port_id };
    struct inside *inside = inside_of(host);

    if (!mac) {
        return XVS_INVALID_PARAMETER;
    }
    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    memcpy(wanted.mac, mac, sizeof wanted.mac);
    return call(inside, &wanted, NULL, 0)->result;
}

static int
group(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
      const uint32_t *port_ids, uint32_t n)
{
    struct call_switching wanted = { .function = CALL_GROUP, .vlan = vlan,
                                     .n = n };
    struct inside *inside = inside_of(host);

    if (!mac || n > XVS_GROUP_PORTS) {
        return XVS_INVALID_PARAMETER;
    }
    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    memcpy(wanted.mac, mac, sizeof wanted.mac);
    return call(inside, &wanted, port_ids, n * sizeof *port_ids)->result;
}

static uint32_t
addresses(const struct xvs_host *host, uint64_t *position,
          struct xvs_address *out, uint32_t n)
{
    const struct call_switching wanted = {
        .function = CALL_LIST, .position = *position,
        .n = n < CALL_ADDRESSES ? n : CALL_ADDRESSES };
    struct inside *inside = inside_of(host);
    const struct call_answer *answer;

    if (!may_ask(inside)) {
        return 0;
    }
    answer = call(inside, &wanted, NULL, 0);
    if (answer->n > wanted.n || answer->size != answer->n * sizeof *out) {
        return 0;
    }
    *position = answer->position;
    memcpy(out, answer + 1, answer->size);
    return answer->n;
}

static int
port_drops(const struct xvs_host *host, uint32_t port_id,
           struct xvs_port_drops *drops)
{
    const struct call_switching wanted = { .function = CALL_PORT_DROPS,
                                           .port_id = port_id };
    struct inside *inside = inside_of(host);
    const struct call_answer *answer;
    uint32_t size = drops->size < sizeof *drops ? drops->size
                                                : (uint32_t) sizeof *drops;

    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    answer = call(inside, &wanted, NULL, 0);
    if (answer->result == XVS_SUCCESS && answer->size >= size) {
        memcpy(drops, answer + 1, size);
        drops->size = size;
    }
    return answer->result;
}

static int
port_queues(const struct xvs_host *host, uint32_t port_id,
            struct xvs_queue_states *queues)
{
    const struct call_switching wanted = { .function = CALL_PORT_QUEUES,
                                           .port_id = port_id };
    struct inside *inside = inside_of(host);
    const struct call_answer *answer;
    uint32_t size = queues->size < sizeof *queues
        ? queues->size : (uint32_t) sizeof *queues;

    if (!may_ask(inside)) {
        return XVS_NOT_SUPPORTED;
    }
    answer = call(inside, &wanted, NULL, 0);
    if (answer->result == XVS_SUCCESS && answer->size >= size) {
        memcpy(queues, answer + 1, size);
        queues->size = size;
    }
    return answer->result;
}

/* ---- Memory that packet hooks may still use ----------------------------- */

struct inside_retired {
    struct inside_retired *next;
    uint64_t moment;            /* of serve_moment() */
    void *data;
    void (*release)(void *data);
};

static void
inside_retire(const struct xvs_host *host, void *data,
              void (*release)(void *data))
{
    struct inside *inside = inside_of(host);
    struct inside_retired *one;

    if (!inside->serves) {
        release(data);
        return;
    }
    one = mem_zalloc(sizeof *one);
    one->moment = serve_moment(inside->serve);
    one->data = data;
    one->release = release;
    pthread_mutex_lock(&inside->lock);
    one->next = inside->retired;
    inside->retired = one;
    pthread_mutex_unlock(&inside->lock);
}

/* The next that can be released, out of the list. */
static struct inside_retired *
take_past(struct inside *inside)
{
    struct inside_retired **at = &inside->retired, *one;

    pthread_mutex_lock(&inside->lock);
    while (*at && inside->serves
           && !serve_is_past(inside->serve, (*at)->moment)) {
        at = &(*at)->next;
    }
    one = *at;
    if (one) {
        *at = one->next;
    }
    pthread_mutex_unlock(&inside->lock);
    return one;
}

void
inside_release(struct inside *inside)
{
    struct inside_retired *one;

    while ((one = take_past(inside)) != NULL) {
        one->release(one->data);
        free(one);
    }
}

void
inside_host(struct inside *inside)
{
    struct xvs_host *host = &inside->stage.host;

    inside->switching = (struct xvs_switching) {
        .size = sizeof inside->switching,
        .port_policy = port_policy,
        .switch_policy = switch_policy,
        .address = address,
        .group = group,
        .addresses = addresses,
        .port_drops = port_drops,
        .port_queues = port_queues,
    };
    inside_flows(&inside->switching);
    host_for_probe(host);
    host->context = inside;
    host->switch_name = inside->start.switch_name;
    host->log = inside_log;
    host->event = inside_event;
    host->request = inside_request;
    host->retire = inside_retire;
    host->timer = inside_timer;
    host->switching = &inside->switching;
    host->wake = inside_wake;
    host->keep = inside_keep;
}
