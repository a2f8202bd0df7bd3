/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_RELAY_H
#define CHANNEL_RELAY_H

/*
 * A conversation: two sides, and the bytes between them.
 *
 *     side[0]  == d[0]: up ==>  side[1]          client, VM
 *              <== d[1]: down ==
 *
 * What is read is written at once.  Only what the other side does not take
 * waits in memory, a bounded part of it, and nothing more is read then; so a
 * slow reader stops nobody but who talks to him, and an idle conversation has
 * no buffer.  After RELAY_SPLICE_AFTER bytes in one direction, these move from
 * socket to socket through a pipe that is borrowed for as long as bytes are in
 * it.
 *
 * Each direction ends by itself.  A reset of one side is a reset of the other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "move/side.h"

#define RELAY_SPLICE_AFTER (256u << 10)

struct loop;
struct relay;

/* How it ended. */
enum relay_end {
    RELAY_FINISHED,             /* both have said all */
    RELAY_RESET_BY_FIRST, RELAY_RESET_BY_SECOND,
    RELAY_IDLE, RELAY_TOO_LONG, /* as its limits say */
    RELAY_ENDED                 /* relay_end() */
};

/* Bytes that relays have moved, as they move: of one VM, say, and among those
 * of all. */
struct relay_count {
    uint64_t up, down;
    struct relay_count *all;    /* to which they count as well; or NULL */
};

struct relay_config {
    struct loop *loop;
    struct side *side[2];       /* the relay's from now on */
    /* What each says first, ahead of what is read from it; copied.  'own'
     * bytes of the second's are the proxy's (an answer), and not counted. */
    const void *first[2];
    size_t first_size[2], own;
    struct relay_count *count;  /* stays longer than the relay; or NULL */
    uint64_t bytes_per_second;  /* in each direction; 0: as many as go */
    uint64_t idle, duration;    /* ns; 0: as long as it wants */
    /* The relay and its sides are gone after it.  Never from within
     * relay_create(). */
    void (*ended)(struct relay *relay, enum relay_end end);
    void *owner;
};

/* NULL: no memory; the sides stay the caller's. */
struct relay *relay_create(const struct relay_config *config);
void *relay_owner(const struct relay *relay);
/* Bytes that the second has taken of the first, and the other way. */
void relay_moved(const struct relay *relay, uint64_t *up, uint64_t *down);
/* Resets both and calls ended(RELAY_ENDED). */
void relay_end(struct relay *relay);
/* What relays have in common: closes pipes that nobody uses. */
void relay_clean(void);

#endif
