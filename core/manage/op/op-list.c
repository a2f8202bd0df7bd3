/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers that are lists: written as far as there is room, continued when
 * the client has taken what was written.
 */

#include <config.h>

#include "base/error.h"
#include "manage/cim/operation.h"
#include "manage/list/class-list.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"

void
op_can_go_on(void *arg)
{
    struct operation *op = arg;

    if (op->exchange) {
        exchange_wake(op->exchange);
    }
}

static void
produce(void *arg, struct exchange *exchange)
{
    struct operation *op = arg;
    struct error error;

    for (int i = 0; i < LISTING_TURN && !exchange_full(exchange); i++) {
        bool written;

        switch (listing_next(op->listing, exchange_out(exchange), &written,
                             &error)) {
        case CURSOR_ITEM:
            break;
        case CURSOR_WAIT:
            exchange->waiting = true;
            return;
        case CURSOR_END:
            op_finish(op);
            return;
        default:
            op_fail(op, &error);
            return;
        }
    }
}

void
op_list(struct operation *op, struct listing *listing)
{
    struct exchange *exchange = op->exchange;

    op->listing = listing;
    op->owns_listing = true;
    if (op_is_bad(op)) {
        return;
    }
    source_wake(listing->source, op_can_go_on, op);
    op_answer(op);
    exchange->arg = op;
    exchange->produce = produce;
}

static void
produce_classes(void *arg, struct exchange *exchange)
{
    struct operation *op = arg;

    while (!exchange_full(exchange)) {
        if (!class_list_write(op->classes, exchange_out(exchange))) {
            op_finish(op);
            return;
        }
    }
}

void
op_list_classes(struct operation *op, struct class_list *list)
{
    op->classes = list;
    op_answer(op);
    op->exchange->arg = op;
    op->exchange->produce = produce_classes;
}
