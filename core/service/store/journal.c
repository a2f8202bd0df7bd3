/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing the journal.  A file is filled with zeros before its first use, so
 * that an append changes no metadata and costs one flush of one run of
 * bytes.  What a failed append may have left is wiped before anything else
 * is written: its caller was told that it did not happen.
 */

#include <config.h>

#include "service/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "service/store/journal-format.h"

/* One of the two files. */
struct journal_file {
    int fd;
    size_t end;         /* where the next record goes */
    size_t dirty;       /* bytes behind 'end' that must be wiped */
    bool prepared;      /* filled with zeros, head written */
};

struct journal {
    struct journal_file files[JOURNAL_FILES];
    unsigned int active;
    uint64_t next;      /* sequence number of the next record */
};

static const char *const file_names[JOURNAL_FILES] = {
    "journal.0", "journal.1",
};

static bool
write_all(int fd, const void *data, size_t size, size_t offset,
          struct error *error)
{
    const char *from = data;

    while (size) {
        ssize_t n = pwrite(fd, from, size, (off_t) offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return error_set_errno(error, n < 0 ? errno : ENOSPC,
                                   "cannot write the journal");
        }
        from += n;
        offset += (size_t) n;
        size -= (size_t) n;
    }
    return true;
}

static bool
journal_fault(const char *name, struct error *error)
{
    int number = fault_point(name);

    if (number) {
        return error_set_errno(error, number, "cannot write the journal");
    }
    return true;
}

static bool
file_flush(struct journal_file *file, struct error *error)
{
    if (!journal_fault("journal-sync", error)) {
        return false;
    }
    if (fdatasync(file->fd) != 0) {
        return error_set_errno(error, errno, "cannot flush the journal");
    }
    return true;
}

/* Writes zeros from 'from' to the preallocated size or the end. */
static bool
file_fill(struct journal_file *file, size_t from, size_t to,
          struct error *error)
{
    static const char zeros[65536];

    while (from < to) {
        size_t size = to - from < sizeof zeros ? to - from : sizeof zeros;

        if (!write_all(file->fd, zeros, size, from, error)) {
            return false;
        }
        from += size;
    }
    return true;
}

static bool
file_write_head(struct journal_file *file, uint64_t first,
                struct error *error)
{
    struct journal_head head = {
        .magic = JOURNAL_HEAD_MAGIC, .version = 1, .first = first,
    };

    head.crc = journal_head_crc(&head);
    return journal_fault("journal-head", error)
        && write_all(file->fd, &head, sizeof head, 0, error)
        && file_flush(file, error);
}

/* Makes the file ready for records with sequence numbers from 'first'. */
static bool
file_prepare(struct journal_file *file, uint64_t first, struct error *error)
{
    struct stat status;

    if (!journal_fault("journal-prepare", error)) {
        return false;
    }
    if (fstat(file->fd, &status) != 0) {
        return error_set_errno(error, errno, "cannot look at the journal");
    }
    if ((size_t) status.st_size > 2 * (size_t) JOURNAL_SIZE
        && ftruncate(file->fd, JOURNAL_SIZE) != 0) {
        return error_set_errno(error, errno, "cannot shorten the journal");
    }
    if ((size_t) status.st_size < JOURNAL_SIZE
        && !file_fill(file, (size_t) status.st_size, JOURNAL_SIZE, error)) {
        return false;
    }
    if (!file_write_head(file, first, error)) {
        return false;
    }
    file->end = JOURNAL_START;
    file->dirty = 0;
    file->prepared = true;
    return true;
}

