/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_JOURNAL_H
#define XVS_SERVICE_JOURNAL_H

/*
 * The journal: changes that were confirmed since the state files were
 * written (doc/formats.md, "State files").
 *
 * Two preallocated files take turns.  Records are appended to the active one
 * with one write and one fdatasync; journal_switch() makes the other one
 * active, which is allowed only when every change in it is in the state
 * files.  Records carry a sequence number without gaps, so that a reader can
 * tell a torn tail (harmless: nobody was told) from damage (reported).
 *
 * Records that one write brought to disk know their place in it, 'batch': if
 * an earlier one of the same write is missing, nobody was told of this one.
 * Not thread-safe; belongs to one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct error;
struct error_list;
struct journal;

#define JOURNAL_FILES 2
#define JOURNAL_START 4096u             /* offset of the first record */
#define JOURNAL_SIZE (4u << 20)         /* bytes that are preallocated */
#define JOURNAL_RECORD_LIMIT (256u << 20)

/* One record as it lies in a file. */
struct journal_record {
    uint64_t sequence;
    uint32_t batch;         /* place in the write that brought it to disk */
    uint32_t size;          /* of the payload */
    const void *payload;    /* in the bytes that were scanned */
};

/*
 * Finds the records in the bytes of a journal file.  '*records' is on the
 * heap.  '*first' is the sequence number at which the file's current use
 * began, 0 when its head is damaged.  Returns the number of records.
 */
size_t journal_scan(const void *data, size_t size, uint64_t *first,
                    struct journal_record **records);

typedef void (*journal_replay)(void *arg,
                               const struct journal_record *record);

/*
 * Opens (or makes, at the first append) the journal in the directory and
 * replays what is in it, in order.  Damage is reported in 'problems'.
 * Returns NULL only when the files cannot be opened at all.
 */
struct journal *journal_open(int dirfd, journal_replay replay, void *arg,
                             struct error_list *problems,
                             struct error *error);
void journal_close(struct journal *journal);    /* accepts NULL */

/*
 * Appends a record for each payload and flushes.  On failure (a full disk)
 * none of them is in the journal, and later appends may succeed.
 */
bool journal_append(struct journal *journal,
                    struct buffer *const *payloads, size_t n,
                    struct error *error);
/* Makes the other file active; what was in it is forgotten. */
bool journal_switch(struct journal *journal, struct error *error);
/* Bytes of records in the active file. */
size_t journal_used(const struct journal *journal);

#endif
