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
 *     packet thread    packet hooks (process/serve.h)
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>
#include <xvs/switch.h>

#include "base/buffer.h"
#include "stage/process/call.h"
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
    pthread_t main;             /* the thread that may ask */
    struct plugin *plugin;
    struct stage stage;         /* what the functions of hooks want */
    struct xvs_switching switching;
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
/* Frees what no packet hook can find any more; or all, when none runs. */
void inside_release(struct inside *inside);

#endif
