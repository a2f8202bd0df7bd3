/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_REQUEST_HANDOVER_H
#define XVS_SWITCH_REQUEST_HANDOVER_H

/*
 * Successors of stages, which take their places while packets flow:
 *
 *     handover_add()     a stage, and the one that is to take its place
 *     handover_start()   each successor: init, ports, settings, ACTIVATE
 *     -> all accepted:   'accepted'; each takes its predecessor's place in
 *                        the chain; predecessors: grace period, PAUSE, fini
 *     -> one refused:    successors leave, and nothing has changed
 *     -> 'done'
 *
 * The switches concerned are the caller's operation's meanwhile: nothing that
 * both stages would have to know can change.
 */

#include <stdbool.h>
#include <stdint.h>

#include "stage/stage.h"

struct driver;
struct plugin;
struct succession;
struct vswitch;

/* Part of the operation that makes it. */
struct handover {
    struct driver *driver;
    uint32_t timeout_ms;            /* of each request; 0: the default */
    void (*accepted)(void *arg);    /* may be NULL */
    void (*done)(void *arg);        /* last call; see 'failed' */
    void *arg;                      /* of both */
    struct succession *list;        /* NULL at first */
    uint32_t n_waiting;             /* tasks, or stages that leave */
    bool failed;
    struct outcome failure;         /* the first */
};

/* Makes a successor of 'plugin' in the partition.  False: the handover has
 * failed, which handover_start() finds. */
bool handover_add(struct handover *handover, struct vswitch *vswitch,
                  struct stage *old, struct plugin *plugin,
                  enum partition partition, uint32_t time_share);
/* 'done' may be called before this returns. */
void handover_start(struct handover *handover);

#endif
