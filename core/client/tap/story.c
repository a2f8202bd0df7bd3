/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A packet's serial number has the worker and its burst in the upper bits
 * (doc/formats.md).  A worker ends a burst before it begins the next, and so
 * the first record of another burst completes all stories of the last.
 */

#include <config.h>

#include "client/tap/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "client/show/json-out.h"
#include "client/tap/frame-text.h"
#include "client/tap/names.h"
#include "control/message.h"

#define WORKER(serial) ((serial) >> 58)
#define BURST(serial) ((serial) >> 24)  /* with the worker */

struct step {
    struct control_tap record;
    uint8_t *frame;             /* record.size bytes */
};

struct story {
    uint64_t serial;
    struct step *steps;
    size_t n, capacity;
};

struct stories {
    struct names *names;
    bool json;
    story_call call;
    void *arg;
    struct story *open;         /* oldest first */
    size_t n, capacity;
    uint64_t told;
};

struct stories *
stories_create(struct names *names, bool json, story_call call, void *arg)
{
    struct stories *stories = mem_zalloc(sizeof *stories);

    stories->names = names;
    stories->json = json;
    stories->call = call;
    stories->arg = arg;
    return stories;
}

/* ---- What changed ------------------------------------------------------- */

/* The step before on the same way: of the ingress, or of the same port. */
static const struct step *
before(const struct story *story, size_t index)
{
    const struct control_tap *now = &story->steps[index].record;

    for (size_t i = index; i-- > 0;) {
        const struct control_tap *then = &story->steps[i].record;

        if (then->point <= TAP_FORWARD || then->out_port == now->out_port) {
            return &story->steps[i];
        }
    }
    return NULL;
}

/* "98 to 102 bytes, bytes 12-15"; nothing when it is the same. */
static void
put_changes(const struct step *then, const struct step *now,
            struct buffer *out)
{
    uint32_t size = then->record.size < now->record.size ? then->record.size
                                                         : now->record.size;
    uint32_t i = 0, n = 0;

    if (then->record.length != now->record.length) {
        buffer_printf(out, "%u to %u bytes", then->record.length,
                      now->record.length);
    }
    while (i < size && n < 8) {
        uint32_t first;

        while (i < size && then->frame[i] == now->frame[i]) {
            i++;
        }
        for (first = i; i < size && then->frame[i] != now->frame[i]; i++) {
        }
        if (i > first) {
            buffer_puts(out, n ? ", " : out->size ? ", bytes " : "bytes ");
            buffer_printf(out, i - first > 1 ? "%u-%u" : "%u", first, i - 1);
            n++;
        }
    }
    if (n == 8) {
        buffer_puts(out, ", ...");
    }
}

/* ---- In words ----------------------------------------------------------- */

static void
put_time(uint64_t ns, struct buffer *out)
{
    time_t seconds = (time_t) (ns / 1000000000u);
    struct tm local;
    char text[16];

    localtime_r(&seconds, &local);
    strftime(text, sizeof text, "%H:%M:%S", &local);
    buffer_printf(out, "%s.%09u", text, (unsigned int) (ns % 1000000000u));
}

static bool
is_drop(const struct control_tap *record)
{
    return record->fate == FATE_DROPPED || record->fate == FATE_BROKEN
        || record->fate == FATE_NO_WAY || record->fate == FATE_REFUSED
        || record->fate == FATE_NO_PORT || record->fate == FATE_POLICY;
}

static bool
is_hook(const struct control_tap *record)
{
    return record->point != TAP_RX && record->point != TAP_FORWARD
        && record->point != TAP_TX;
}

static const char *
side_of(const struct control_tap *record)
{
    static const char *const names[TAP_POINTS] = {
        "arrival", "ingress", "ingress", "forward", "egress", "egress",
        "out",
    };

    return record->point < TAP_POINTS ? names[record->point] : "?";
}

static void
put_step(struct stories *stories, const struct story *story, size_t index,
         struct buffer *out)
{
    const struct step *step = &story->steps[index];
    const struct control_tap *record = &step->record;
    const struct step *then = before(story, index);
    BUFFER_AUTO struct buffer changes = BUFFER_INIT;

