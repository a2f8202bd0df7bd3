/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Running plans.  A plan is a small state machine driven by answers; the
 * functions below are in the order in which a plan meets them.
 */

#include <config.h>

#include "service/change/plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"
#include "service/store/store.h"

/* Something that a plan wants, by the hash of its name. */
struct want {
    uint64_t name;
    bool exclusive;
};

struct step {
    struct buffer message;
    struct buffer undo;         /* empty: nothing to undo */
    plan_check check;           /* or NULL */
    enum error_code tolerated;  /* a refusal that is as good as success */
    bool forgiven;              /* any refusal is, once 'check' has seen it */
};

struct plan {
    struct plan *next;          /* in the list of running or waiting ones */
    struct service *service;
    const struct plan_kind *kind;
    void *context;
    struct want *wants;
    size_t n_wants, wants_capacity;
    struct step *steps;
    size_t n_steps, steps_capacity;
    size_t at;                  /* the step that is under way */
    struct store_change *change;
    struct error error;         /* why it is being undone */
};

static struct mem_pool pool = { .size = sizeof(struct plan), .most = 64 };

static void plan_next(struct plan *plan);
static void plan_undo(struct plan *plan);

struct plan *
plan_create(struct service *service, const struct plan_kind *kind,
            void *context)
{
    struct plan *plan = mem_pool_take(&pool);

    plan->service = service;
    plan->kind = kind;
    plan->context = context;
    return plan;
}

/* Of the name that printf() would make; 'format' knows %s only. */
static uint64_t
hash_name(const char *format, va_list args)
{
    uint64_t hash = 0;

    while (*format) {
        size_t size = strcspn(format, "%");
        const char *text;

        hash = hash_bytes(hash, format, size);
        format += size;
        if (*format) {
            assert(format[1] == 's');
            text = va_arg(args, const char *);
            hash = hash_bytes(hash, text, strlen(text));
            format += 2;
        }
    }
    return hash;
}

void
plan_lock(struct plan *plan, bool exclusive, const char *format, ...)
{
    uint64_t hash;
    va_list args;

    va_start(args, format);
    hash = hash_name(format, args);
    va_end(args);
    /* Many settings of one place want the same few things in a row. */
    for (size_t i = plan->n_wants; i > 0 && i + 8 > plan->n_wants; i--) {
        if (plan->wants[i - 1].name == hash
            && plan->wants[i - 1].exclusive == exclusive) {
            return;
        }
    }
    mem_grow(&plan->wants, &plan->wants_capacity, plan->n_wants,
             sizeof *plan->wants);
    plan->wants[plan->n_wants].name = hash;
    plan->wants[plan->n_wants++].exclusive = exclusive;
}

size_t
plan_step(struct plan *plan, struct buffer *message, struct buffer *undo,
          plan_check check)
{
    struct step *step;

    mem_grow(&plan->steps, &plan->steps_capacity, plan->n_steps,
             sizeof *plan->steps);
    step = &plan->steps[plan->n_steps];
    memset(step, 0, sizeof *step);
    step->message = *message;
    memset(message, 0, sizeof *message);
    if (undo) {
        step->undo = *undo;
        memset(undo, 0, sizeof *undo);
    }
    step->check = check;
    return plan->n_steps++;
}

void
plan_tolerate(struct plan *plan, size_t step, enum error_code code)
{
    plan->steps[step].tolerated = code;
}

void
plan_forgive(struct plan *plan, size_t step)
{
    plan->steps[step].forgiven = true;
}

void
plan_set_undo(struct plan *plan, size_t step, struct buffer *undo)
{
    buffer_free(&plan->steps[step].undo);
    plan->steps[step].undo = *undo;
    memset(undo, 0, sizeof *undo);
}

struct store_change *
plan_change(struct plan *plan)
{
    if (!plan->change) {
        plan->change = store_begin();
    }
    return plan->change;
}

struct service *
plan_service(const struct plan *plan)
{
    return plan->service;
}

bool
plan_any(const struct service *service)
{
    return service->plans.running || service->plans.waiting;
}

/* ---- Waiting ------------------------------------------------------------ */

static bool
plans_conflict(const struct plan *a, const struct plan *b)
{
    for (size_t i = 0; i < a->n_wants; i++) {
        for (size_t j = 0; j < b->n_wants; j++) {
            if (a->wants[i].name == b->wants[j].name
                && (a->wants[i].exclusive || b->wants[j].exclusive)) {
                return true;
            }
        }
    }
    return false;
}

/* True when no plan in the list up to 'end' stands in the way. */
static bool
plan_is_free(const struct plan *plan, const struct plan *list,
             const struct plan *end)
{
    for (; list && list != end; list = list->next) {
        if (plans_conflict(plan, list)) {
            return false;
        }
    }
    return true;
}

