/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TAP_PCAPNG_H
#define XVS_TAP_PCAPNG_H

/*
 * Capture files of the pcapng format (draft-ietf-opsawg-pcapng): a section
 * header, an interface block for each point that packets come from, the
 * packets, and at the end a statistics block for each interface.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng;

enum pcapng_direction { PCAPNG_UNKNOWN = 0, PCAPNG_IN = 1, PCAPNG_OUT = 2 };

/* A packet to be written. */
struct pcapng_packet {
    uint32_t interface;         /* index, in order of pcapng_interface() */
    uint64_t time;              /* nanoseconds since 1970 */
    uint64_t serial;            /* the same at all interfaces */
    enum pcapng_direction direction;
    const uint8_t *bytes;
    uint32_t size;              /* of 'bytes' */
    uint32_t length;            /* of the frame */
    const char *comment;        /* or NULL */
};

/* The first packet of a file, as it is found there. */
struct pcapng_found {
    uint64_t time;              /* nanoseconds since 1970, as we write it */
    const uint8_t *bytes;
    uint32_t size;              /* of 'bytes' */
    const char *comment;        /* not terminated; or NULL */
    uint32_t comment_size;
};

/* Finds the first packet in the bytes of a whole file of this machine's byte
 * order; false: there is none, or they are no such file.  What is found is
 * part of 'bytes'. */
bool pcapng_first(const void *bytes, size_t size, struct pcapng_found *out);

/* Writes to 'file', which stays the caller's; so do errors (ferror). */
struct pcapng *pcapng_create(FILE *file, const char *program);
/* 'snap' 0: no limit.  Returns the index. */
uint32_t pcapng_interface(struct pcapng *pcapng, const char *name,
                          const char *description, uint32_t snap);
void pcapng_packet(struct pcapng *pcapng, const struct pcapng_packet *packet);
/* The statistics; 'lost' packets of all interfaces go to the first.  Frees. */
void pcapng_end(struct pcapng *pcapng, uint64_t lost, uint64_t now_ns);

#endif
