/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A list of sessions, each with at most one read that waits.  Workers do not
 * wake anybody: while a read waits, a timer looks into the rings.
 */

#include <config.h>

#include "switch/captures.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "control/message.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "switch/server.h"
#include "switch/vswitch.h"
#include "tap/tap.h"

#define LOOK_MS 10              /* between two looks for a waiting read */

struct capture {
    struct capture *next;       /* in driver.captures */
    struct driver *driver;
    struct vswitch *vswitch;
    struct tap_session *session;
    uint32_t number;
    uint32_t bit;               /* of the session */
    uint64_t last_ms;           /* of the last read */
    struct request *reader;     /* that waits, or NULL */
    uint64_t until_ms;          /* its wait's end */
    struct loop_timer *timer;   /* while a reader waits */
};

/* Publishes the switch's sessions of now. */
static void
publish(const struct driver *driver, struct vswitch *vswitch)
{
    struct tap_session *sessions[TAP_SESSIONS];
    uint32_t n = 0;

    for (const struct capture *one = driver->captures; one; one = one->next) {
        if (one->vswitch == vswitch) {
            sessions[n++] = one->session;
        }
    }
    tap_set_retire(xvs_publish(vswitch->path.taps,
                               tap_set_create(sessions, n)));
}

/* ---- Reading ------------------------------------------------------------ */

/* Answers with 'size' bytes of records at most. */
static void
answer(struct capture *capture, struct request *request, uint32_t size)
{
    BUFFER_AUTO struct buffer records = BUFFER_INIT, out = BUFFER_INIT;
    struct control_captured captured = { 0 };

    if (size) {
        tap_session_read(capture->session, size, &records);
    }
    tap_session_count(capture->session, &captured);
    captured.size = (uint32_t) records.size;
    request_start(request, &out, 0);
    buffer_put(&out, &captured, sizeof captured);
    buffer_put(&out, records.data, records.size);
    request_send(request, &out);
}

static bool
is_ready(struct capture *capture)
{
    struct control_captured captured;

    tap_session_count(capture->session, &captured);
    return captured.ended || tap_session_pending(capture->session);
}

static void
stop_waiting(struct capture *capture)
{
    loop_timer_remove(capture->timer);
    capture->timer = NULL;
    capture->reader = NULL;
    capture->last_ms = loop_now_ms();
}

static void
look(void *arg)
{
    struct capture *capture = arg;
    struct request *reader = capture->reader;

    if (is_ready(capture) || loop_now_ms() >= capture->until_ms) {
        stop_waiting(capture);
        answer(capture, reader, CAPTURE_CHUNK);
    }
}

static void
fail_unknown(struct request *request, uint32_t number)
{
    struct error error;

    error_set(&error, ERROR_NOT_FOUND, "there is no capture number %u (any"
              " more)", number);
    error_hint(&error, "one that is not read for %u seconds ends",
               CAPTURE_IDLE_MS / 1000);
    request_fail(request, &error);
}

static struct capture *
expect(const struct driver *driver, struct request *request, uint32_t number)
{
    struct capture *capture = driver->captures;

    while (capture && capture->number != number) {
        capture = capture->next;
    }
    if (!capture) {
        fail_unknown(request, number);
    }
    return capture;
}

void
captures_read(struct driver *driver, struct request *request,
              const struct control_header *message)
{
    const struct control_session *wanted = control_body(message);
    uint32_t wait_ms = wanted->wait_ms < CAPTURE_WAIT_MS ? wanted->wait_ms
                                                         : CAPTURE_WAIT_MS;
    struct capture *capture = expect(driver, request, wanted->session);
    struct error error;

    if (!capture) {
        return;
    }
    if (capture->reader) {
        error_set(&error, ERROR_BUSY, "somebody else reads capture number %u",
                  capture->number);
        request_fail(request, &error);
        return;
    }
    capture->last_ms = loop_now_ms();
    if (wait_ms == 0 || is_ready(capture)) {
        answer(capture, request, CAPTURE_CHUNK);
        return;
    }
    capture->reader = request;
    capture->until_ms = loop_now_ms() + wait_ms;
    capture->timer =
        loop_timer_add(driver->loop, LOOK_MS, true, look, capture);
}

