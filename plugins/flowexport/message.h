/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWEXPORT_MESSAGE_H
#define FLOWEXPORT_MESSAGE_H

/*
 * A datagram under construction, in network byte order.  Who puts something
 * has made sure that there is room (message_has()).
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MESSAGE_SIZE 1400u      /* fits any path without fragments */

struct message {
    uint32_t size;              /* bytes that are there */
    uint8_t bytes[MESSAGE_SIZE];
};

static inline bool
message_has(const struct message *message, uint32_t size)
{
    return message->size + size <= MESSAGE_SIZE;
}

static inline void
message_put(struct message *message, const void *bytes, uint32_t size)
{
    memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
}

static inline void
message_set(struct message *message, uint32_t at, uint64_t number,
            uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        message->bytes[at + i] =
            (uint8_t) (number >> 8 * (size - 1 - i));
    }
}

/* The low 'size' bytes of the number. */
static inline void
message_number(struct message *message, uint64_t number, uint32_t size)
{
    message_set(message, message->size, number, size);
    message->size += size;
}

#endif
