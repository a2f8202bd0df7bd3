/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/memory.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"

#define PER_USER 64u
#define IN_ALL 1024u
#define SWEEP_MS 1000u

struct contexts {
    struct loop *loop;          /* for the sweep */
    struct map *by_id;          /* id -> struct context */
    unsigned int per_user;      /* at most so many of one owner */
    struct loop_timer *sweep;   /* NULL: nothing is open */
};

struct contexts *
contexts_create(struct loop *loop, unsigned int per_user)
{
    struct contexts *contexts = mem_zalloc(sizeof *contexts);

    contexts->loop = loop;
    contexts->by_id = map_create(false);
    contexts->per_user = per_user ? per_user : PER_USER;
    return contexts;
}

static void
free_context(void *pointer)
{
    struct context *context = pointer;

    listing_destroy(context->listing);
    free(context);
}

void
contexts_destroy(struct contexts *contexts)
{
    if (!contexts) {
        return;
    }
    loop_timer_remove(contexts->sweep);
    map_destroy(contexts->by_id, free_context);
    free(contexts);
}

size_t
contexts_count(const struct contexts *contexts)
{
    return map_count(contexts->by_id);
}

static void
sweep(void *arg)
{
    struct contexts *contexts = arg;
    uint64_t now_ms = loop_now_ms();
    size_t at = 0;
    const char *id;
    void *value;

    while (map_next(contexts->by_id, &at, &id, &value)) {
        struct context *context = value;

        if (context->deadline_ms && context->deadline_ms <= now_ms) {
            context_close(context);
        }
    }
    if (!map_count(contexts->by_id)) {
        loop_timer_remove(contexts->sweep);
        contexts->sweep = NULL;
    }
}

static unsigned int
count_of(const struct contexts *contexts, const char *owner)
{
    unsigned int n = 0;
    size_t at = 0;
    const char *id;
    void *value;

    while (map_next(contexts->by_id, &at, &id, &value)) {
        n += strcmp(((struct context *) value)->owner, owner) == 0;
    }
    return n;
}

/* Hard to guess, though only its owner may use it. */
static void
make_id(char id[33])
{
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes) {
        abort();
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(id + i * 2, 3, "%02x", bytes[i]);
    }
}

struct context *
context_open(struct contexts *contexts, const char *owner,
             struct listing *listing, uint64_t timeout_ms,
             struct error *error)
{
    struct context *context;

    if (count_of(contexts, owner) >= contexts->per_user
        || map_count(contexts->by_id) >= IN_ALL) {
        error_set(error, ERROR_LIMIT, "too many enumerations are open (%u "
                  "per user, %u in all)", contexts->per_user, IN_ALL);
        error_hint(error, "close enumerations that are not read to their "
                   "end");
        return NULL;
    }
    context = mem_zalloc(sizeof *context);
    make_id(context->id);
    snprintf(context->owner, sizeof context->owner, "%s", owner);
    context->contexts = contexts;
    context->listing = listing;
    context->timeout_ms = timeout_ms;
    context->deadline_ms = loop_now_ms() + timeout_ms;
    map_put(contexts->by_id, context->id, context);
    if (!contexts->sweep) {
        contexts->sweep = loop_timer_add(contexts->loop, SWEEP_MS, true,
                                         sweep, contexts);
    }
    return context;
}

struct context *
context_find(struct contexts *contexts, const char *owner, const char *id)
{
    struct context *context = map_get(contexts->by_id, id);

    return context && strcmp(context->owner, owner) == 0 ? context : NULL;
}

void
context_use(struct context *context, struct operation *op)
{
    context->user = op;
    context->deadline_ms = 0;
}

void
context_release(struct context *context, const struct operation *op)
{
    if (context->user == op) {
        context->user = NULL;
        context->deadline_ms = loop_now_ms() + context->timeout_ms;
        source_wake(context->listing->source, NULL, NULL);
    }
}

void
context_close(struct context *context)
{
    map_remove(context->contexts->by_id, context->id);
    free_context(context);
}
