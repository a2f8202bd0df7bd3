/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_OUTBOX_H
#define XVS_CONTROL_OUTBOX_H

/*
 * Messages that wait until the peer of a control connection reads.  They
 * leave in order, in as few packets as possible: a system call costs more
 * than a message.  How much may wait is bounded.
 */

#include <stdbool.h>
#include <stddef.h>

struct error;
struct outgoing;

struct outbox {
    struct outgoing *first;     /* of the queue; NULL: nothing waits */
    struct outgoing **last;     /* where the next one goes */
    size_t size;                /* bytes in it */
};

void outbox_init(struct outbox *outbox);
/* Drops what waits; the outbox is as after outbox_init(). */
void outbox_clear(struct outbox *outbox);

/* Appends a copy of a whole message.  False when it or what waits already is
 * too large, or memory is lacking; then nothing has changed. */
bool outbox_put(struct outbox *outbox, const void *message, size_t size);
/* Sends what the socket takes without blocking.  False when the connection
 * is broken. */
bool outbox_flush(struct outbox *outbox, int fd, struct error *error);

#endif