static void
plan_run(struct plan *plan)
{
    struct error error;

    plan->next = plan->service->plans.running;
    plan->service->plans.running = plan;
    memset(&error, 0, sizeof error);
    if (plan->kind->prepare(plan, plan->context, &error)) {
        plan_next(plan);
    } else {
        plan->error = error;
        plan->at = 0;
        plan_undo(plan);
    }
}

/* Starts every waiting plan that nothing stands in the way of. */
static void
plan_start_waiting(struct service *service)
{
    struct plan_queue *queue = &service->plans;
    struct plan **at = &queue->waiting;

    if (queue->starting) {
        return;
    }
    queue->starting = true;
    while (*at) {
        struct plan *plan = *at;

        if (plan_is_free(plan, queue->running, NULL)
            && plan_is_free(plan, queue->waiting, plan)) {
            *at = plan->next;
            plan_run(plan);
            /* It may have ended and freed others: look again. */
            at = &queue->waiting;
        } else {
            at = &plan->next;
        }
    }
    queue->starting = false;
}

void
plan_start(struct plan *plan)
{
    struct plan **at = &plan->service->plans.waiting;

    while (*at) {
        at = &(*at)->next;
    }
    plan->next = NULL;
    *at = plan;
    plan_start_waiting(plan->service);
}

void
plan_start_first(struct plan *plan)
{
    plan->next = plan->service->plans.waiting;
    plan->service->plans.waiting = plan;
    plan_start_waiting(plan->service);
}

/* ---- Ending ------------------------------------------------------------- */

static void
plan_destroy(struct plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        buffer_free(&plan->steps[i].message);
        buffer_free(&plan->steps[i].undo);
    }
    store_cancel(plan->change);
    free(plan->steps);
    free(plan->wants);
    mem_pool_give(&pool, plan);
}

static void
plan_end(struct plan *plan, const struct error *error)
{
    struct service *service = plan->service;
    struct plan **at = &service->plans.running;

    while (*at != plan) {
        at = &(*at)->next;
    }
    *at = plan->next;
    plan->kind->finish(plan->context, error);
    plan_destroy(plan);
    plan_start_waiting(service);
}

/* ---- Undoing ------------------------------------------------------------ */

static void
undo_answered(void *arg, const struct control_header *answer)
{
    struct plan *plan = arg;
    struct error error;

    if (answer && !answer_ok(answer, &error)) {
        error_prefix(&error, "a change could not be taken back");
        log_error_at(LOG_LEVEL_ERROR, &error);
        events_add(plan->service, &(struct event) {
            .severity = "error", .kind = "undo-failed", .text = error.text,
        });
    }
    plan_undo(plan);
}

/* Undoes the steps before 'at', last first, then ends. */
static void
plan_undo(struct plan *plan)
{
    while (plan->at > 0) {
        struct step *step = &plan->steps[--plan->at];

        if (step->undo.size) {
            peer_request(plan->service->peer, &step->undo, undo_answered,
                         plan);
            return;
        }
    }
    plan_end(plan, &plan->error);
}

/* ---- Going on ----------------------------------------------------------- */

static void
plan_stored(void *arg, const struct error *error)
{
    struct plan *plan = arg;

    if (error) {
        plan->error = *error;
        error_prefix(&plan->error, "nothing was changed");
        plan_undo(plan);
        return;
    }
    plan->kind->apply(plan, plan->context);
    plan_end(plan, NULL);
}

static void
step_answered(void *arg, const struct control_header *answer)
{
    struct plan *plan = arg;
    const struct step *step = &plan->steps[plan->at];
    plan_check check = step->check;
    size_t at = plan->at;
    bool ok = answer_ok(answer, &plan->error);

    if (!ok && answer && step->forgiven && check) {
        check(plan, plan->context, answer, at, &plan->error);
    }
    if (!ok && answer && (step->forgiven
                          || (step->tolerated
                              && plan->error.code == step->tolerated))) {
        plan->at++;
        plan_next(plan);
        return;
    }
    if (ok) {
        plan->at++;
        ok = !check || check(plan, plan->context, answer, at, &plan->error);
    }
    if (ok) {
        plan_next(plan);
    } else {
        plan_undo(plan);
    }
}

static void
plan_next(struct plan *plan)
{
    while (plan->at < plan->n_steps
           && plan->steps[plan->at].message.size == 0) {
        plan->at++;
    }
    if (plan->at < plan->n_steps) {
        peer_request(plan->service->peer, &plan->steps[plan->at].message,
                     step_answered, plan);
        return;
    }
    if (plan->kind->more && plan->kind->more(plan, plan->context)) {
        plan_next(plan);
        return;
    }
    if (plan->change) {
        struct store_change *change = plan->change;

        plan->change = NULL;
        store_commit(plan->service->store, change, plan_stored, plan);
        return;
    }
    plan_stored(plan, NULL);
}
