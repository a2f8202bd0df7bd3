/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The store on the loop's thread: what goes to the committer and comes back
 * from it, and when the documents' files are rewritten.  Documents show only
 * what is on disk (the committer says so), therefore a file that is rendered
 * from them never runs ahead of the journal.
 */

#include <config.h>

#include "service/store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/memory.h"
#include "service/store/committer.h"
#include "service/store/document.h"
#include "service/store/documents.h"
#include "service/store/journal.h"
#include "service/store/store-load.h"

#define IDLE_MS 200             /* without commits: time to write the files */
#define RETRY_MS 1000           /* after a failed checkpoint */
#define JOURNAL_FULL (3u << 20) /* bytes that start a checkpoint */

enum checkpoint { CHECKPOINT_NONE, CHECKPOINT_SWITCH, CHECKPOINT_WRITE };

struct store {
    struct loop *loop;
    struct map *documents;      /* name -> struct document */
    int dirfd;
    struct committer *committer;
    struct loop_timer *timer;   /* a checkpoint is planned */
    uint64_t last_commit;       /* loop_now_ms() */
    size_t in_flight;           /* transactions at the committer */
    struct store_change *given; /* of them those that it gets at the end of
                                 * this round of the loop */
    struct store_change **given_end;
    struct loop_timer *give;    /* when that is */
    size_t journal_used;
    enum checkpoint checkpoint;
    size_t jobs;                /* files being written */
    bool failed;                /* one of them could not be */
    bool complained;            /* the log has it */
    bool other_in_use;          /* the journal's other file is needed */
};

static void store_ready(void *arg);
static void store_plan(struct store *store, uint64_t delay_ms);

/* ---- Documents ---------------------------------------------------------- */

const char *
store_get(const struct store *store, const char *name, const char *entry)
{
    struct document *document = documents_find(store->documents, name);

    return document ? map_get(document->entries, entry) : NULL;
}

bool
store_next_document(const struct store *store, size_t *at, const char **name)
{
    return documents_next(store->documents, at, name);
}

bool
store_next_entry(const struct store *store, const char *name, size_t *at,
                 const char **entry, const char **text)
{
    struct document *document = documents_find(store->documents, name);
    void *value;

    if (!document || !map_next(document->entries, at, entry, &value)) {
        return false;
    }
    *text = value;
    return true;
}

bool
store_is_clean(const struct store *store)
{
    return store->in_flight == 0 && store->checkpoint == CHECKPOINT_NONE
        && !documents_dirty(store->documents);
}

/* ---- Checkpoints -------------------------------------------------------- */

static void
start_job(struct store *store, const char *name, struct document *document)
{
    struct file_job *job = mem_zalloc(sizeof *job);

    job->document = mem_strdup(name);
    job->remove = document->removed;
    job->generation = document->generation + 1;
    if (!job->remove) {
        document_write(document, job->generation, &job->bytes);
    }
    document->dirty = false;
    store->jobs++;
    committer_write(store->committer, job);
}

static void
checkpoint_end(struct store *store)
{
    store->checkpoint = CHECKPOINT_NONE;
    if (!store->failed) {
        store->other_in_use = false;
        store->complained = false;
        (void) fault_point("checkpoint-done");
    }
    if (store->failed || documents_dirty(store->documents)) {
        store_plan(store, store->failed ? RETRY_MS : IDLE_MS);
    }
}

static void
checkpoint_write(struct store *store)
{
    size_t at = 0;
    const char *name;
    void *document;

    store->checkpoint = CHECKPOINT_WRITE;
    store->failed = false;
    while (map_next(store->documents, &at, &name, &document)) {
        if (((struct document *) document)->dirty) {
            start_job(store, name, document);
        }
    }
    if (store->jobs == 0) {
        checkpoint_end(store);
    }
}

static void
checkpoint_start(struct store *store)
{
    if (store->checkpoint != CHECKPOINT_NONE
        || !documents_dirty(store->documents)) {
        return;
    }
    if (store->other_in_use) {
        checkpoint_write(store);
        return;
    }
    store->checkpoint = CHECKPOINT_SWITCH;
    committer_switch(store->committer);
}

static void
checkpoint_timer(void *arg)
{
    struct store *store = arg;

    store->timer = NULL;
    if (store->journal_used < JOURNAL_FULL
        && loop_now_ms() - store->last_commit < IDLE_MS) {
        store_plan(store, IDLE_MS);
        return;
    }
    checkpoint_start(store);
}

static void
store_plan(struct store *store, uint64_t delay_ms)
{
    if (!store->timer) {
        store->timer = loop_timer_add(store->loop, delay_ms, false,
                                      checkpoint_timer, store);
    }
}

static void
checkpoint_complain(struct store *store, const struct error *error)
{
    store->failed = true;
    if (!store->complained) {
        log_error_at(LOG_LEVEL_WARNING, error);
        log_warning("the state files are behind; the journal has what is "
                    "missing, and writing them will be tried again");
        store->complained = true;
    }
}

