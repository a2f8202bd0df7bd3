/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Blocks: type, length, body, length again; options inside: code, length,
 * value padded to 4.  All in the byte order of this machine, which the first
 * block tells.
 */

#include <config.h>

#include "tap/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

enum block { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };

enum option {
    OPTION_END = 0, OPTION_COMMENT = 1,
    SECTION_PROGRAM = 4,
    INTERFACE_NAME = 2, INTERFACE_DESCRIPTION = 3, INTERFACE_RESOLUTION = 9,
    PACKET_FLAGS = 2, PACKET_SERIAL = 5,
    STATISTICS_START = 2, STATISTICS_STOP = 3, STATISTICS_RECEIVED = 4,
    STATISTICS_LOST = 5
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define ETHERNET 1u

struct interface {
    uint64_t first, last;       /* times of its packets */
    uint64_t n;
};

struct pcapng {
    FILE *file;
    struct buffer block;        /* that is being put together */
    struct interface *interfaces;
    size_t n, capacity;
};

static void
put32(struct buffer *out, uint32_t number)
{
    buffer_put(out, &number, sizeof number);
}

static void
put16(struct buffer *out, uint16_t number)
{
    buffer_put(out, &number, sizeof number);
}

/* Times are two words, the upper one first. */
static void
put_time(struct buffer *out, uint64_t time)
{
    put32(out, (uint32_t) (time >> 32));
    put32(out, (uint32_t) time);
}

static void
put_option(struct buffer *out, uint16_t code, const void *value, size_t size)
{
    size = size < UINT16_MAX ? size : UINT16_MAX - 3;
    put16(out, code);
    put16(out, (uint16_t) size);
    buffer_put(out, value, size);
    buffer_align(out, 4);
}

static void
put_text(struct buffer *out, uint16_t code, const char *text)
{
    if (text && *text) {
        put_option(out, code, text, strlen(text));
    }
}

static struct buffer *
begin(struct pcapng *pcapng, uint32_t type)
{
    pcapng->block.size = 0;
    put32(&pcapng->block, type);
    put32(&pcapng->block, 0);
    return &pcapng->block;
}

static void
end(struct pcapng *pcapng)
{
    struct buffer *block = &pcapng->block;
    uint32_t size;

    put16(block, OPTION_END);
    put16(block, 0);
    size = (uint32_t) block->size + 4;
    put32(block, size);
    memcpy(block->data + 4, &size, sizeof size);
    fwrite(block->data, 1, block->size, pcapng->file);
}

struct pcapng *
pcapng_create(FILE *file, const char *program)
{
    struct pcapng *pcapng = mem_zalloc(sizeof *pcapng);
    struct buffer *out;

    pcapng->file = file;
    out = begin(pcapng, SECTION);
    put32(out, BYTE_ORDER_MAGIC);
    put16(out, 1);
    put16(out, 0);
    put_time(out, UINT64_MAX);      /* length of the section: not known */
    put_text(out, SECTION_PROGRAM, program);
    end(pcapng);
    return pcapng;
}

uint32_t
pcapng_interface(struct pcapng *pcapng, const char *name,
                 const char *description, uint32_t snap)
{
    static const uint8_t nanoseconds = 9;
    struct buffer *out = begin(pcapng, INTERFACE);

    put16(out, ETHERNET);
    put16(out, 0);
    put32(out, snap);
    put_text(out, INTERFACE_NAME, name);
    put_text(out, INTERFACE_DESCRIPTION, description);
    put_option(out, INTERFACE_RESOLUTION, &nanoseconds, 1);
    end(pcapng);
    mem_grow(&pcapng->interfaces, &pcapng->capacity, pcapng->n,
             sizeof *pcapng->interfaces);
    memset(&pcapng->interfaces[pcapng->n], 0, sizeof *pcapng->interfaces);
    return (uint32_t) pcapng->n++;
}

void
pcapng_packet(struct pcapng *pcapng, const struct pcapng_packet *packet)
{
    struct interface *interface = &pcapng->interfaces[packet->interface];
    struct buffer *out = begin(pcapng, PACKET);
    uint32_t flags = packet->direction;

    put32(out, packet->interface);
    put_time(out, packet->time);
    put32(out, packet->size);
    put32(out, packet->length);
    buffer_put(out, packet->bytes, packet->size);
    buffer_align(out, 4);
    put_option(out, PACKET_FLAGS, &flags, sizeof flags);
    put_option(out, PACKET_SERIAL, &packet->serial, sizeof packet->serial);
    put_text(out, OPTION_COMMENT, packet->comment);
    end(pcapng);
    if (interface->n++ == 0) {
        interface->first = packet->time;
    }
    interface->last = packet->time;
}

static void
put_statistics(struct pcapng *pcapng, uint32_t index, uint64_t lost,
               uint64_t now_ns)
{
    const struct interface *interface = &pcapng->interfaces[index];
    struct buffer *out = begin(pcapng, STATISTICS);
    uint64_t received = interface->n + lost;
    uint32_t time[2];

    put32(out, index);
    put_time(out, now_ns);
    time[0] = (uint32_t) (interface->first >> 32);
    time[1] = (uint32_t) interface->first;
    put_option(out, STATISTICS_START, time, sizeof time);
    time[0] = (uint32_t) (interface->last >> 32);
    time[1] = (uint32_t) interface->last;
    put_option(out, STATISTICS_STOP, time, sizeof time);
    put_option(out, STATISTICS_RECEIVED, &received, sizeof received);
    put_option(out, STATISTICS_LOST, &lost, sizeof lost);
    end(pcapng);
}

void
pcapng_end(struct pcapng *pcapng, uint64_t lost, uint64_t now_ns)
{
    for (uint32_t i = 0; i < pcapng->n; i++) {
        put_statistics(pcapng, i, i ? 0 : lost, now_ns);
    }
    buffer_free(&pcapng->block);
    free(pcapng->interfaces);
    free(pcapng);
}
