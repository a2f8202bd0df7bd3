/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MATRIX_H
#define XVS_TESTS_MATRIX_H

/*
 * The fault matrix: a real xvs-switch with three stages in processes or in
 * domains, one of which is struck again and again, in every way, under load.
 *
 *     sources --pipe--> xvs-switch --pipe--> sink    (processes of their own;
 *                         |     ^                    they know nothing of
 *                   stages      | control            faults)
 *                         ^     |
 *                         nemesis: kills, asks for frames that do harm, and
 *                         has all that follows told by xvs-switch
 *
 *     stream.c     the sources, and the sink
 *     history.c    what the sink checks
 *     kinds.c      what harm there is, and how each has to end
 *     kinds-domain.c  ... in domains
 *     manager.c    what the nemesis asks xvs-switch, and hears of it
 *     children.c   whom xvs-switch has for children
 *     nemesis.c    a fault, and what must have become of it
 *     whole.c      a stage has all that it is to have, and nobody too much
 *     main.c       the program
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/message.h"

#define PATIENCE_MS 40000u      /* however loaded the machine is */

/* ---- Memory of all processes ---------------------------------------------- */

/* Each has flows of its own, and, as its port has one queue, a worker while
 * there are as many. */
#define SOURCES 2u              /* at most */

/* All of it atomic, each written by one. */
struct ledger {
    uint32_t n_sources;         /* before any of them begins */
    struct {
        /* The source. */
        uint64_t sent;          /* numbered frames */
        uint32_t rests;         /* 1: it sends nothing, as it was told */
        /* The nemesis; the source clears it. */
        uint32_t order;         /* a frame that does harm is to be sent:
                                 * ORDER(what, when) */
    } __attribute__((aligned(64))) sources[SOURCES];
    /* The sink. */
    uint64_t taken[SOURCES] __attribute__((aligned(64)));   /* of theirs */
    uint64_t missing, late, doubled, damaged;
    /* The nemesis. */
    uint32_t rest __attribute__((aligned(64)));     /* 1: send nothing */
    uint32_t pause_us;          /* of a source, between two bursts */
};

#define ORDER(what, when) \
    ((uint32_t) (what) << 8 | (uint32_t) (when) | 1u << 16)

/* Of all sources. */
uint64_t ledger_sent(const struct ledger *ledger);
uint64_t ledger_taken(const struct ledger *ledger);

/* Processes; they do not return. */
void stream_source(const char *path, struct ledger *ledger, uint32_t which,
                   uint32_t seed) __attribute__((noreturn));
void stream_sink(const char *path, struct ledger *ledger)
    __attribute__((noreturn));

/* ---- kinds.c -------------------------------------------------------------- */

enum kind_means {
    KIND_FRAME,                 /* a frame, of which the hook is the victim */
    KIND_ACTIVE, KIND_STANDBY, KIND_BOTH,       /* SIGKILL to processes */
    KIND_AGAIN,                 /* ... and to the one that takes over */
    KIND_NEWBORN,               /* ... and to the one that is made next */
    KIND_STOP                   /* SIGSTOP to the active one */
};

struct kind {
    const char *name;
    enum kind_means means;
    uint8_t what;               /* byte of the frame */
    uint32_t ends;              /* processes that it ends, at least; in a
                                 * domain, instances that it ends */
    const char *text;           /* of an event then; NULL: of none; or, behind
                                 * a '|', another one */
    bool is_slow;               /* takes seconds */
    bool is_matrix;             /* one of the fault matrix */
};

extern const struct kind process_kinds[], domain_kinds[];
extern const uint32_t n_process_kinds, n_domain_kinds;

/* ---- manager.c ------------------------------------------------------------ */

/* Stages, as they were enabled. */
enum { HOSTILE, FIRST_HONEST, SECOND_HONEST, STAGES };

struct manager;

/* Connects, makes a switch with that many ports of driver pipe, of which the
 * last is the sink's, and enables the stages.  All of these end the program
 * when the switch does not do what it is asked. */
struct manager *manager_open(const char *socket, const char *folder,
                             uint32_t n_ports, uint32_t partition);
void manager_close(struct manager *manager);
/* All stages. */
void manager_partition(struct manager *manager, uint32_t partition);
/* The hostile one. */
void manager_move(struct manager *manager, uint32_t position);

struct counts {
    struct control_stage_counters stages[STAGES];
    uint32_t buffers_used;
    uint32_t n_up;              /* ports with a peer */
    uint64_t tx_dropped;        /* of the sink's port */
    uint64_t shortages;
};

void manager_count(struct manager *manager, struct counts *counts);
/* Lets events arrive. */
void manager_wait(struct manager *manager, uint32_t ms);
/* Forgets what was heard. */
void manager_forget(struct manager *manager);
/* Whether an event has the text, or one of two. */
bool manager_heard(const struct manager *manager, const char *text);
const char *manager_last(const struct manager *manager);

/* ---- children.c ----------------------------------------------------------- */

/* Processes of a stage, at most 'n' of them; how many there are. */
uint32_t children_of(pid_t parent, const char *stage, pid_t *out, uint32_t n);
/* Descriptors and threads of a process, together. */
uint32_t children_things(pid_t pid);
extern const char *const stage_names[STAGES];

/* ---- nemesis.c ------------------------------------------------------------ */

struct nemesis {
    struct manager *manager;
    struct ledger *ledger;
    pid_t host;                 /* xvs-switch */
    pid_t helpers[SOURCES + 1]; /* sources, sink */
    uint32_t random;
    uint32_t partition;         /* enum partition, of all stages */
    uint32_t place;             /* 0 first, 1 middle, 2 last */
    uint32_t things;            /* of xvs-switch, when all is well; 0: not
                                 * counted yet */
    uint64_t n_faults, n_frames, n_killed;
    uint64_t n_ends;            /* of processes of the hostile stage */
    uint64_t slowest_ms;        /* from a fault until all was well */
};

uint32_t nemesis_roll(struct nemesis *nemesis, uint32_t below);
/* Brings the stages to a partition, and the hostile one to a place. */
void nemesis_arrange(struct nemesis *nemesis, uint32_t partition,
                     uint32_t place);
/* A fault of the kind, at a moment of its choice, and all that follows; prints
 * a line for chaos.awk.  False, with a reason on stderr: it did not end as it
 * has to. */
bool nemesis_strike(struct nemesis *nemesis, const struct kind *kind);
/* Everything that was sent has arrived, no buffer is in use, and xvs-switch has
 * no more descriptors and threads than the first time; false with a reason. */
bool nemesis_settle(struct nemesis *nemesis);

/* ---- whole.c -------------------------------------------------------------- */

/* Each stage has its three processes, or in a domain its standby. */
bool whole_is(const struct nemesis *nemesis);
/* Waits for it; false: for too long. */
bool whole_await(const struct nemesis *nemesis);
/* xvs-switch has no more descriptors, threads and copies of plugins than it
 * has to. */
bool whole_is_tidy(struct nemesis *nemesis);
/* All of that, on stderr. */
void whole_say(const struct nemesis *nemesis);

#endif
