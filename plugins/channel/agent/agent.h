/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_AGENT_H
#define CHANNEL_AGENT_H

/*
 * The agent in a guest: bytes of streams that the host opens go to local
 * services that its admin has named, and those of local programs to the host.
 * It starts nothing, and has no opinion on what it moves.
 *
 *     host <== link.c: mux ==> stream.c <==> local service, program
 *                              inner.c: echo and the like
 *
 * One thread, one epoll; all but links is edge-triggered.  A stream has no
 * buffer of its own: from a socket bytes go straight into the link's output
 * when it is its turn, and to it straight out of the link's input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "mux.h"

enum { MAX_ALLOWED = 256, MAX_OFFERS = 32, MAX_USERS = 16, MAX_LINKS = 16,
       MAX_PATH = 108 };

/* What the agent does itself with the bytes of a stream. */
enum inner { INNER_NONE, INNER_ECHO, INNER_DISCARD, INNER_CHARGEN };

/* Where a port of ours leads to. */
struct allowed {
    uint16_t port;              /* as the host says it */
    enum inner inner;           /* else: */
    uint16_t local;             /* TCP; 0: a unix socket */
    char path[MAX_PATH];
};

/* Where a local program comes to, and which port of the host he gets. */
struct offer {
    uint16_t local;             /* TCP; 0: a unix socket */
    uint16_t port;
    char path[MAX_PATH];
};

/* What was asked for. */
struct options {
    char serial[MAX_PATH], unix_path[MAX_PATH], user[64];
    uint32_t vsock;             /* 0: none */
    uint32_t max_streams;       /* that the host may have open */
    struct allowed allowed[MAX_ALLOWED];
    struct offer offers[MAX_OFFERS];
    uid_t users[MAX_USERS];     /* who may use offers at unix sockets */
    unsigned int n_allowed, n_offers, n_users;
};

/* What loop_watch() asks for. */
#define LOOP_EDGES ((uint32_t) EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

/* A descriptor in the epoll; the beginning of what has one. */
struct watch {
    int fd;
    void (*ready)(struct watch *watch, uint32_t events);    /* NULL: over */
    struct watch *next;         /* of those that are over, or to be called */
    uint32_t asked;             /* of the epoll */
};

/* options.c: exits when they make no sense, or were only for --help. */
void options_read(struct options *options, int argc, char **argv);
const struct allowed *options_find(const struct options *options,
                                   uint16_t port);

/* main.c */
extern struct options options;
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* loop.c: ready() is called with what epoll says, once for each edge unless
 * asked for something else. */
void loop_start(void);
bool loop_watch(struct watch *watch);
/* Has the epoll tell of other events, where they are others. */
void loop_ask(struct watch *watch, uint32_t events);
/* Closes the descriptor; what 'watch' begins is freed, but not at once. */
void loop_close(struct watch *watch);
/* Calls ready() with no event in the next turn. */
void loop_again(struct watch *watch);
/* One turn: waits, calls. */
void loop_turn(void);

/* door.c: -1 with errno, or exits; door_open() lets links come in there. */
int door_device(const char *path);
int door_vsock(uint32_t port);
void door_open(int fd, bool is_vsock);

/* link.c */
void link_open_all(void);
/* A new link; the descriptor becomes its own. */
void link_add(int fd, bool is_device);
/* What goes out; now and then what the clock asks for. */
void link_flush_all(void);
void link_tick(void);
/* A link on which a stream can be opened, or NULL. */
struct mux *link_find(void);

/* stream.c: what a mux tells of streams. */
void stream_asked(struct mux *mux, struct mux_stream *stream, uint16_t port);
void stream_opened(struct mux_stream *stream);
void stream_refused(struct mux_stream *stream, enum mux_code code,
                    const char *reason);
void stream_readable(struct mux_stream *stream);
void stream_writable(struct mux_stream *stream);
void stream_reset(struct mux_stream *stream, enum mux_code code,
                  const char *reason);
/* A local program has connected. */
void stream_offered(int fd, const struct offer *offer);

/* inner.c: streams that lead to the agent itself. */
void inner_begin(struct mux_stream *stream, const struct allowed *allowed);
bool inner_has(const struct mux_stream *stream);
/* There is something to read, or room to write. */
void inner_move(struct mux_stream *stream);

/* offer.c */
void offer_open_all(void);
/* Accepts again, after it could not for want of descriptors. */
void offer_tick(void);

/* local.c: sockets, non-blocking.  -1 with errno; the first two exit. */
int local_listen_unix(const char *path);
int local_listen_tcp(uint16_t port);
int local_connect(const struct allowed *allowed, bool second);

#endif
