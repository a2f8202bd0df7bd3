/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The committer thread.  All state is under one mutex, which is never held
 * while writing; the journal is touched by the thread alone.
 */

#include <config.h>

#include "service/store/committer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/loop.h"
#include "base/memory.h"
#include "service/store/journal.h"

#define BATCH_LIMIT 1024    /* transactions in one write */

struct committer {
    pthread_mutex_t lock;
    pthread_cond_t work;            /* something was handed over */
    pthread_cond_t done;            /* something can be collected */
    pthread_t thread;
    struct journal *journal;        /* the thread's */
    int dirfd;
    int eventfd;                    /* rings at the loop */
    struct loop_watch *watch;
    void (*ready)(void *arg);
    void *arg;
    struct store_change *queue, **queue_end;
    struct file_job *jobs, **jobs_end;
    bool switch_wanted;
    bool busy;                      /* the thread works, or will */
    bool stop;
    bool rung;                      /* there is something to collect */
    struct store_change **changes_end;
    struct file_job **finished_end;
    struct committed results;       /* finished, not collected */
};

char *
store_file_name(const char *document, const char *suffix,
                char out[STORE_FILE_SIZE])
{
    snprintf(out, STORE_FILE_SIZE, "%s.cfg%s", document, suffix);
    return out;
}

void
file_job_destroy(struct file_job *job)
{
    free(job->document);
    buffer_free(&job->bytes);
    free(job);
}

/* With the lock held, but for the call that wakes the loop, which would meet
 * it: results are there. */
static void
committer_ring(struct committer *committer)
{
    bool rings = committer->rung;
    uint64_t one = 1;

    committer->rung = true;
    pthread_cond_broadcast(&committer->done);
    if (rings) {
        return;
    }
    pthread_mutex_unlock(&committer->lock);
    if (write(committer->eventfd, &one, sizeof one) < 0) {
        abort();
    }
    pthread_mutex_lock(&committer->lock);
}

/* Takes at most BATCH_LIMIT changes from the queue. */
static struct store_change *
take_batch(struct committer *committer, size_t *n)
{
    struct store_change *first = committer->queue, *last = first;

    for (*n = 1; *n < BATCH_LIMIT && last->next; ++*n) {
        last = last->next;
    }
    committer->queue = last->next;
    if (!committer->queue) {
        committer->queue_end = &committer->queue;
    }
    last->next = NULL;
    return first;
}

/* Appends one by one what did not go together, to fail only who must. */
static void
append_singly(struct committer *committer, struct store_change *batch)
{
    for (; batch; batch = batch->next) {
        struct buffer *payload = &batch->payload;

        batch->failed = !journal_append(committer->journal, &payload, 1,
                                        &batch->error);
    }
}

static void
write_batch(struct committer *committer, struct store_change *batch, size_t n)
{
    struct buffer **payloads = mem_array(n, sizeof *payloads);
    struct store_change *change = batch;

    for (size_t i = 0; i < n; i++, change = change->next) {
        payloads[i] = &change->payload;
    }
    if (!journal_append(committer->journal, payloads, n, &batch->error)) {
        if (n == 1) {
            batch->failed = true;
        } else {
            append_singly(committer, batch);
        }
    }
    free(payloads);
}

static void
run_batch(struct committer *committer)
{
    size_t n;
    struct store_change *batch = take_batch(committer, &n), *last;

    pthread_mutex_unlock(&committer->lock);
    write_batch(committer, batch, n);
    for (last = batch; last->next; last = last->next) {
        continue;
    }
    pthread_mutex_lock(&committer->lock);
    *committer->changes_end = batch;
    committer->changes_end = &last->next;
    committer->results.journal_used = journal_used(committer->journal);
    committer_ring(committer);
}

static void
run_switch(struct committer *committer)
{
    struct error error = { 0 };
    int number;
    bool ok;

    committer->switch_wanted = false;
    pthread_mutex_unlock(&committer->lock);
    number = fault_point("checkpoint-switch");
    ok = number ? error_set_errno(&error, number, "cannot switch the journal")
        : journal_switch(committer->journal, &error);
    pthread_mutex_lock(&committer->lock);
    committer->results.switched = ok;
    committer->results.switch_failed = !ok;
    committer->results.switch_error = error;
    committer->results.journal_used = journal_used(committer->journal);
    committer_ring(committer);
}

static bool
job_write(int dirfd, struct file_job *job)
{
    char name[STORE_FILE_SIZE], old[STORE_FILE_SIZE];
    int number = fault_point("checkpoint-write");

    store_file_name(job->document, "", name);
    store_file_name(job->document, ".old", old);
    if (number) {
        return error_set_errno(&job->error, number, "cannot write %s", name);
    }
    if (!job->remove) {
        return durable_write(dirfd, name, old, job->bytes.data,
                             job->bytes.size, &job->error);
    }
    /* In this order: a file without predecessor is still a file, while a
     * predecessor without file would look like a loss. */
    return durable_remove(dirfd, old, &job->error)
        && durable_remove(dirfd, name, &job->error);
}

