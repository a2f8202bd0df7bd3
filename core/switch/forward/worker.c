/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The worker's loop.  It is an RCU reader: online while it has work, offline
 * while it sleeps, quiet between rounds.  An interface that is gone is taken
 * out of the epoll set here, at once, because a dead descriptor is always
 * ready; the rest of that story is the main thread's.
 */

#include <config.h>

#include "switch/forward/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"
#include "switch/vswitch.h"

#define N_PACKETS 1024          /* of the pool */
#define EVENTS 64               /* ports served in one round */
#define EAGER_ROUNDS 64         /* without work, before it sleeps */

struct worker {
    pthread_t thread;
    struct loop *loop;          /* the main thread's */
    worker_news on_news;
    void *arg;
    atomic_bool stop;
    int epoll;
    int wake;                   /* eventfd, for worker_stop() */
    uint64_t busy_since;        /* of this round; 0: idle; atomic */
    struct forward forward;
    struct xvs_packet *packets[XVS_BURST];
};

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

static void
count(uint64_t *counter, uint64_t n)
{
    if (n) {
        __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
    }
}

static void
serve(struct worker *worker, struct vport *port)
{
    struct port *driver = xvs_read(port->port);
    struct port_tally tally = { 0 };
    enum port_news news = PORT_SAME;
    uint32_t n;

    if (!driver) {
        return;
    }
    n = driver->ops->receive(driver, worker->forward.pool, worker->packets,
                             XVS_BURST, &tally, &news);
    count(&port->counters.rx_packets, tally.packets);
    count(&port->counters.rx_bytes, tally.bytes);
    count(&port->counters.rx_dropped, tally.dropped);
    if (n) {
        forward_burst(&worker->forward, &port->vswitch->path, port,
                      worker->packets, n, loop_now_ns());
        pool_put(worker->forward.pool, worker->packets, n);
    }
    if (news == PORT_GONE) {
        epoll_ctl(worker->epoll, EPOLL_CTL_DEL, driver->fd, NULL);
    }
    if (news != PORT_SAME) {
        post_news(worker, port, news);
    }
}

/* Waits, going to sleep when it had nothing to do for a while. */
static int
await(struct worker *worker, struct epoll_event *events, unsigned int idle)
{
    int n;

    if (idle < EAGER_ROUNDS) {
        return epoll_wait(worker->epoll, events, EVENTS, 0);
    }
    grace_offline();
    n = epoll_wait(worker->epoll, events, EVENTS, -1);
    grace_online();
    return n;
}

static void *
run(void *arg)
{
    struct worker *worker = arg;
    struct epoll_event events[EVENTS];
    unsigned int idle = EAGER_ROUNDS;

    pthread_setname_np(pthread_self(), "xvs-worker");
    grace_thread_begin();
    grace_online();
    while (!atomic_load(&worker->stop)) {
        int n = await(worker, events, idle);

        if (n > 0) {
            __atomic_store_n(&worker->busy_since, loop_now_ms(),
                             __ATOMIC_RELAXED);
        }
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                serve(worker, events[i].data.ptr);
            }
        }
        __atomic_store_n(&worker->busy_since, 0, __ATOMIC_RELAXED);
        idle = n > 0 ? 0 : idle + 1;
        grace_quiet();
    }
    grace_thread_end();
    return NULL;
}

static bool
prepare(struct worker *worker, struct error *error)
{
    struct epoll_event event = { .events = EPOLLIN };

    worker->forward.pool = pool_create(N_PACKETS, error);
    if (!worker->forward.pool) {
        return false;
    }
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->epoll < 0 || worker->wake < 0
        || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, worker->wake, &event) < 0) {
        return error_set_errno(error, errno, "cannot prepare a worker");
    }
    return true;
}

static void
release(struct worker *worker)
{
    if (worker->epoll >= 0) {
        close(worker->epoll);
    }
    if (worker->wake >= 0) {
        close(worker->wake);
    }
    pool_destroy(worker->forward.pool);
    free(worker);
}

struct worker *
worker_start(struct loop *loop, worker_news on_news, void *arg,
             struct error *error)
{
    struct worker *worker = mem_zalloc(sizeof *worker);
    int number;

    worker->loop = loop;
    worker->on_news = on_news;
    worker->arg = arg;
    worker->epoll = worker->wake = -1;
    if (!prepare(worker, error)) {
        release(worker);
        return NULL;
    }
    number = pthread_create(&worker->thread, NULL, run, worker);
    if (number) {
        error_set_errno(error, number, "cannot start a worker");
        release(worker);
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
    if (pthread_timedjoin_np(worker->thread, NULL, &until) != 0) {
        return false;
    }
    release(worker);
    return true;
}

uint64_t
worker_busy_ms(const struct worker *worker)
{
    uint64_t since = __atomic_load_n(&worker->busy_since, __ATOMIC_RELAXED);

    return since ? loop_now_ms() - since : 0;
}

bool
worker_add(struct worker *worker, struct vport *port, struct error *error)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = port };

    return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, port->port->fd, &event) == 0
        || error_set_errno(error, errno, "cannot watch interface %s",
                           port->port->config.device);
}

void
worker_remove(struct worker *worker, struct port *driver)
{
    /* It fails when the worker found the interface gone; that is fine. */
    epoll_ctl(worker->epoll, EPOLL_CTL_DEL, driver->fd, NULL);
}
