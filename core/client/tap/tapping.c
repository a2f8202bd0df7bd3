/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Calls of XVS_Switch's methods.  What comes is as trustworthy as a server:
 * each record is measured before it is used.
 */

#include <config.h>

#include "client/tap/tapping.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/memory.h"
#include "client/invocation.h"
#include "client/run.h"
#include "client/tap/filter.h"
#include "object/path.h"

#define CLASS "XVS_Switch"

static volatile sig_atomic_t interrupted;
static struct sigaction old_int, old_term;

static void
on_signal(int number)
{
    (void) number;
    interrupted = 1;
}

static void
catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal,
                                .sa_flags = SA_RESTART };

    interrupted = 0;
    sigaction(SIGINT, &action, &old_int);
    sigaction(SIGTERM, &action, &old_term);
}

static void
release_signals(void)
{
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
}

bool
tapping_interrupted(void)
{
    return interrupted;
}

static bool
begin_call(struct tapping *tapping, struct invocation *call,
           const char *method)
{
    struct cim_class *cls = run_class(tapping->run, CLASS);

    memset(call, 0, sizeof *call);
    return cls && invocation_begin(call, tapping->run, cls, method);
}

/* The comma separated names as an array of texts. */
static struct value
point_names(const char *points)
{
    uint32_t n = 1, i = 0;
    struct value names;

    for (const char *c = points; *c; c++) {
        n += *c == ',';
    }
    names = value_array(CIM_STRING, n);
    for (const char *at = points; i < n; i++) {
        size_t length = strcspn(at, ",");
        MEM_AUTO char *name = mem_strndup(at, length);

        names.items[i] = value_string(name);
        at += length + 1;
    }
    return names;
}

static bool
set_options(struct invocation *call, const struct tapping_options *options)
{
    struct value filter;

    if (options->filter) {
        if (!filter_compile(options->filter, &filter, &call->run->error)) {
            return false;
        }
        invocation_set(call, "Filter", filter);
    }
    if (options->points) {
        invocation_set(call, "Points", point_names(options->points));
    }
    if (options->port) {
        invocation_set(call, "PortName", value_string(options->port));
    }
    invocation_set(call, "SnapLength", value_u64(CIM_UINT32, options->snap));
    invocation_set(call, "Limit", value_u64(CIM_UINT64, options->limit));
    invocation_set(call, "Follow", value_boolean(options->follow));
    return true;
}

bool
tapping_begin(struct tapping *tapping, struct run *run,
              const struct tapping_options *options)
{
    struct invocation call;
    const struct value *session;
    bool done;

    memset(tapping, 0, sizeof *tapping);
    tapping->run = run;
    if (!begin_call(tapping, &call, "StartCapture")) {
        return false;
    }
    tapping->path = run_path(CLASS, "Name", options->switch_name);
    done = set_options(&call, options)
           && invocation_run(&call, tapping->path);
    session = invocation_out(&call, "Session");
    if (done && session && !session->is_null) {
        tapping->session = (uint32_t) session->u;
        catch_signals();
    } else if (done) {
        done = error_set(&run->error, ERROR_FAILED,
                         "the server did not say which session it began");
    }
    invocation_end(&call);
    if (!done) {
        path_destroy(tapping->path);
    }
    return done;
}

static uint64_t
out_number(const struct invocation *call, const char *name)
{
    const struct value *value = invocation_out(call, name);

    return value && !value->is_null ? value->u : 0;
}

/* Each record is whole. */
static bool
check_records(const struct buffer *records)
{
    size_t at = 0;
    struct control_tap record;

    while (at < records->size) {
        if (records->size - at < sizeof record) {
            return false;
        }
        memcpy(&record, records->data + at, sizeof record);
        at += sizeof record;
        if (record.size > record.length
            || records->size - at < CONTROL_ALIGN(record.size)) {
            return false;
        }
        at += CONTROL_ALIGN(record.size);
    }
    return true;
}

bool
tapping_take(struct tapping *tapping, const char *text, size_t length)
{
    tapping->records.size = tapping->at = 0;
    return base64_read(text, length, &tapping->records)
        && check_records(&tapping->records);
}

static bool
take_answer(struct tapping *tapping, const struct invocation *call)
{
    const struct value *records = invocation_out(call, "Records");

    tapping->count = out_number(call, "Count");
    tapping->lost = out_number(call, "Lost");
    tapping->ended = out_number(call, "Ended") != 0;
    tapping->records.size = tapping->at = 0;
    if (!records || records->is_null) {
        return true;
    }
    return tapping_take(tapping, records->s, strlen(records->s))
        || error_set(&tapping->run->error, ERROR_SYNTAX,
                     "the server sends records that are cut off");
}

bool
tapping_read(struct tapping *tapping, uint32_t wait_ms)
{
    struct invocation call;
    bool done;

    if (!begin_call(tapping, &call, "ReadCapture")) {
        return false;
    }
    invocation_set(&call, "Session",
                   value_u64(CIM_UINT32, tapping->session));
    invocation_set(&call, "Wait", value_u64(CIM_UINT32, wait_ms));
    done = invocation_run(&call, tapping->path)
           && take_answer(tapping, &call);
    invocation_end(&call);
    return done;
}

bool
tapping_next(struct tapping *tapping, struct control_tap *record,
             const uint8_t **frame)
{
    const char *at = tapping->records.data + tapping->at;

    if (tapping->at == tapping->records.size) {
        return false;
    }
    memcpy(record, at, sizeof *record);
    *frame = (const uint8_t *) at + sizeof *record;
    tapping->at += sizeof *record + CONTROL_ALIGN(record->size);
    return true;
}

bool
tapping_stop(struct tapping *tapping)
{
    struct invocation call;
    bool done;

    if (!begin_call(tapping, &call, "StopCapture")) {
        return false;
    }
    invocation_set(&call, "Session",
                   value_u64(CIM_UINT32, tapping->session));
    done = invocation_run(&call, tapping->path);
    if (done) {
        tapping->count = out_number(&call, "Count");
        tapping->lost = out_number(&call, "Lost");
    }
    invocation_end(&call);
    return done;
}

void
tapping_end(struct tapping *tapping)
{
    release_signals();
    path_destroy(tapping->path);
    buffer_free(&tapping->records);
}
