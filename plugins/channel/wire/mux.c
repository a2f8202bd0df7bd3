/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The life of a link: it begins, both ends greet each other, it breaks.
 *
 * A nonce is of one life of one end.  An end is up when it has got its own
 * nonce back: what comes behind that greeting was written by someone who read
 * it, so nothing that an earlier connection left on the way is taken for the
 * other end's.
 */

#include "mux-inside.h"

#include <stdlib.h>
#include <string.h>

const uint8_t mux_magic[MAGIC_SIZE] = "xvs-mux\n";

static void
no_mux(struct mux *mux, const char *reason)
{
    (void) mux;
    (void) reason;
}

static void
no_up(struct mux *mux, const struct mux_peer *peer)
{
    (void) mux;
    (void) peer;
}

static void
no_open(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    (void) mux;
    (void) port;
    mux_refuse(stream, MUX_FORBIDDEN, "nothing is served here");
}

static void
no_stream(struct mux_stream *stream)
{
    (void) stream;
}

static void
no_end(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    (void) stream;
    (void) code;
    (void) reason;
}

static void
no_pong(struct mux *mux, uint64_t value)
{
    (void) mux;
    (void) value;
}

static void
no_services(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    (void) mux;
    (void) ports;
    (void) n;
}

static const struct mux_events nothing = {
    no_up, no_mux, no_open, no_stream, no_end, no_stream, no_stream, no_end,
    no_pong, no_services
};

/* The next nonce (the finalizer is that of MurmurHash3, whose output does not
 * tell the seed to who sees one of them in a while); its tag is not 0. */
static uint64_t
new_nonce(struct mux *mux)
{
    uint64_t z;

    do {
        z = mux->config.seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 33) * UINT64_C(0xff51afd7ed558ccd);
        z = (z ^ z >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
        z ^= z >> 33;
    } while ((uint32_t) z == 0);
    return z;
}

struct mux *
mux_create(const struct mux_config *config)
{
    struct mux *mux = calloc(1, sizeof(*mux));

    if (!mux) {
        return NULL;
    }
    mux->config = *config;
    mux->config.name[MUX_NAME - 1] = 0;
    if (mux->config.output < MUX_FRAME) {
        mux->config.output = OUT_DATA;
    }
    if (!config->events) {
        mux->config.events = &nothing;
    }
    ring_init(&mux->fresh_turns);
    ring_init(&mux->turns);
    ring_init(&mux->controls);
    return mux;
}

void
mux_destroy(struct mux *mux)
{
    if (mux) {
        mux_down(mux, "the link is given up");
        free(mux->table);
        free(mux->frame);
        free(mux->out);
        free(mux);
    }
}

void *
mux_owner(const struct mux *mux)
{
    return mux->config.owner;
}

void
mux_down(struct mux *mux, const char *reason)
{
    mux->started = mux->up = false;
    stream_remove_all(mux, MUX_GONE, reason);
    free(mux->services);
    mux->services = NULL;
    mux->due_hello = mux->due_ping = mux->due_pong = false;
    mux->out_start = mux->out_end = 0;
}

void
mux_start(struct mux *mux)
{
    mux_down(mux, "the link begins anew");
    mux->started = true;
    mux->broken = NULL;
    mux->nonce = new_nonce(mux);
    mux->peer_nonce = 0;
    mux->last_theirs = mux->config.odd ? 0 : UINT32_MAX;
    mux->last_ours = mux->config.odd ? UINT32_MAX : 0;
    input_start(mux);
    output_start(mux);
}

bool
mux_is_up(const struct mux *mux)
{
    return mux->up;
}

const char *
mux_broken(const struct mux *mux)
{
    return mux->broken;
}

void
mux_break(struct mux *mux, const char *reason)
{
    if (!mux->broken) {
        strncpy(mux->why, reason, sizeof(mux->why) - 1);
        mux->broken = mux->why;
    }
}

