/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_LANE_SHARE_H
#define XVS_STAGE_LANE_SHARE_H

/*
 * The memory that xvs-switch and one process of a stage have in common.
 *
 *     file       who writes     what
 *     given      xvs-switch     for each worker: which packets the stage has
 *     told       the process    for each worker: how far it is, and verdicts;
 *                               that it lives, where it crashed
 *     packets    xvs-switch     struct xvs_packet of every buffer
 *     buffers    both           the frames; a capture stage only reads them
 *
 * The last two are the pool's, or, for a process that works on copies, its own
 * (copies.h).
 *
 *     worker                            process
 *       tail ---- entries[tail] ---->   runs hooks
 *       done <--- verdicts[done] ----   packet i of 'given' is packet i of
 *                                       'told': it never says which it means
 *
 * Positions count up for ever; place p is at p % SHARE_LANE.  The process is
 * not trusted with anything in 'told': whoever reads it takes each value once
 * and checks it.  All files are sealed against shrinking, so that nobody
 * meets a hole; those of which the process may only read are sealed against
 * writing by anyone who maps them later than us.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/packet.h>

struct error;
struct kept;
struct pool;

#define SHARE_LANE 1024u        /* packets of one worker in a stage, at most */
#define SHARE_NOWHERE UINT64_MAX
#define SHARE_TAKING UINT32_MAX
#define SHARE_EGRESS 0x80000000u    /* bit of an entry: not ingress */

/* Of one worker, in 'given'. */
struct share_given {
    uint32_t tail __attribute__((aligned(64)));     /* packets, ever */
    uint32_t waits;             /* 1: ring the worker's bell when done */
    uint32_t own;               /* the first worker's: whose hooks may write
                                 * kept memory, KEEP_PACKETS and so on */
    uint32_t used;              /* of the first worker: packets, from the
                                 * first on, that are worth being touched */
    /* Numbers in the pool | SHARE_EGRESS. */
    uint32_t entries[SHARE_LANE] __attribute__((aligned(64)));
};

/* What became of a packet. */
struct share_verdict {
    uint8_t verdict;            /* enum xvs_verdict */
    uint8_t reason;
    uint8_t changed;            /* 1: see the change of the same place */
    uint8_t reserved;
};

/* Of a packet whose head the hook changed. */
struct share_change {
    uint32_t out_port;
    uint16_t data;              /* from the start of the buffer */
    uint16_t length;
    uint16_t csum_start, gso_size;
    uint8_t csum_offset, gso_type, offload, reserved;
};

/* Of one worker, in 'told'. */
struct share_told {
    uint32_t done __attribute__((aligned(64)));     /* packets, ever */
    struct share_verdict verdicts[SHARE_LANE] __attribute__((aligned(64)));
    struct share_change changes[SHARE_LANE];
};

/* How the process does; the first part of 'told'. */
struct share_state {
    /* Thread id of the one that runs packet hooks; when it ends, however it
     * does, the kernel sets FUTEX_OWNER_DIED. */
    uint32_t alive __attribute__((aligned(64)));
    uint32_t sleeps;            /* futex: 1: wait for the bell */
    uint32_t crashed;           /* 1: the two below are there */
    uint32_t signal;
    uint64_t address;           /* that was touched, or SHARE_NOWHERE */
    uint32_t taken;             /* 1: it has taken over kept memory */
    /* What is written often has a line of its own: 1 + worker whose packets a
     * hook has; SHARE_TAKING: it is in taken(); or 0. */
    uint32_t inside __attribute__((aligned(64)));
};

/* How big it all is; told to the process. */
struct share_size {
    uint32_t n_workers;
    uint32_t n_packets;
    uint32_t writable;          /* 1: buffers may be written */
    uint32_t reserved;
    uint64_t buffers_size;      /* of the file */
    uint64_t buffers;           /* where xvs_packet.data points into */
    uint64_t packets;           /* where xvs_packet.next points into */
};