/* Makes sure that nothing follows 'end' that a reader could believe. */
static bool
file_wipe(struct journal_file *file, struct error *error)
{
    struct stat status;
    size_t to = file->end + file->dirty;

    if (file->dirty == 0) {
        return true;
    }
    if (fstat(file->fd, &status) != 0) {
        return error_set_errno(error, errno, "cannot look at the journal");
    }
    if (to > (size_t) status.st_size) {
        to = (size_t) status.st_size;
    }
    if (!file_fill(file, file->end, to, error)) {
        return false;
    }
    if (fdatasync(file->fd) != 0) {
        return error_set_errno(error, errno, "cannot flush the journal");
    }
    file->dirty = 0;
    return true;
}

/* ---- Opening ------------------------------------------------------------ */

/* What one file held, while it is read. */
struct scanned {
    struct buffer bytes;
    struct journal_record *records;
    size_t n;
    uint64_t first;
};

static uint64_t
scanned_last(const struct scanned *scanned)
{
    return scanned->n ? scanned->records[scanned->n - 1].sequence : 0;
}

static bool
file_open(struct journal_file *file, int dirfd, const char *name,
          struct scanned *scanned, struct error *error)
{
    file->fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file->fd < 0 || fchmod(file->fd, 0600) < 0) {
        error_set_errno(error, errno, "cannot open the journal");
        return error_at(error, name, 0, 0);
    }
    if (!durable_read(dirfd, name, SIZE_MAX / 2, &scanned->bytes, error)) {
        return false;
    }
    scanned->n = journal_scan(scanned->bytes.data, scanned->bytes.size,
                              &scanned->first, &scanned->records);
    file->end = JOURNAL_START;
    return true;
}

static void
report_damage(struct error_list *problems, const char *name, uint64_t from,
              uint64_t to)
{
    struct error error;

    error_set(&error, ERROR_IO, "the journal is damaged: changes %llu to "
              "%llu are lost", (unsigned long long) from,
              (unsigned long long) to);
    error_hint(&error, "compare 'xvsctl feature get' with what is wanted");
    error_at(&error, name, 0, 0);
    error.severity = SEVERITY_WARNING;
    error_list_add(problems, &error);
}

/* Whom the records go to, and who hears of damage. */
struct replayer {
    journal_replay replay;
    void *arg;
    struct error_list *problems;
};

/*
 * Replays one file's records from the journal's next sequence number on.
 * Returns false at the torn end of a write of which nobody was told.
 */
static bool
replay_file(struct journal *journal, unsigned int index,
            const struct scanned *scanned, const struct replayer *to)
{
    struct journal_file *file = &journal->files[index];

    for (size_t i = 0; i < scanned->n; i++) {
        const struct journal_record *record = &scanned->records[i];
        size_t start = (size_t) ((const char *) record->payload
                                 - scanned->bytes.data);

        if (record->sequence > journal->next && journal->next) {
            if (record->sequence - record->batch <= journal->next) {
                return false;
            }
            report_damage(to->problems, file_names[index], journal->next,
                          record->sequence - 1);
        }
        if (record->sequence >= journal->next) {
            to->replay(to->arg, record);
            journal->next = record->sequence + 1;
        }
        file->end = journal_align(start + record->size);
    }
    return true;
}

/* A head that cannot be read: what follows the other file is still good. */
static void
mend_head(struct scanned *scanned, const struct scanned *other,
          const char *name, struct error_list *problems)
{
    struct error error;

    if (scanned->first || scanned->n == 0) {
        return;
    }
    error_set(&error, ERROR_IO, "the head of the journal is damaged");
    error_at(&error, name, 0, 0);
    error.severity = SEVERITY_WARNING;
    error_list_add(problems, &error);
    scanned->first = scanned_last(other) + 1;
}

