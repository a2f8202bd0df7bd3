/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PAIR_PAIR_INSIDE_H
#define XVS_STAGE_PAIR_PAIR_INSIDE_H

/*
 * What a pair is made of, for its parts:
 *
 *     pair.c     calls, beginning and end
 *     member.c   one process, brought to where the other is
 *     opens.c    sockets that it asks for
 *     mend.c     what happens when one ends
 *     attend.c   how the main thread hears and tells of it
 *     poison.c   the packets to blame
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "packet/grace.h"
#include "stage/grant/grants.h"
#include "stage/lane/lanes.h"
#include "stage/pair/roster.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"

struct buffer;
struct call_grant;
struct call_open;
struct process;

/* A process that shall get no more packets. */
struct gone {
    struct grace_call grace;
    struct gone *next;
    struct process *process;
    uint32_t past;              /* no worker looks for it any more; atomic */
};

#define PAIR_ENDS 8u            /* that are remembered */

/* How a process ended. */
struct pair_end {
    int32_t pid;                /* 0: none */
    char text[CONTROL_TEXT];
};

struct pair {
    struct stage *stage;
    struct process *active, *standby;
    struct process *spare;      /* has loaded the plugin and no more */
    struct gone *gone;
    struct process *called;     /* published, for pair_late(); or NULL */
    struct roster roster;
    struct grants grants;       /* what settings of the roster grant */
    struct process *opens;      /* who may open sockets; or NULL */
    uint32_t n_failures;        /* that were not forgotten ... */
    uint64_t failed_ms;         /* ... at the last one */
    uint32_t period_ms;         /* of the timer; atomic */
    uint32_t took_ms;           /* the active process for its last call */
    uint32_t again_ms;          /* to the next mending; of the job */
    /* Main thread. */
    struct job job;
    bool mending;               /* the job is under way */
    bool more;                  /* ... and shall be once more */
    struct loop_timer *timer;   /* until it is submitted */
    struct job ping;            /* asks the process whether it is there */
    bool pinging;               /* it is under way */
    struct lanes_tally told;    /* at the last event */
    struct lanes_poison *poison;    /* that nobody was told of, oldest first */
    uint64_t unkept;            /* told of, see lanes_tally */
    pthread_mutex_t lock;       /* of all below */
    struct process *watched[3]; /* active, standby and spare; or NULL */
    struct stage_health health;
    struct pair_end ends[PAIR_ENDS];
    uint32_t n_ends;            /* ever ... */
    uint32_t n_told;            /* ... and told of */
};

/* Whether the stage's processes work on copies of packets. */
static inline bool
pair_copies(const struct stage *stage)
{
    return stage->partition == PARTITION_COPY;
}

/* Whether the stage has sockets: then the standby is told to be active only
 * when it is. */
static inline bool
pair_has_sockets(const struct stage *stage)
{
    return stage->plugin->extension.traits & XVS_TRAIT_SOCKETS;
}

/* ---- member.c ------------------------------------------------------------- */

/* A process that has loaded the plugin; NULL with the outcome. */
struct process *member_start(struct pair *pair, struct outcome *outcome);
/* Initialises it; false with the outcome, and it is closed. */
bool member_init(struct pair *pair, struct process *process,
                 struct outcome *outcome);
/* Whether one that waits can be used: nobody has stopped it, say. */
bool member_answers(struct pair *pair, struct process *process);
/* Tells it what the roster has. */
bool member_tell_all(struct pair *pair, struct process *process,
                     struct outcome *outcome);
/* Tells it that it is the one that works from now on. */
bool member_activate(struct pair *pair, struct process *process,
                     struct outcome *outcome);
/* A call to one process, as process_call(). */
bool member_call(struct pair *pair, struct process *process,
                 const char *hook, struct buffer *message,
                 struct buffer *reply);

/* ---- opens.c -------------------------------------------------------------- */

/* The ANSWER to an OPEN; 'fds' (CALL_OPENS) are to be sent along. */
void opens_answer(struct pair *pair, const struct process *process,
                  const struct call_open *wanted, struct buffer *out,
                  int *fds, uint32_t *n_fds);
/* The same to an ACCEPT; one of 'fds'. */
void opens_accept(struct pair *pair, const struct process *process,
                  const struct call_grant *wanted, struct buffer *out,
                  int *fds, uint32_t *n_fds);

/* ---- mend.c --------------------------------------------------------------- */

/* Control thread: tells the lanes who there is. */
void mend_publish(struct pair *pair);
/* Control thread: the active process takes over what the extension keeps, when
 * nobody else has it. */
void mend_own(struct pair *pair);
/* Control thread: takes out what is no good any more. */
void mend_settle(struct pair *pair);
/* Control thread: makes what is lacking, one at a time, and closes what nobody
 * has any more; says in pair->again_ms when there is more to do. */
#define MEND_NEVER UINT32_MAX
#define MEND_LOOK_MS 10u        /* between two looks at what has retired */
void mend_work(struct job *job);
/* What a process is ended for, when it is not dead already. */
void mend_kill_for(struct process *process, enum share_fault fault);

/* ---- attend.c ------------------------------------------------------------- */

/* Main thread: has it mended on the control thread, in so long. */
void attend_soon(struct pair *pair, uint32_t milliseconds);
/* A worker: has no more to do with the process of this share. */
void attend_fault(void *arg, struct share *share);
/* Main thread: what a process is watched with. */
void attend_end(void *arg, struct process *process);

/* ---- poison.c ------------------------------------------------------------- */

/* Any thread, with pair->lock: how a process ended. */
void poison_note_end(struct pair *pair, int32_t pid, const char *text);
/* Main thread, now and then: hands on the packets that were dropped because
 * they end processes. */
void poison_tell(struct pair *pair);
/* Those that were not told. */
void poison_free(struct pair *pair);

#endif
