/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * When bytes move, and how a conversation ends; see relay.h.
 */

#include "move/relay-inside.h"

#include <errno.h>
#include <stdlib.h>

#include "move/pipes.h"

#define SECOND UINT64_C(1000000000)
#define NAP (SECOND / 20)       /* who has spent its rate waits so long */

/* ---- End ---------------------------------------------------------------- */

static void
end(struct relay *relay, enum relay_end how)
{
    bool reset = how != RELAY_FINISHED;

    loop_cancel(relay->loop, &relay->alarm);
    for (int i = 0; i < 2; i++) {
        direction_drop(&relay->d[i]);
        relay->side[i]->class->close(relay->side[i], reset);
    }
    relay->ended(relay, how);
    free(relay);
}

void
relay_end(struct relay *relay)
{
    end(relay, RELAY_ENDED);
}

void
relay_clean(void)
{
    pipes_clean();
}

/* ---- Both --------------------------------------------------------------- */

static void
set_alarm(struct relay *relay)
{
    uint64_t at = relay->over ? relay->over : UINT64_MAX;

    if (relay->idle && relay->last + relay->idle < at) {
        at = relay->last + relay->idle;
    }
    if ((relay->d[0].throttled || relay->d[1].throttled)
        && loop_now(relay->loop) + NAP < at) {
        at = loop_now(relay->loop) + NAP;
    }
    /* Later than it is set: it will look again then. */
    if (at != UINT64_MAX && (!relay->alarm.place || at < relay->alarm.at)) {
        loop_alarm(relay->loop, &relay->alarm, at);
    }
}

static void
set_wishes(struct relay *relay)
{
    for (int i = 0; i < 2; i++) {
        const struct direction *out = &relay->d[i], *in = &relay->d[!i];
        bool waits = out->size || out->pipe;
        unsigned wanted =
            (out->ended || out->finished || out->throttled || waits
             ? 0 : SIDE_READABLE)
            | (in->size || in->pipe ? SIDE_WRITABLE : 0);

        if (wanted != relay->wanted[i]) {
            relay->wanted[i] = wanted;
            relay->side[i]->class->want(relay->side[i], wanted);
        }
    }
    set_alarm(relay);
}

/* What is for side 'i' goes nowhere. */
static void
give_up(struct relay *relay, int i)
{
    struct direction *d = &relay->d[!i];

    direction_drop(d);
    d->ended = d->finished = true;
}

static enum relay_end
reset_by(int i)
{
    return i ? RELAY_RESET_BY_SECOND : RELAY_RESET_BY_FIRST;
}

/* True: the relay is there still. */
static bool
turn(struct relay *relay, int i)
{
    switch (relay_move(relay, i)) {
    case TURN_SOURCE_LOST:
        end(relay, reset_by(i));
        return false;
    case TURN_TARGET_LOST:
        /* It takes nothing more, but may have said something before. */
        if (errno != EPIPE) {
            relay_move(relay, !i);
            end(relay, reset_by(!i));
            return false;
        }
        give_up(relay, !i);
        return true;
    default:
        return true;
    }
}

static void
is_ready(struct side *side, unsigned events)
{
    struct relay *relay = side->owner;
    int i = side == relay->side[1];

    if (events & SIDE_BROKEN) {
        relay_move(relay, i);
        end(relay, reset_by(i));
        return;
    }
    if (events & SIDE_HUNG) {
        give_up(relay, i);
    }
    if ((events & (SIDE_READABLE | SIDE_HUNG) && !turn(relay, i))
        || (events & SIDE_WRITABLE && !turn(relay, !i))) {
        return;
    }
    if (relay->d[0].finished && relay->d[1].finished) {
        end(relay, RELAY_FINISHED);
        return;
    }
    set_wishes(relay);
}

static void
is_due(struct alarm *alarm)
{
    struct relay *relay = (struct relay *) (void *)
        ((char *) alarm - offsetof(struct relay, alarm));
    uint64_t now = loop_now(relay->loop);

    if (relay->over && now >= relay->over) {
        end(relay, RELAY_TOO_LONG);
        return;
    }
    if (relay->idle && now >= relay->last + relay->idle) {
        end(relay, RELAY_IDLE);
        return;
    }
    relay->d[0].throttled = relay->d[1].throttled = false;
    set_wishes(relay);
}

/* ---- Life --------------------------------------------------------------- */

static bool
say_first(struct relay *relay, const struct relay_config *config)
{
    for (int i = 0; i < 2; i++) {
        if (config->first_size[i]
            && !direction_keep(&relay->d[i], config->first[i],
                               config->first_size[i])) {
            return false;
        }
    }
    return true;
}

struct relay *
relay_create(const struct relay_config *config)
{
    struct relay *relay = malloc(sizeof(*relay));

    if (!relay) {
        return NULL;
    }
    *relay = (struct relay) {
        .loop = config->loop, .count = config->count,
        .rate = config->bytes_per_second, .idle = config->idle,
        .last = loop_now(config->loop), .own = config->own,
        .ended = config->ended, .owner = config->owner, .alarm.due = is_due };
    if (!say_first(relay, config)) {
        free(relay->d[0].waiting);
        free(relay);
        return NULL;
    }
    relay->over = config->duration ? relay->last + config->duration : 0;
    for (int i = 0; i < 2; i++) {
        relay->side[i] = config->side[i];
        relay->side[i]->owner = relay;
        relay->side[i]->ready = is_ready;
        relay->d[i].filled = relay->last > SECOND ? relay->last - SECOND : 0;
        relay->wanted[i] = ~0u;
    }
    set_wishes(relay);
    return relay;
}

void *
relay_owner(const struct relay *relay)
{
    return relay->owner;
}

void
relay_moved(const struct relay *relay, uint64_t *up, uint64_t *down)
{
    *up = relay->d[0].moved;
    *down = relay->d[1].moved;
}
