/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See history.h.  Each flow is a row of numbers: one that is behind the
 * highest was missing until now, which makes it late, or comes again.
 */

#include <config.h>

#include "matrix/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "matrix/matrix.h"

#define GAP 1024u               /* missing numbers that are remembered */
#define SHOWN 8u                /* damaged frames that are shown */

/* More bytes of a frame. */
enum { FLOW = 24, NUMBER = 28, REST = 36 };

struct flow {
    uint64_t next;              /* behind the highest number that came */
    uint64_t gaps[GAP];         /* numbers that are missing, + 1 */
};

struct history {
    struct flow flows[HISTORY_FLOWS];
    uint32_t n_shown;
};

const uint8_t history_head[14] = { 2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a,
                                   0x88, 0xb6 };

/* ---- Frames --------------------------------------------------------------- */

static uint32_t
size_of(uint32_t flow, uint64_t number)
{
    return HISTORY_LEAST + (uint32_t) ((number * 37 + flow * 311)
                                       % (HISTORY_FRAME - HISTORY_LEAST));
}

/* Bytes that count up, from any one on. */
static const uint8_t *
bytes_from(uint8_t first)
{
    static uint8_t bytes[256 + HISTORY_FRAME];

    for (uint32_t i = 0; !bytes[1] && i < sizeof bytes; i++) {
        bytes[i] = (uint8_t) i;
    }
    return bytes + first;
}

uint32_t
history_fill(uint8_t *frame, uint32_t flow, uint64_t number)
{
    uint32_t size = size_of(flow, number);

    memcpy(frame, history_head, sizeof history_head);
    memset(frame + sizeof history_head, 0, FLOW - sizeof history_head);
    memcpy(frame + FLOW, &flow, sizeof flow);
    memcpy(frame + NUMBER, &number, sizeof number);
    memcpy(frame + REST, bytes_from((uint8_t) (flow * 31 + number * 7 + REST)),
           size - REST);
    return size;
}

/* ---- What comes ----------------------------------------------------------- */

struct history *
history_create(void)
{
    return mem_zalloc(sizeof(struct history));
}

void
history_destroy(struct history *history)
{
    free(history);
}

/* A number below the highest: it was missing, or comes again. */
static bool
was_missing(struct flow *flow, uint64_t number)
{
    uint64_t *gap = &flow->gaps[number % GAP];

    if (*gap != number + 1) {
        return false;
    }
    *gap = 0;
    return true;
}

static void
note(struct ledger *ledger, struct flow *flow, uint64_t number)
{
    if (number < flow->next) {
        if (was_missing(flow, number)) {
            ledger->late++;
            ledger->missing--;
        } else {
            ledger->doubled++;
        }
        return;
    }
    for (; flow->next < number; flow->next++) {
        flow->gaps[flow->next % GAP] = flow->next + 1;
        ledger->missing++;
    }
    flow->next = number + 1;
}

/* As it has to come; returns its size. */
static uint32_t
expect(uint8_t *frame, uint32_t flow, uint64_t number)
{
    uint32_t size = history_fill(frame, flow, number);

    memset(frame + HISTORY_COUNTS, 1, STAGES);
    frame[size - 1] = (uint8_t) (frame[size - 1] + STAGES);
    return size;
}

/* What is wrong with the first damaged frames. */
static void
show(struct history *history, const uint8_t *frame, uint32_t size,
     uint32_t flow, uint64_t number)
{
    uint8_t sent[HISTORY_FRAME];
    uint32_t wanted = expect(sent, flow, number), at = 0;

    while (at < size && at < wanted && sent[at] == frame[at]) {
        at++;
    }
    if (history->n_shown++ < SHOWN) {
        fprintf(stderr, "matrix: frame %lu of flow %u has %u bytes, of %u;"
                " byte %u is %02x, of %02x; 14 to 20:", number, flow, size,
                wanted, at, at < size ? frame[at] : 0,
                at < wanted ? sent[at] : 0);
        for (int i = HISTORY_WHAT; i < HISTORY_COUNTS + STAGES + 1; i++) {
            fprintf(stderr, " %02x", frame[i]);
        }
        fputc('\n', stderr);
    }
}

uint32_t
history_source(const struct ledger *ledger, uint32_t flow)
{
    return flow * ledger->n_sources / HISTORY_FLOWS;
}

void
history_take(struct history *history, struct ledger *ledger,
             const uint8_t *frame, uint32_t size)
{
    uint8_t sent[HISTORY_FRAME];
    uint32_t flow, source = 0;
    uint64_t number;

    if (size < HISTORY_LEAST
        || memcmp(frame + HISTORY_TYPE, history_head + HISTORY_TYPE, 2)
               != 0) {
        return;
    }
    memcpy(&flow, frame + FLOW, sizeof flow);
    memcpy(&number, frame + NUMBER, sizeof number);
    if (flow >= HISTORY_FLOWS || size != expect(sent, flow, number)
        || memcmp(sent, frame, size) != 0) {
        show(history, frame, size, flow, number);
        ledger->damaged++;
    } else {
        note(ledger, &history->flows[flow], number);
        source = history_source(ledger, flow);
    }
    __atomic_store_n(&ledger->taken[source], ledger->taken[source] + 1,
                     __ATOMIC_RELEASE);
}
