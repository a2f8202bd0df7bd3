/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The worker's loop.  It is an RCU reader: online while it has work, offline
 * while it sleeps, quiet between rounds.
 *
 * What epoll_wait() returns points to queues, which may be freed while the
 * worker is offline.  So what it returns then only ends the sleep; the worker
 * goes online and asks again, and a queue that was removed in between does
 * not come up any more.
 */

#include <config.h>

#include "switch/forward/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/thread.h"
#include "switch/forward/egress.h"
#include "switch/forward/flight.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"
#include "switch/vswitch.h"

#define EVENTS 64               /* queues that can wake up in one go */
#define EAGER_US 100            /* how long a queue stays hot without packets */
#define LOOK_US 50              /* between two looks at cold queues */
#define FLIGHT_MS 1             /* between two looks at other processes */
#define SECOND_NS UINT64_C(1000000000)

struct worker {
    pthread_t thread;
    struct loop *loop;          /* the main thread's */
    worker_news on_news;
    void *arg;
    atomic_bool stop;
    int epoll;
    int wake;                   /* eventfd, to end a sleep */
    int cpu;                    /* or -1 */
    uint64_t busy_since;        /* of this round; 0: idle; atomic */
    struct queue_list *list;    /* published; NULL: no queue */
    const struct queue_list *known;     /* that 'hot' was made from */
    struct worker_queue **hot;  /* queues that are asked in each round */
    size_t capacity;            /* of 'hot' */
    uint32_t n_hot;
    uint64_t per_us;            /* cycles in a microsecond */
    uint64_t looked;            /* cycles: last look at cold queues ... */
    uint64_t looked_ns;         /* ... and what the system's clock was */
    uint64_t landed;            /* cycles: packets came from other processes */
    struct forward forward;
    struct xvs_packet *packets[XVS_BURST];
};

static char some_bell;          /* stands for all of them in an epoll set */

/* News on their way to the main thread. */
struct news {
    worker_news on_news;
    void *arg;
    uint32_t port_id;
    enum port_news news;
};

static void
tell(void *arg)
{
    struct news *news = arg;

    news->on_news(news->arg, news->port_id, news->news);
    free(news);
}

static void
post_news(struct worker *worker, const struct vport *port,
          enum port_news what)
{
    struct news *news = mem_alloc(sizeof *news);

    *news = (struct news) { worker->on_news, worker->arg, port->id, what };
    loop_post(worker->loop, tell, news);
}

/* ---- Hot and cold --------------------------------------------------------- */

static void
warm_up(struct worker *worker, struct worker_queue *queue, uint64_t now)
{
    if (queue->hot || queue->dead) {
        return;
    }
    queue->hot = true;
    queue->last = now;
    worker->hot[worker->n_hot++] = queue;
    if (queue->driver->ops->disarm) {
        queue->driver->ops->disarm(queue->queue);
    }
}

/* False: packets came in the meantime. */
static bool
cool_down(const struct worker_queue *queue)
{
    return !queue->driver->ops->arm || queue->driver->ops->arm(queue->queue);
}

/* The system's time at a moment of now, which a packet can tell by for less
 * than it takes to ask the system. */
static uint64_t
time_of(const struct worker *worker, uint64_t cycles)
{
    return worker->looked_ns
        + (cycles - worker->looked) * 1000 / worker->per_us;
}

/* Takes a new list over: all its queues are asked once. */
static void
renew(struct worker *worker, const struct queue_list *list)
{
    uint64_t now = clock_cycles();

    worker->known = list;
    worker->n_hot = 0;
    if (!list) {
        return;
    }
    mem_grow(&worker->hot, &worker->capacity, list->n, sizeof *worker->hot);
    for (uint32_t i = 0; i < list->n; i++) {
        list->queues[i]->hot = false;
        warm_up(worker, list->queues[i], now);
    }
}

/* ---- Packets --------------------------------------------------------------- */

/* An interface that is gone is taken out at once, because a dead descriptor
 * is always ready; the rest of that story is the main thread's. */
static void
lose(struct worker *worker, struct worker_queue *queue, enum port_news news)
{
    if (news == PORT_GONE) {
        queue->dead = true;
        epoll_ctl(worker->epoll, EPOLL_CTL_DEL, queue->queue->fd, NULL);
    }
    post_news(worker, queue->port, news);
}

/* Returns how many packets there were; '*now', in cycles, is set behind their
 * end. */
