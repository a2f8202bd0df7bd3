/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_INSIDE_H
#define XVS_STAGE_INSIDE_INSIDE_H

/*
 * The process of a stage, from inside: takes what xvs-switch hands it, shuts
 * itself in, loads the plugin and does what it is called for, until
 * xvs-switch closes its end.
 *
 *     main thread      calls, one after the other (inside.c, hooks.c), and
 *                      what the extension asks meanwhile (host.c)
 *     packet thread    packet hooks (lane/serve.h)
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>
#include <xvs/keep.h>
#include <xvs/service.h>
#include <xvs/switch.h>

#include "base/buffer.h"
#include "stage/call/call.h"
#include "stage/stage.h"

struct inside_retired;
struct plugin;
struct serve;
struct share;

struct inside {
    int calls;                  /* stream to xvs-switch */
    int news;                   /* packets to it */
    int bells[CALL_BELLS];      /* of workers */
    struct call_start start;    /* what xvs-switch wants */
    struct share *share;
    struct serve *serve;        /* the packet thread */
    bool serves;                /* hooks of packets may be called */
    uint32_t missing;           /* bits of enum sandbox_part */
    struct xvs_keep *keep;      /* the extension's; NULL: it keeps nothing */
    struct xvs_keep_log *noted; /* what control hooks wrote; NULL: no keep */
    uint32_t mine;              /* 1: control hooks write it; main thread */
    pthread_t main;             /* the thread that may ask */
    struct plugin *plugin;
    struct stage stage;         /* what the functions of hooks want */
    struct xvs_switching switching;
    struct xvs_sockets sockets;
    int epoll;                  /* of calls and what is watched; -1: none */
    bool called;                /* xvs-switch waits for the result of a call */
    struct buffer message;      /* the call */
    struct buffer answer;       /* to a question in it */
    bool woken;                 /* WAKE was said; atomic */
    pthread_mutex_t lock;       /* of the two below */
    uint64_t second;            /* in which news were said */
    uint32_t n_news;            /* in it */
    struct inside_retired *retired;     /* main thread, newest first */
};

/* The whole life; returns the exit status. */
int inside_main(void);

/* hooks.c: does what a call wants; 'out' becomes the RESULT. */
void inside_do(struct inside *inside, const struct call_head *call,
               struct buffer *out);

/* host.c: what the extension can ask and say. */
void inside_host(struct inside *inside);
/* keep.c: host->keep(). */
int inside_keep(const struct xvs_host *host, struct xvs_keep *keep);
/* Before a control hook is called, and when it has returned: what it wrote is
 * for good. */
void inside_keep_begin(struct inside *inside);
void inside_keep_end(struct inside *inside);
/* Sends inside->answer, which becomes what xvs-switch answers; the '*n'
 * descriptors that come along are in 'fds' (CALL_FDS), unless that is NULL. */
const struct call_answer *inside_ask(struct inside *inside, int *fds,
                                     uint32_t *n);

/* The answer to a call of a function with 'size' bytes at 'given'.  NULL: not
 * now. */
const struct call_answer *inside_call(struct inside *inside,
                                      const struct call_switching *wanted,
                                      const void *given, size_t size);

/* flows.c: that part of the switch's services. */
void inside_flows(struct xvs_switching *switching);

/* sockets.c: the part of the host's services that is for sockets, and, after
 * sandbox_enclose(), the event loop.  Nothing without XVS_TRAIT_SOCKETS. */
bool inside_sockets(struct inside *inside);
/* Calls ready() until xvs-switch calls. */
void inside_await(struct inside *inside);

/* Frees what no packet hook can find any more; or all, when none runs. */
void inside_release(struct inside *inside);

#endif
