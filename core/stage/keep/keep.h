/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_KEEP_KEEP_H
#define XVS_STAGE_KEEP_KEEP_H

/*
 * Memory that extensions keep (xvs/keep.h): what there is of it, and whose it
 * is just now.
 *
 *     keep       of one extension on one switch: outlives its stages
 *       current ---> segment: a sealed file    | logs | bytes of the extension |
 *       owner -----> kept: a stage's part in it: its segment, which is the
 *       share ---->        current one or, of another version, a new one
 *                          that becomes it, and the one before
 *
 * The owner is the one stage, and the share the one of its processes, whose
 * packet hooks may write.  It changes hands like this:
 *
 *     nobody ----------------------------------> a stage that is active
 *     a process that has ended, of the stage --> another process of the stage
 *     a stage that has paused -----------------> nobody
 *
 * and before the next one has it, what the last one had noted for packets
 * that it had not finished is taken back.  A worker that finds a process for
 * its packets does that by itself (keep_own_packets()), unless another one is
 * at it; control threads do the rest.
 *
 * Of what extensions write, only the logs are ever read, and those as a
 * stranger's (log.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/keep.h>

#include "packet/tally.h"

struct error;
struct keeps;
struct kept;
struct segment;
struct share;

/* Logs of a segment: of control hooks, of each worker's packet hooks, and of
 * taken() where that is called on a control thread. */
#define KEEP_LOGS (WORKERS_MAX + 2u)
#define KEEP_LANE WORKERS_MAX   /* xvs_burst.lane of that */
#define KEEP_PACKETS 1u         /* bits of share_given.own: the hooks of */
#define KEEP_CONTROL 2u         /* this process may write; */
#define KEEP_BEFORE 4u          /* and nobody has taken over the bytes before */

/* How it is, for those who look on. */
struct keep_status {
    uint64_t size;              /* bytes; 0: there is none */
    int64_t since;              /* microseconds since 1970, when the bytes
                                 * were made */
    uint64_t handovers;         /* to an instance that was not the first */
    uint64_t taken_back;        /* writes */
};

struct keeps *keeps_create(void);
void keeps_destroy(struct keeps *keeps);    /* accepts NULL */
/* Main thread: forgets what is kept on the switch, or (0) everywhere, by the
 * extension, or (NULL) by all.  Who has it keeps it to his end. */
void keeps_forget(struct keeps *keeps, uint32_t switch_id,
                  const struct xvs_guid *extension);

/*
 * The part of a stage in what its extension keeps: so many bytes, of that
 * version; at most 'limit' (0: XVS_KEEP_LIMIT).  NULL with an error.
 */
struct kept *kept_create(struct keeps *keeps, uint32_t switch_id,
                         const struct xvs_guid *extension, uint64_t n,
                         uint32_t version, uint64_t limit,
                         struct error *error);
/* The stage has no process and no hook any more.  Accepts NULL. */
void kept_destroy(struct kept *kept);

/* Whether it is what was asked for at first. */
bool kept_is(const struct kept *kept, uint64_t n, uint32_t version);
uint64_t kept_bytes(const struct kept *kept);
/* The number of the next instance, which is 1 when all is zero. */
uint32_t kept_instance(const struct kept *kept);
/* Fills in where it is in this process, and what there is from before that
 * nobody has taken over. */
void kept_fill(const struct kept *kept, struct xvs_keep *keep);
/* All of it as it is in this process: logs, and bytes. */
void *kept_memory(const struct kept *kept, uint64_t *size);
struct xvs_keep_log *kept_log(const struct kept *kept, uint32_t i);
/* Whether there are bytes before, which nobody has taken over; they were. */
bool kept_has_before(const struct kept *kept);
void kept_converted(struct kept *kept);
/* Takes back what the log has. */
void kept_undo(struct kept *kept, struct xvs_keep_log *log);
/* The file, which stays the stage's; and one of the bytes before, which can
 * only be read, and is the caller's (-1: there are none). */
int kept_file(const struct kept *kept);
int kept_open_before(const struct kept *kept);

/* A worker: whether packets may be given to the process, which owns the
 * memory from now on. */
bool keep_own_packets(struct kept *kept, struct share *share);
/* Control thread: the same for the stage, with control hooks too; 'share' is
 * NULL where hooks run in this process.  Other processes of the stage that
 * owned it have been reaped. */
bool kept_own(struct kept *kept, struct share *share);
/* Any thread: another instance has it, after one that was in this process,
 * too.  False: the stage does not own it, and so neither does the instance. */
bool kept_pass(struct kept *kept);
/* Control thread: the stage has paused, or this process of it (NULL: all) is
 * to be freed. */
void kept_leave(struct kept *kept, const struct share *share);

/* Any thread. */
void kept_status(const struct kept *kept, struct keep_status *out);

#endif
