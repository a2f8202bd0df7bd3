/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_RESTORE_H
#define XVS_SERVICE_RESTORE_H

/*
 * Ports that xvs-switch could not make when it was given the configuration,
 * mostly because their interface was not there: they are tried again until
 * they can be made, then get their settings.
 */

#include <stdbool.h>
#include <xvs/types.h>

struct loop_timer;
struct service;

#define RESTORE_INTERVAL_MS 2000

/* Part of struct service. */
struct restore {
    struct loop_timer *timer;           /* to the next round, or NULL */
    bool running;                       /* a round is under way */
    char switch_name[XVS_NAME_SIZE];    /* the port of this round that was */
    char port_name[XVS_NAME_SIZE];      /* tried last */
};

/* Plans a round when a port is missing and none is planned. */
void restore_plan(struct service *service);
/* No more rounds. */
void restore_stop(struct service *service);

#endif
