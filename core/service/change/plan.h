/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_PLAN_H
#define XVS_SERVICE_PLAN_H

/*
 * A change on its way, whatever it changes.  A plan
 *
 *   1. waits until no plan that runs, or waits before it, wants the same
 *      things (plan_lock);
 *   2. is prepared: judged against the state as it is now, which gives the
 *      requests to xvs-switch, what undoes each, and the store's transaction;
 *   3. sends the requests one after another; a refusal undoes those that
 *      were accepted, in reverse order;
 *   4. commits the transaction; a full disk undoes all requests;
 *   5. is applied to the state in memory, and told as done.
 *
 * So the state only ever holds what an extension accepted and the disk has.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"
#include "base/error.h"

struct control_header;
struct plan;
struct service;
struct store_change;

/* What kind of plan it is; 'context' is its own data. */
struct plan_kind {
    /* False: refused, nothing was sent. */
    bool (*prepare)(struct plan *plan, void *context, struct error *error);
    /* All steps have been answered: true when it added more.  May be NULL. */
    bool (*more)(struct plan *plan, void *context);
    /* The change is durable (or there was nothing to store). */
    void (*apply)(struct plan *plan, void *context);
    /* Last call; 'error' is NULL on success.  Frees the context. */
    void (*finish)(void *context, const struct error *error);
};

/* A step's answer is good, but is what it says?  May be NULL. */
typedef bool (*plan_check)(struct plan *plan, void *context,
                           const struct control_header *answer, size_t step,
                           struct error *error);

/* Ends with 'finish', maybe before plan_start() returned. */
struct plan *plan_create(struct service *service,
                         const struct plan_kind *kind, void *context);
/* Before the start: what the plan wants to itself, or shares with others. */
void plan_lock(struct plan *plan, bool exclusive, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void plan_start(struct plan *plan);
/* The same, in front of all that wait. */
void plan_start_first(struct plan *plan);

/* While preparing (and in a plan_check, which may add more steps).
 * Takes the bytes out of both buffers; 'undo' may be NULL.  An empty message
 * is not sent: the step is there for its undo. */
size_t plan_step(struct plan *plan, struct buffer *message,
                 struct buffer *undo, plan_check check);
/* A refusal with this code counts as success ("it is gone already"). */
void plan_tolerate(struct plan *plan, size_t step, enum error_code code);
/* A refusal does not end the plan: 'check' gets the answer, with the error
 * made from it, and what it returns does not count. */
void plan_forgive(struct plan *plan, size_t step);
/* The step's undo, when it is known only from its answer. */
void plan_set_undo(struct plan *plan, size_t step, struct buffer *undo);
/* The transaction to add to. */
struct store_change *plan_change(struct plan *plan);
struct service *plan_service(const struct plan *plan);

/* Tells all plans that are under way, for a test of idleness. */
bool plan_any(const struct service *service);

/* The plans of one service: part of struct service. */
struct plan_queue {
    struct plan *running;       /* list */
    struct plan *waiting;       /* list, oldest first */
    bool starting;              /* plan_start_waiting() is on the stack */
};

#endif
