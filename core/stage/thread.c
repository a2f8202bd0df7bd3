/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A thread that waits on a semaphore; see thread.h.  'told' is true from the
 * decision to call 'done' until that call collects: there is then something
 * to collect, so that nobody ends the thread while the call is on its way.
 *
 * A semaphore and no condition, because packet workers wake the thread as
 * well (thread_call()) and must not meet a lock for it.  It is posted behind
 * every change that the thread may have to see; one post too many costs one
 * look at nothing.
 */

#include <config.h>

#include "stage/thread.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"

#define HELD 16u                    /* calls that wait; more are made at once */
#define TELL_AFTER_NS 100000u       /* who finished first waits no longer */

/* A list with its end. */
struct works {
    struct thread_work *first;
    struct thread_work **last;
};

struct thread {
    pthread_t id;
    struct loop *loop;          /* where 'done' is called */
    struct thread_calls calls;
    sem_t wake;
    bool called;                /* by thread_call(); atomic */
    pthread_mutex_t lock;       /* of everything below */
    struct works inbox;         /* given, not begun */
    struct works finished;      /* not collected */
    struct thread_work *running;    /* begun, not finished */
    uint64_t since_ns;          /* when that was */
    uint64_t finished_ns;       /* when the first of 'finished' was */
    bool told;                  /* 'done' is on its way */
    bool watched;               /* tell as soon as 'running' ends */
    bool sleeping;              /* waits for 'wake' */
    bool poked;
    bool stop;
    uint32_t period_ms;         /* of the timer; 0: off */
    uint64_t due_ms;            /* its next call */
};

/* Of a packet worker: whom it will call (thread_hold_calls()). */
static __thread struct thread *held[HELD];
static __thread uint32_t n_held;
static __thread bool holds;

static void
works_clear(struct works *works)
{
    works->first = NULL;
    works->last = &works->first;
}

static void
works_add(struct works *works, struct thread_work *work)
{
    work->next = NULL;
    *works->last = work;
    works->last = &work->next;
}

/* Waits for a post; 'due_ms' 0: for ever. */
static void
sleep_until(struct thread *thread, uint64_t due_ms)
{
    const struct timespec until = {
        .tv_sec = (time_t) (due_ms / 1000),
        .tv_nsec = (long) (due_ms % 1000) * 1000000 };
    int result;

    do {
        result = due_ms ? sem_clockwait(&thread->wake, CLOCK_MONOTONIC,
                                        &until)
                        : sem_wait(&thread->wake);
    } while (result < 0 && errno == EINTR);
}

/* Waits until there may be something to do; called with the lock. */
static void
await(struct thread *thread)
{
    uint64_t due_ms = thread->period_ms ? thread->due_ms : 0;

    if (thread->inbox.first || thread->poked || thread->stop) {
        return;
    }
    thread->sleeping = true;
    pthread_mutex_unlock(&thread->lock);
    sleep_until(thread, due_ms);
    pthread_mutex_lock(&thread->lock);
    thread->sleeping = false;
}

static void
call(struct thread *thread, thread_call function, void *arg)
{
    pthread_mutex_unlock(&thread->lock);
    function(arg);
    pthread_mutex_lock(&thread->lock);
}

/* Holding the lock: somebody finished; time to tell? */
static bool
must_tell(const struct thread *thread, uint64_t now_ns)
{
    return !thread->told
        && (!thread->inbox.first || thread->watched
            || now_ns - thread->finished_ns >= TELL_AFTER_NS);
}

/* Takes the first piece of the inbox and runs it without the lock. */
static void
run_first(struct thread *thread)
{
    struct thread_work *work = thread->inbox.first;
    uint64_t now_ns;

    thread->inbox.first = work->next;
    if (!work->next) {
        works_clear(&thread->inbox);
    }
    thread->running = work;
    thread->since_ns = loop_now_ns();
    pthread_mutex_unlock(&thread->lock);
    work->run(work);
    now_ns = loop_now_ns();
    pthread_mutex_lock(&thread->lock);
    thread->running = NULL;
    if (!thread->finished.first) {
        thread->finished_ns = now_ns;
    }
    works_add(&thread->finished, work);
    if (must_tell(thread, now_ns)) {
        thread->told = true;
        thread->watched = false;
        pthread_mutex_unlock(&thread->lock);
        /* The loop may give more at once, so it must not meet the lock that
         * we hold. */
        loop_post(thread->loop, thread->calls.done, thread->calls.arg);
        pthread_mutex_lock(&thread->lock);
    }
}

