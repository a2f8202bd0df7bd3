/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A guest that sends anything to the host's end of a link, or a host to an
 * agent's: the first byte says which.  The rest of the input is a list of what
 * happens: bytes as they are, frames with the right tag (so that what is behind
 * it is tried, too), greetings, and what owners of streams do.  Whatever comes,
 * what is kept of a stream is within its window, and what waits to be sent
 * within its place.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mux-inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STREAMS = 8, OWNED = 64 };

struct input {
    const uint8_t *at, *end;
    struct mux_stream *owned[OWNED];
};

static unsigned int
next(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static struct mux_stream **
place(struct input *input, const struct mux_stream *stream)
{
    for (int i = 0; i < OWNED; i++) {
        if (input->owned[i] == stream) {
            return &input->owned[i];
        }
    }
    return NULL;
}

static struct input *
input_of(struct mux_stream *stream)
{
    return mux_owner(mux_stream_mux(stream));
}

static void
forget(struct mux_stream *stream)
{
    struct mux_stream **at = place(input_of(stream), stream);

    if (at) {
        *at = NULL;
    }
}

/* What an owner does: one of a few things. */
static void
act(struct mux_stream *stream, unsigned int how)
{
    static uint8_t bytes[70000];

    if (how < 4) {
        mux_read(stream, bytes, how == 0 ? sizeof(bytes) : how * 100);
    } else if (how < 8) {
        mux_write(stream, bytes, how == 4 ? sizeof(bytes) : how * 100);
    } else if (how < 10) {
        mux_wish(stream, true);
    } else if (how == 10) {
        mux_finish(stream);
    } else if (how < 13) {
        forget(stream);
        mux_close(stream, how == 11);
    }
}

static void
on_mux(struct mux *mux, const char *reason)
{
    (void) mux;
    (void) strlen(reason);
}

static void
on_up(struct mux *mux, const struct mux_peer *peer)
{
    (void) mux;
    (void) strlen(peer->name);
}

static void
on_open(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    struct mux_stream **at = place(mux_owner(mux), NULL);

    if (port % 4 == 0 || !at) {
        mux_refuse(stream, MUX_NOBODY, "no");
    } else if (port % 4 == 1) {
        mux_close(stream, false);
    } else {
        *at = stream;
        mux_accept(stream, mux);
        mux_wish(stream, port % 4 == 2);
    }
}

static void
on_stream(struct mux_stream *stream)
{
    act(stream, next(input_of(stream)) % 16);
}

static void
on_end(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    (void) code;
    (void) strlen(reason);
    forget(stream);
}

static void
on_pong(struct mux *mux, uint64_t value)
{
    (void) mux;
    (void) value;
}

static void
on_services(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    (void) mux;
    if (n > 0 && ports[n - 1] == 4711) {
        mux_ping(mux, 1);
    }
}

static const struct mux_events events = {
    on_up, on_mux, on_open, on_stream, on_end, on_stream, on_stream, on_end,
    on_pong, on_services
};

static void
feed(struct mux *mux, const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n + !n);

    memcpy(exact, bytes, n);
    if (mux_input(mux, exact, n) > n) {
        abort();
    }
    free(exact);
}

/* In two pieces, of which the first has 'cut' bytes; 0: in one. */
static void
frame(struct mux *mux, struct input *input, size_t cut)
{
    static uint8_t bytes[HEAD + MUX_FRAME + TAG];
    size_t left;
    uint32_t n;

    bytes[0] = (uint8_t) (next(input) % (FRAME_TYPES + 1));
    put32(bytes + 4, next(input));
    n = next(input);
    left = (size_t) (input->end - input->at);
    if (n < 250 || !mux_is_up(mux)) {
        left = left < n ? left : n;
        memcpy(bytes + HEAD, input->at, left);
        input->at += left;
    } else {
        n = (n - 249) * 2730;   /* of whatever is there */
    }
    put16(bytes + 2, (uint16_t) n);
    put32(bytes + HEAD + n, (uint32_t) mux->nonce);
    n += HEAD + TAG;
    cut = cut < n ? cut : n;
    if (cut) {
        feed(mux, bytes, cut);
    }
    feed(mux, bytes + cut, n - cut);
}

static void
greet(struct mux *mux, unsigned int how)
{
    uint8_t bytes[HELLO_FRAME] = { FRAME_HELLO, 0, HELLO_SIZE };

    memcpy(bytes + HEAD, mux_magic, MAGIC_SIZE);
    put16(bytes + HEAD + 8, 1);
    put32(bytes + HEAD + 12, 5);
    put32(bytes + HEAD + 16, how % 4 * 10000);
    put64(bytes + HEAD + 24, 5 + how % 16 / 8);
    put64(bytes + HEAD + 32, how % 8 < 4 ? mux->nonce : 0);
    put32(bytes + HEAD + HELLO_SIZE, 5 + how % 16 / 8);
    feed(mux, bytes, sizeof(bytes));
}

static void
check(const struct mux *mux)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < mux->n_places; i++) {
        for (struct mux_stream *s = mux->table[i]; s; s = s->chain) {
            n++;
            if (s->unread > s->held || s->held > s->window) {
                abort();
            }
        }
    }
    if (n != mux->n_streams || n != mux->n_theirs + mux->n_ours
        || mux->n_theirs > 2 * STREAMS + 34
        || mux->out_end > mux->config.output + MUX_FRAME + OUT_CONTROL
        || mux->gathered || mux->budget_used > mux->config.budget) {
        abort();
    }
}

static void
happen(struct mux *mux, struct input *input)
{
    static const uint16_t ports[5] = { 22, 80 };
    unsigned int what = next(input), n = next(input);
    struct mux_stream **at = &input->owned[n % OWNED];
    size_t some = (size_t) (input->end - input->at);

    switch (what % 8) {
    case 0:
        some = some < n ? some : n;
        feed(mux, input->at, some);
        input->at += some;
        break;
    case 1:
        greet(mux, n);
        break;
    case 2:
        mux_output(mux, &some);
        mux_sent(mux, n > 200 || some < n * 100 ? some : n * 100);
        break;
    case 3:
        if (*at) {
            act(*at, next(input) % 16);
        } else if ((*at = mux_open(mux, (uint16_t) n, mux)) && n == 7) {
            mux_sweep(mux);
        }
        break;
    case 4:
        if (n == 77) {
            mux_start(mux);
        } else if (n >= 250) {
            mux_services(mux, ports, n - 250);
        }
        mux_sweep(mux);
        break;
    default:
        input->at--;
        frame(mux, input, what & 8 ? 1 + what / 16 : 0);
    }
}

/* Places for frames, which are too large to be made for each input. */
static uint8_t *out_place, *frame_place;

static struct mux *
begin(const struct mux_config *config)
{
    struct mux *mux = mux_create(config);

    if (mux) {
        mux->out = out_place;
        mux->frame = frame_place;
        mux_start(mux);
    }
    return mux;
}

static void
finish(struct mux *mux)
{
    mux_down(mux, "it is over");
    out_place = mux->out;
    frame_place = mux->frame;
    mux->out = mux->frame = NULL;
    mux_destroy(mux);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, data + size, { NULL } };
    struct mux_config config = { .odd = !(next(&input) & 1), .seed = 1,
                                 .streams = STREAMS,
                                 .window = 65536, .budget = 200000,
                                 .name = "host", .events = &events,
                                 .owner = &input };
    struct mux *mux = begin(&config);

    if (!mux) {
        return 0;
    }
    while (input.at < input.end && !mux_broken(mux)) {
        happen(mux, &input);
        check(mux);
    }
    finish(mux);
    return 0;
}
