/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_MESSAGE_H
#define SNOOP_MESSAGE_H

/*
 * Between parse.c, which reads datagrams, and message.c, which reads what is
 * in them.
 */

#include "parse.h"

/* Bytes that are being read. */
struct span {
    const uint8_t *data;
    size_t size;
};

static inline uint32_t
span_be16(const uint8_t *bytes)
{
    return (uint32_t) bytes[0] << 8 | bytes[1];
}

void message_malformed(struct snoop_message *message, const char *why);
/* Both: 8 bytes at least, checksum and header were looked at. */
void message_igmp(struct snoop_message *message, struct span body,
                  bool has_alert);
void message_mld(struct snoop_message *message, struct span body);

#endif
