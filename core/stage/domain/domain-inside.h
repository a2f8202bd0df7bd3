/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_DOMAIN_INSIDE_H
#define XVS_STAGE_DOMAIN_DOMAIN_INSIDE_H

/*
 * What the files of a domain share: the domain, and its residents, each of
 * which is one copy of the plugin with all that it has.
 *
 *     domain.c      workers: packets go into a resident and come out
 *     rescue.c      workers: the resident has failed, another one goes on
 *     taking.c      one takes over what the extension keeps
 *     spares.c      those that are ready to: who there is
 *     spare.c       the control thread: made, and told
 *     resident.c    one of them
 *     partition.c   the control thread: hooks
 *     mend.c        the control thread: what follows a failure
 *     own.c         the control thread: who may write what is kept
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "control/message.h"
#include "packet/grace.h"
#include "stage/chain/chain.h"
#include "stage/chain/undo.h"
#include "stage/domain/domain.h"
#include "stage/domain/image.h"
#include "stage/keep/here.h"
#include "stage/keep/keep.h"
#include "stage/pair/roster.h"
#include "stage/stage.h"

struct error;
struct heap;
struct lanes_poison;
struct outcome;

#define DOMAIN_STACK (256u << 10)       /* of a worker, in each resident */
#define DOMAIN_READY (48u << 10)        /* of it, there from the beginning */
#define DOMAIN_GUARD (1u << 20)         /* below it, where nothing is */
/* Two: one that takes over, and one that does when a packet that ends them was
 * found. */
#define DOMAIN_SPARES 2u
#define DOMAIN_WHAT 200u                /* of a text that says what it did */

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
    struct resident *next;      /* in domain->gone or domain->promoted */
    struct image image;
    struct heap *heap;
    void *self;                 /* the extension's own */
    struct xvs_host host;       /* what it calls */
    bool inited;                /* init has succeeded */
    bool is_dead;               /* no hook may be called; atomic */
    bool is_past;               /* no worker has it any more; atomic */
    uint32_t n_retired;         /* of its memory, not released yet */
    bool is_left;               /* free it when there is none of that */
    struct here here;           /* of what it keeps */
    bool is_due;                /* it has not taken that over; under
                                 * domain->taking */
    bool waits;                 /* ... which it does before it gets packets;
                                 * atomic */
    /* Of workers; the last one, for taken(), of the control thread. */
    struct domain_stack stacks[KEEP_LANE + 1];
};

/* Of a worker; alone in its line of the cache. */
struct domain_at {
    struct resident *in;        /* whose hook runs, and may write what is
                                 * kept; atomic */
    uint8_t unused[56];
};

struct domain {
    struct stage *stage;
    int key;
    struct buffer file;         /* the plugin's */
    struct roster roster;       /* what residents are told */
    struct resident *live;      /* that workers use; published; NULL: none */
    struct resident *current;   /* the control thread's; NULL: none */
    struct resident *gone;      /* dead ones that are not freed yet */
    struct undo undo[WORKERS_MAX];      /* of XVS_BURST packets each */
    bool has_long[WORKERS_MAX]; /* some of them have memory */
    uint32_t rights[2];         /* of a hook that changes no frames, and of
                                 * one that may */
    uint64_t again_ms;          /* no new resident before; atomic */
    bool is_asked;              /* the control thread is to be woken; atomic */
    bool is_woken;              /* ... for timer(), by a hook; atomic */
    bool lacks;                 /* there are not enough spares; atomic */
    bool wants;                 /* there are to be spares; atomic */
    uint32_t n_failures;        /* that are not forgiven */
    uint64_t failed_ms;         /* the last one */
    uint64_t lost;              /* packets, by on_failure; atomic */
    uint64_t replayed;          /* packets that a spare got; atomic */
    uint64_t poison;            /* packets that end residents; atomic */
    pthread_mutex_t taking;     /* held while a resident takes over what the
                                 * extension keeps */
    struct domain_at at[WORKERS_MAX];
    pthread_mutex_t lock;       /* of everything below */
    /* Told all that the current one was told, the next one first. */
    struct resident *spares[DOMAIN_SPARES];
    struct resident *promoted;  /* were spares, and are live or were; the
                                 * control thread does not know it yet */
    uint32_t n_untold;          /* faults that are to be told */
    char what[256];             /* it did at the last one */
    uint32_t n_burst;           /* packets that it had then ... */
    const char *fate;           /* ... and what became of them */
    struct lanes_poison *kept;  /* of 'poison', that nobody was told of, the
                                 * newest first */
    uint32_t n_kept;
    char failure[CONTROL_TEXT]; /* the last one, for status */
    uint64_t restarts;
};

/* ---- domain.c ------------------------------------------------------------- */

/* Calls a function of the resident behind the gate, with the burst that is in
 * the room of that stack.  False: it did what it may not, as 'what' says. */
typedef void (*domain_function)(void *self, const struct xvs_burst *burst);
bool domain_call(struct resident *resident, uint32_t lane,
                 domain_function function, bool changes,
                 char what[DOMAIN_WHAT]);

