/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROCESS_PROCESS_H
#define XVS_STAGE_PROCESS_PROCESS_H

/*
 * One process of a stage, as xvs-switch sees it.
 *
 *     process_create --> process_start --> process_call ... --> process_close
 *
 * These four are the stage's control thread's.  The main thread watches over
 * the process's end and reads its news meanwhile; it may kill it at any time,
 * which makes a call that waits for it return.
 *
 * However it ends, process->text says so in one sentence that names the
 * extension, the hook and the signal.  The memory that it shares is freed
 * with it.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/message.h"
#include "packet/tally.h"

struct buffer;
struct call_head;
struct call_news;
struct error;
struct loop;
struct loop_timer;
struct loop_watch;
struct process;
struct share;
struct xvs_guid;

#define PROCESS_START_MS 5000u  /* until it has loaded the plugin */
#define PROCESS_TIMER_MS 2000u  /* until timer() or ready() has returned */

struct process_config {
    const char *program;        /* path of xvs-stage */
    int program_file;           /* of spawn_open_program() */
    const char *plugin;         /* path of the plugin */
    const char *who;            /* extension's name */
    const char *switch_name;
    const struct xvs_guid *id;  /* of the extension, as it must be */
    uint16_t version;           /* and its version */
    struct loop *loop;
    uint32_t sockets;           /* bits of enum call_sockets */
    /* On the control thread, in process_call(): answers REQUEST, SWITCHING,
     * KEEP and OPEN; the last two with up to CALL_KEPT_FILES descriptors, which are
     * closed when they were sent. */
    bool (*nested)(void *arg, struct process *process,
                   const struct call_head *message, struct buffer *out,
                   int *fds, uint32_t *n_fds, struct error *error);
    /* Main thread: the process has ended; see process->text. */
    void (*on_end)(void *arg, struct process *process);
    /* Main thread. */
    void (*on_news)(void *arg, struct process *process,
                    const struct call_news *news);
    void *arg;
};

struct process {
    struct process_config config;
    struct share *share;        /* owned */
    pid_t pid;                  /* 0: none (yet) */
    pid_t group;                /* of processes, that it began in */
    int pidfd;                  /* -1: none (yet) */
    int calls;                  /* stream, see call.h */
    int news;                   /* packets */
    int bells[WORKERS_MAX];     /* eventfds: it wakes each worker; -1: none */
    uint64_t until_ms;          /* end of what it is called for; 0: none */
    uint32_t missing;           /* bits of enum sandbox_part */
    struct loop_watch *end_watch, *news_watch;      /* main thread */
    struct loop_timer *pause;   /* news come too fast; main thread */
    bool parted;                /* process_close() was called; atomic */
    bool woken;                 /* it wants its timer called; atomic */
    pthread_mutex_t lock;       /* of all below */
    bool killed;                /* by us; 'why' says why */
    bool feigns;                /* ... for an end that was none */
    bool ended;                 /* it was reaped; 'text' is there */
    bool told;                  /* ... and on_end() was called */
    char hook[64];              /* what it is called for, or "" */
    uint32_t limit_ms;          /* that an answer may take; 0: any time */
    char why[CONTROL_TEXT / 2];
    char text[CONTROL_TEXT];    /* how it ended */
};

/* Takes over the share.  Nothing runs yet. */
struct process *process_create(const struct process_config *config,
                               struct share *share);
/* Starts it and waits until the plugin is loaded there. */
bool process_start(struct process *process, struct error *error);
/*
 * Sends the call and waits for its result, which is in 'reply' then (a
 * checked CALL_RESULT).  'hook' is its name for people.  False: the process
 * has ended, and process->text says how.
 */
bool process_call(struct process *process, const char *hook,
                  struct buffer *message, struct buffer *reply);
/* How long each of the later calls may take; 0: any time.  Who
 * takes longer is ended. */
void process_limit(struct process *process, uint32_t milliseconds);
/* Kills what is left, and frees it all once the main thread is through. */
void process_close(struct process *process);

/* Any thread: it has ended, and process->text says how. */
bool process_has_ended(struct process *process);
/* Any thread: ends it; the sentence is "WHO WHY", such as "acl" and "did not
 * return from ADD and was ended". */
void process_kill(struct process *process, const char *why);

#endif
