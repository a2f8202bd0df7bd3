/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TAP_RING_H
#define XVS_TAP_RING_H

/*
 * Records on their way from one worker to the main thread.  One writer, one
 * reader, no lock and no waiting: what does not fit is counted and lost.
 *
 *     bytes:  ... | record | bytes of the frame, padded to 8 | record | ...
 *                 ^ tail (reader)                     head (writer) ^
 *
 * Head and tail count bytes since the start; the ring is a power of two.
 */

#include <stdbool.h>
#include <stdint.h>

#include "control/message.h"

struct buffer;
struct ring;
struct xvs_packet;

#define RING_SIZE (1u << 20)

struct ring *ring_create(void);
void ring_destroy(struct ring *ring);   /* accepts NULL */

/* Writer: a record with record->size bytes of the packet's frame. */
void ring_put(struct ring *ring, const struct control_tap *record,
              const struct xvs_packet *packet);

/* Reader: the next record without its bytes; false when there is none. */
bool ring_peek(const struct ring *ring, struct control_tap *record);
/* Appends the record that was peeked at, with its bytes, and drops it. */
void ring_take(struct ring *ring, const struct control_tap *record,
               struct buffer *out);

/* Records that were put, and those that were lost. */
uint64_t ring_count(const struct ring *ring);
uint64_t ring_lost(const struct ring *ring);

#endif
