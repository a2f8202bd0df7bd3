/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_RECONCILE_H
#define XVS_SERVICE_RECONCILE_H

/*
 * Bringing xvs-switch to what is configured, each time we (re)connect: a new
 * one gets everything, one that ran on without us is adopted and only what
 * differs is mended.  Every difference is an event.
 */

#include <stdbool.h>
#include <stddef.h>
#include "service/change/plan.h"
#include "service/reconcile/snapshot.h"

struct control_header;
struct error;
struct plan;
struct service;
struct setting;
struct stage;
struct stage_work;
struct vport;

/* Compares and mends; changes wait until it is done. */
void reconcile_start(struct service *service);

/* One reconciliation on its way. */
struct reconcile {
    struct service *service;
    struct snapshot snapshot;   /* what xvs-switch had */
    bool fresh;                 /* it had nothing: a new process */
    unsigned int phase;
    unsigned int n_mended;      /* differences that were told */
    struct vport **ports;       /* to be made, one per step */
    size_t n_ports, ports_capacity;
    size_t first_port;          /* the step of the first of them */
    struct stage_work *work;    /* of the second phase */
    size_t n_work, work_capacity;
};

/* Tells a difference as an event (not of a fresh xvs-switch). */
void reconcile_tell(struct reconcile *reconcile, const char *switch_name,
                    const char *port_name, const char *extension_name,
                    const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A step that must not end the plan, and what tells its refusal. */
void reconcile_step(struct plan *plan, struct buffer *message,
                    plan_check check);
bool reconcile_told(struct plan *plan, void *context,
                    const struct control_header *answer, size_t number,
                    struct error *error);
/* What xvs-switch should not have (service/reconcile/reconcile-remove.c). */
void reconcile_remove(struct plan *plan, struct reconcile *reconcile);
/* True when the port has the interface that is configured. */
bool reconcile_port_there(const struct vport *port,
                          const struct control_port *one);
/* True when it has MTU and address too. */
bool reconcile_port_same(const struct vport *port,
                         const struct control_port *one);

/* The second phase (service/reconcile/reconcile-settings.c): layouts, stages
 * and settings. */
void reconcile_stages(struct plan *plan, struct reconcile *reconcile);
/* Notes what became of a setting; a refusal is an event. */
void reconcile_setting(struct service *service, struct setting *setting,
                       const struct control_header *answer,
                       const struct error *error);
/* True when the snapshot's chain has this stage at its place. */
bool reconcile_stage_there(const struct reconcile *reconcile,
                           const struct stage *stage);

#endif
