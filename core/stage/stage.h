/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_STAGE_H
#define XVS_STAGE_STAGE_H

/*
 * A stage: one extension enabled on one switch.
 *
 * Control hooks run on the stage's own thread as jobs, one at a time, in the
 * order in which they were submitted; the thread has the queue, so that many
 * jobs cost one wake-up (see thread.h).  A job has a deadline from the moment
 * the thread begins it.  When it passes, the job's requester is told so, the
 * stage is "stuck", and what waits or comes is refused at once.  Jobs that put
 * things right ("must run") are told the same, but stay and run when the hook
 * returns after all: the stage has recovered then.  Packet hooks know nothing
 * of this.
 *
 *        submit          thread free         hook returns
 *     ----------> queued ----------> running ------------> done, release
 *                    |                  | deadline
 *                    | stuck            v
 *                    +--> done      done (timed out) ... hook returns
 *                         release                          release
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "control/message.h"
#include "stage/chain/chain.h"
#include "stage/chain/slice.h"
#include "stage/keep/here.h"
#include "stage/partition.h"
#include "stage/thread.h"

struct domain;
struct error;
struct inforce;
struct job;
struct kept;
struct layout;
struct lanes;
struct lanes_poison;
struct loop;
struct loop_timer;
struct pair;
struct partition_place;
struct plugin;
struct retired;
struct stage;

#define STAGE_TIMEOUT_MS 2000u      /* of a job, unless the request says */

/* How a job ended. */
struct outcome {
    uint32_t result;                /* enum xvs_result */
    uint32_t code;                  /* enum error_code */
    bool ended;                     /* the extension's process has; that is
                                     * told by an event of its own */
    char text[CONTROL_TEXT];        /* for the operator */
};

struct job {
    struct thread_work piece;       /* first: what the thread gets */
    struct stage *stage;
    const char *what;               /* for people, such as "ADD" */
    /* On the control thread; fills 'outcome'. */
    void (*work)(struct job *job);
    /* On the main thread, exactly once: tells the requester.  Only when the
     * outcome is the job's own may its other results be read. */
    void (*done)(struct job *job, const struct outcome *outcome);
    /* On the main thread, exactly once, after 'done': frees the job. */
    void (*release)(struct job *job, bool ran);
    uint32_t timeout_ms;            /* 0: the default */
    bool must_run;                  /* waits while the stage is stuck */
    bool timed_out;                 /* 'done' was called before it ran */
    struct outcome outcome;
};

/* Whoever owns stages. */
struct stage_owner {
    /* Main thread. */
    void (*event)(void *arg, struct stage *stage,
                  enum control_event_kind kind, enum xvs_log_level severity,
                  const char *text);
    /* Any thread of the extension: what it asks the switch. */
    int (*request)(void *arg, struct stage *stage, struct xvs_oid *oid);
    const struct xvs_switching *switching;  /* for the host; or NULL */
    /* Main thread: this packet was dropped because it ends the stage's
     * processes, the last one as 'why' says; or NULL. */
    void (*poison)(void *arg, struct stage *stage,
                   const struct lanes_poison *packet, const char *why);
};

/* How the processes of a stage do. */
struct stage_health {
    uint32_t pid;                   /* 0: there is no process */
    uint32_t standby_pid;           /* the same */
    enum standby standby;
    uint64_t restarts;              /* processes after one that failed */
    uint64_t lost;                  /* packets dropped by on_failure */
    uint64_t replayed;              /* packets that a second process got */
    uint64_t poison;                /* packets dropped for ending processes */
    char failure[CONTROL_TEXT];     /* the last one, or "" */
    char missing[CONTROL_MISSING];  /* protections that this host has not,
                                     * with commas between */
};

