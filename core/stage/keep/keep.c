/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See keep.h.  A keep's lock is held for as long as it takes to take back
 * what one hook has written; workers do not wait for it.
 */

#include <config.h>

#include "stage/keep/keep.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "packet/tally.h"
#include "stage/keep/log.h"
#include "stage/keep/segment.h"
#include "stage/lane/share.h"

struct keep {
    struct keep *next;
    struct keeps *keeps;
    uint32_t switch_id;
    struct xvs_guid extension;
    uint32_t refs;              /* under the lock of all */
    pthread_mutex_t lock;       /* of all below */
    struct segment *current;    /* NULL: nobody has owned one yet */
    struct kept *owner;         /* whose hooks may write; NULL: nobody's */
    struct share *share;        /* of its process; published; NULL: it works
                                 * in this process */
    uint32_t n_owners;          /* that there have been */
    uint64_t taken_back;        /* writes; atomic */
};

struct keeps {
    pthread_mutex_t lock;       /* of the list and the counts of users */
    struct keep *list;
    bool is_over;
};

struct kept {
    struct keep *keep;
    struct segment *segment;    /* held */
    struct segment *before;     /* held; NULL: none of another version */
    void *memory;               /* the segment */
    const void *old;            /* bytes before; or NULL */
    bool is_converted;          /* they were taken over; atomic */
};

/* ---- All that there is ---------------------------------------------------- */

struct keeps *
keeps_create(void)
{
    struct keeps *keeps = mem_zalloc(sizeof *keeps);

    pthread_mutex_init(&keeps->lock, NULL);
    return keeps;
}

static void
keep_free(struct keep *keep)
{
    segment_drop(keep->current);
    pthread_mutex_destroy(&keep->lock);
    free(keep);
}

/* The lock of all is held. */
static void
keep_drop(struct keep *keep)
{
    if (--keep->refs == 0) {
        keep_free(keep);
    }
}

void
keeps_forget(struct keeps *keeps, uint32_t switch_id,
             const struct xvs_guid *extension)
{
    struct keep **at = &keeps->list;

    pthread_mutex_lock(&keeps->lock);
    while (*at) {
        struct keep *keep = *at;

        if ((!switch_id || keep->switch_id == switch_id)
            && (!extension || guid_equal(extension, &keep->extension))) {
            *at = keep->next;
            keep_drop(keep);
        } else {
            at = &keep->next;
        }
    }
    pthread_mutex_unlock(&keeps->lock);
}

void
keeps_destroy(struct keeps *keeps)
{
    if (keeps) {
        keeps_forget(keeps, 0, NULL);
        pthread_mutex_destroy(&keeps->lock);
        free(keeps);
    }
}

/* Held for the caller. */
static struct keep *
find(struct keeps *keeps, uint32_t switch_id,
     const struct xvs_guid *extension)
{
    struct keep *keep;

    pthread_mutex_lock(&keeps->lock);
    for (keep = keeps->list; keep; keep = keep->next) {
        if (keep->switch_id == switch_id
            && guid_equal(&keep->extension, extension)) {
            break;
        }
    }
    if (!keep) {
        keep = mem_zalloc(sizeof *keep);
        *keep = (struct keep) { .next = keeps->list, .keeps = keeps,
                                .switch_id = switch_id,
                                .extension = *extension, .refs = 1 };
        pthread_mutex_init(&keep->lock, NULL);
        keeps->list = keep;
    }
    keep->refs++;
    pthread_mutex_unlock(&keeps->lock);
    return keep;
}

/* ---- A stage's part ------------------------------------------------------- */

static bool
check_size(uint64_t n, uint64_t limit, struct error *error)
{
    uint64_t most = limit && limit < XVS_KEEP_LIMIT ? limit : XVS_KEEP_LIMIT;

    return (n > 0 && n <= most)
        || error_set(error, ERROR_LIMIT, "it wants to keep %llu bytes, and"
                     " may keep 1 to %llu", (unsigned long long) n,
                     (unsigned long long) most);
}

