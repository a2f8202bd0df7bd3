/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_DOMAIN_INSIDE_H
#define XVS_STAGE_DOMAIN_DOMAIN_INSIDE_H

/*
 * What the files of a domain share: the domain, and its residents, each of
 * which is one copy of the plugin with all that it has.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "control/message.h"
#include "packet/grace.h"
#include "stage/chain.h"
#include "stage/domain/image.h"
#include "stage/process/roster.h"
#include "stage/stage.h"

struct error;
struct heap;
struct outcome;

#define DOMAIN_STACK (256u << 10)       /* of a worker, in each resident */
#define DOMAIN_GUARD (1u << 20)         /* below it, where nothing is */
#define DOMAIN_UNDO 128u                /* bytes of a packet that are kept */

/* At the upper end of a stack: what the hook gets. */
struct domain_room {
    struct xvs_burst burst;
    struct xvs_packet packets[XVS_BURST];
} __attribute__((aligned(64)));

struct domain_stack {
    void *memory;               /* with its guard */
    struct domain_room *room;   /* the stack ends there */
};

struct resident {
    struct grace_call grace;    /* first; when it is dead */
    struct domain *domain;
    struct resident *next;      /* in domain->gone */
    struct image image;
    struct heap *heap;
    void *self;                 /* the extension's own */
    struct xvs_host host;       /* what it calls */
    bool inited;                /* init has succeeded */
    bool is_dead;               /* no hook may be called; atomic */
    bool is_past;               /* no worker has it any more; atomic */
    uint32_t n_retired;         /* of its memory, not released yet */
    bool is_left;               /* free it when there is none of that */
    struct domain_stack stacks[WORKERS_MAX];
};

struct domain {
    struct stage *stage;
    int key;
    struct buffer file;         /* the plugin's */
    struct roster roster;       /* what residents are told */
    struct resident *live;      /* that workers use; published; NULL: none */
    struct resident *current;   /* the control thread's; NULL: none */
    struct resident *gone;      /* dead ones that are not freed yet */
    uint8_t *undo[WORKERS_MAX]; /* XVS_BURST * DOMAIN_UNDO bytes each */
    uint64_t again_ms;          /* no new resident before; atomic */
    bool is_asked;              /* the control thread is to be woken; atomic */
    uint32_t n_failures;        /* that are not forgiven */
    uint64_t failed_ms;         /* the last one */
    uint64_t lost;              /* packets, by on_failure; atomic */
    pthread_mutex_t lock;       /* of everything below */
    bool is_untold;             /* there is a fault to be told */
    char what[256];             /* it did */
    uint32_t n_burst;           /* packets that it had then ... */
    bool is_lost;               /* ... and they were dropped */
    char failure[CONTROL_TEXT]; /* the last one, for status */
    uint64_t restarts;
};

/* Makes a resident and calls init.  NULL with the outcome. */
struct resident *resident_create(struct domain *domain,
                                 struct outcome *outcome);
/* Control thread; no worker is in it: calls fini unless it is dead, and frees
 * it, or has it freed with the last of its memory that waits for release. */
void resident_end(struct resident *resident);

#endif
