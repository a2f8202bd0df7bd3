/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_STAGE_CHANGE_H
#define XVS_SERVICE_STAGE_CHANGE_H

/*
 * A change of a stage, seen by the files that make it: change-stage.c reads
 * the wish and applies it, stage-enable.c plans its way in and out, and
 * stage-place.c its place in the chain.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service/change/change.h"
#include "service/change/partner.h"

struct control_header;
struct error;
struct extension;
struct plan;
struct service;
struct stage;
struct vswitch;

#define NO_SHARE UINT32_MAX

/* A stage on its way in, out or along. */
struct stage_change {
    struct wish wish;
    char *switch_name;
    char *extension_name;
    uint32_t position;          /* UINT32_MAX: last */
    uint32_t asked;             /* the one sent, among enabled stages */
    uint32_t partition;         /* PARTITION_DEFAULT: as it is, or usual */
    uint32_t time_share;        /* NO_SHARE: as it is, or no limit */
    bool moves;                 /* the position counts, of one that exists */
    bool both;                  /* ... and it shares its place, so that it is
                                 * that of service/change/both.h */
    struct partner_wish partner;    /* what it shares */
    uint32_t *results;          /* of its settings, from the answer */
    size_t n_results;
};

/* The partition that is wished for, or where the stage (may be NULL) is. */
uint32_t stage_partition(const struct service *service,
                         const struct stage_change *change,
                         const struct extension *extension,
                         const struct stage *stage);
/* The share of time that is wished for, or that the stage has, if any. */
uint8_t stage_share(const struct stage_change *change,
                    const struct stage *stage);

/* stage-place.c: where two that share a place are to be, or one alone. */
uint32_t stage_place(const struct vswitch *vswitch,
                     const struct extension *extension,
                     const struct stage_change *change);
/* Stores the place that the switch made of the wish. */
void stage_take_place(struct plan *plan, struct stage_change *change,
                      const struct control_header *answer);
/* The place that a stage is to have or keep, and the step to it; what is
 * stored of it is what the switch answers. */
void stage_prepare_place(struct plan *plan, struct stage_change *change,
                         struct stage *stage);

/* stage-enable.c: the steps of a way in, or the error why it cannot be. */
bool stage_prepare_enable(struct plan *plan, struct stage_change *change,
                          struct error *error);
/* The step out, and back should a later one fail. */
bool stage_step_disable(struct plan *plan, struct stage *stage,
                        struct error *error);

#endif
