/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One direction of a conversation: what is read, what of it waits, and when
 * it may go; see relay.h and relay-inside.h.
 */

#include "move/relay-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "move/pipes.h"

#define SECOND UINT64_C(1000000000)
#define CHUNK 65536u            /* what is read, and waits, at most */
#define BUDGET (512u << 10)     /* bytes of one turn */

static char scratch[CHUNK];

void
direction_drop(struct direction *d)
{
    free(d->waiting);
    d->waiting = NULL;
    d->size = d->at = 0;
    if (d->pipe) {
        pipe_give_back(d->pipe);
        d->pipe = NULL;
    }
}

/* How many bytes of the budget may go now. */
static size_t
allowance(const struct relay *relay, struct direction *d, size_t budget)
{
    uint64_t burst = relay->rate / 4 > 4096 ? relay->rate / 4 : 4096;
    uint64_t now, passed;

    if (!relay->rate || !budget) {
        d->throttled = false;
        return budget;
    }
    now = loop_now(relay->loop);
    passed = now - d->filled < SECOND ? now - d->filled : SECOND;
    d->filled = now;
    d->tokens += passed / 1000 * relay->rate / 1000000;
    d->tokens = d->tokens < burst ? d->tokens : burst;
    d->throttled = !d->tokens;
    return d->tokens < budget ? (size_t) d->tokens : budget;
}

static void
has_moved(struct relay *relay, struct direction *d, size_t n)
{
    bool down = d == &relay->d[1];
    size_t own = !down ? 0 : n < relay->own ? n : (size_t) relay->own;

    relay->own -= own;
    n -= own;
    d->moved += n;
    for (struct relay_count *at = relay->count; at; at = at->all) {
        *(down ? &at->down : &at->up) += n;
    }
    relay->last = loop_now(relay->loop);
}

/* Another direction that is dead: what comes is for nobody. */
static enum turn
failed(enum turn whose)
{
    return errno == EAGAIN ? TURN_DONE : whose;
}

/* Writes what waits.  'done': none is left. */
static enum turn
write_waiting(struct relay *relay, struct direction *d, struct side *to,
              bool *done)
{
    ssize_t n;

    *done = false;
    while (d->size) {
        n = to->class->write(to, d->waiting + d->at, d->size);
        if (n < 0) {
            return failed(TURN_TARGET_LOST);
        }
        if (n == 0) {
            return TURN_DONE;
        }
        d->at += (uint32_t) n;
        d->size -= (uint32_t) n;
        has_moved(relay, d, (size_t) n);
    }
    while (d->pipe) {
        n = to->class->give(to, d->pipe->out, d->pipe->size);
        if (n <= 0) {
            return n < 0 ? failed(TURN_TARGET_LOST) : TURN_DONE;
        }
        d->pipe->size -= (size_t) n;
        has_moved(relay, d, (size_t) n);
        if (!d->pipe->size) {
            direction_drop(d);
        }
    }
    direction_drop(d);
    *done = true;
    return TURN_DONE;
}

bool
direction_keep(struct direction *d, const void *bytes, size_t size)
{
    d->waiting = malloc(size);
    if (d->waiting) {
        memcpy(d->waiting, bytes, size);
        d->size = (uint32_t) size;
        d->at = 0;
    }
    return d->waiting;
}

/* Reads at most 'size', and writes as much of it as the other side takes. */
static ssize_t
copy(struct relay *relay, struct direction *d, struct side *from,
     struct side *to, size_t size, enum turn *turn)
{
    ssize_t n, taken;

    n = from->class->read(from, scratch, size < CHUNK ? size : CHUNK);
    if (n <= 0) {
        return n;
    }
    taken = to->class->write(to, scratch, (size_t) n);
    if (taken < 0 && errno != EAGAIN) {
        *turn = TURN_TARGET_LOST;
        return n;
    }
    taken = taken < 0 ? 0 : taken;
    has_moved(relay, d, (size_t) taken);
    if (taken < n
        && !direction_keep(d, scratch + taken, (size_t) (n - taken))) {
        *turn = TURN_TARGET_LOST;
    }
    return n;
}

static bool
may_splice(const struct direction *d, const struct side *from,
           const struct side *to)
{
    return d->moved >= RELAY_SPLICE_AFTER && from->class->take
        && to->class->give;
}

/* Takes what there is into a pipe; write_waiting() gives it. */
static ssize_t
splice_in(struct direction *d, struct side *from, size_t size)
{
    ssize_t n = from->class->take(from, d->pipe->in, size < d->pipe->room
                                  ? size : d->pipe->room);
    int error = errno;

    d->pipe->size = n > 0 ? (size_t) n : 0;
    if (n <= 0) {
        direction_drop(d);
    }
    errno = error;
    return n;
}

/* Reads at most 'size', as read(); what the other side does not take waits. */
static ssize_t
move_some(struct relay *relay, struct direction *d, struct side *from,
          struct side *to, size_t size, enum turn *turn)
{
    if (may_splice(d, from, to)) {
        d->pipe = pipe_borrow();
    }
    return d->pipe ? splice_in(d, from, size)
                   : copy(relay, d, from, to, size, turn);
}

enum turn
relay_move(struct relay *relay, int i)
{
    struct direction *d = &relay->d[i];
    struct side *from = relay->side[i], *to = relay->side[!i];
    size_t budget = BUDGET, size;
    enum turn turn;
    bool done;
    ssize_t n;

    while (!d->finished) {
        turn = write_waiting(relay, d, to, &done);
        if (turn != TURN_DONE || !done) {
            return turn;
        }
        if (d->ended) {
            to->class->finish(to);
            d->finished = true;
            return TURN_DONE;
        }
        size = allowance(relay, d, budget);
        if (!size) {
            return TURN_DONE;
        }
        n = move_some(relay, d, from, to, size, &turn);
        if (turn != TURN_DONE || n < 0) {
            return n < 0 ? failed(TURN_SOURCE_LOST) : turn;
        }
        d->ended = n == 0;
        budget -= (size_t) n;
        d->tokens -= relay->rate ? (uint64_t) n : 0;
    }
    return TURN_DONE;
}