static uint32_t
serve(struct worker *worker, struct worker_queue *queue, uint64_t *now)
{
    struct vport *port = queue->port;
    struct port_counters *counters = &port->counters[worker->forward.worker];
    struct port_tally tally = { 0 };
    enum port_news news = PORT_SAME;
    uint32_t n = flight_room(&port->vswitch->path, worker->forward.worker);

    if (n == 0) {
        return 0;
    }
    n = queue->driver->ops->receive(queue->queue, worker->forward.cache,
                                    worker->packets, n, &tally, &news);
    if (n) {
        __atomic_store_n(&worker->busy_since, *now, __ATOMIC_RELAXED);
        tally_add(&counters->rx_packets, tally.packets);
        tally_add(&counters->rx_bytes, tally.bytes);
        forward_burst(&worker->forward, &port->vswitch->path, port,
                      worker->packets, n, time_of(worker, *now));
        queue->last = clock_cycles();
        tally_add(&queue->busy, queue->last - *now);
        *now = queue->last;
    }
    tally_add(&counters->rx_dropped, tally.dropped);
    if (news != PORT_SAME) {
        lose(worker, queue, news);
    }
    return n;
}

/* One round over the hot queues, which begins at 'now'.  Returns how many
 * packets there were. */
static uint32_t
serve_hot(struct worker *worker, uint64_t now)
{
    uint64_t eager = EAGER_US * worker->per_us;
    uint32_t kept = 0, n = worker->n_hot, all = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct worker_queue *queue = worker->hot[i];
        uint32_t got = serve(worker, queue, &now);

        all += got;
        if (got == 0
            && (queue->dead || (now > queue->last && now - queue->last > eager
                                && cool_down(queue)))) {
            queue->hot = false;
        } else {
            worker->hot[kept++] = queue;
        }
    }
    worker->n_hot = kept;
    __atomic_store_n(&worker->busy_since, 0, __ATOMIC_RELAXED);
    thread_make_calls();
    return all;
}

/* ---- The loop --------------------------------------------------------------- */

/* Sleeps until something happens, or a port with packets in its queues may
 * send the next one. */
static void
sleep_well(struct worker *worker)
{
    struct pollfd events = { .fd = worker->epoll, .events = POLLIN };
    uint64_t now = 0, due = worker->forward.due;
    struct timespec time;

    if (worker->forward.waiting) {
        now = loop_now_ns();
        if (due <= now) {
            return;
        }
    }
    time.tv_sec = (time_t) ((due - now) / SECOND_NS);
    time.tv_nsec = (long) ((due - now) % SECOND_NS);
    grace_offline();
    ppoll(&events, 1, worker->forward.waiting ? &time : NULL, NULL);
    grace_online();
}

/* Warms up the queues whose descriptors say that packets wait. */
static void
look(struct worker *worker)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(worker->epoll, events, EVENTS, 0);
    uint64_t now = clock_cycles();
    eventfd_t count;

    worker->looked = now;
    worker->looked_ns = loop_now_ns();

    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == &some_bell) {
            continue;
        } else if (events[i].data.ptr) {
            warm_up(worker, events[i].data.ptr, now);
        } else {
            eventfd_read(worker->wake, &count);
        }
    }
}

static void
pin(const struct worker *worker)
{
    cpu_set_t cpus;

    if (worker->cpu >= 0) {
        CPU_ZERO(&cpus);
        CPU_SET((unsigned int) worker->cpu, &cpus);
        pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
    }
}

/* Takes over the list of now, if it is another. */
static void
keep_up(struct worker *worker)
{
    const struct queue_list *list = xvs_read(worker->list);

    if (list != worker->known) {
        renew(worker, list);
    }
}

/* ---- Packets in other processes ------------------------------------------- */

/* Takes up what has come back; returns how many packets. */
static uint32_t
land(struct worker *worker)
{
    uint64_t now = clock_cycles();
    uint32_t n;

    __atomic_store_n(&worker->busy_since, now, __ATOMIC_RELAXED);
    n = flights_land(&worker->forward, now, time_of(worker, now));
    __atomic_store_n(&worker->busy_since, 0, __ATOMIC_RELAXED);
    thread_make_calls();
    return n;
}

/* Nothing is to be done but to wait for packets in other processes: lets them
 * have the processor.  Looks at them once more when they were told of it. */
static void
wait_for_flights(struct worker *worker)
{
    struct epoll_event event;

    if (worker->n_hot || clock_cycles() - worker->landed
            < EAGER_US * worker->per_us) {
        sched_yield();
        return;
    }
    flights_wait(&worker->forward, true);
    if (land(worker) == 0) {
        grace_offline();
        epoll_wait(worker->epoll, &event, 1, FLIGHT_MS);
        grace_online();
    }
    flights_wait(&worker->forward, false);
    keep_up(worker);
    look(worker);
}

