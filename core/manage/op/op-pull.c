/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading an open enumeration piece by piece.  One of events has no end: at
 * the end of what is there a pull waits for more, and answers with nothing
 * when there was nothing in time.
 */

#include <config.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/context.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "manage/op/pull.h"

#define POLL_MS 30000u      /* at most, whatever the client wants */

/* Ends the answer; the enumeration goes on unless this was its end. */
static void
end_piece(struct operation *op, bool at_end)
{
    struct context *context = op->context;

    op_close_return(op);
    if (!at_end) {
        op_put_parameter(op, "EnumerationContext", "string", context->id);
    }
    op_put_parameter(op, "EndOfSequence", "boolean",
                     at_end ? "TRUE" : "FALSE");
    if (at_end) {
        op->context = NULL;
        context_close(context);
    }
    op_finish(op);
}

static void
fail(struct operation *op, const struct error *error)
{
    struct context *context = op->context;

    op->context = NULL;
    context_close(context);
    op_fail(op, error);
}

static void
waited_enough(void *arg)
{
    struct operation *op = arg;

    op->timer = NULL;
    op->until_ms = 0;
    op_can_go_on(op);
}

/* Nothing there now.  True: wait; false: answer with what was written. */
static bool
wait_for_more(struct operation *op)
{
    const struct context *context = op->context;

    if (!context->is_events) {
        return true;
    }
    if (op->n_written || !op->until_ms) {
        return false;
    }
    if (!op->timer) {
        op->timer = loop_timer_add(op->manage->loop, op->until_ms, false,
                                   waited_enough, op);
    }
    return true;
}

static void
produce(void *arg, struct exchange *exchange)
{
    struct operation *op = arg;
    struct error error;

    for (int i = 0; i < LISTING_TURN && !exchange_full(exchange); i++) {
        bool written = false;

        if (op->n_written == op->limit) {
            end_piece(op, false);
            return;
        }
        switch (listing_next(op->context->listing, exchange_out(exchange),
                             &written, &error)) {
        case CURSOR_ITEM:
            op->n_written += written;
            break;
        case CURSOR_WAIT:
            exchange->waiting = wait_for_more(op);
            if (!exchange->waiting) {
                end_piece(op, false);
            }
            return;
        case CURSOR_END:
            end_piece(op, true);
            return;
        default:
            fail(op, &error);
            return;
        }
    }
}

void
pull_answer(struct operation *op, struct context *context, uint64_t limit,
            bool waits)
{
    struct exchange *exchange = op->exchange;

    op->context = context;
    context_use(context, op);
    op->limit = limit;
    op->until_ms = waits && context->is_events
                       ? (context->timeout_ms < POLL_MS ? context->timeout_ms
                                                        : POLL_MS) : 0;
    source_wake(context->listing->source, op_can_go_on, op);
    op_answer(op);
    exchange->arg = op;
    exchange->produce = produce;
}

/* The enumeration that the request names; NULL: bad. */
static struct context *
named_context(struct operation *op)
{
    const char *id = op_text(op, "EnumerationContext");
    struct context *context;

    if (!id) {
        op_bad(op, ERROR_INVALID, "the parameter EnumerationContext is "
               "missing");
        return NULL;
    }
    context = context_find(op->manage->contexts, op->principal.name, id);
    if (!context) {
        op_bad(op, ERROR_NOT_FOUND, "there is no such enumeration; it may "
               "have expired");
        op->status = CIM_INVALID_ENUMERATION_CONTEXT;
    } else if (context->user) {
        op_bad(op, ERROR_BUSY, "another request reads this enumeration");
        context = NULL;
    }
    return context;
}

void
op_pull(struct operation *op)
{
    struct context *context = named_context(op);
    uint64_t limit = op_number(op, "MaxObjectCount", UINT64_MAX);

    if (limit == UINT64_MAX) {
        op_bad(op, ERROR_INVALID, "the parameter MaxObjectCount is missing");
    }
    if (context && !text_equal_fold(context->pull, op->request.name)) {
        op_bad(op, ERROR_INVALID, "this enumeration is read with %s",
               context->pull);
        op->status = CIM_INVALID_ENUMERATION_CONTEXT;
    }
    if (!op_is_bad(op)) {
        pull_answer(op, context, limit, limit > 0);
    }
}

void
op_close_enumeration(struct operation *op)
{
    struct context *context = named_context(op);

    if (op_is_bad(op)) {
        return;
    }
    context_close(context);
    op_finish(op);
}
