/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One round: wait in epoll, call the watches that have events, the timers
 * that are due, then the deferred calls.  A watch that is removed stays in
 * memory until the outermost round ends, because the events at hand may
 * still name it; other threads reach the loop through a list under a lock
 * and an eventfd.
 */
#include <config.h>

#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/timers.h"

/* Few, so that what many clients want at once goes on in several waves, one
 * being worked on while another is flushed. */
#define EVENTS_PER_ROUND 16

struct loop_watch {
    struct loop *loop;          /* where it is */
    struct loop_watch *next;    /* in watches, later in removed */
    struct loop_watch *prev;    /* in watches */
    loop_fd_call call;          /* NULL: removed */
    void *arg;                  /* for the call */
    int fd;                     /* the caller's, never closed here */
    unsigned int events;        /* waited for, so that setting the same again
                                 * costs no system call */
};

struct loop_signal {
    struct loop_signal *next;   /* in signals */
    loop_call call;             /* on arrival */
    void *arg;                  /* for the call */
    int fd;                     /* a signalfd for this signal */
};

/* Calls to make, in order. */
struct calls {
    struct {
        loop_call call;         /* what */
        void *arg;              /* with what */
    } *items;
    size_t n;                   /* calls in items */
    size_t capacity;            /* of items */
};

struct loop {
    struct timers timers;       /* see timers.h */
    struct calls deferred;      /* for the end of this round */
    struct calls posted;        /* from other threads, under the lock */
    pthread_mutex_t lock;       /* of posted */
    atomic_bool stop;           /* loop_stop() was called */
    struct loop_watch *watches; /* all that are live */
    struct loop_watch *removed; /* freed at the end of the round */
    struct loop_signal *signals;    /* all that are waited for */
    unsigned int depth;         /* loop_once() inside of callbacks */
    int epoll;                  /* epoll descriptor */
    int wake;                   /* eventfd, for other threads */
};

static void
calls_add(struct calls *calls, loop_call call, void *arg)
{
    mem_grow(&calls->items, &calls->capacity, calls->n,
             sizeof(*calls->items));
    calls->items[calls->n].call = call;
    calls->items[calls->n++].arg = arg;
}

static void
wake(struct loop *loop)
{
    /* A full counter (EAGAIN) wakes as well. */
    if (eventfd_write(loop->wake, 1) < 0 && errno != EAGAIN) {
        abort();
    }
}

/* Another thread was here: its calls become deferred calls. */
static void
take_posted(void *arg, int fd, unsigned int events)
{
    struct loop *loop = arg;
    struct calls posted;
    eventfd_t count;

    (void) events;
    if (eventfd_read(fd, &count) < 0) {
        return;
    }
    pthread_mutex_lock(&loop->lock);
    posted = loop->posted;
    loop->posted = (struct calls) { 0 };
    pthread_mutex_unlock(&loop->lock);
    for (size_t i = 0; i < posted.n; i++) {
        calls_add(&loop->deferred, posted.items[i].call,
                  posted.items[i].arg);
    }
    free(posted.items);
}

struct loop *
loop_create(struct error *error)
{
    struct loop *loop = mem_zalloc(sizeof(*loop));

    pthread_mutex_init(&loop->lock, NULL);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->wake < 0 || loop->epoll < 0
        || !loop_watch_add(loop, loop->wake, LOOP_READ, take_posted, loop)) {
        error_set_errno(error, errno, "cannot create an event loop");
        loop_destroy(loop);
        return NULL;
    }
    return loop;
}

static void
free_removed(struct loop *loop)
{
    while (loop->removed) {
        struct loop_watch *watch = loop->removed;

        loop->removed = watch->next;
        free(watch);
    }
}

static void
free_signals(struct loop *loop)
{
    while (loop->signals) {
        struct loop_signal *signal = loop->signals;

        loop->signals = signal->next;
        close(signal->fd);
        free(signal);
    }
}

void
loop_destroy(struct loop *loop)
{
    if (!loop) {
        return;
    }
    while (loop->watches) {
        loop_watch_remove(loop->watches);
    }
    free_removed(loop);
    free_signals(loop);
    timers_free(&loop->timers);
    free(loop->deferred.items);
    free(loop->posted.items);
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    if (loop->wake >= 0) {
        close(loop->wake);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void
loop_run(struct loop *loop)
{
    while (!atomic_exchange(&loop->stop, false)) {
        loop_once(loop, -1);
    }
}

void
loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop, true);
    wake(loop);
}

static unsigned int
events_of(uint32_t epoll)
{
    return (epoll & EPOLLIN ? LOOP_READ : 0)
           | (epoll & EPOLLOUT ? LOOP_WRITE : 0)
           | (epoll & (EPOLLHUP | EPOLLERR) ? LOOP_CLOSED : 0);
}

