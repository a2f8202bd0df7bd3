/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_WIRE_MUX_INSIDE_H
#define CHANNEL_WIRE_MUX_INSIDE_H

/*
 * What the files of mux.h share: mux.c has the life of a link and its
 * greeting, mux-input.c reads frames, mux-output.c makes them and gives turns,
 * mux-stream.c keeps streams and what they have not read.
 */

#include "mux.h"

enum {
    HEAD = 8,                   /* type, 0, length, stream */
    TAG = 4,
    HELLO_SIZE = 104,
    HELLO_FRAME = HEAD + HELLO_SIZE + TAG,
    MAGIC_SIZE = 8,
    BLOCK_SIZE = 4080,
    FULL_FRAME = HEAD + MUX_FRAME + TAG,
    OUT_DATA = 65536,           /* that may wait, if the owner says nothing */
    OUT_CONTROL = 8192,         /* beside data: what is due */
    WIDE = 1 << 18,             /* window, beyond which few streams get */
    GARBAGE_MAX = 8 << 20       /* bytes before a greeting */
};

enum frame_type {
    FRAME_PADDING, FRAME_HELLO, FRAME_OPEN, FRAME_OPENED, FRAME_REFUSED,
    FRAME_DATA, FRAME_FIN, FRAME_RESET, FRAME_CREDIT, FRAME_PING, FRAME_PONG,
    FRAME_SERVICES, FRAME_TYPES
};

/* A ring of what is to be done next; alone: points to itself. */
struct ring {
    struct ring *next, *previous;
};

/* Bytes that came and were not read. */
struct block {
    struct block *next;
    uint32_t start, end;
    uint8_t bytes[BLOCK_SIZE];
};

/* Frames that are to be sent for a stream. */
enum {
    DUE_OPEN = 0x01u, DUE_OPENED = 0x02u, DUE_REFUSED = 0x04u,
    DUE_CREDIT = 0x08u, DUE_FIN = 0x10u, DUE_RESET = 0x20u
};

/* What a stream is in. */
enum {
    IS_OPEN = 0x01u,            /* both ends have said so */
    IS_FINISHED = 0x02u,        /* by us */
    IS_ENDED = 0x04u,           /* by the other end */
    IS_LEFT = 0x08u,            /* its owner has given it up */
    IS_STALE = 0x10u,           /* left, and there since the last sweep */
    IS_OURS = 0x20u,            /* opened from here */
    IS_WISHING = 0x40u
};

struct mux_stream {
    struct ring turn, control;  /* in a ring of the mux, or alone */
    struct mux *mux;
    struct mux_stream *chain;   /* the next one of the hash table's place */
    void *owner;
    struct block *first, *last; /* what was not read */
    char *reason;               /* of what is due, or NULL */
    uint32_t id;
    uint32_t credit;            /* bytes that may be sent */
    uint32_t window;
    uint32_t held;              /* of it: unread, or the other end's credit */
    uint32_t unread;            /* of held: what came */
    uint16_t port;
    uint8_t due, is, code;
};

struct mux {
    struct mux_config config;
    struct mux_peer peer;
    uint64_t nonce, peer_nonce; /* of this life; 0: unknown */
    bool started, up;
    const char *broken;
    char why[MUX_REASON];       /* what 'broken' points to */

    struct mux_stream **table;  /* by id */
    uint32_t n_places, n_streams;   /* places: a power of two */
    uint32_t n_theirs, n_ours, n_left;
    uint32_t last_theirs, last_ours;    /* ids */
    uint64_t budget_used;

    uint8_t *frame;             /* begun: of a frame, or of a greeting */
    uint32_t n_frame;
    uint32_t garbage;           /* bytes before the greeting */
    struct mux_stream *gathered;    /* to be told of what is in 'fresh' */
    struct iovec fresh[MUX_PIECES]; /* of it or 'current': not in its blocks */
    uint32_t first_fresh, n_fresh;
    struct mux_stream *current; /* of the event that runs, if it still is */

    uint8_t *out;
    uint32_t out_start, out_end;
    struct ring fresh_turns, turns, controls;
    struct mux_stream *turn;    /* whose turn it is, if any's */
    uint32_t allowance;         /* bytes of that turn */
    bool wrote;                 /* some of them, in that turn */
    bool cramped;               /* there was no room to write in it */
    bool due_hello, due_ping, due_pong;
    uint64_t ping, pong;
    uint8_t *services;          /* as they are sent; NULL: not due */
    uint32_t n_services;        /* bytes of it */
};

static inline uint16_t
get16(const uint8_t *p)
{
    return (uint16_t) (p[0] | p[1] << 8);
}

static inline uint32_t
get32(const uint8_t *p)
{
    return get16(p) | (uint32_t) get16(p + 2) << 16;
}

static inline uint64_t
get64(const uint8_t *p)
{
    return get32(p) | (uint64_t) get32(p + 4) << 32;
}

static inline void
put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t) value;
    p[1] = (uint8_t) (value >> 8);
}

static inline void
put32(uint8_t *p, uint32_t value)
{
    put16(p, (uint16_t) value);
    put16(p + 2, (uint16_t) (value >> 16));
}

static inline void
put64(uint8_t *p, uint64_t value)
{
    put32(p, (uint32_t) value);
    put32(p + 4, (uint32_t) (value >> 32));
}

static inline void
ring_init(struct ring *ring)
{
    ring->next = ring->previous = ring;
}

static inline bool
ring_alone(const struct ring *ring)
{
    return ring->next == ring;
}

static inline void
ring_leave(struct ring *ring)
{
    ring->next->previous = ring->previous;
    ring->previous->next = ring->next;
    ring_init(ring);
}

/* At the end of it. */
static inline void
ring_join(struct ring *all, struct ring *one)
{
    one->previous = all->previous;
    one->next = all;
    all->previous->next = one;
    all->previous = one;
}

extern const uint8_t mux_magic[MAGIC_SIZE];

/* mux.c: ends what can be understood of this connection. */
void mux_break(struct mux *mux, const char *reason);
/* A whole greeting came. */
void mux_greeted(struct mux *mux, const uint8_t *hello);
/* Text of the other end's, for people; ends with 0. */
void mux_text(char *to, size_t size, const uint8_t *from, size_t n);

/* mux-stream.c */
struct mux_stream *stream_find(const struct mux *mux, uint32_t id);
/* NULL: no memory. */
struct mux_stream *stream_add(struct mux *mux, uint32_t id, uint16_t port);
void stream_remove(struct mux_stream *stream);
/* All of them, whose owners are told. */
void stream_remove_all(struct mux *mux, enum mux_code code,
                       const char *reason);
/* Keeps what is fresh until it is read.  False: no memory. */
bool stream_keep_fresh(struct mux_stream *stream);
void stream_drop_unread(struct mux_stream *stream);
/* Is due with this reason, and left. */
void stream_give_up(struct mux_stream *stream, unsigned int due,
                    enum mux_code code, const char *reason);

/* mux-output.c */
void stream_due(struct mux_stream *stream, unsigned int due);
/* Queues for a turn when it wishes and may; fresh: it has paused, and not for
 * want of credit. */
void stream_queue(struct mux_stream *stream, bool is_fresh);
/* A new connection: nothing of the old one, all of a frame that was cut. */
void output_start(struct mux *mux);

/* mux-input.c: what has been begun of a frame is none any more. */
void input_start(struct mux *mux);

#endif