static void
go_round(struct worker *worker)
{
    uint32_t landed = 0;
    uint64_t now;

    keep_up(worker);
    if (worker->n_hot == 0 && !worker->forward.flying) {
        sleep_well(worker);
        keep_up(worker);
        look(worker);
    }
    now = clock_cycles();
    if (now - worker->looked > LOOK_US * worker->per_us) {
        look(worker);
        now = clock_cycles();
    }
    if (__builtin_expect(worker->forward.flying != NULL, 0)) {
        landed = land(worker);
        now = clock_cycles();
    }
    if (landed) {
        worker->landed = now;
    }
    if (__builtin_expect(worker->forward.waiting != NULL, 0)) {
        egress_serve(&worker->forward, time_of(worker, now));
        now = clock_cycles();
    }
    if (serve_hot(worker, now) + landed == 0 && worker->forward.flying) {
        wait_for_flights(worker);
    }
    grace_quiet();
}

static void *
run(void *arg)
{
    struct worker *worker = arg;
    char name[16];

    snprintf(name, sizeof name, "xvs-worker-%u", worker->forward.worker);
    pthread_setname_np(pthread_self(), name);
    pin(worker);
    grace_thread_begin();
    grace_online();
    thread_hold_calls();
    while (!atomic_load_explicit(&worker->stop, memory_order_acquire)) {
        go_round(worker);
    }
    egress_abandon(&worker->forward);
    thread_make_calls();
    grace_thread_end();
    return NULL;
}

/* ---- Main thread ------------------------------------------------------------- */

static bool
prepare(struct worker *worker, struct pool *pool, struct error *error)
{
    struct epoll_event event = { .events = EPOLLIN };

    worker->forward.pool = pool;
    worker->forward.cache = pool_cache_create(pool);
    worker->per_us = cycles_per_us();
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->epoll < 0 || worker->wake < 0
        || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->wake, &event) < 0) {
        return error_set_errno(error, errno, "cannot prepare a worker");
    }
    return true;
}

void
worker_destroy(struct worker *worker)
{
    if (!worker) {
        return;
    }
    if (worker->epoll >= 0) {
        close(worker->epoll);
    }
    if (worker->wake >= 0) {
        close(worker->wake);
    }
    pool_cache_destroy(worker->forward.cache);
    free(worker->list);
    free(worker->hot);
    free(worker);
}

struct worker *
worker_start(struct loop *loop, struct pool *pool, uint32_t number, int cpu,
             worker_news on_news, void *arg, struct error *error)
{
    struct worker *worker = mem_zalloc(sizeof *worker);
    int result;

    worker->loop = loop;
    worker->on_news = on_news;
    worker->arg = arg;
    worker->cpu = cpu;
    worker->forward.worker = number;
    worker->forward.tap.worker = number;
    worker->forward.due = UINT64_MAX;
    worker->forward.tap.pool = pool;
    worker->epoll = worker->wake = -1;
    if (!prepare(worker, pool, error)) {
        worker_destroy(worker);
        return NULL;
    }
    result = pthread_create(&worker->thread, NULL, run, worker);
    if (result) {
        error_set_errno(error, result, "cannot start a worker");
        worker_destroy(worker);
        return NULL;
    }
    return worker;
}

bool
worker_stop(struct worker *worker, uint32_t timeout_ms)
{
    struct timespec until;

    atomic_store(&worker->stop, true);
    eventfd_write(worker->wake, 1);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t) (timeout_ms / 1000) + 1;
    return pthread_timedjoin_np(worker->thread, NULL, &until) == 0;
}

bool
worker_watch_bell(struct worker *worker, int bell)
{
    /* Each ring is an event, whether or not the one before was read. */
    struct epoll_event event = { .events = EPOLLIN | EPOLLET,
                                 .data.ptr = &some_bell };

    return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, bell, &event) == 0;
}

uint64_t
worker_busy_ms(const struct worker *worker)
{
    uint64_t since = __atomic_load_n(&worker->busy_since, __ATOMIC_RELAXED);
    uint64_t now = clock_cycles();

    return since && now > since ? (now - since) / cycles_per_us() / 1000 : 0;
}

static void
free_list(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct queue_list, grace) == 0, "free_list()");

void
worker_publish(struct worker *worker, struct queue_list *list)
{
    struct queue_list *old = xvs_publish(worker->list, list);

    if (old) {
        grace_defer(&old->grace, free_list);
    }
    eventfd_write(worker->wake, 1);
}

bool
worker_watch(struct worker *worker, struct worker_queue *queue,
             struct error *error)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = queue };

    worker_unwatch(worker, queue);
    queue->watched = queue->queue->fd;
    return queue->watched < 0
        || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, queue->watched, &event) == 0
        || error_set_errno(error, errno, "%s: cannot wait for packets",
                           queue->driver->config.device);
}

void
worker_unwatch(struct worker *worker, struct worker_queue *queue)
{
    /* It fails when the worker found the interface gone; that is fine. */
    if (queue->watched >= 0) {
        epoll_ctl(worker->epoll, EPOLL_CTL_DEL, queue->watched, NULL);
        queue->watched = -1;
    }
}