enum domain_tried {
    TRIED_RAN,
    TRIED_LEFT,                 /* ... and left the packets as they were, but
                                 * for bytes of frames */
    TRIED_FAILED,               /* it did what it may not, as 'what' says */
    TRIED_STALE                 /* the resident has failed meanwhile, with
                                 * another worker: what this hook did in it,
                                 * be it a fault, may come from that */
};

/* No hook of it is called any more, by whomever.  False: that was so. */
bool domain_fail(struct resident *resident);
/* Has the hook run in the resident.  Unless it ran, its packets are as they were,
 * and the resident is dead. */
enum domain_tried domain_try(struct resident *resident,
                             const struct domain_burst *burst,
                             char what[DOMAIN_WHAT]);

/* ---- rescue.c ------------------------------------------------------------- */

/* Packets that there is no resident for. */
enum domain_result rescue_nobody(struct domain *domain,
                                 const struct domain_burst *burst);
/* Packets with which the resident has failed, the first to. */
enum domain_result rescue(struct domain *domain, struct resident *dead,
                          const struct domain_burst *burst, const char *what);
/* Packets that were in a resident when another worker's failed there; who has
 * them now, NULL: nobody. */
struct resident *rescue_again(struct domain *domain, struct resident *dead,
                              const struct domain_burst *burst);
/* The resident has failed when it took over what the extension keeps. */
void rescue_taken(struct domain *domain, const char *what);
/* Any thread: the control thread looks after what has failed. */
void rescue_ask(struct domain *domain);

/* ---- taking.c; of those that keep memory ---------------------------------- */

/* Worker: a hook is to run in the resident, which takes over first what the
 * extension keeps if nobody had it do so.  False: the resident is dead. */
bool taking_enter(struct resident *resident, uint32_t worker);
/* It has run, and nothing is to be taken back any more. */
void taking_leave(struct domain *domain, uint32_t worker);
/* The resident takes over what the extension keeps, if the stage owns that or,
 * with KEEP_LANE on the control thread, can, and did not before.  It may get
 * packets then.  False: it is dead. */
bool taking_over(struct resident *resident, uint32_t lane);

/* ---- own.c; the control thread's, of those that keep memory ---------------- */

/* The current resident has it if the stage is to, and its control hooks write;
 * one that fails with that is buried. */
void own_take(struct domain *domain);
/* The stage is active from now on, or has paused. */
void own_state(struct domain *domain, bool is_active);
/* After a control hook: what it wrote is for good, or, 'in vain', is taken
 * back. */
void own_done(struct domain *domain, bool in_vain);

/* ---- spares.c; any thread ------------------------------------------------- */

/* Between two looks of the control thread all of them can be promoted, and as
 * many that it made at the last one. */
#define SPARES_TOLD (3 * DOMAIN_SPARES)

/* The resident is dead.  Who is live instead: a spare, or already another one;
 * NULL: nobody. */
struct resident *spares_promote(struct domain *domain, struct resident *dead);
/* Control thread: there is room for it.  It is live at once if nobody is. */
void spares_add(struct domain *domain, struct resident *resident);
uint32_t spares_count(struct domain *domain);
/* Whether it was one, and no worker has had it. */
bool spares_remove(struct domain *domain, const struct resident *resident);
/* The first, which is none any more; NULL: there is none. */
struct resident *spares_take(struct domain *domain);
/* Those that there are, and those that were until a worker took them. */
uint32_t spares_list(struct domain *domain,
                     struct resident *out[SPARES_TOLD]);

/* ---- spare.c; the control thread's ----------------------------------------- */

/* Brings a resident to where others
 * are: stage->hooks are its. */
bool spare_tell_all(struct domain *domain, struct outcome *outcome);
/* Makes those that are lacking, if there are to be any.  False: one could not
 * be made, as the outcome says. */
bool spare_fill(struct domain *domain, struct outcome *outcome);
/* Has a hook called in all of them, which the current one has accepted; who
 * does not accept it is none any more. */
typedef int (*spare_hook)(struct stage *stage, const void *arg,
                          struct xvs_answer *answer);
void spare_echo(struct domain *domain, spare_hook hook, const void *arg);
/* The stage ends. */
void spare_end_all(struct domain *domain);

/* ---- mend.c; the control thread's ----------------------------------------- */

/* It is what control hooks are called in. */
void domain_adopt(struct domain *domain, struct resident *resident);
/* Whether that has failed. */
bool domain_is_dead(const struct domain *domain);
/* Who is dead is buried, and who was put in its place is current. */
void domain_settle(struct domain *domain);
/* Frees dead residents in which no worker is. */
void domain_sweep(struct domain *domain);
/* Tells what workers noted; the end of the stage is posted after this. */
void domain_tell_faults(struct domain *domain);
/* After faults: all of that, and makes residents that are lacking when 'now' or
 * when it is time. */
void domain_mend(struct domain *domain, bool now, struct outcome *outcome);

/* ---- resident.c ----------------------------------------------------------- */

/* Control hooks are called in it from now on. */
void resident_enter(struct resident *resident);
/* Makes a resident and calls init.  NULL with the outcome. */
struct resident *resident_create(struct domain *domain,
                                 struct outcome *outcome);
/* Control thread; no worker is in it: calls fini unless it is dead, and frees
 * it, or has it freed with the last of its memory that waits for release. */
void resident_end(struct resident *resident);

#endif