static void
job_finished(struct store *store, struct file_job *job)
{
    struct document *document = map_get(store->documents, job->document);

    store->jobs--;
    if (job->failed) {
        checkpoint_complain(store, &job->error);
        document->dirty = true;
    } else if (job->remove && document->removed && !document->dirty) {
        document_destroy(map_remove(store->documents, job->document));
    } else {
        document->generation = job->generation;
    }
    file_job_destroy(job);
    if (store->jobs == 0) {
        checkpoint_end(store);
    }
}

/* ---- Transactions ------------------------------------------------------- */

static void
change_finished(struct store *store, struct store_change *change)
{
    store->in_flight--;
    store->last_commit = loop_now_ms();
    if (!change->failed) {
        documents_apply(store->documents, change->payload.data,
                        change->payload.size);
        store_plan(store, IDLE_MS);
    }
    if (change->done) {
        change->done(change->arg, change->failed ? &change->error : NULL);
    }
    store_cancel(change);
}

static void
store_ready(void *arg)
{
    struct store *store = arg;
    struct committed results;

    committer_collect(store->committer, &results);
    store->journal_used = results.journal_used;
    while (results.changes) {
        struct store_change *change = results.changes;

        results.changes = change->next;
        change_finished(store, change);
    }
    while (results.jobs) {
        struct file_job *job = results.jobs;

        results.jobs = job->next;
        job_finished(store, job);
    }
    if (results.switched) {
        store->other_in_use = true;
        checkpoint_write(store);
    } else if (results.switch_failed) {
        checkpoint_complain(store, &results.switch_error);
        checkpoint_end(store);
    }
    if (store->journal_used >= JOURNAL_FULL && !store->failed) {
        checkpoint_start(store);
    }
}

/* All changes of this round go to the committer together: one wake-up, one
 * write, one flush. */
static void
store_give(void *arg)
{
    struct store *store = arg;
    struct store_change *given = store->given;

    store->give = NULL;
    store->given = NULL;
    store->given_end = &store->given;
    if (given) {
        committer_commit(store->committer, given);
    }
}

void
store_commit(struct store *store, struct store_change *change,
             store_done done, void *arg)
{
    change->done = done;
    change->arg = arg;
    change->next = NULL;
    *store->given_end = change;
    store->given_end = &change->next;
    store->in_flight++;
    if (!store->give) {
        store->give = loop_timer_add(store->loop, 0, false, store_give,
                                     store);
    }
}

/* ---- Opening and closing ------------------------------------------------ */

static void
replay_record(void *arg, const struct journal_record *record)
{
    struct store *store = arg;

    if (!documents_apply(store->documents, record->payload, record->size)) {
        log_warning("journal: change %llu makes no sense and is left out",
                    (unsigned long long) record->sequence);
    }
}

static bool
store_start(struct store *store, struct error_list *problems,
            struct error *error)
{
    struct journal *journal;

    if (!documents_load(store->documents, store->dirfd, problems, error)) {
        return false;
    }
    journal = journal_open(store->dirfd, replay_record, store, problems,
                           error);
    if (!journal) {
        return false;
    }
    store->other_in_use = true;
    store->committer = committer_create(store->loop, store->dirfd, journal,
                                        store_ready, store, error);
    if (!store->committer) {
        journal_close(journal);
        return false;
    }
    if (documents_dirty(store->documents)) {
        store_plan(store, 0);
    } else {
        store->other_in_use = false;
    }
    return true;
}

struct store *
store_open(struct loop *loop, const char *path, struct error_list *problems,
           struct error *error)
{
    struct store *store = mem_zalloc(sizeof *store);

    store->loop = loop;
    store->given_end = &store->given;
    store->dirfd = -1;
    store->documents = map_create(false);
    if (durable_mkdir(path, error)) {
        store->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (store->dirfd < 0) {
            error_set(error, ERROR_IO, "cannot open the state directory %s",
                      path);
        } else if (store_start(store, problems, error)) {
            return store;
        }
    }
    store_close(store);
    return NULL;
}

/* Waits until the committer is idle; callbacks run in between. */
static void
store_settle(struct store *store)
{
    do {
        loop_timer_remove(store->give);
        store_give(store);
        store_ready(store);
    } while (store->given || committer_wait(store->committer));
}

void
store_close(struct store *store)
{
    if (!store) {
        return;
    }
    if (store->committer) {
        store_settle(store);
        checkpoint_start(store);
        store_settle(store);
        committer_destroy(store->committer);
    }
    loop_timer_remove(store->timer);
    if (store->dirfd >= 0) {
        close(store->dirfd);
    }
    map_destroy(store->documents, (void (*)(void *)) document_destroy);
    free(store);
}
