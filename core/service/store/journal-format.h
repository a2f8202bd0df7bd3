/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_JOURNAL_FORMAT_H
#define XVS_SERVICE_JOURNAL_FORMAT_H

/*
 * The bytes of a journal file: shared by the writer (journal.c) and the
 * reader (journal-format.c), which is fuzzed alone.
 */

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_HEAD_MAGIC 0x4b535658u      /* "XVSK" */
#define JOURNAL_RECORD_MAGIC 0x4a535658u    /* "XVSJ" */

/* At offset 0 of a file. */
struct journal_head {
    uint32_t magic;
    uint32_t version;       /* 1 */
    uint64_t first;         /* records with lower numbers are leftovers */
    uint32_t crc;           /* CRC-32C of the head with 0 here */
    uint32_t reserved;      /* 0 */
};

/* In front of every payload; 8-aligned. */
struct journal_record_head {
    uint32_t magic;
    uint32_t size;          /* of the payload */
    uint32_t crc;           /* CRC-32C of head (with 0 here) and payload */
    uint32_t batch;         /* place in the write that brought it to disk */
    uint64_t sequence;
};

uint32_t journal_head_crc(const struct journal_head *head);
uint32_t journal_record_crc(const struct journal_record_head *head,
                            const void *payload);

static inline size_t
journal_align(size_t offset)
{
    return (offset + 7) / 8 * 8;
}

#endif
