/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_KEEP_HERE_H
#define XVS_STAGE_KEEP_HERE_H

/*
 * Kept memory of a stage whose hooks run in this process: of one inline, and
 * what a domain does in the same way.  All of it is the stage's control
 * thread's.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;
struct stage;
struct xvs_host;
struct xvs_keep;

/* Of an instance. */
struct here {
    struct xvs_keep *keep;      /* the extension's; NULL: it keeps nothing */
    uint32_t mine;              /* 1: its hooks write */
};

/* Makes stage->kept, or sees that it is what is wanted now; for all
 * partitions. */
bool here_get(struct stage *stage, uint64_t n, uint32_t version,
              struct error *error);
/* What there is in host->keep() of an instance of these partitions; an enum
 * xvs_result.  'undone': what packet hooks write can be taken back. */
int here_keep(struct stage *stage, struct here *here, struct xvs_keep *keep,
              bool undone);
/* host->keep() of an extension that is only tried. */
int here_try(const struct xvs_host *host, struct xvs_keep *keep);
/* Inline: takes it over when it has no other owner, and calls taken(). */
void here_own(struct stage *stage);
/* The same: a control hook has returned, and what it wrote is for good. */
void here_done(struct stage *stage);
/* The same: the stage is active from now on, or has paused. */
void here_state(struct stage *stage, bool is_active);

#endif
