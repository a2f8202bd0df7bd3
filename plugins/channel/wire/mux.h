/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_WIRE_MUX_H
#define CHANNEL_WIRE_MUX_H

/*
 * One end of a link that carries thousands of streams over one: what comes in
 * is given to mux_input(), what is to go out is fetched with mux_output(); who
 * reads and writes, from what, is the owner's.  Both ends of the channel, the
 * extension and the agent in the guest, are made of this, so it needs nothing
 * but memory.  The bytes are described in doc/formats.md.
 *
 *                      mux_input()                mux_output(), mux_sent()
 *                          |                               ^
 *     streams <--- events, mux_read()          mux_write() in a turn
 *
 * A life of a link begins with mux_start() and is up once both ends know each
 * other's nonce.  Whatever the other end sends costs a bounded amount of
 * memory: what it may send of a stream's bytes is credit that it was given,
 * and how many streams it may open it was told.
 *
 * Nothing that goes out is kept for a stream: who has bytes wishes for a turn,
 * and in its turn (the event writable) it writes them, straight into what goes
 * out.  A stream that had nothing to say for a while comes before those that
 * always have, which come one after the other, a frame each; one that is alone
 * has many.
 *
 * Events may call anything here but mux_input(), mux_output(), mux_start(),
 * mux_down(), mux_sweep() and mux_destroy().  All is one thread's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
    MUX_VERSION = 1,
    MUX_FRAME = 16384,          /* bytes that a frame carries at most */
    MUX_WINDOW = 16384,         /* of a new stream; it grows with use */
    MUX_PIECES = 32,            /* of a stream's bytes that are told at once */
    MUX_NAME = 64,
    MUX_REASON = 120,           /* of texts for people, with their end */
    MUX_PORTS = 1024            /* that can be reported */
};

/* Why a stream was refused or reset. */
enum mux_code {
    MUX_GONE = 0,               /* whoever had it has given it up */
    MUX_NOBODY = 1,             /* nobody listens there */
    MUX_FORBIDDEN = 2,
    MUX_BUSY = 3,
    MUX_FAILED = 4,             /* anything else, as the text says */
    MUX_CHEATED = 5             /* more bytes than credit, or out of order */
};

struct mux;
struct mux_stream;

/* What the other end says of itself. */
struct mux_peer {
    uint16_t version;
    uint32_t streams;           /* that we may have open at it */
    uint32_t window;            /* first credit of each */
    char name[MUX_NAME];        /* printable */
};

struct mux_events {
    /* Streams can be opened from now on. */
    void (*up)(struct mux *mux, const struct mux_peer *peer);
    /* The other end has begun anew; its streams have been told already. */
    void (*down)(struct mux *mux, const char *reason);
    /* The other end opens one: answer, now or later, with mux_accept(),
     * mux_refuse() or mux_close(). */
    void (*open)(struct mux *mux, struct mux_stream *stream, uint16_t port);
    /* The answer to mux_open(); the refused stream has gone afterwards. */
    void (*opened)(struct mux_stream *stream);
    void (*refused)(struct mux_stream *stream, enum mux_code code,
                    const char *reason);
    /* mux_read() has something, or mux_at_end() is true.  What came of it in
     * one mux_input() is told at once, if nothing of others was between. */
    void (*readable)(struct mux_stream *stream);
    /* Its turn: mux_write() or mux_reserve() what there is.  Who writes
     * nothing has to wish again. */
    void (*writable)(struct mux_stream *stream);
    /* It has ended early, and has gone afterwards; one that was not answered
     * yet, too. */
    void (*reset)(struct mux_stream *stream, enum mux_code code,
                  const char *reason);
    void (*pong)(struct mux *mux, uint64_t value);
    /* Ports that the other end serves, as of now. */
    void (*services)(struct mux *mux, const uint16_t *ports, unsigned int n);
};

