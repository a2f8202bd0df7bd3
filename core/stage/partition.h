/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PARTITION_H
#define XVS_STAGE_PARTITION_H

/*
 * Where the hooks of a stage run: enum partition of control/message.h, with
 * names in control/names.h.
 *
 *     inline    in this process, as functions
 *     process   in a process of their own (process/), which has the packets
 *               in shared memory and nothing else of ours
 *     copy      the same, but it gets copies of its packets only
 *     domain    in this process, but its packet hooks can write only what is
 *               the stage's own (domain/)
 *
 * Who calls hooks does not know which it is: stage->calls has the functions.
 * All of them run on the stage's control thread, one at a time, as the hooks
 * do.  What the packet hooks are called with is another matter: inline by
 * the chain, else through lanes (lane/lanes.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <xvs/extension.h>

#include "control/message.h"

struct buffer;
struct feature_layout;
struct keeps;
struct layout;
struct outcome;
struct pool;
struct stage;

/* Results are those of hooks, as XVS_NOT_SUPPORTED when there is none. */
struct partition_calls {
    /* Makes what the partition needs, then init.  False: the outcome says
     * why not, and there is nothing to end. */
    bool (*init)(struct stage *stage, struct outcome *outcome);
    /* fini, and the partition is gone. */
    void (*fini)(struct stage *stage);
    /* Where a call can fail without a result of a hook, answer->broken is
     * set, and answer->outcome says why. */
    int (*state)(struct stage *stage, enum xvs_state state,
                 struct xvs_answer *answer);
    int (*port)(struct stage *stage, enum xvs_port_event event,
                const struct xvs_port *port, struct xvs_answer *answer);
    int (*setting)(struct stage *stage, const struct control_setting *head,
                   const void *block, struct xvs_answer *answer);
    int (*status)(struct stage *stage, const struct control_status *status,
                  const struct feature_layout *layout,
                  struct xvs_answer *answer);
    void (*method)(struct stage *stage, const struct control_method *call,
                   const struct xvs_method *method,
                   const struct buffer *block, const struct layout *in,
                   const struct layout *out, struct xvs_answer *answer);
    void (*timer)(struct stage *stage);
    /* It is active, and keeps memory that was another's: takes it over when
     * nobody has it any more. */
    void (*own)(struct stage *stage);
    /* Main thread: a call is over its time, and what can be ended for it is.
     * NULL: nothing can. */
    void (*late)(struct stage *stage, const char *what);
};

extern const struct partition_calls partition_inline;
extern const struct partition_calls partition_process;
extern const struct partition_calls partition_domain;

/* What processes of stages need of xvs-switch, the same for all of them. */
struct partition_place {
    const char *program;        /* path of xvs-stage */
    int program_file;           /* it, opened; 0: by its path */
    const struct pool *pool;
    uint32_t n_workers;
    /* Control threads: has the worker woken by a descriptor, until that is
     * closed; it is never read. */
    bool (*watch_bell)(void *arg, uint32_t worker, int bell);
    void *arg;
    uint64_t memory_limit;      /* bytes of a process of its own; 0: none */
    uint32_t n_restarts;        /* ends in a row that are mended at once */
    struct keeps *keeps;        /* what extensions keep; NULL: nothing */
    pid_t manager;              /* xvsd's process; 0: none; atomic */
};

#endif
