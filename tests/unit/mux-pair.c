/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See mux-pair.h.
 */

#include <config.h>

#include "mux-pair.h"

#include <stdlib.h>
#include <string.h>

struct pair pair;

uint32_t
pair_random(uint32_t n)
{
    pair.random = pair.random * UINT64_C(6364136223846793005)
        + UINT64_C(1442695040888963407);
    return (uint32_t) (pair.random >> 33) % n;
}

static struct end *
end_of(struct mux *mux)
{
    return mux_owner(mux);
}

static bool
is_host(const struct end *end)
{
    return end == &pair.host;
}

static uint8_t
byte_of(const struct talk *talk, bool of_host, uint32_t at)
{
    uint32_t x = at + talk->port * 7919u + of_host * 104729u
        + pair.host.salt * 31u;

    return (uint8_t) ((x * 2654435761u) >> 24);
}

static void
on_up(struct mux *mux, const struct mux_peer *peer)
{
    end_of(mux)->n_up++;
    end_of(mux)->peer = *peer;
}

static void
on_down(struct mux *mux, const char *reason)
{
    end_of(mux)->n_down++;
    strcpy(end_of(mux)->reason, reason);
}

/* Port 0 is for nobody. */
static void
on_open(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    struct talk *talk = &end_of(mux)->talks[port % PAIR_PORTS];

    if (port == 0 || port >= PAIR_PORTS) {
        mux_refuse(stream, port == 0 ? MUX_NOBODY : MUX_FORBIDDEN, "not here");
    } else {
        *talk = (struct talk) { .stream = stream, .port = port,
                                .opened = true };
        mux_accept(stream, talk);
        mux_wish(stream, true);
    }
}

static void
on_opened(struct mux_stream *stream)
{
    struct talk *talk = mux_stream_owner(stream);

    talk->opened = true;
    mux_wish(stream, true);
}

static void
on_refused(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    struct talk *talk = mux_stream_owner(stream);
    struct end *end = end_of(mux_stream_mux(stream));

    talk->refused = true;
    talk->stream = NULL;
    strcpy(end->reason, reason);
    end->reason[0] = (char) ('0' + code);
}

static void
on_reset(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    struct talk *talk = mux_stream_owner(stream);
    struct end *end = end_of(mux_stream_mux(stream));

    if (talk) {
        talk->reset = true;
        talk->stream = NULL;
    }
    strcpy(end->reason, reason);
    if (reason[0]) {
        end->reason[0] = (char) ('0' + code);
    }
}

static void
receive(struct end *end, struct talk *talk, size_t most)
{
    uint8_t bytes[32768];
    size_t n = mux_read(talk->stream, bytes,
                        most < sizeof(bytes) ? most : sizeof(bytes));

    for (size_t i = 0; i < n; i++) {
        talk->wrong = talk->wrong
            || bytes[i] != byte_of(talk, !is_host(end), talk->received);
        talk->received++;
    }
    talk->ended = talk->ended || mux_at_end(talk->stream);
}

/* Gives the stream up once both ways have ended. */
static void
close_ended(struct talk *talk)
{
    if (talk->stream && talk->ended && talk->finished) {
        mux_close(talk->stream, false);
        talk->stream = NULL;
    }
}

static void
on_readable(struct mux_stream *stream)
{
    struct talk *talk = mux_stream_owner(stream);

    if (!pair.deaf && pair_random(3) > 0) {
        receive(end_of(mux_stream_mux(stream)), talk, 1 + pair_random(20000));
        close_ended(talk);
    }
}