void
mux_text(char *to, size_t size, const uint8_t *from, size_t n)
{
    size_t i;

    for (i = 0; i < n && i + 1 < size && from[i]; i++) {
        to[i] = from[i] >= ' ' && from[i] <= '~' ? (char) from[i] : '?';
    }
    to[i] = 0;
}

static void
begin_anew(struct mux *mux)
{
    static const char reason[] = "the other end began anew";

    mux->up = false;
    stream_remove_all(mux, MUX_GONE, reason);
    free(mux->services);
    mux->services = NULL;
    mux->due_ping = mux->due_pong = false;
    mux->last_theirs = mux->config.odd ? 0 : UINT32_MAX;
    mux->last_ours = mux->config.odd ? UINT32_MAX : 0;
    mux->config.events->down(mux, reason);
}

/* The other end has read our greeting of this life. */
static void
come_up(struct mux *mux, uint64_t nonce)
{
    if (mux->up) {
        begin_anew(mux);
    }
    mux->due_hello = mux->due_hello || nonce != mux->peer_nonce;
    mux->peer_nonce = nonce;
    mux->up = true;
    input_start(mux);
    mux->config.events->up(mux, &mux->peer);
}

/* It has just begun. */
static void
answer(struct mux *mux, uint64_t nonce)
{
    if (mux->up) {
        begin_anew(mux);
        mux->nonce = new_nonce(mux);
        input_start(mux);
    }
    mux->peer_nonce = nonce;
    mux->due_hello = true;
}

static void
learn(struct mux_peer *peer, const uint8_t *hello)
{
    peer->version = get16(hello + 8);
    peer->streams = get32(hello + 12);
    peer->window = get32(hello + 16);
    mux_text(peer->name, sizeof(peer->name), hello + 40, MUX_NAME);
}

void
mux_greeted(struct mux *mux, const uint8_t *hello)
{
    uint64_t nonce = get64(hello + 24), echo = get64(hello + 32);

    if (echo != 0 && echo != mux->nonce) {
        return;     /* An answer to someone who has gone. */
    }
    if (echo == mux->nonce && mux->up && nonce == mux->peer_nonce) {
        return;
    }
    learn(&mux->peer, hello);
    if (mux->peer.version < MUX_VERSION || mux->peer.window > INT32_MAX) {
        mux_break(mux, "the other end's greeting makes no sense");
    } else if (echo == 0) {
        answer(mux, nonce);
    } else {
        come_up(mux, nonce);
    }
}

void
mux_sweep(struct mux *mux)
{
    for (uint32_t i = 0; i < mux->n_places; i++) {
        for (struct mux_stream *next, *stream = mux->table[i]; stream;
             stream = next) {
            next = stream->chain;
            if (stream->is & IS_STALE && !stream->due) {
                stream_give_up(stream, DUE_RESET, MUX_GONE, NULL);
            } else if (stream->is & IS_LEFT) {
                stream->is |= IS_STALE;
            }
        }
    }
    if (mux->out && mux->out_start == mux->out_end) {
        free(mux->out);
        mux->out = NULL;
    }
    if (mux->frame && mux->n_frame == 0) {
        free(mux->frame);
        mux->frame = NULL;
    }
}

unsigned int
mux_streams(const struct mux *mux)
{
    return mux->n_streams - mux->n_left;
}

void
mux_ping(struct mux *mux, uint64_t value)
{
    if (mux->up) {
        mux->ping = value;
        mux->due_ping = true;
    }
}

bool
mux_services(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    uint8_t *services;

    if (!mux->up || n > MUX_PORTS) {
        return false;
    }
    services = malloc(2 * (size_t) n + 1);
    if (!services) {
        return false;
    }
    for (unsigned int i = 0; i < n; i++) {
        put16(services + 2 * (size_t) i, ports[i]);
    }
    free(mux->services);
    mux->services = services;
    mux->n_services = 2 * n;
    return true;
}