/* The segment that the last instance had, if it fits, or else a new one. */
static bool
get_segment(struct kept *kept, uint64_t n, uint32_t version,
            struct error *error)
{
    struct segment *last;

    pthread_mutex_lock(&kept->keep->lock);
    last = kept->keep->current ? segment_hold(kept->keep->current) : NULL;
    pthread_mutex_unlock(&kept->keep->lock);
    if (last && last->n == n && last->version == version) {
        kept->segment = last;
    } else {
        kept->before = last;
        kept->segment = segment_create(n, version, error);
    }
    if (!kept->segment) {
        return false;
    }
    kept->memory = segment_map(kept->segment, error);
    if (kept->memory && kept->before) {
        kept->old = segment_map_bytes(kept->before, error);
    }
    return kept->memory && (!kept->before || kept->old);
}

struct kept *
kept_create(struct keeps *keeps, uint32_t switch_id,
            const struct xvs_guid *extension, uint64_t n, uint32_t version,
            uint64_t limit, struct error *error)
{
    struct kept *kept;

    if (!check_size(n, limit, error)) {
        return NULL;
    }
    kept = mem_zalloc(sizeof *kept);
    kept->keep = find(keeps, switch_id, extension);
    if (!get_segment(kept, n, version, error)) {
        kept_destroy(kept);
        return NULL;
    }
    return kept;
}

void
kept_destroy(struct kept *kept)
{
    struct keeps *keeps;
    uint64_t size;

    if (!kept) {
        return;
    }
    kept_leave(kept, NULL);
    if (kept->memory) {
        kept_memory(kept, &size);
        munmap(kept->memory, size);
    }
    if (kept->old) {
        munmap((void *) (uintptr_t) kept->old, kept->before->n);
    }
    segment_drop(kept->segment);
    segment_drop(kept->before);
    keeps = kept->keep->keeps;
    pthread_mutex_lock(&keeps->lock);
    keep_drop(kept->keep);
    pthread_mutex_unlock(&keeps->lock);
    free(kept);
}

bool
kept_is(const struct kept *kept, uint64_t n, uint32_t version)
{
    return kept->segment->n == n && kept->segment->version == version;
}

uint64_t
kept_bytes(const struct kept *kept)
{
    return kept->segment->n;
}

uint32_t
kept_instance(const struct kept *kept)
{
    uint32_t n;

    pthread_mutex_lock(&kept->keep->lock);
    n = kept->keep->n_owners + 1;
    pthread_mutex_unlock(&kept->keep->lock);
    return n;
}

void *
kept_memory(const struct kept *kept, uint64_t *size)
{
    *size = segment_head() + kept->segment->n;
    return kept->memory;
}

static void *
bytes_of(const struct kept *kept)
{
    return (char *) kept->memory + segment_head();
}

struct xvs_keep_log *
kept_log(const struct kept *kept, uint32_t i)
{
    return (struct xvs_keep_log *) kept->memory + i;
}

bool
kept_has_before(const struct kept *kept)
{
    return kept->before
        && !__atomic_load_n(&kept->is_converted, __ATOMIC_ACQUIRE);
}

void
kept_converted(struct kept *kept)
{
    __atomic_store_n(&kept->is_converted, true, __ATOMIC_RELEASE);
}

void
kept_fill(const struct kept *kept, struct xvs_keep *keep)
{
    bool before = kept_has_before(kept);

    keep->bytes = bytes_of(kept);
    keep->before = before ? kept->old : NULL;
    keep->before_size = before ? kept->before->n : 0;
    keep->before_version = before ? kept->before->version : 0;
    keep->logs = kept_log(kept, 0);
    keep->instance = kept_instance(kept);
}

int
kept_file(const struct kept *kept)
{
    return kept->segment->file;
}

int
kept_open_before(const struct kept *kept)
{
    return kept_has_before(kept) ? segment_open_read(kept->before) : -1;
}

void
kept_status(const struct kept *kept, struct keep_status *out)
{
    struct keep *keep = kept->keep;

    out->size = kept->segment->n;
    out->since = kept->segment->since;
    pthread_mutex_lock(&keep->lock);
    out->handovers = keep->n_owners ? keep->n_owners - 1 : 0;
    out->taken_back = __atomic_load_n(&keep->taken_back, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&keep->lock);
}