/* ---- Starting ----------------------------------------------------------- */

/* A bit that no session has; TAP_SESSIONS: all are taken. */
static uint32_t
free_bit(const struct driver *driver)
{
    uint32_t taken = 0, bit = 0;

    for (const struct capture *one = driver->captures; one; one = one->next) {
        taken |= 1u << one->bit;
    }
    while (bit < TAP_SESSIONS && taken >> bit & 1) {
        bit++;
    }
    return bit;
}

static struct capture *
make(struct driver *driver, const struct control_capture *wanted,
     struct error *error)
{
    struct vswitch *vswitch = driver_switch(driver, wanted->switch_id);
    uint32_t bit = free_bit(driver);
    struct tap_session *session;
    struct capture *capture;

    if (!vswitch) {
        error_set(error, ERROR_NOT_FOUND, "there is no switch number %u",
                  wanted->switch_id);
        return NULL;
    }
    if (bit == TAP_SESSIONS) {
        error_set(error, ERROR_BUSY, "there are %u captures already, and"
                  " there can be no more", TAP_SESSIONS);
        error_hint(error, "stop one");
        return NULL;
    }
    session = tap_session_create(wanted, bit, workers_count(driver->workers),
                             error);
    if (!session) {
        return NULL;
    }
    capture = mem_zalloc(sizeof *capture);
    capture->driver = driver;
    capture->vswitch = vswitch;
    capture->session = session;
    capture->bit = bit;
    capture->number = ++driver->next_capture;
    capture->last_ms = loop_now_ms();
    return capture;
}

void
captures_start(struct driver *driver, struct request *request,
               const struct control_header *message)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct control_session started = { 0 };
    struct capture *capture;
    struct error error;

    capture = make(driver, control_body(message), &error);
    if (!capture) {
        request_fail(request, &error);
        return;
    }
    capture->next = driver->captures;
    driver->captures = capture;
    publish(driver, capture->vswitch);
    log_info("capture %u of switch %s begins", capture->number,
             capture->vswitch->name);
    started.session = capture->number;
    request_start(request, &out, 0);
    buffer_put(&out, &started, sizeof started);
    request_send(request, &out);
}

/* ---- Ending ------------------------------------------------------------- */

static void
end(struct capture *capture, const char *why)
{
    struct driver *driver = capture->driver;
    struct capture **at = &driver->captures;

    while (*at != capture) {
        at = &(*at)->next;
    }
    *at = capture->next;
    if (capture->reader) {
        fail_unknown(capture->reader, capture->number);
    }
    loop_timer_remove(capture->timer);
    publish(driver, capture->vswitch);
    tap_session_retire(capture->session);
    log_info("capture %u of switch %s ends: %s", capture->number,
             capture->vswitch->name, why);
    free(capture);
}

void
captures_stop(struct driver *driver, struct request *request,
              const struct control_header *message)
{
    const struct control_session *wanted = control_body(message);
    struct capture *capture = expect(driver, request, wanted->session);

    if (capture) {
        answer(capture, request, 0);
        end(capture, "it was stopped");
    }
}

void
captures_watch(struct driver *driver)
{
    struct capture *capture = driver->captures;
    uint64_t now = loop_now_ms();

    while (capture) {
        struct capture *next = capture->next;

        if (!capture->reader && now - capture->last_ms > CAPTURE_IDLE_MS) {
            end(capture, "nobody reads it");
        }
        capture = next;
    }
}

void
captures_end(struct driver *driver, struct vswitch *vswitch)
{
    struct capture *capture = driver->captures;

    while (capture) {
        struct capture *next = capture->next;

        if (!vswitch || capture->vswitch == vswitch) {
            end(capture, vswitch ? "the switch is deleted"
                                 : "the program ends");
        }
        capture = next;
    }
}
