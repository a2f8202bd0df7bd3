/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_KEEP_SEGMENT_H
#define XVS_STAGE_KEEP_SEGMENT_H

/*
 * The memory itself: a file that has no name and whose size nobody can change,
 *
 *     | logs, KEEP_LOGS | to a page | bytes of the extension |
 *
 * so that whoever maps it meets no hole.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;

struct segment {
    uint32_t refs;              /* atomic */
    int file;
    uint32_t version;           /* of what the bytes mean */
    uint64_t n;                 /* bytes of the extension */
    int64_t since;              /* microseconds since 1970 */
};

/* Bytes of the file before those of the extension. */
uint64_t segment_head(void);
/* NULL with an error. */
struct segment *segment_create(uint64_t n, uint32_t version,
                               struct error *error);
struct segment *segment_hold(struct segment *segment);
void segment_drop(struct segment *segment);     /* accepts NULL */
/* The whole file, or, to be read only, the bytes of the extension.  NULL with
 * an error. */
void *segment_map(const struct segment *segment, struct error *error);
const void *segment_map_bytes(const struct segment *segment,
                              struct error *error);
/* A descriptor that can only be read; -1: there is none. */
int segment_open_read(const struct segment *segment);

#endif