static void
on_writable(struct mux_stream *stream)
{
    struct talk *talk = mux_stream_owner(stream);
    struct end *end = end_of(mux_stream_mux(stream));
    const struct plan *plan = &pair.plans[talk->port][!is_host(end)];
    uint32_t most = 1 + pair_random(20000), left = plan->size - talk->sent;
    uint8_t bytes[20000];

    most = most < left ? most : left;
    for (uint32_t i = 0; i < most; i++) {
        bytes[i] = byte_of(talk, is_host(end), talk->sent + i);
    }
    talk->sent += (uint32_t) mux_write(stream, bytes, most);
    if (talk->sent < plan->size) {
        return;
    }
    if (plan->reset) {
        mux_close(stream, true);
        talk->stream = NULL;
        talk->reset = true;
    } else {
        mux_finish(stream);
        talk->finished = true;
        close_ended(talk);
    }
}

static void
on_pong(struct mux *mux, uint64_t value)
{
    end_of(mux)->n_pongs++;
    end_of(mux)->pong = value;
}

static void
on_services(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    end_of(mux)->n_ports = n;
    end_of(mux)->last_port = n > 0 ? ports[n - 1] : 0;
}

static const struct mux_events events = {
    on_up, on_down, on_open, on_opened, on_refused, on_readable, on_writable,
    on_reset, on_pong, on_services
};

static void
create_end(struct end *end, struct end *other, bool odd, uint32_t streams)
{
    struct mux_config config = { .odd = odd, .seed = pair.random + odd,
                                 .streams = streams, .window = 1 << 18,
                                 .budget = 1 << 20, .events = &events,
                                 .owner = end };

    strcpy(config.name, odd ? "host" : "guest");
    end->mux = mux_create(&config);
    end->other = other;
    mux_start(end->mux);
}

void
pair_create(uint64_t seed, uint32_t streams)
{
    memset(&pair, 0, sizeof(pair));
    pair.random = seed;
    create_end(&pair.host, &pair.guest, true, streams);
    create_end(&pair.guest, &pair.host, false, streams);
}

void
pair_destroy(void)
{
    mux_destroy(pair.host.mux);
    mux_destroy(pair.guest.mux);
    free(pair.host.way);
    free(pair.guest.way);
}

void
pair_write(struct end *end, size_t n)
{
    size_t size;
    const void *bytes = mux_output(end->mux, &size);

    n = n < size ? n : size;
    if (end->n_way + n > end->size_way) {
        end->size_way = 2 * (end->n_way + n);
        end->way = realloc(end->way, end->size_way);
    }
    if (n > 0) {
        memcpy(end->way + end->n_way, bytes, n);
        end->n_way += n;
        mux_sent(end->mux, n);
    }
}

void
pair_arrive(struct end *end, size_t n)
{
    uint8_t *exact;

    n = n < end->n_way ? n : end->n_way;
    if (n > 0) {
        exact = malloc(n);      /* So that ASan sees who reads beyond. */
        memcpy(exact, end->way, n);
        n = mux_input(end->other->mux, exact, n);
        free(exact);
        end->n_way -= n;
        memmove(end->way, end->way + n, end->n_way);
    }
}

void
pair_settle(void)
{
    for (int i = 0; i < 100; i++) {
        pair_write(&pair.host, SIZE_MAX);
        pair_write(&pair.guest, SIZE_MAX);
        pair_arrive(&pair.host, SIZE_MAX);
        pair_arrive(&pair.guest, SIZE_MAX);
    }
}

bool
pair_open(struct end *end, uint16_t port)
{
    struct talk *talk = &end->talks[port];

    *talk = (struct talk) { .port = port };
    talk->stream = mux_open(end->mux, port, talk);
    return talk->stream != NULL;
}

void
pair_serve(struct end *end)
{
    for (int i = 0; i < PAIR_PORTS; i++) {
        struct talk *talk = &end->talks[i];

        if (talk->stream && talk->opened && pair_random(2)) {
            receive(end, talk, 1 + pair_random(30000));
            close_ended(talk);
        }
        if (talk->stream && talk->opened && !talk->finished) {
            mux_wish(talk->stream, true);
        }
    }
}

bool
pair_over(uint16_t port)
{
    return !pair.host.talks[port].stream && !pair.guest.talks[port].stream;
}
