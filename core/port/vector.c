/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Chains to vectors and back; see vector.h.
 */

#include <config.h>

#include "port/vector.h"

#include <string.h>

#include "packet/offload.h"

void
vector_init(struct vector *vector)
{
    vector->n = 0;
    vector->parts[0] = (struct iovec) { &vector->head, sizeof vector->head };
}

bool
vector_fill(struct vector *vector, struct pool_cache *cache, uint32_t size)
{
    uint32_t before = vector->n;

    vector->n += pool_get(cache, vector->buffers + before,
                          VECTOR_BUFFERS - before);
    for (uint32_t i = before; i < vector->n; i++) {
        vector->parts[i + 1] = (struct iovec) { vector->buffers[i]->data,
                                                POOL_FRAME };
    }
    return vector->n * POOL_FRAME >= size;
}

/* Takes out the first 'n' buffers. */
static void
consume(struct vector *vector, uint32_t n)
{
    vector->n -= n;
    memmove(vector->buffers, vector->buffers + n,
            vector->n * sizeof vector->buffers[0]);
    memmove(vector->parts + 1, vector->parts + 1 + n,
            vector->n * sizeof vector->parts[0]);
}

struct xvs_packet *
vector_take(struct vector *vector, uint32_t size)
{
    struct xvs_packet *packet = vector->buffers[0], *last = packet;
    uint32_t n = 1, left = size;

    if (size < 14 || size > vector->n * POOL_FRAME) {
        return NULL;
    }
    packet->length = left < POOL_FRAME ? left : POOL_FRAME;
    packet->total = size;
    if (!offload_take(packet, &vector->head)) {
        return NULL;
    }
    for (left -= packet->length; left; left -= last->length) {
        last->next = vector->buffers[n++];
        last = last->next;
        last->length = left < POOL_FRAME ? left : POOL_FRAME;
    }
    consume(vector, n);
    return packet;
}

void
vector_end(struct vector *vector, struct pool_cache *cache)
{
    pool_put(cache, vector->buffers, vector->n);
    vector->n = 0;
}

int
vector_of(struct vector *vector, const struct xvs_packet *packet)
{
    int n = 1;

    vector->parts[0] = (struct iovec) { &vector->head, sizeof vector->head };
    offload_give(packet, &vector->head);
    for (; packet; packet = packet->next) {
        if (n > (int) VECTOR_BUFFERS) {
            return 0;
        }
        vector->parts[n++] = (struct iovec) { packet->data, packet->length };
    }
    return n;
}