static void
journal_replay_all(struct journal *journal, struct scanned scanned[2],
                   const struct replayer *to)
{
    unsigned int old, new;

    mend_head(&scanned[0], &scanned[1], file_names[0], to->problems);
    mend_head(&scanned[1], &scanned[0], file_names[1], to->problems);
    old = scanned[0].first < scanned[1].first ? 0 : 1;
    new = 1 - old;
    journal->next = scanned[old].first ? scanned[old].first
        : scanned[new].first;
    if (replay_file(journal, old, &scanned[old], to)) {
        replay_file(journal, new, &scanned[new], to);
    }
    if (journal->next < scanned[new].first) {
        journal->next = scanned[new].first;
    }
    if (journal->next == 0) {
        journal->next = 1;
    }
    journal->active = new;
    for (unsigned int i = 0; i < JOURNAL_FILES; i++) {
        struct journal_file *file = &journal->files[i];

        file->prepared = scanned[i].first != 0;
        file->dirty = scanned[i].bytes.size > file->end
            ? scanned[i].bytes.size - file->end : 0;
    }
}

struct journal *
journal_open(int dirfd, journal_replay replay, void *arg,
             struct error_list *problems, struct error *error)
{
    struct journal *journal = mem_zalloc(sizeof *journal);
    struct scanned scanned[JOURNAL_FILES];
    bool ok = true;

    memset(scanned, 0, sizeof scanned);
    for (unsigned int i = 0; i < JOURNAL_FILES; i++) {
        journal->files[i].fd = -1;
    }
    for (unsigned int i = 0; ok && i < JOURNAL_FILES; i++) {
        ok = file_open(&journal->files[i], dirfd, file_names[i], &scanned[i],
                       error);
    }
    if (ok) {
        struct replayer to = { replay, arg, problems };

        journal_replay_all(journal, scanned, &to);
    }
    for (unsigned int i = 0; i < JOURNAL_FILES; i++) {
        buffer_free(&scanned[i].bytes);
        free(scanned[i].records);
    }
    if (!ok) {
        journal_close(journal);
        return NULL;
    }
    return journal;
}

void
journal_close(struct journal *journal)
{
    if (!journal) {
        return;
    }
    for (unsigned int i = 0; i < JOURNAL_FILES; i++) {
        if (journal->files[i].fd >= 0) {
            close(journal->files[i].fd);
        }
    }
    free(journal);
}

/* ---- Appending ---------------------------------------------------------- */

static void
put_record(struct buffer *out, uint64_t sequence, uint32_t batch,
           const struct buffer *payload)
{
    struct journal_record_head head = {
        .magic = JOURNAL_RECORD_MAGIC,
        .size = (uint32_t) payload->size,
        .batch = batch,
        .sequence = sequence,
    };

    head.crc = journal_record_crc(&head, payload->data);
    buffer_put(out, &head, sizeof head);
    buffer_put(out, payload->data, payload->size);
    buffer_align(out, 8);
}

static bool
file_append(struct journal_file *file, const struct buffer *bytes,
            struct error *error)
{
    if (!journal_fault("journal-append", error)) {
        return false;
    }
    file->dirty = bytes->size;
    return write_all(file->fd, bytes->data, bytes->size, file->end, error)
        && file_flush(file, error)
        && journal_fault("journal-synced", error);
}

bool
journal_append(struct journal *journal, struct buffer *const *payloads,
               size_t n, struct error *error)
{
    struct journal_file *file = &journal->files[journal->active];
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT;

    if (!file->prepared && !file_prepare(file, journal->next, error)) {
        return false;
    }
    if (!file_wipe(file, error)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        put_record(&bytes, journal->next + i, (uint32_t) i, payloads[i]);
    }
    if (!file_append(file, &bytes, error)) {
        file_wipe(file, NULL);
        return false;
    }
    file->dirty = 0;
    file->end += bytes.size;
    journal->next += n;
    return true;
}

bool
journal_switch(struct journal *journal, struct error *error)
{
    unsigned int other = 1 - journal->active;

    journal->files[other].prepared = false;
    if (!file_prepare(&journal->files[other], journal->next, error)) {
        return false;
    }
    journal->active = other;
    return true;
}

size_t
journal_used(const struct journal *journal)
{
    return journal->files[journal->active].end - JOURNAL_START;
}