enum share_file { SHARE_GIVEN, SHARE_TOLD, SHARE_PACKETS, SHARE_BUFFERS,
                  SHARE_FILES };

/* Why xvs-switch will have no more to do with a process. */
enum share_fault {
    SHARE_FINE,
    SHARE_ENDED,                /* its packet thread is gone */
    SHARE_HANGS,                /* no progress in its time */
    SHARE_LIES                  /* it says what cannot be */
};

/* Who has ended a process, as far as its parent can tell. */
enum share_end {
    SHARE_END_UNKNOWN = 0,      /* it was not waited for yet */
    SHARE_END_OWN,              /* what it did itself: it crashed, exited,
                                 * made a system call that it may not */
    SHARE_END_OUTSIDE           /* a signal that anybody may have sent, or the
                                 * kernel, because memory was short */
};

struct share {
    struct share_size size;
    int files[SHARE_FILES];     /* -1 once they were closed */
    struct share_given *given;  /* n_workers */
    struct share_state *state;
    struct share_told *told;    /* n_workers, behind 'state' */
    struct xvs_packet *packets; /* n_packets; the process only reads them */
    uint8_t *buffers;           /* n_packets * POOL_STRIDE */
    /* Of xvs-switch alone: */
    uint32_t fault;             /* enum share_fault; atomic */
    uint32_t dead;              /* 1: the process was reaped; atomic */
    uint32_t end;               /* enum share_end; atomic */
    int32_t pid;                /* of the process; 0: none yet; atomic */
    int32_t thread;             /* that runs packet hooks; 0: not known */
    bool borrows;               /* the pool's packets and buffers */
    struct kept *kept;          /* what it keeps; NULL: nothing */
    void *owner;                /* who has made it */
};

/* xvs-switch: for a process that is to be, and that is given packets of the
 * pool; NULL: copies.  The files are to be closed when the process has
 * them. */
struct share *share_create(const struct pool *pool, uint32_t n_workers,
                           bool writable, struct error *error);
/* The process: maps the files and closes them. */
struct share *share_attach(const struct share_size *size,
                           const int files[SHARE_FILES],
                           struct error *error);
void share_close_files(struct share *share);
void share_destroy(struct share *share);        /* accepts NULL */

/* Notes the first fault, for good; true when it was this one. */
bool share_condemn(struct share *share, enum share_fault fault);
static inline enum share_fault
share_fault(const struct share *share)
{
    return (enum share_fault) __atomic_load_n(&share->fault,
                                              __ATOMIC_ACQUIRE);
}

static inline bool
share_is_fine(const struct share *share)
{
    return share_fault(share) == SHARE_FINE;
}

/* Any thread of xvs-switch: reads, no system call.  A process can feign it,
 * and is killed for it. */
bool share_has_ended(const struct share *share);
/* Of one that has ended so and was not waited for yet, control threads: whether
 * it feigns it, since the kernel says that it goes on. */
bool share_feigns_end(const struct share *share);
/* Nanoseconds for which its packet thread was ready and had no processor; 0
 * where the kernel does not tell. */
uint64_t share_waited_ns(const struct share *share);

/* xvs-switch: packets from the first on to which the process's pages should be
 * there before it gets any.  The first of them that it touches cost it as much
 * as hundreds of packets do. */
void share_expect(struct share *share, uint32_t n);
/* The process: touches what belongs to 'n' packets from 'first' on, or all
 * that does not belong to a packet. */
void share_touch(const struct share *share, uint32_t first, uint32_t n);
void share_touch_lanes(const struct share *share);

/* xvs-switch: what is left of a process that has ended gives way to others:
 * to take its memory apart takes longer than its packets can wait. */
void share_give_way(const struct share *share);
/* xvs-switch: notes which of the process's threads runs packet hooks.  The
 * process itself may know it by another number. */
void share_find_thread(struct share *share);

/* Wakes the process if it sleeps; what it is to see was stored SEQ_CST. */
void share_ring(struct share *share);

#endif