static void
run_job(struct committer *committer)
{
    struct file_job *job = committer->jobs;

    committer->jobs = job->next;
    if (!committer->jobs) {
        committer->jobs_end = &committer->jobs;
    }
    job->next = NULL;
    pthread_mutex_unlock(&committer->lock);
    job->failed = !job_write(committer->dirfd, job);
    buffer_free(&job->bytes);
    pthread_mutex_lock(&committer->lock);
    *committer->finished_end = job;
    committer->finished_end = &job->next;
    committer_ring(committer);
}

static void *
committer_thread(void *arg)
{
    struct committer *committer = arg;
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_mutex_lock(&committer->lock);
    for (;;) {
        committer->busy = committer->queue || committer->switch_wanted
            || committer->jobs;
        if (!committer->busy) {
            pthread_cond_broadcast(&committer->done);
            if (committer->stop) {
                break;
            }
            pthread_cond_wait(&committer->work, &committer->lock);
            continue;
        }
        if (committer->queue) {
            run_batch(committer);
        }
        if (committer->switch_wanted) {
            run_switch(committer);
        } else if (committer->jobs) {
            run_job(committer);
        }
    }
    pthread_mutex_unlock(&committer->lock);
    return NULL;
}

static void
committer_event(void *arg, int fd, unsigned int events)
{
    struct committer *committer = arg;
    uint64_t count;

    (void) events;
    if (read(fd, &count, sizeof count) > 0) {
        committer->ready(committer->arg);
    }
}

static void
results_clear(struct committer *committer)
{
    committer->results.changes = NULL;
    committer->results.jobs = NULL;
    committer->results.switched = false;
    committer->results.switch_failed = false;
    committer->changes_end = &committer->results.changes;
    committer->finished_end = &committer->results.jobs;
    committer->rung = false;
}

struct committer *
committer_create(struct loop *loop, int dirfd, struct journal *journal,
                 void (*ready)(void *arg), void *arg, struct error *error)
{
    struct committer *committer = mem_zalloc(sizeof *committer);
    int number;

    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->work, NULL);
    pthread_cond_init(&committer->done, NULL);
    committer->journal = journal;
    committer->dirfd = dirfd;
    committer->ready = ready;
    committer->arg = arg;
    committer->queue_end = &committer->queue;
    committer->jobs_end = &committer->jobs;
    committer->results.journal_used = journal_used(journal);
    results_clear(committer);
    committer->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (committer->eventfd < 0) {
        error_set_errno(error, errno, "cannot make an eventfd");
        free(committer);
        return NULL;
    }
    number = pthread_create(&committer->thread, NULL, committer_thread,
                            committer);
    if (number) {
        error_set_errno(error, number, "cannot start the committer");
        close(committer->eventfd);
        free(committer);
        return NULL;
    }
    committer->watch = loop_watch_add(loop, committer->eventfd, LOOP_READ,
                                      committer_event, committer);
    return committer;
}

void
committer_destroy(struct committer *committer)
{
    if (!committer) {
        return;
    }
    pthread_mutex_lock(&committer->lock);
    committer->stop = true;
    pthread_cond_signal(&committer->work);
    pthread_mutex_unlock(&committer->lock);
    pthread_join(committer->thread, NULL);
    loop_watch_remove(committer->watch);
    close(committer->eventfd);
    journal_close(committer->journal);
    pthread_cond_destroy(&committer->done);
    pthread_cond_destroy(&committer->work);
    pthread_mutex_destroy(&committer->lock);
    free(committer);
}

/* Work was added under the lock, which this gives back: wakes the thread when
 * it sleeps, and not under the lock, which it would meet. */
static void
unlock_and_wake(struct committer *committer)
{
    bool sleeping = !committer->busy;

    committer->busy = true;
    pthread_mutex_unlock(&committer->lock);
    if (sleeping) {
        pthread_cond_signal(&committer->work);
    }
}

void
committer_commit(struct committer *committer, struct store_change *changes)
{
    pthread_mutex_lock(&committer->lock);
    *committer->queue_end = changes;
    while (changes->next) {
        changes = changes->next;
    }
    committer->queue_end = &changes->next;
    unlock_and_wake(committer);
}

void
committer_switch(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->switch_wanted = true;
    unlock_and_wake(committer);
}

void
committer_write(struct committer *committer, struct file_job *job)
{
    pthread_mutex_lock(&committer->lock);
    job->next = NULL;
    *committer->jobs_end = job;
    committer->jobs_end = &job->next;
    unlock_and_wake(committer);
}

void
committer_collect(struct committer *committer, struct committed *out)
{
    pthread_mutex_lock(&committer->lock);
    *out = committer->results;
    results_clear(committer);
    pthread_mutex_unlock(&committer->lock);
}

bool
committer_wait(struct committer *committer)
{
    bool rung;

    pthread_mutex_lock(&committer->lock);
    while (committer->busy && !committer->rung) {
        pthread_cond_wait(&committer->done, &committer->lock);
    }
    rung = committer->rung;
    pthread_mutex_unlock(&committer->lock);
    return rung;
}
