/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See visit.h.  Steps: SOCKS (or none), opening, relay.
 */

#include "visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "opening.h"
#include "move/relay.h"
#include "move/side.h"
#include "socks-request.h"

struct visit {
    const struct client *client;
    struct side *side;          /* NULL: the relay has it, or it has gone */
    struct opening opening;
    struct relay *relay;        /* NULL: not open yet */
    struct socks_request socks;
    bool is_socks, is_opening;
    char said[512];             /* behind its request, before the answer */
    size_t said_size;
    void (*ended)(void *arg, enum outcome_code code);
    void *arg;
};

/* ---- The end ------------------------------------------------------------ */

static void
report(const struct visit *self, const struct outcome *outcome, bool ended)
{
    struct report line = { .outcome = outcome, .ended = ended };

    if (self->opening.target.vm[0]) {
        line.target = &self->opening.target;
        line.proxy = &self->opening.proxy;
    }
    if (self->relay) {
        relay_moved(self->relay, &line.up, &line.down);
    }
    outcome_report(self->client->options->report, &line);
}

static void
end(struct visit *self, const struct outcome *outcome)
{
    report(self, outcome, self->relay != NULL);
    if (self->is_opening) {
        opening_cancel(&self->opening);
    }
    if (self->side) {
        self->side->class->close(self->side, false);
    }
    if (self->ended) {
        self->ended(self->arg, outcome->code);
    }
    free(self);
}

static void
end_with(struct visit *self, const char *reason)
{
    struct outcome outcome;

    outcome_set(&outcome, OUTCOME_FAILED, 0, "%s", reason);
    end(self, &outcome);
}

static void
relay_ended(struct relay *relay, enum relay_end how)
{
    struct visit *self = relay_owner(relay);
    struct outcome outcome = { .code = OUTCOME_GOOD };

    if (how == RELAY_RESET_BY_FIRST) {
        outcome_set(&outcome, OUTCOME_FAILED, 0, "the program on this side "
                    "has gone before the end");
    } else if (how != RELAY_FINISHED) {
        outcome_set(&outcome, OUTCOME_RESET, 0, "the connection was reset "
                    "by the VM or on the way to it");
    }
    end(self, &outcome);
}

/* ---- SOCKS -------------------------------------------------------------- */

static void
say(struct visit *self, const void *bytes, size_t size)
{
    /* Some bytes into an empty buffer: taken whole, or the socket is dead. */
    if (self->side->class->write(self->side, bytes, size) < 0) {
        errno = 0;
    }
}

static enum socks_reply
socks_code(const struct outcome *outcome)
{
    switch (outcome->code) {
    case OUTCOME_GOOD:
        return SOCKS_OPEN;
    case OUTCOME_WHO: case OUTCOME_NOT_ALLOWED: case OUTCOME_LIMIT:
        return SOCKS_NOT_ALLOWED;
    case OUTCOME_NO_PROXY: case OUTCOME_TLS:
        return SOCKS_NO_NETWORK;
    case OUTCOME_UNKNOWN_VM: case OUTCOME_ELSEWHERE: case OUTCOME_VM_DOWN:
        return SOCKS_NO_HOST;
    case OUTCOME_REFUSED:
        return SOCKS_NO_LISTENER;
    case OUTCOME_VM_SILENT: case OUTCOME_NO_ANSWER:
        return SOCKS_TIMEOUT;
    default:
        return SOCKS_FAILED;
    }
}

/* ---- Opening ------------------------------------------------------------ */

static bool
start_relay(struct visit *self, struct side *vm)
{
    const struct relay_config config = {
        .loop = self->client->loop,
        .side = { self->side, vm },
        .first = { self->said, self->opening.early },
        .first_size = { self->said_size, self->opening.early_size },
        .ended = relay_ended,
        .owner = self,
    };

    self->relay = relay_create(&config);
    if (self->relay) {
        self->side = NULL;
    } else {
        vm->class->close(vm, true);
    }
    return self->relay;
}

static void
opened(struct opening *opening, struct side *vm,
       const struct outcome *outcome)
{
    struct visit *self = opening->owner;
    uint8_t reply[SOCKS_REPLY_SIZE];

    self->is_opening = false;
    if (self->is_socks) {
        socks_answer(reply, socks_code(outcome));
        say(self, reply, sizeof(reply));
    }
    if (!vm) {
        end(self, outcome);
    } else if (start_relay(self, vm)) {
        report(self, outcome, false);
    } else {
        end_with(self, "no memory");
    }
}

static void
open_target(struct visit *self)
{
    self->is_opening = true;
    self->opening.owner = self;
    self->opening.ended = opened;
    opening_begin(&self->opening, self->client);
}

/* The bytes behind the request, which are the conversation's. */
static bool
keep_said(struct visit *self, const uint8_t *bytes, size_t size)
{
    if (size > sizeof(self->said)) {
        return false;
    }
    memcpy(self->said, bytes, size);
    self->said_size = size;
    return true;
}

static void
socks_wanted(struct visit *self, const uint8_t *rest, size_t size)
{
    uint8_t reply[SOCKS_REPLY_SIZE];

    self->opening.target.port = self->socks.port;
    if (!keep_said(self, rest, size) || self->socks.port == 0
        || !target_name(&self->opening.target, self->socks.name)) {
        self->opening.target.vm[0] = 0;
        socks_answer(reply, SOCKS_FAILED);
        say(self, reply, sizeof(reply));
        end_with(self, "a program asks for what cannot be a VM and a port");
        return;
    }
    self->side->class->want(self->side, 0);
    open_target(self);
}

/* False: it is over, or open. */
static bool
socks_step(struct visit *self, const uint8_t *bytes, size_t size,
           size_t *used)
{
    switch (socks_feed(&self->socks, bytes, size, used)) {
    case SOCKS_MORE:
        return *used < size;
    case SOCKS_GREETED:
        say(self, self->socks.reply, self->socks.reply_size);
        return *used < size;
    case SOCKS_WANTED:
        socks_wanted(self, bytes + *used, size - *used);
        return false;
    case SOCKS_REFUSED:
        say(self, self->socks.reply, self->socks.reply_size);
        end_with(self, self->socks.why);
        return false;
    }
    return false;
}

static void
read_socks(struct visit *self)
{
    uint8_t bytes[sizeof(self->said)];
    ssize_t n = self->side->class->read(self->side, bytes, sizeof(bytes));
    size_t at = 0, used = 0;

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        end_with(self, "a program has gone before it said what it wants");
        return;
    }
    while (socks_step(self, bytes + at, (size_t) n - at, &used)) {
        at += used;
    }
}

/* Before the relay. */
static void
on_side(struct side *side, unsigned events)
{
    struct visit *self = side->owner;

    if (events & (SIDE_HUNG | SIDE_BROKEN)) {
        end_with(self, "the program on this side has gone before the answer");
    } else if (events & SIDE_READABLE) {
        read_socks(self);
    }
}

bool
visit_begin(const struct client *client, struct side *side,
            const struct target *target,
            void (*ended)(void *arg, enum outcome_code code), void *arg)
{
    struct visit *self = calloc(1, sizeof(*self));

    if (!self) {
        side->class->close(side, true);
        return false;
    }
    self->client = client;
    self->side = side;
    self->ended = ended;
    self->arg = arg;
    side->owner = self;
    side->ready = on_side;
    if (target) {
        self->opening.target = *target;
        open_target(self);
    } else {
        self->is_socks = true;
        side->class->want(side, SIDE_READABLE);
    }
    return true;
}