static void
handle_events(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_PER_ROUND];
    int n = epoll_wait(loop->epoll, events, EVENTS_PER_ROUND, timeout_ms);

    log_hold(true);
    for (int i = 0; i < n; i++) {
        struct loop_watch *watch = events[i].data.ptr;

        if (watch->call) {
            watch->call(watch->arg, watch->fd, events_of(events[i].events));
        }
    }
}

/* Those of this round; what they defer is for the next one. */
static void
run_deferred(struct loop *loop)
{
    struct calls calls = loop->deferred;

    loop->deferred = (struct calls) { 0 };
    for (size_t i = 0; i < calls.n; i++) {
        calls.items[i].call(calls.items[i].arg);
    }
    free(calls.items);
}

void
loop_once(struct loop *loop, int timeout_ms)
{
    int timer_ms = timers_wait(&loop->timers);

    if (timer_ms >= 0 && (timeout_ms < 0 || timer_ms < timeout_ms)) {
        timeout_ms = timer_ms;
    }
    if (loop->deferred.n) {
        timeout_ms = 0;
    }
    loop->depth++;
    handle_events(loop, timeout_ms);
    timers_run(&loop->timers);
    run_deferred(loop);
    log_hold(false);
    if (--loop->depth == 0) {
        free_removed(loop);
    }
}

static struct epoll_event
epoll_event_of(struct loop_watch *watch, unsigned int events)
{
    return (struct epoll_event) {
        .events = (events & LOOP_READ ? (uint32_t) EPOLLIN : 0)
                  | (events & LOOP_WRITE ? (uint32_t) EPOLLOUT : 0),
        .data.ptr = watch,
    };
}

struct loop_watch *
loop_watch_add(struct loop *loop, int fd, unsigned int events,
               loop_fd_call call, void *arg)
{
    struct loop_watch *watch = mem_zalloc(sizeof(*watch));
    struct epoll_event event = epoll_event_of(watch, events);

    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        free(watch);
        return NULL;
    }
    watch->loop = loop;
    watch->call = call;
    watch->arg = arg;
    watch->fd = fd;
    watch->events = events;
    watch->next = loop->watches;
    if (watch->next) {
        watch->next->prev = watch;
    }
    loop->watches = watch;
    return watch;
}

void
loop_watch_set(struct loop_watch *watch, unsigned int events)
{
    struct epoll_event event = epoll_event_of(watch, events);

    if (events != watch->events) {
        watch->events = events;
        epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
    }
}

void
loop_watch_remove(struct loop_watch *watch)
{
    if (!watch || !watch->call) {
        return;
    }
    struct loop *loop = watch->loop;

    /* Fails when the caller has closed it already: then it is out, too. */
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    if (watch->prev) {
        watch->prev->next = watch->next;
    } else {
        loop->watches = watch->next;
    }
    if (watch->next) {
        watch->next->prev = watch->prev;
    }
    watch->call = NULL;
    watch->next = loop->removed;
    loop->removed = watch;
    if (loop->depth == 0) {
        free_removed(loop);
    }
}

struct loop_timer *
loop_timer_add(struct loop *loop, uint64_t delay_ms, bool repeat,
               loop_call call, void *arg)
{
    return timers_add(&loop->timers, delay_ms, repeat, call, arg);
}

void
loop_defer(struct loop *loop, loop_call call, void *arg)
{
    calls_add(&loop->deferred, call, arg);
}

void
loop_post(struct loop *loop, loop_call call, void *arg)
{
    bool first;

    pthread_mutex_lock(&loop->lock);
    first = loop->posted.n == 0;
    calls_add(&loop->posted, call, arg);
    pthread_mutex_unlock(&loop->lock);
    /* Who was first has woken the loop for all that it will find. */
    if (first) {
        wake(loop);
    }
}

static void
signal_arrived(void *arg, int fd, unsigned int events)
{
    struct loop_signal *signal = arg;
    struct signalfd_siginfo info;

    (void) events;
    if (read(fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        signal->call(signal->arg);
    }
}

bool
loop_signal(struct loop *loop, int number, loop_call call, void *arg,
            struct error *error)
{
    struct loop_signal *signal;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, number);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

    if (fd < 0) {
        return error_set_errno(error, errno, "cannot wait for signal %d",
                               number);
    }
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal = mem_zalloc(sizeof(*signal));
    *signal = (struct loop_signal) { loop->signals, call, arg, fd };
    loop->signals = signal;
    if (!loop_watch_add(loop, fd, LOOP_READ, signal_arrived, signal)) {
        return error_set_errno(error, errno, "cannot wait for signal %d",
                               number);
    }
    return true;
}

uint64_t
loop_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

uint64_t
loop_now_ms(void)
{
    return loop_now_ns() / 1000000;
}