    buffer_printf(out, "  %-8s %-14s ", side_of(record), is_hook(record)
                  ? names_extension(stories->names, record)
                  : record->point == TAP_FORWARD ? ""
                  : names_port(stories->names, names_port_of(record)));
    if (record->point == TAP_RX && record->fate == FATE_PASSED) {
        buffer_printf(out, "%u bytes", record->length);
    } else {
        names_put_fate(stories->names, record, out);
    }
    if (record->point == TAP_FORWARD && record->out_port != XVS_PORT_NONE) {
        buffer_printf(out, ": %s",
                      names_port(stories->names, record->out_port));
    }
    if (record->point == TAP_EGRESS_AFTER) {
        buffer_printf(out, ", on the way to %s",
                      names_port(stories->names, record->out_port));
    }
    if (is_hook(record)) {
        buffer_printf(out, ", %u ns", record->spent);
    }
    if (then) {
        put_changes(then, step, &changes);
    }
    if (changes.size) {
        buffer_printf(out, ", changed: %s", buffer_string(&changes));
    }
    buffer_putc(out, '\n');
}

/* "sent to b, c; dropped by acl: denied by a rule" */
static void
put_end(struct stories *stories, const struct story *story,
        struct buffer *out)
{
    size_t n_sent = 0, n_dropped = 0;

    for (size_t i = 0; i < story->n; i++) {
        const struct control_tap *record = &story->steps[i].record;

        if (record->fate == FATE_SENT) {
            buffer_puts(out, n_sent++ ? ", " : "sent to ");
            buffer_puts(out, names_port(stories->names, record->out_port));
        }
    }
    for (size_t i = 0; i < story->n; i++) {
        const struct control_tap *record = &story->steps[i].record;

        if (is_drop(record)) {
            buffer_puts(out, n_sent || n_dropped++ ? "; " : "");
            if (is_hook(record)) {
                buffer_printf(out, "%s ",
                              names_extension(stories->names, record));
            }
            names_put_fate(stories->names, record, out);
            if (record->point > TAP_FORWARD) {
                buffer_printf(out, " (to %s)",
                              names_port(stories->names, record->out_port));
            }
        }
    }
    if (out->size == 0) {
        buffer_puts(out, "its end was not recorded");
    }
}

static void
put_words(struct stories *stories, const struct story *story,
          struct buffer *out)
{
    BUFFER_AUTO struct buffer fate = BUFFER_INIT;
    const struct step *first = &story->steps[0];

    put_time(first->record.time, out);
    buffer_printf(out, " %s ",
                  names_port(stories->names, first->record.in_port));
    frame_put_text(first->frame, first->record.size, out);
    buffer_putc(out, '\n');
    for (size_t i = 0; i < story->n; i++) {
        put_step(stories, story, i, out);
    }
    put_end(stories, story, &fate);
    buffer_printf(out, "  = %s\n", buffer_string(&fate));
}

/* ---- As JSON ------------------------------------------------------------ */

static void
put_json_text(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "\"%s\": ", name);
    json_out_text(text, out);
}

static void
put_json_step(struct stories *stories, const struct story *story,
              size_t index, struct buffer *out)
{
    const struct step *step = &story->steps[index];
    const struct control_tap *record = &step->record;
    const struct step *then = before(story, index);
    BUFFER_AUTO struct buffer point = BUFFER_INIT;
    BUFFER_AUTO struct buffer fate = BUFFER_INIT;
    BUFFER_AUTO struct buffer changes = BUFFER_INIT;

    names_put_point(stories->names, record, &point);
    names_put_fate(stories->names, record, &fate);
    put_json_text(out, "Point", buffer_string(&point));
    put_json_text((buffer_puts(out, ", "), out), "Verdict",
                  buffer_string(&fate));
    buffer_printf(out, ", \"Time\": %llu, \"Length\": %u",
                  (unsigned long long) record->time, record->length);
    if (is_drop(record)) {
        buffer_puts(out, ", \"Dropped\": true");
    }
    if (record->point >= TAP_FORWARD && record->out_port != XVS_PORT_NONE) {
        buffer_puts(out, ", ");
        put_json_text(out, "OutPort",
                      names_port(stories->names, record->out_port));
    }
    if (is_hook(record)) {
        buffer_printf(out, ", \"Nanoseconds\": %u, \"Burst\": %u",
                      record->spent, record->burst);
    }
    if (then) {
        put_changes(then, step, &changes);
    }
    if (changes.size) {
        buffer_puts(out, ", ");
        put_json_text(out, "Changed", buffer_string(&changes));
    }
}

