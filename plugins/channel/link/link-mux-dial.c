/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Dials that are under way.  One that comes while the link is being made waits
 * for that; while it is known to be down it ends soon.
 */

#include "link/link-mux-inside.h"

#include <stdio.h>
#include <stdlib.h>

struct pending {
    struct mux_user user;       /* first: dialled */
    struct mux_link *link;
    struct dial *dial;
    struct mux_stream *stream;  /* NULL: it waits for the link */
    struct watch watch;         /* to post an end; it has no descriptor */
    enum dial_end end;
    uint16_t port;
    struct pending *next, *previous;    /* of the link */
    char reason[128];
};

static void
leave(struct pending *pending)
{
    *(pending->previous ? &pending->previous->next : &pending->link->pending)
        = pending->next;
    if (pending->next) {
        pending->next->previous = pending->previous;
    }
    loop_unwatch(&pending->watch);
    pending->dial->link = NULL;
    pending->dial->state = NULL;
}

static void
end(struct pending *pending, enum dial_end how, struct side *side,
    const char *reason)
{
    struct dial *dial = pending->dial;

    leave(pending);
    dial->ended(dial, how, side, reason);
    free(pending);
}

static void
end_posted(struct watch *watch, uint32_t events)
{
    struct pending *pending = (struct pending *) (void *)
        ((char *) watch - offsetof(struct pending, watch));

    (void) events;
    end(pending, pending->end, NULL, pending->reason);
}

static void
end_soon(struct pending *pending, enum dial_end how, const char *reason)
{
    pending->end = how;
    snprintf(pending->reason, sizeof(pending->reason), "%s", reason);
    loop_post(pending->link->config.host->loop, &pending->watch, 1);
}

/* Asks the agent. */
static void
ask(struct pending *pending)
{
    struct mux_link *link = pending->link;

    pending->stream = mux_open(link->mux, pending->port, pending);
    if (pending->stream) {
        link_mux_flush(link);
    } else {
        end_soon(pending, DIAL_BUSY,
                 "the VM's agent has as many streams as it may have");
    }
}

void
mux_dial(struct link *base, struct dial *dial, uint16_t port)
{
    struct mux_link *link = of_link(base);
    struct pending *pending = calloc(1, sizeof(*pending));

    if (!pending) {
        /* Without memory even for this there is nobody to tell later: the one
         * who dials has an alarm. */
        return;
    }
    *pending = (struct pending) { .user.is_dial = true, .link = link,
                                  .dial = dial, .port = port,
                                  .watch = { .fd = -1,
                                             .ready = end_posted },
                                  .next = link->pending };
    if (link->pending) {
        link->pending->previous = pending;
    }
    link->pending = pending;
    dial->link = base;
    dial->state = pending;
    if (link->phase == PHASE_UP) {
        ask(pending);
    } else if (link->phase == PHASE_PAUSE || link->silent) {
        end_soon(pending, DIAL_DOWN, base->state.reason);
    }
}

void
mux_dial_cancel(struct link *base, struct dial *dial)
{
    struct pending *pending = dial->state;

    if (pending->stream) {
        mux_close(pending->stream, true);
        link_mux_flush(of_link(base));
    }
    leave(pending);
    free(pending);
}

void
mux_dial_all(struct mux_link *link)
{
    for (struct pending *at = link->pending; at; at = at->next) {
        if (!at->stream && !at->watch.posted) {
            ask(at);
        }
    }
}

void
mux_dial_end_all(struct mux_link *link, const char *reason)
{
    for (struct pending *at = link->pending; at; at = at->next) {
        if (!at->stream && !at->watch.posted) {
            end_soon(at, DIAL_DOWN, reason);
        }
    }
}

void
mux_dial_drop(struct mux_link *link, const char *reason)
{
    while (link->pending) {
        end(link->pending, DIAL_DOWN, NULL, reason);
    }
}

void
mux_dial_opened(struct mux_stream *stream)
{
    struct pending *pending = mux_stream_owner(stream);
    struct side *side = mux_side(pending->link, stream);

    if (side) {
        mux_stream_own(stream, mux_side_user(side));
        end(pending, DIAL_OPEN, side, "");
    } else {
        mux_close(stream, true);
        end(pending, DIAL_BUSY, NULL, "no memory");
    }
}

void
mux_dial_refused(struct mux_stream *stream, enum mux_code code,
                 const char *reason)
{
    static const enum dial_end ends[] = {
        [MUX_GONE] = DIAL_DOWN, [MUX_NOBODY] = DIAL_REFUSED,
        [MUX_FORBIDDEN] = DIAL_FORBIDDEN, [MUX_BUSY] = DIAL_BUSY,
        [MUX_FAILED] = DIAL_REFUSED, [MUX_CHEATED] = DIAL_DOWN
    };

    end(mux_stream_owner(stream), ends[code], NULL,
        reason[0] ? reason : "the VM's agent gave it up");
}
