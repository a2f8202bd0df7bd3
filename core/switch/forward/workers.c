/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Which worker has which queue; see workers.h.
 *
 * A queue leaves a worker in two steps: the worker gets a list without it,
 * and after a grace period nobody looks at it any more.  Then it joins its
 * next worker, or is freed.
 */

#include <config.h>

#include "switch/forward/workers.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/pool.h"
#include "switch/forward/flight.h"
#include "switch/vswitch.h"

#define HUGE_PAGE (2u << 20)
#define DRAIN_MS 1u
#define UNEVEN 4u               /* moves when 1/4 of the load can be evened */

struct workers {
    struct loop *loop;
    struct pool *pool;
    uint32_t n;
    uint32_t n_moving;          /* queues between two workers */
    uint64_t n_moves;           /* so far */
    struct worker *all[WORKERS_MAX];
    struct worker_queue *queues;    /* of all workers */
};

/* ---- Lists ------------------------------------------------------------------ */

static bool
belongs(const struct worker_queue *queue, uint32_t worker)
{
    return queue->worker == worker && !queue->moving && !queue->removed;
}

static void
publish(struct workers *workers, uint32_t worker)
{
    struct queue_list *list;
    uint32_t n = 0;

    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        n += belongs(one, worker);
    }
    list = mem_zalloc(sizeof *list + n * sizeof list->queues[0]);
    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        if (belongs(one, worker)) {
            list->queues[list->n++] = one;
        }
    }
    worker_publish(workers->all[worker], list);
}

static void
forget(struct worker_queue *queue)
{
    struct worker_queue **at = &queue->workers->queues;

    while (*at != queue) {
        at = &(*at)->next;
    }
    *at = queue->next;
    free(queue);
}

/* Its packets may still be in stages of other processes, where another
 * worker's would overtake them. */
static bool
is_drained(const struct worker_queue *queue)
{
    return queue->removed
        || flight_is_drained(&queue->port->vswitch->path, queue->from);
}

/* It has left its worker: on the main thread again. */
static void
has_left(void *arg)
{
    struct worker_queue *queue = arg;
    struct error error;

    queue->wait = NULL;
    if (!is_drained(queue)) {
        queue->wait = loop_timer_add(queue->workers->loop, DRAIN_MS, false,
                                     has_left, queue);
        return;
    }
    queue->workers->n_moving -= queue->moving;
    queue->moving = false;
    if (queue->removed) {
        forget(queue);
        return;
    }
    if (!worker_watch(queue->workers->all[queue->worker], queue, &error)) {
        log_error_at(LOG_LEVEL_ERROR, &error);
    }
    publish(queue->workers, queue->worker);
}

static void
drain(void *arg)
{
    const struct worker_queue *queue = arg;

    if (queue->moving && !queue->removed) {
        flight_drain(&queue->port->vswitch->path, queue->from);
    }
    has_left(arg);
}

static void
left(struct grace_call *call)
{
    struct worker_queue *queue = (struct worker_queue *) (void *) call;

    loop_post(queue->workers->loop, drain, queue);
}

_Static_assert(offsetof(struct worker_queue, grace) == 0, "left() casts");

/* ---- Ports ------------------------------------------------------------------ */

static uint32_t
load_of(const struct workers *workers, uint32_t worker)
{
    uint32_t n = 0;

    for (const struct worker_queue *one = workers->queues; one;
         one = one->next) {
        n += one->worker == worker && !one->removed;
    }
    return n;
}

static uint32_t
least_loaded(const struct workers *workers)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < workers->n; i++) {
        if (load_of(workers, i) < load_of(workers, best)) {
            best = i;
        }
    }
    return best;
}

bool
workers_add(struct workers *workers, struct vport *port, struct port *driver,
            struct error *error)
{
    for (uint32_t i = 0; i < driver->n_queues; i++) {
        struct worker_queue *queue = mem_zalloc(sizeof *queue);

        queue->workers = workers;
        queue->port = port;
        queue->driver = driver;
        queue->queue = &driver->queues[i];
        queue->watched = -1;
        queue->worker = least_loaded(workers);
        if (!worker_watch(workers->all[queue->worker], queue, error)) {
            free(queue);
            workers_remove(workers, driver);
            return false;
        }
        queue->next = workers->queues;
        workers->queues = queue;
        publish(workers, queue->worker);
    }
    return true;
}

void
workers_remove(struct workers *workers, struct port *driver)
{
    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        if (one->driver != driver || one->removed) {
            continue;
        }
        one->removed = true;
        worker_unwatch(workers->all[one->worker], one);
        /* Between two workers it is on its way to has_left() already, unless
         * it waits. */
        if (!one->moving) {
            publish(workers, one->worker);
        }
        if (!one->moving || one->wait) {
            loop_timer_remove(one->wait);
            one->wait = NULL;
            grace_defer(&one->grace, left);
        }
    }
}