/* ---- Whose it is ---------------------------------------------------------- */

void
kept_undo(struct kept *kept, struct xvs_keep_log *log)
{
    uint64_t n = 0;

    if (__atomic_load_n(&log->n, __ATOMIC_RELAXED)) {
        keep_log_undo(log, bytes_of(kept), kept->segment->n, &n);
        __atomic_fetch_add(&kept->keep->taken_back, n, __ATOMIC_RELAXED);
    }
}

/* What a process that runs no packet hook any more wrote for packets that it
 * had not finished.  The lock is held. */
static void
settle_packets(struct kept *kept, const struct share *share)
{
    uint64_t n = 0;

    keep_log_settle(kept_log(kept, 1), bytes_of(kept), kept->segment->n,
                    &share->told[0].done, share->size.n_workers,
                    sizeof share->told[0], &n);
    __atomic_fetch_add(&kept->keep->taken_back, n, __ATOMIC_RELAXED);
}

/* The same of the control hook in which it has ended. */
static void
settle_control(struct kept *kept)
{
    kept_undo(kept, kept_log(kept, 0));
}

static void
note_taken(struct kept *kept, const struct share *share)
{
    if (__atomic_load_n(&share->state->taken, __ATOMIC_ACQUIRE)) {
        kept_converted(kept);
    }
}

/* The owner is this one now.  The lock is held. */
static void
take(struct keep *keep, struct kept *kept, struct share *share)
{
    if (keep->current != kept->segment) {
        segment_drop(keep->current);
        keep->current = segment_hold(kept->segment);
    }
    keep->owner = kept;
    keep->n_owners++;
    if (share) {
        __atomic_store_n(&share->given[0].own,
                         KEEP_PACKETS
                             | (kept_has_before(kept) ? KEEP_BEFORE : 0),
                         __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(&keep->share, share, __ATOMIC_RELEASE);
}

/* The lock is held. */
static bool
try_take(struct kept *kept, struct share *share)
{
    struct keep *keep = kept->keep;

    if (keep->owner && keep->owner != kept) {
        return false;
    }
    if (keep->owner && keep->share == share) {
        return true;
    }
    if (keep->owner && keep->share) {
        if (!share_has_ended(keep->share)) {
            return false;
        }
        note_taken(kept, keep->share);
        settle_packets(kept, keep->share);
    }
    take(keep, kept, share);
    return true;
}

bool
keep_own_packets(struct kept *kept, struct share *share)
{
    struct keep *keep = kept->keep;
    bool good;

    if (__atomic_load_n(&keep->share, __ATOMIC_ACQUIRE) == share) {
        return true;
    }
    if (pthread_mutex_trylock(&keep->lock) != 0) {
        return false;
    }
    good = try_take(kept, share);
    pthread_mutex_unlock(&keep->lock);
    return good;
}

bool
kept_own(struct kept *kept, struct share *share)
{
    struct keep *keep = kept->keep;
    bool good;

    pthread_mutex_lock(&keep->lock);
    good = try_take(kept, share);
    if (good && share && !(share->given[0].own & KEEP_CONTROL)) {
        settle_control(kept);
        __atomic_fetch_or(&share->given[0].own, KEEP_CONTROL,
                          __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&keep->lock);
    return good;
}

bool
kept_pass(struct kept *kept)
{
    struct keep *keep = kept->keep;
    bool good;

    pthread_mutex_lock(&keep->lock);
    good = keep->owner == kept && !keep->share;
    keep->n_owners += good;
    pthread_mutex_unlock(&keep->lock);
    return good;
}

void
kept_leave(struct kept *kept, const struct share *share)
{
    struct keep *keep = kept->keep;

    pthread_mutex_lock(&keep->lock);
    if (keep->owner == kept && (!share || keep->share == share)) {
        if (keep->share) {
            settle_packets(kept, keep->share);
            settle_control(kept);
        }
        keep->owner = NULL;
        __atomic_store_n(&keep->share, NULL, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&keep->lock);
}