struct stage {
    struct stage *next;             /* in its owner's list */
    struct plugin *plugin;
    enum partition partition;       /* where its hooks run */
    const struct partition_calls *calls;    /* and how to call them */
    const struct partition_place *place;    /* for processes; the owner's */
    struct pair *pair;              /* processes; published; NULL: none */
    struct domain *domain;          /* the same of a domain */
    struct kept *kept;              /* memory that outlives it; published;
                                     * NULL: there is none */
    bool owns;                      /* it is active: the memory is to be its;
                                     * control thread */
    struct here here;               /* of it, when hooks run inline */
    const char *doing;              /* job's name; control thread */
    const struct layout *layout;    /* of the setting in hand; the same */
    uint32_t sockets;               /* enum call_sockets; for processes */
    const struct xvs_extension *hooks;  /* to call on the control thread, of
                                         * one that runs here */
    void *self;                     /* the extension's own; inline */
    struct xvs_host host;           /* what the extension calls */
    char switch_name[XVS_NAME_SIZE];
    uint32_t switch_id;
    uint32_t position;              /* within its class, as asked for */
    struct xvs_guid partner;        /* of the extension before it, whose place
                                     * it holds too; zero: nobody's */
    enum sharing sharing;           /* how; main thread, as 'partner' */
    const struct stage_owner *owner;
    void *owner_arg;
    void *site;                     /* its switch, for requests; published;
                                     * NULL once the switch has gone */
    bool parted;                    /* may set no policy any more; under the
                                     * switch's policy lock */
    struct loop *loop;
    struct thread *thread;
    uint32_t n_given;               /* jobs that the thread has or had, and
                                     * that were not collected */
    struct loop_timer *wake;        /* the thread is woken in this round */
    bool flush_planned;             /* ... and those who wait are told that
                                     * the stage is stuck */
    struct loop_timer *look;        /* after what the thread does */
    bool stuck;                     /* a job is over its deadline */
    bool failed;                    /* takes no more requests */
    bool inited;                    /* init succeeded; control thread */
    bool active;                    /* packets pass it; main thread */
    bool in_chain;                  /* a worker may be in it; atomic */
    struct lanes *lanes;        /* of a stage in another process: packets that
                                 * are there; or NULL */
    struct inforce *settings;
    struct stage_counters counters[WORKERS_MAX];    /* of packets */
    uint32_t time_share;        /* percent of a worker's time; 0: no limit */
    struct slice slices[WORKERS_MAX];   /* the workers', for that */
    uint64_t requests, refusals, timeouts;
    uint64_t told_broken;           /* counters.broken at the last event */
    bool told_inside;               /* that a packet hook does not return */
    bool told_away;                 /* that its partner gets its packets */
    uint64_t told_turns, told_rescued;  /* counters at the last event */
    pthread_mutex_t lock;           /* of everything below */
    pthread_cond_t drained;
    struct retired *retired;        /* ready to be released */
    uint32_t n_retired;             /* all that are not released yet */
    uint32_t n_events;              /* said in 'event_second' */
    uint64_t event_second;
};

/* NULL with an error.  Loads the plugin's code into this process for one that
 * is inline; no hook has been called yet. */
struct stage *stage_create(struct plugin *plugin, enum partition partition,
                           const char *switch_name, uint32_t switch_id,
                           const struct stage_owner *owner, void *owner_arg,
                           struct loop *loop, struct error *error);
/* It is idle, and fini has run (or init never did).  The plugin's code leaves
 * with the last stage that is inline. */
void stage_destroy(struct stage *stage);

/* Takes over the job.  Its callbacks never run before this returns. */
void stage_submit(struct stage *stage, struct job *job);
/* Refuses what waits and what comes, but for jobs that must run. */
void stage_fail(struct stage *stage);

/* Who it is, for people. */
const char *stage_name(const struct stage *stage);

/* Fills an outcome.  The text of what the extension said wins over ours. */
void outcome_set(struct outcome *outcome, uint32_t result,
                 const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for an error of ours, with its code and hint. */
void outcome_fail(struct outcome *outcome, uint32_t result,
                  const struct error *error);
/* What a hook returned, made sane and put in words: "acl refused ADD". */
void outcome_judge(struct outcome *outcome, const struct stage *stage,
                   const char *what, int result);
/* The error code that goes with a result. */
uint32_t outcome_code(uint32_t result);

#endif