void
workers_watch(struct workers *workers, struct port_queue *queue)
{
    struct error error;

    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        if (one->queue == queue && !one->removed && !one->moving
            && !worker_watch(workers->all[one->worker], one, &error)) {
            log_error_at(LOG_LEVEL_ERROR, &error);
        }
    }
}

/* ---- Balance ---------------------------------------------------------------- */

/* Cycles that each worker spent since the last call. */
static void
measure(struct workers *workers, uint64_t spent[WORKERS_MAX])
{
    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        spent[one->worker] += tally_read(&one->busy) - one->seen;
    }
}

static void
move(struct worker_queue *queue, uint32_t to)
{
    struct workers *workers = queue->workers;
    uint32_t from = queue->worker;

    worker_unwatch(workers->all[from], queue);
    queue->moving = true;
    workers->n_moving++;
    workers->n_moves++;
    publish(workers, from);
    queue->from = from;
    queue->worker = to;
    grace_defer(&queue->grace, left);
}

/* The queue whose move from 'from' evens out most of 'gap'. */
static struct worker_queue *
candidate(const struct workers *workers, uint32_t from, uint64_t gap)
{
    struct worker_queue *best = NULL;
    uint64_t most = gap / UNEVEN;

    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        uint64_t busy = tally_read(&one->busy) - one->seen;
        uint64_t gain = busy < gap - busy ? busy : gap - busy;

        if (belongs(one, from) && busy < gap && gain > most) {
            best = one;
            most = gain;
        }
    }
    return best;
}

void
workers_balance(struct workers *workers)
{
    uint64_t spent[WORKERS_MAX] = { 0 };
    uint32_t idlest = 0, busiest = 0;
    struct worker_queue *best;

    measure(workers, spent);
    for (uint32_t i = 1; i < workers->n; i++) {
        idlest = spent[i] < spent[idlest] ? i : idlest;
        busiest = spent[i] > spent[busiest] ? i : busiest;
    }
    best = workers->n_moving || idlest == busiest ? NULL
        : candidate(workers, busiest, spent[busiest] - spent[idlest]);
    for (struct worker_queue *one = workers->queues; one; one = one->next) {
        one->seen = tally_read(&one->busy);
    }
    if (best) {
        move(best, idlest);
    }
}

/* ---- All of them ------------------------------------------------------------- */

static void
tell_pages(const struct workers_config *config, const struct pool *pool)
{
    if (!pool_is_huge(pool)) {
        log_info("%u packet buffers in ordinary pages; %u free huge pages of"
                 " 2 MiB (vm.nr_hugepages) would make them faster",
                 config->n_packets,
                 config->n_packets / (HUGE_PAGE / POOL_STRIDE) + 1);
    }
}

struct workers *
workers_start(const struct workers_config *config, struct loop *loop,
              worker_news on_news, void *arg, struct error *error)
{
    struct workers *workers = mem_zalloc(sizeof *workers);

    workers->loop = loop;
    workers->pool = pool_create(config->n_packets, error);
    if (!workers->pool) {
        free(workers);
        return NULL;
    }
    tell_pages(config, workers->pool);
    for (uint32_t i = 0; i < config->n; i++) {
        int cpu = config->n_cpus ? config->cpus[i % config->n_cpus] : -1;

        workers->all[i] = worker_start(loop, workers->pool, i, cpu, on_news,
                                       arg, error);
        if (!workers->all[i]) {
            workers_stop(workers, 0);
            return NULL;
        }
        workers->n++;
    }
    return workers;
}

bool
workers_stop(struct workers *workers, uint32_t timeout_ms)
{
    for (uint32_t i = 0; i < workers->n; i++) {
        if (!worker_stop(workers->all[i], timeout_ms)) {
            return false;
        }
    }
    /* Queues that are on their way out arrive at has_left() now. */
    grace_drain();
    loop_once(workers->loop, 0);
    for (uint32_t i = 0; i < workers->n; i++) {
        worker_destroy(workers->all[i]);
    }
    pool_destroy(workers->pool);
    free(workers);
    return true;
}

uint64_t
workers_busy_ms(const struct workers *workers)
{
    uint64_t longest = 0;

    for (uint32_t i = 0; i < workers->n; i++) {
        uint64_t busy = worker_busy_ms(workers->all[i]);

        longest = busy > longest ? busy : longest;
    }
    return longest;
}

uint32_t
workers_of(const struct workers *workers, const struct port *driver)
{
    uint32_t bits = 0;

    for (const struct worker_queue *one = workers->queues; one;
         one = one->next) {
        if (one->driver == driver && !one->removed) {
            bits |= 1u << one->worker;
        }
    }
    return bits;
}

uint64_t
workers_moves(const struct workers *workers)
{
    return workers->n_moves;
}

uint32_t
workers_count(const struct workers *workers)
{
    return workers->n;
}

bool
workers_watch_bell(void *arg, uint32_t worker, int bell)
{
    const struct workers *workers = arg;

    return worker_watch_bell(workers->all[worker], bell);
}

struct pool *
workers_pool(const struct workers *workers)
{
    return workers->pool;
}
