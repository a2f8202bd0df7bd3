/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading the bytes of a journal file.  A record that is not whole is
 * skipped 8 bytes at a time, so that one damaged record does not hide those
 * behind it; the caller sees the gap in the sequence numbers.
 */

#include <config.h>

#include "service/store/journal-format.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "service/store/journal.h"

uint32_t
journal_head_crc(const struct journal_head *head)
{
    struct journal_head plain = *head;

    plain.crc = 0;
    return crc32c(0, &plain, sizeof plain);
}

uint32_t
journal_record_crc(const struct journal_record_head *head,
                   const void *payload)
{
    struct journal_record_head plain = *head;

    plain.crc = 0;
    return crc32c(crc32c(0, &plain, sizeof plain), payload, head->size);
}

/* The whole record at 'at', or false. */
static bool
record_at(const char *data, size_t size, size_t at,
          struct journal_record_head *head)
{
    if (size - at < sizeof *head) {
        return false;
    }
    memcpy(head, data + at, sizeof *head);
    return head->magic == JOURNAL_RECORD_MAGIC
        && head->size <= JOURNAL_RECORD_LIMIT
        && head->size <= size - at - sizeof *head
        && head->crc == journal_record_crc(head, data + at + sizeof *head);
}

static uint64_t
head_first(const char *data, size_t size)
{
    struct journal_head head;

    if (size < sizeof head) {
        return 0;
    }
    memcpy(&head, data, sizeof head);
    if (head.magic != JOURNAL_HEAD_MAGIC || head.version != 1
        || head.crc != journal_head_crc(&head)) {
        return 0;
    }
    return head.first;
}

size_t
journal_scan(const void *data, size_t size, uint64_t *first,
             struct journal_record **records)
{
    const char *bytes = data;
    size_t at = JOURNAL_START, n = 0, capacity = 0;
    uint64_t last = 0;

    *records = NULL;
    *first = head_first(bytes, size);
    while (at < size && size - at >= sizeof(struct journal_record_head)) {
        struct journal_record_head head;

        if (!record_at(bytes, size, at, &head)
            || head.sequence < *first || head.sequence <= last) {
            at += 8;
            continue;
        }
        last = head.sequence;
        at += sizeof head;
        mem_grow(records, &capacity, n, sizeof **records);
        (*records)[n++] = (struct journal_record) {
            .sequence = head.sequence, .batch = head.batch,
            .size = head.size, .payload = bytes + at,
        };
        at = journal_align(at + head.size);
    }
    return n;
}
