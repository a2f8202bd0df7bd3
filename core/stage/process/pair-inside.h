/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_PAIR_INSIDE_H
#define XVS_STAGE_PROCESS_PAIR_INSIDE_H

/*
 * What a pair is made of, for its parts:
 *
 *     pair.c     calls, beginning and end
 *     member.c   one process, brought to where the other is
 *     mend.c     what happens when one ends
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "packet/grace.h"
#include "stage/process/lanes.h"
#include "stage/process/roster.h"
#include "stage/plugin.h"
#include "stage/stage.h"

struct process;

/* A process that shall get no more packets. */
struct gone {
    struct grace_call grace;
    struct gone *next;
    struct process *process;
    uint32_t past;              /* no worker looks for it any more; atomic */
};

struct pair {
    struct stage *stage;
    struct process *active, *standby;
    struct gone *gone;
    struct process *called;     /* published, for pair_late(); or NULL */
    struct roster roster;
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
    struct lanes_tally told;    /* at the last event */
    pthread_mutex_t lock;       /* of all below */
    struct process *watched[2]; /* active and standby; or NULL */
    char ended[CONTROL_TEXT];   /* an end that nobody was told of, or "" */
    struct stage_health health;
};

/* Whether the stage's processes work on copies of packets: the admin wants it,
 * or its hooks change more than a lane could undo when one ends. */
static inline bool
pair_copies(const struct stage *stage)
{
    const struct xvs_extension *extension = &stage->plugin->extension;

    return stage->partition == PARTITION_COPY
        || (extension->extension_class != XVS_CLASS_CAPTURE
            && extension->traits & XVS_TRAIT_PAYLOAD);
}

/* ---- member.c ------------------------------------------------------------- */

/* A process that runs, and has been initialised; NULL with the outcome. */
struct process *member_start(struct pair *pair, struct outcome *outcome);
/* Tells it what the roster has. */
bool member_tell_all(struct pair *pair, struct process *process,
                     struct outcome *outcome);
/* A call to one process, as process_call(). */
bool member_call(struct pair *pair, struct process *process,
                 const char *hook, struct buffer *message,
                 struct buffer *reply);

/* ---- mend.c --------------------------------------------------------------- */

/* Control thread: tells the lanes who there is. */
void mend_publish(struct pair *pair);
/* Control thread: takes out what is no good any more. */
void mend_settle(struct pair *pair);
/* Main thread: has it mended on the control thread, in so long. */
void mend_soon(struct pair *pair, uint32_t milliseconds);
/* A worker: has no more to do with the process of this share. */
void mend_fault(void *arg, struct share *share);
/* Main thread: what a process is watched with. */
void mend_on_end(void *arg, struct process *process);

#endif
