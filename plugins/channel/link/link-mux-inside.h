/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LINK_MUX_INSIDE_H
#define CHANNEL_LINK_MUX_INSIDE_H

/*
 * What the files of link-mux.h share: link-mux.c has the connection,
 * link-mux-io.c its bytes, link-mux-dial.c dials that are under way,
 * link-mux-side.c streams.
 */

#include <sys/epoll.h>

#include "link/link-mux.h"
#include "mux.h"

enum phase {
    PHASE_PAUSE,                /* until it is tried again */
    PHASE_WISH,                 /* a socket was asked for */
    PHASE_LINE,                 /* hybrid vsock has not said OK yet */
    PHASE_GREETING,             /* the agent has not answered yet */
    PHASE_UP
};

struct mux_link {
    struct link link;           /* first */
    struct link_mux_config config;
    struct mux *mux;
    struct link_wish wish;
    struct watch watch;         /* its fd: -1, none */
    struct alarm alarm;         /* of the phase */
    enum phase phase;
    bool readable, writable;    /* as far as we know */
    bool ended;                 /* what can be read has an end by now */
    bool silent;                /* it has not answered in time */
    uint64_t pause;             /* ns, before the next try */
    uint64_t heard;             /* when something came */
    uint64_t begun;             /* when the greeting was sent */
    struct pending *pending;    /* dials */
    uint16_t ports[MUX_PORTS];  /* the agent's */
    unsigned int n_ports;
};

static inline struct mux_link *
of_link(struct link *link)
{
    return (struct mux_link *) (void *) link;
}

/* link-mux.c: what goes out is written soon. */
void link_mux_flush(struct mux_link *link);
/* The socket leads to the agent now. */
void link_mux_greet(struct mux_link *link);
/* The connection is of no use any more. */
void link_mux_broke(struct mux_link *link, const char *reason);

/* link-mux-io.c */
#define LINK_MUX_INPUT ((uint32_t) EPOLLIN | EPOLLRDHUP | EPOLLET)
void link_mux_ready(struct watch *watch, uint32_t events);

/* link-mux-dial.c */
void mux_dial(struct link *link, struct dial *dial, uint16_t port);
void mux_dial_cancel(struct link *link, struct dial *dial);
/* The link is up: those that wait are dialled. */
void mux_dial_all(struct mux_link *link);
/* Those that wait for the link end soon. */
void mux_dial_end_all(struct mux_link *link, const char *reason);
/* All end now: the link goes. */
void mux_dial_drop(struct mux_link *link, const char *reason);
/* What a mux tells of a stream that is dialled. */
void mux_dial_opened(struct mux_stream *stream);
void mux_dial_refused(struct mux_stream *stream, enum mux_code code,
                      const char *reason);

/* What the owner of a stream of the mux is: the beginning of both kinds. */
struct mux_user {
    bool is_dial;
};

/* link-mux-side.c: NULL: no memory; the stream stays the caller's. */
struct side *mux_side(struct mux_link *link, struct mux_stream *stream);
/* What the stream's owner is to be. */
void *mux_side_user(struct side *side);
void mux_side_readable(struct mux_stream *stream);
void mux_side_writable(struct mux_stream *stream);
void mux_side_reset(struct mux_stream *stream);
/* It was never open: its memory goes, nobody is told. */
void mux_side_forget(struct side *side);

#endif