static void
put_json(struct stories *stories, const struct story *story,
         struct buffer *out)
{
    const struct step *first = &story->steps[0];
    BUFFER_AUTO struct buffer frame = BUFFER_INIT;
    BUFFER_AUTO struct buffer fate = BUFFER_INIT;

    frame_put_text(first->frame, first->record.size, &frame);
    put_end(stories, story, &fate);
    buffer_printf(out, "{\"Serial\": \"%llx\", \"Time\": %llu, ",
                  (unsigned long long) story->serial,
                  (unsigned long long) first->record.time);
    put_json_text(out, "InPort",
                  names_port(stories->names, first->record.in_port));
    put_json_text((buffer_puts(out, ", "), out), "Packet",
                  buffer_string(&frame));
    buffer_puts(out, ", \"Steps\": [");
    for (size_t i = 0; i < story->n; i++) {
        buffer_puts(out, i ? ", {" : "{");
        put_json_step(stories, story, i, out);
        buffer_putc(out, '}');
    }
    buffer_puts(out, "], ");
    put_json_text(out, "Fate", buffer_string(&fate));
    buffer_puts(out, "}\n");
}

/* ---- Telling ------------------------------------------------------------ */

static void
tell(struct stories *stories, struct story *story)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    (stories->json ? put_json : put_words)(stories, story, &text);
    stories->call(stories->arg, buffer_string(&text));
    stories->told++;
    for (size_t i = 0; i < story->n; i++) {
        free(story->steps[i].frame);
    }
    free(story->steps);
}

/* Tells all of the worker that are not of this burst. */
static void
tell_older(struct stories *stories, uint64_t serial)
{
    size_t kept = 0;

    for (size_t i = 0; i < stories->n; i++) {
        struct story *one = &stories->open[i];

        if (WORKER(one->serial) == WORKER(serial)
            && BURST(one->serial) != BURST(serial)) {
            tell(stories, one);
        } else {
            stories->open[kept++] = *one;
        }
    }
    stories->n = kept;
}

static struct story *
find(struct stories *stories, uint64_t serial)
{
    for (size_t i = stories->n; i-- > 0;) {
        if (stories->open[i].serial == serial) {
            return &stories->open[i];
        }
    }
    tell_older(stories, serial);
    mem_grow(&stories->open, &stories->capacity, stories->n,
             sizeof *stories->open);
    stories->open[stories->n] = (struct story) { .serial = serial };
    return &stories->open[stories->n++];
}

void
stories_add(struct stories *stories, const struct control_tap *record,
            const uint8_t *frame)
{
    struct story *story;

    if (record->point == TAP_INGRESS_BEFORE
        || record->point == TAP_EGRESS_BEFORE) {
        return;
    }
    story = find(stories, record->serial);
    mem_grow(&story->steps, &story->capacity, story->n, sizeof *story->steps);
    story->steps[story->n].record = *record;
    story->steps[story->n++].frame =
        record->size ? mem_dup(frame, record->size) : NULL;
}

void
stories_flush(struct stories *stories)
{
    for (size_t i = 0; i < stories->n; i++) {
        tell(stories, &stories->open[i]);
    }
    stories->n = 0;
}

uint64_t
stories_count(const struct stories *stories)
{
    return stories->told;
}

void
stories_end(struct stories *stories)
{
    stories_flush(stories);
    free(stories->open);
    free(stories);
}