struct mux_config {
    bool odd;                   /* opens odd ids: the host's end */
    uint64_t seed;              /* random: nobody else can guess nonces */
    uint32_t streams;           /* that the other end may have open */
    uint32_t window;            /* to which a stream's window may grow */
    uint32_t budget;            /* to which all may grow beyond MUX_WINDOW */
    uint32_t output;            /* bytes that may wait to be sent when there is
                                 * a turn; 0: 64 KiB */
    char name[MUX_NAME];        /* who we are */
    const struct mux_events *events;    /* all of them; NULL: none cares */
    void *owner;
};

/* NULL: no memory. */
struct mux *mux_create(const struct mux_config *config);
void mux_destroy(struct mux *mux);
void *mux_owner(const struct mux *mux);

/* There is a new connection, or the old one is to begin anew. */
void mux_start(struct mux *mux);
/* There is none any more.  Streams are reset for that reason. */
void mux_down(struct mux *mux, const char *reason);
bool mux_is_up(const struct mux *mux);
/* Why it cannot go on, for people; NULL: it can. */
const char *mux_broken(const struct mux *mux);

/* Bytes that it took: fewer than 'size' when it broke behind them. */
size_t mux_input(struct mux *mux, const void *bytes, size_t size);
/* What is to be written now, after turns were given; *size may be 0. */
const void *mux_output(struct mux *mux, size_t *size);
/* So many of them have been. */
void mux_sent(struct mux *mux, size_t size);
/* Whether mux_output() is worth a call. */
bool mux_has_output(const struct mux *mux);

/* Asks; the event pong tells when it is answered, perhaps together with a
 * later one. */
void mux_ping(struct mux *mux, uint64_t value);
/* Reports ports, in this life.  False: too many, no memory. */
bool mux_services(struct mux *mux, const uint16_t *ports, unsigned int n);
/* Now and then: gives back memory that lies idle, and gives up streams that
 * were closed here before the last call and that the other end keeps open. */
void mux_sweep(struct mux *mux);
/* Streams whose owners live. */
unsigned int mux_streams(const struct mux *mux);

/* NULL: not up, no memory, or as many as there may be. */
struct mux_stream *mux_open(struct mux *mux, uint16_t port, void *owner);
void mux_accept(struct mux_stream *stream, void *owner);
/* The stream has gone; one that was accepted in the same event can be. */
void mux_refuse(struct mux_stream *stream, enum mux_code code,
                const char *reason);
/* Whose it is, when it is neither opened nor accepted yet. */
void mux_stream_own(struct mux_stream *stream, void *owner);
void *mux_stream_owner(const struct mux_stream *stream);
struct mux *mux_stream_mux(const struct mux_stream *stream);

/* Bytes that were read; 0: there are none now. */
size_t mux_read(struct mux_stream *stream, void *bytes, size_t size);
/* The same without a copy: what is there, in up to n pieces, and how many they
 * are; then how much of it was taken. */
unsigned int mux_peek(const struct mux_stream *stream, struct iovec *pieces,
                      unsigned int n);
void mux_take(struct mux_stream *stream, size_t size);
/* The other end has finished, and all was read. */
bool mux_at_end(const struct mux_stream *stream);

/* Bytes that were taken: out of turn 0 when others wait. */
size_t mux_write(struct mux_stream *stream, const void *bytes, size_t size);
/* The same without a copy: up to n pieces in which bytes can be put, one after
 * the other, and how many there are (0: not now); then how many bytes were.
 * Nothing else is called between the two. */
unsigned int mux_reserve(struct mux_stream *stream, struct iovec *pieces,
                         unsigned int n);
void mux_commit(struct mux_stream *stream, size_t size);
/* Whether it wishes for a turn; it comes when there is credit and room. */
void mux_wish(struct mux_stream *stream, bool wishes);
/* Nothing more will be written. */
void mux_finish(struct mux_stream *stream);
/* Gives it up; 'reset': at once, and the other end is told so. */
void mux_close(struct mux_stream *stream, bool reset);

#endif
