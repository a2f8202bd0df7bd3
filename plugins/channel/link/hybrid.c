/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See hybrid.h.
 */

#include "link/hybrid.h"

#include <stdio.h>

size_t
hybrid_request(char line[HYBRID_LINE_SIZE], uint32_t port)
{
    return (size_t) snprintf(line, HYBRID_LINE_SIZE, "CONNECT %u\n", port);
}

enum hybrid_step
hybrid_answer(const char *bytes, size_t size, size_t *used)
{
    static const char begin[] = { 'O', 'K', ' ' };

    for (size_t i = 0; i < size && i < HYBRID_LINE_SIZE; i++) {
        if (i < sizeof(begin) ? bytes[i] != begin[i]
            : bytes[i] == '\n' ? i == sizeof(begin)
                               : bytes[i] < '0' || bytes[i] > '9') {
            return HYBRID_BAD;
        }
        if (i > sizeof(begin) && bytes[i] == '\n') {
            *used = i + 1;
            return HYBRID_OK;
        }
    }
    return size < HYBRID_LINE_SIZE ? HYBRID_MORE : HYBRID_BAD;
}
