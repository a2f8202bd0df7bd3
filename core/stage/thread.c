/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A thread that waits on a condition; see thread.h.
 */

#include <config.h>

#include "stage/thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"

struct thread {
    pthread_t id;
    struct loop *loop;          /* where 'done' is called */
    struct thread_calls calls;
    pthread_mutex_t lock;       /* of everything below */
    pthread_cond_t wake;
    thread_call work;           /* NULL: none */
    void *work_arg;
    bool poked;
    bool stop;
    uint32_t period_ms;         /* of the timer; 0: off */
    uint64_t due_ms;            /* its next call */
};

/* Waits, holding the lock, until there may be something to do. */
static void
await(struct thread *thread)
{
    struct timespec until;

    if (thread->work || thread->poked || thread->stop) {
        return;
    }
    if (!thread->period_ms) {
        pthread_cond_wait(&thread->wake, &thread->lock);
        return;
    }
    until.tv_sec = (time_t) (thread->due_ms / 1000);
    until.tv_nsec = (long) (thread->due_ms % 1000) * 1000000;
    pthread_cond_timedwait(&thread->wake, &thread->lock, &until);
}

static void
call(struct thread *thread, thread_call function, void *arg)
{
    pthread_mutex_unlock(&thread->lock);
    function(arg);
    pthread_mutex_lock(&thread->lock);
}

static void
serve(struct thread *thread)
{
    if (thread->poked) {
        thread->poked = false;
        call(thread, thread->calls.between, thread->calls.arg);
    }
    if (thread->work) {
        thread_call work = thread->work;
        void *arg = thread->work_arg;

        thread->work = NULL;
        pthread_mutex_unlock(&thread->lock);
        work(arg);
        /* The loop may give the next work at once, so it must not meet the
         * lock that we hold. */
        loop_post(thread->loop, thread->calls.done, thread->calls.arg);
        pthread_mutex_lock(&thread->lock);
    }
    if (thread->period_ms && loop_now_ms() >= thread->due_ms) {
        thread->due_ms = loop_now_ms() + thread->period_ms;
        call(thread, thread->calls.timer, thread->calls.arg);
    }
}

static void *
run(void *arg)
{
    struct thread *thread = arg;

    grace_thread_begin();
    pthread_mutex_lock(&thread->lock);
    while (!thread->stop || thread->work) {
        await(thread);
        serve(thread);
    }
    pthread_mutex_unlock(&thread->lock);
    grace_thread_end();
    return NULL;
}

struct thread *
thread_create(struct loop *loop, const char *name,
              const struct thread_calls *calls, struct error *error)
{
    struct thread *thread = mem_zalloc(sizeof *thread);
    pthread_condattr_t attributes;
    char short_name[16];
    int number;

    thread->loop = loop;
    thread->calls = *calls;
    pthread_mutex_init(&thread->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&thread->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    number = pthread_create(&thread->id, NULL, run, thread);
    if (number) {
        error_set_errno(error, number, "cannot start a thread for %s", name);
        free(thread);
        return NULL;
    }
    snprintf(short_name, sizeof short_name, "%s", name);
    pthread_setname_np(thread->id, short_name);
    return thread;
}

void
thread_destroy(struct thread *thread)
{
    if (!thread) {
        return;
    }
    pthread_mutex_lock(&thread->lock);
    thread->stop = true;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
    pthread_join(thread->id, NULL);
    pthread_cond_destroy(&thread->wake);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

void
thread_give(struct thread *thread, thread_call work, void *arg)
{
    pthread_mutex_lock(&thread->lock);
    thread->work = work;
    thread->work_arg = arg;
    pthread_mutex_unlock(&thread->lock);
    /* Not under the lock, which the thread would meet when it wakes.  Only
     * our own thread, the loop's, ends this one. */
    pthread_cond_signal(&thread->wake);
}

void
thread_poke(struct thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    thread->poked = true;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
}

void
thread_timer(struct thread *thread, uint32_t milliseconds)
{
    pthread_mutex_lock(&thread->lock);
    thread->period_ms = milliseconds;
    thread->due_ms = loop_now_ms() + milliseconds;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
}
