/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The ends of the stream, as programs behind ports of driver pipe.  As
 * many frames are on their way as fit, so that every stage is busy at any
 * moment; none is lost for want of room in a ring, because no more are.  What
 * comes is judged by history.c.
 */

#include <config.h>

#include "matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xvs/pipe.h>

#include "base/loop.h"
#include "matrix/history.h"

#define WINDOW 448u             /* frames on their way, of all sources; a ring
                                 * has 512 slots */
#define BURST 32u
#define HELLO_MS 60000u         /* between two frames that say where we are */

static uint8_t memory[BURST][HISTORY_FRAME];
static struct xvs_pipe_frame frames[BURST];

static void
nap(long us)
{
    const struct timespec time = { 0, us * 1000 };

    nanosleep(&time, NULL);
}

static struct xvs_pipe *
open_pipe(const char *path)
{
    char why[200];
    struct xvs_pipe *pipe = xvs_pipe_open(path, 0, why, sizeof why);

    if (!pipe) {
        fprintf(stderr, "matrix: %s\n", why);
        _exit(3);
    }
    return pipe;
}

/* ---- Source --------------------------------------------------------------- */

static void
send_all(struct xvs_pipe *pipe, uint32_t n)
{
    for (uint32_t done = 0; done < n;) {
        done += xvs_pipe_send(pipe, frames + done, n - done);
        if (done < n && xvs_pipe_wait(pipe, 1) < 0) {
            _exit(3);
        }
    }
}

/* What a source sends. */
struct row {
    uint32_t first, n;          /* flows */
    uint64_t next;              /* frame */
};

/* Frames of the burst 'n': numbered ones, and the one that does harm. */
static void
make(struct row *row, uint32_t n, uint32_t order, uint32_t at)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size;

        if (order && i == at) {
            size = history_fill(memory[i], 0, 0);
            memory[i][HISTORY_WHAT] = (uint8_t) (order >> 8);
            memory[i][HISTORY_WHEN] = (uint8_t) order;
        } else {
            size = history_fill(memory[i], row->first
                                + (uint32_t) (row->next % row->n),
                                row->next / row->n);
            row->next++;
        }
        frames[i] = (struct xvs_pipe_frame) { .data = memory[i],
                                              .size = size };
    }
}

/* What floods to us. */
static void
drain(struct xvs_pipe *pipe)
{
    static uint8_t room[BURST][HISTORY_FRAME];
    struct xvs_pipe_frame none[BURST];

    for (uint32_t i = 0; i < BURST; i++) {
        none[i] = (struct xvs_pipe_frame) { .data = room[i],
                                            .size = HISTORY_FRAME };
    }
    xvs_pipe_receive(pipe, none, BURST);
    if (xvs_pipe_wait(pipe, 0) < 0) {
        _exit(3);
    }
}

/* Frames that may be sent now, at most a burst. */
static uint32_t
allowance(const struct ledger *ledger, uint32_t which, uint64_t next,
          uint32_t rest)
{
    uint64_t left = WINDOW / ledger->n_sources - (next
        - __atomic_load_n(&ledger->taken[which], __ATOMIC_ACQUIRE));

    return rest ? 0 : left < BURST ? (uint32_t) left : BURST;
}

void
stream_source(const char *path, struct ledger *ledger, uint32_t which,
              uint32_t seed)
{
    struct xvs_pipe *pipe = open_pipe(path);
    struct row row = { .n = HISTORY_FLOWS / ledger->n_sources };

    row.first = which * row.n;
    for (;;) {
        uint32_t rest = __atomic_load_n(&ledger->rest, __ATOMIC_SEQ_CST);
        uint32_t order = __atomic_exchange_n(&ledger->sources[which].order, 0,
                                             __ATOMIC_SEQ_CST);
        uint32_t most = allowance(ledger, which, row.next, rest);
        uint32_t n = most ? 1 + (uint32_t) rand_r(&seed) % most : !!order;

        __atomic_store_n(&ledger->sources[which].rests, rest,
                         __ATOMIC_SEQ_CST);
        if (n) {
            make(&row, n, order, (uint32_t) rand_r(&seed) % n);
            /* Nobody takes what was not sent. */
            __atomic_store_n(&ledger->sources[which].sent, row.next,
                             __ATOMIC_SEQ_CST);
            send_all(pipe, n);
            if (ledger->pause_us) {
                nap(ledger->pause_us);
            }
        } else {
            drain(pipe);
            nap(rest ? 1000 : 50);
        }
    }
}

/* ---- Sink ----------------------------------------------------------------- */

/* So that frames for us come to us alone. */
static void
say_hello(struct xvs_pipe *pipe)
{
    static uint8_t hello[64];
    struct xvs_pipe_frame frame = { .data = hello, .size = sizeof hello };

    memcpy(hello, history_head + 6, 6);
    memcpy(hello + 6, history_head, 6);
    hello[12] = 0x88;
    hello[13] = 0xb5;
    xvs_pipe_send(pipe, &frame, 1);
}

void
stream_sink(const char *path, struct ledger *ledger)
{
    struct xvs_pipe *pipe = open_pipe(path);
    struct history *history = history_create();
    uint64_t said = 0;

    for (;;) {
        uint32_t n;

        if (loop_now_ms() - said > HELLO_MS) {
            said = loop_now_ms();
            say_hello(pipe);
        }
        if (xvs_pipe_wait(pipe, 100) < 0) {
            _exit(3);
        }
        for (uint32_t i = 0; i < BURST; i++) {
            frames[i] = (struct xvs_pipe_frame) { .data = memory[i],
                                                  .size = HISTORY_FRAME };
        }
        n = xvs_pipe_receive(pipe, frames, BURST);
        for (uint32_t i = 0; i < n; i++) {
            history_take(history, ledger, memory[i], frames[i].size);
        }
    }
}
