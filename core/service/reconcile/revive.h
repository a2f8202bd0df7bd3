/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_REVIVE_H
#define XVS_SERVICE_REVIVE_H

/*
 * Extensions whose plugin could not be loaded, and stages that could not be
 * enabled, when xvs-switch was given the configuration: they are tried again
 * until they can, then get their settings.  A file that is missing is looked
 * for in each round; what was refused is tried less and less often, because
 * a try costs a process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>

#include "service/change/enabling.h"

struct control_extension;
struct control_header;
struct error;
struct extension;
struct loop_timer;
struct plan;
struct service;
struct stage;

#define REVIVE_INTERVAL_MS 2000
/* At most so many rounds between two tries. */
#define REVIVE_MAX_ROUNDS 32

/* Part of struct service. */
struct revive {
    struct loop_timer *timer;           /* to the next round, or NULL */
    bool running;                       /* a round is under way */
    char extension_name[XVS_NAME_SIZE]; /* that was tried last in it */
};

/* Plans a round when something is to be tried and none is planned. */
void revive_plan(struct service *service);
/* The same, at once and with no try left out. */
void revive_now(struct service *service);
/* No more rounds. */
void revive_stop(struct service *service);

/*
 * Takes in what a plugin that was loaded again says of itself: it may be
 * another version than was installed, which is then stored, and '*differs'
 * is set.  False when it is another extension.
 */
bool revive_loaded(struct plan *plan, struct extension *extension,
                   const struct control_extension *one, bool *differs,
                   struct error *error);
/* Where the stage is to go among those of its class that are enabled. */
uint32_t revive_position(const struct stage *stage);
/* The same, and its partition. */
struct enable_place revive_place(const struct stage *stage);

#endif
