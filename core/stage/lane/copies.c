/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See copies.h.
 */

#include <config.h>

#include "stage/lane/copies.h"

#include <string.h>

#include "packet/pool.h"
#include "stage/lane/share.h"

_Static_assert(COPIES_PARTS >= POOL_FRAME_MAX / POOL_FRAME + 2,
               "a frame, and its copy that begins with less room");

/* The number of a buffer. */
static uint32_t
number_of(uint32_t worker, uint32_t position)
{
    return worker * SHARE_LANE + position % SHARE_LANE;
}

static uint8_t *
buffer_of(const struct share *share, uint32_t number)
{
    return share->buffers + (size_t) number * POOL_STRIDE;
}

uint32_t
copies_make(struct share *share, uint32_t worker, uint32_t position,
            const struct pool *pool, const struct xvs_packet *packet)
{
    uint32_t first = number_of(worker, position);

    for (; packet; packet = packet->next) {
        uint32_t number = number_of(worker, position++);
        struct xvs_packet *copy = &share->packets[number];

        *copy = *packet;
        copy->data = buffer_of(share, number)
            + (packet->data - pool_buffer(pool, packet));
        if (packet->next) {
            copy->next = &share->packets[number_of(worker, position)];
        }
        memcpy(copy->data, packet->data, packet->length);
    }
    return first;
}

void
copies_take(const struct share *share, uint32_t worker, uint32_t position,
            const struct pool *pool, const struct xvs_packet *packet,
            uint32_t place, uint32_t length)
{
    const uint8_t *copy = buffer_of(share, number_of(worker, position));

    if (place <= POOL_STRIDE && length <= POOL_STRIDE - place) {
        memcpy(pool_buffer(pool, packet) + place, copy + place, length);
    }
    while ((packet = packet->next)) {
        copy = buffer_of(share, number_of(worker, ++position));
        memcpy(packet->data,
               copy + (packet->data - pool_buffer(pool, packet)),
               packet->length);
    }
}