static void
serve(struct thread *thread)
{
    if (thread->poked) {
        thread->poked = false;
        call(thread, thread->calls.between, thread->calls.arg);
    }
    if (thread->inbox.first) {
        run_first(thread);
    }
    if (__atomic_exchange_n(&thread->called, false, __ATOMIC_ACQ_REL)) {
        call(thread, thread->calls.timer, thread->calls.arg);
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
    while (!thread->stop || thread->inbox.first) {
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
    char short_name[16];
    int number;

    thread->loop = loop;
    thread->calls = *calls;
    works_clear(&thread->inbox);
    works_clear(&thread->finished);
    pthread_mutex_init(&thread->lock, NULL);
    sem_init(&thread->wake, 0, 0);
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
    pthread_mutex_unlock(&thread->lock);
    sem_post(&thread->wake);
    pthread_join(thread->id, NULL);
    sem_destroy(&thread->wake);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

void
thread_give(struct thread *thread, struct thread_work *work)
{
    pthread_mutex_lock(&thread->lock);
    works_add(&thread->inbox, work);
    pthread_mutex_unlock(&thread->lock);
}

void
thread_wake(struct thread *thread)
{
    bool sleeping;

    pthread_mutex_lock(&thread->lock);
    sleeping = thread->sleeping && thread->inbox.first;
    pthread_mutex_unlock(&thread->lock);
    /* Not under the lock, which the thread would meet when it wakes.  Only
     * our own thread, the loop's, ends this one. */
    if (sleeping) {
        sem_post(&thread->wake);
    }
}

struct thread_work *
thread_take_back(struct thread *thread)
{
    struct thread_work *list;

    pthread_mutex_lock(&thread->lock);
    list = thread->inbox.first;
    works_clear(&thread->inbox);
    pthread_mutex_unlock(&thread->lock);
    return list;
}

struct thread_work *
thread_collect(struct thread *thread, bool called)
{
    struct thread_work *list = NULL;

    pthread_mutex_lock(&thread->lock);
    if (called || !thread->told) {
        list = thread->finished.first;
        works_clear(&thread->finished);
        thread->told = false;
    }
    pthread_mutex_unlock(&thread->lock);
    return list;
}

struct thread_work *
thread_look(struct thread *thread, uint64_t *since_ms)
{
    struct thread_work *running = NULL;

    pthread_mutex_lock(&thread->lock);
    if (!thread->finished.first && thread->running) {
        running = thread->running;
        *since_ms = thread->since_ns / 1000000;
        thread->watched = true;
    }
    pthread_mutex_unlock(&thread->lock);
    return running;
}

void
thread_poke(struct thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    thread->poked = true;
    sem_post(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
}

static void
call_timer(struct thread *thread)
{
    if (!__atomic_exchange_n(&thread->called, true, __ATOMIC_ACQ_REL)) {
        sem_post(&thread->wake);
    }
}

void
thread_call_timer(struct thread *thread)
{
    uint32_t i = 0;

    while (i < n_held && held[i] != thread) {
        i++;
    }
    if (!holds || i == HELD) {
        call_timer(thread);
    } else if (i == n_held) {
        held[n_held++] = thread;
    }
}

void
thread_hold_calls(void)
{
    holds = true;
}

void
thread_make_calls(void)
{
    while (__builtin_expect(n_held != 0, 0)) {
        call_timer(held[--n_held]);
    }
}

void
thread_timer(struct thread *thread, uint32_t milliseconds)
{
    pthread_mutex_lock(&thread->lock);
    thread->period_ms = milliseconds;
    thread->due_ms = loop_now_ms() + milliseconds;
    sem_post(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
}
