/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading back what pcapng.c has written: files that are ours, but that
 * somebody may have touched.
 */

#include <config.h>

#include "tap/pcapng.h"

#include <string.h>

enum block { SECTION = 0x0a0d0d0a, PACKET = 6 };
enum option { OPTION_END = 0, OPTION_COMMENT = 1 };

#define BYTE_ORDER_MAGIC 0x1a2b3c4du

/* In front of each block; the length is behind it once more. */
struct block_head {
    uint32_t type, size;
};

/* Then the bytes, padded to 4, and options. */
struct packet_head {
    uint32_t interface, time_high, time_low, size, length;
};

struct option_head {
    uint16_t code, size;
};

/* The text of the first comment among the options. */
static void
find_comment(const char *at, size_t left, struct pcapng_found *out)
{
    struct option_head head;

    while (left >= sizeof head) {
        size_t padded;

        memcpy(&head, at, sizeof head);
        at += sizeof head;
        left -= sizeof head;
        padded = ((size_t) head.size + 3) / 4 * 4;
        if (head.code == OPTION_END || padded > left) {
            return;
        }
        if (head.code == OPTION_COMMENT) {
            out->comment = at;
            out->comment_size = head.size;
            return;
        }
        at += padded;
        left -= padded;
    }
}

/* What is between the head of a packet's block and its second length. */
static bool
read_packet(const char *at, size_t left, struct pcapng_found *out)
{
    struct packet_head head;
    size_t padded;

    if (left < sizeof head) {
        return false;
    }
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    left -= sizeof head;
    if (head.size > left) {
        return false;
    }
    padded = ((size_t) head.size + 3) / 4 * 4;
    *out = (struct pcapng_found) {
        .time = (uint64_t) head.time_high << 32 | head.time_low,
        .bytes = (const uint8_t *) at, .size = head.size };
    if (padded < left) {
        find_comment(at + padded, left - padded, out);
    }
    return true;
}

static bool
is_section(const struct block_head *head, const char *at)
{
    uint32_t magic;

    if (head->type != SECTION || head->size < 28) {
        return false;
    }
    memcpy(&magic, at + sizeof *head, sizeof magic);
    return magic == BYTE_ORDER_MAGIC;
}

bool
pcapng_first(const void *bytes, size_t size, struct pcapng_found *out)
{
    const char *at = bytes;
    struct block_head head;
    bool begun = false;

    while (size >= sizeof head + sizeof(uint32_t)) {
        memcpy(&head, at, sizeof head);
        if (head.size > size || head.size % 4
            || head.size < sizeof head + sizeof(uint32_t)
            || (!begun && !is_section(&head, at))) {
            return false;
        }
        begun = true;
        if (head.type == PACKET) {
            return read_packet(at + sizeof head, head.size - sizeof head
                               - sizeof(uint32_t), out);
        }
        at += head.size;
        size -= head.size;
    }
    return false;
}
