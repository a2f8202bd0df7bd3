/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_COPY_H
#define XVS_PORT_VHOST_RING_COPY_H

/*
 * Copying frames.  Most are small, and for these a call of memcpy() with its
 * choices takes longer than the copying: pieces of fixed size are copied,
 * the last one so that it ends with the frame and overlaps the one before.
 */

#include <stdint.h>
#include <string.h>

#define COPY_INLINE 256u        /* larger ones are memcpy()'s */

static inline void
copy_frame(uint8_t *to, const uint8_t *from, uint32_t size)
{
    if (size > COPY_INLINE || size < 16) {
        memcpy(to, from, size);
    } else if (size >= 64) {
        for (uint32_t i = 0; i + 64 < size; i += 64) {
            memcpy(to + i, from + i, 64);
        }
        memcpy(to + size - 64, from + size - 64, 64);
    } else if (size >= 32) {
        memcpy(to, from, 32);
        memcpy(to + size - 32, from + size - 32, 32);
    } else {
        memcpy(to, from, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    }
}

#endif
