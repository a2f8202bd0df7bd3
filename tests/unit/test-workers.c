/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Several workers on one switch: the frames of a queue arrive complete and in
 * order while queues move between workers and other ports come and go; a
 * sleeping queue wakes its worker; what is busy spreads.
 */

#include <config.h>

#include "switch/forward/workers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "switch/forward/table.h"
#include "switch/vswitch.h"
#include "unit.h"

#define N_PORTS 4u
#define N_QUEUES 2u
#define FRAMES 200000u          /* of each queue */
#define FRAME 60u

static struct loop *loop;
static struct workers *workers;
static struct vswitch *vswitch;

/* A queue that makes 'left' numbered frames. */
struct source {
    uint32_t left;              /* atomic */
    uint32_t next;              /* number of the next; its worker's */
};

/* What has arrived at a port, by queue that it came from. */
struct sink {
    uint32_t next[N_PORTS][N_QUEUES];   /* atomic; expected number */
    uint32_t wrong;             /* atomic */
};

struct fake {
    struct vport *vport;
    struct port port;
    struct source sources[N_QUEUES];
    struct sink sink;
};

static struct fake fakes[N_PORTS + 1];

static uint32_t
fake_receive(struct port_queue *queue, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally, enum port_news *news)
{
    struct source *source = queue->state;
    const struct fake *fake = queue->port->state;
    uint32_t from = (uint32_t) (fake - fakes), n;
    uint32_t left = __atomic_load_n(&source->left, __ATOMIC_ACQUIRE);

    (void) news;
    n = pool_get(cache, packets, left < max / 8 ? left : max / 8);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *frame = packets[i]->data;
        uint32_t number = source->next++;

        packets[i]->length = packets[i]->total = FRAME;
        memset(frame, 0, FRAME);
        frame[0] = frame[6] = 2;
        frame[5] = (uint8_t) ((from + 1) % N_PORTS);
        frame[11] = (uint8_t) from;
        frame[12] = 0x88;
        frame[13] = 0xb5;
        frame[14] = (uint8_t) from;
        frame[15] = (uint8_t) queue->index;
        memcpy(frame + 16, &number, sizeof number);
    }
    __atomic_sub_fetch(&source->left, n, __ATOMIC_ACQ_REL);
    tally->packets += n;
    return n;
}

static void
take(struct sink *sink, const struct xvs_packet *packet)
{
    uint32_t *next = &sink->next[packet->data[14]][packet->data[15]], number;

    memcpy(&number, packet->data + 16, sizeof number);
    if (number == __atomic_load_n(next, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(next, number + 1, __ATOMIC_RELEASE);
    } else {
        __atomic_add_fetch(&sink->wrong, 1, __ATOMIC_RELAXED);
    }
}

static void
fake_transmit(struct port *port, uint32_t worker,
              struct xvs_packet *const *packets, uint32_t n,
              struct port_tally *tally)
{
    struct fake *fake = port->state;

    (void) worker;
    for (uint32_t i = 0; i < n; i++) {
        take(&fake->sink, packets[i]);
    }
    tally->packets += n;
}

/* The descriptor is readable after start(), and for good. */
static bool
fake_arm(struct port_queue *queue)
{
    const struct source *source = queue->state;
    eventfd_t count;

    eventfd_read(queue->fd, &count);
    return __atomic_load_n(&source->left, __ATOMIC_ACQUIRE) == 0;
}

static void
fake_disarm(struct port_queue *queue)
{
    (void) queue;
}

static enum port_news
fake_look(const struct port *port)
{
    (void) port;
    return PORT_SAME;
}

static const struct port_ops fake_ops = {
    .name = "fake", .receive = fake_receive, .transmit = fake_transmit,
    .arm = fake_arm, .disarm = fake_disarm, .look = fake_look,
};

static void
add(uint32_t i)
{
    struct fake *fake = &fakes[i];
    struct error error;

    memset(fake, 0, sizeof *fake);
    fake->vport = mem_zalloc(sizeof *fake->vport);
    fake->vport->id = i + 1;
    fake->vport->vswitch = vswitch;
    fake->port = (struct port) { .ops = &fake_ops, .n_queues = N_QUEUES,
                                 .state = fake };
    for (uint32_t j = 0; j < N_QUEUES; j++) {
        fake->port.queues[j] = (struct port_queue) {
            .port = &fake->port, .index = j,
            .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
            .state = &fake->sources[j] };
    }
    fake->vport->port = &fake->port;
    fake->vport->next = vswitch->ports;
    vswitch->ports = fake->vport;
    CU_ASSERT_FATAL(workers_add(workers, fake->vport, &fake->port, &error));
    vswitch_publish_ports(vswitch);
}

static void
drop(uint32_t i)
{
    struct fake *fake = &fakes[i];
    struct vport **at = &vswitch->ports;

    while (*at != fake->vport) {
        at = &(*at)->next;
    }
    *at = fake->vport->next;
    vswitch_publish_ports(vswitch);
    workers_remove(workers, &fake->port);
    grace_drain();
    loop_once(loop, 0);
    for (uint32_t j = 0; j < N_QUEUES; j++) {
        close(fake->port.queues[j].fd);
    }
    free(fake->vport);
}

static void
start(uint32_t i, uint32_t n)
{
    for (uint32_t j = 0; j < N_QUEUES; j++) {
        __atomic_add_fetch(&fakes[i].sources[j].left, n, __ATOMIC_ACQ_REL);
        eventfd_write(fakes[i].port.queues[j].fd, 1);
    }
}

static void
on_news(void *arg, uint32_t port_id, enum port_news news)
{
    (void) arg;
    (void) port_id;
    (void) news;
}

static void
setup(uint32_t n)
{
    const struct workers_config config = { .n = n, .n_packets = 4096 };
    struct error error;

    loop = loop_create(&error);
    workers = workers_start(&config, loop, on_news, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(workers);
    vswitch = vswitch_create(loop, 1, "lan");
    for (uint32_t i = 0; i < N_PORTS; i++) {
        add(i);
    }
}

static void
teardown(void)
{
    for (uint32_t i = 0; i < N_PORTS; i++) {
        drop(i);
    }
    vswitch_retire(vswitch);
    CU_ASSERT(workers_stop(workers, 2000));
    grace_drain();
    loop_destroy(loop);
}

/* True when every port got all of its neighbour's frames. */
static bool
is_complete(uint32_t frames)
{
    for (uint32_t i = 0; i < N_PORTS; i++) {
        const struct sink *sink = &fakes[(i + 1) % N_PORTS].sink;

        for (uint32_t j = 0; j < N_QUEUES; j++) {
            if (__atomic_load_n(&sink->next[i][j], __ATOMIC_ACQUIRE)
                < frames) {
                return false;
            }
        }
    }
    return true;
}

/* Makes every address known, so that nothing is flooded. */
static void
introduce(void)
{
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < N_PORTS; i++) {
            start(i, 1);
        }
        for (int k = 0; k < 5000 && !is_complete(round + 1); k++) {
            loop_once(loop, 1);
        }
    }
    for (uint32_t i = 0; i < N_PORTS; i++) {
        __atomic_store_n(&fakes[i].sink.wrong, 0, __ATOMIC_RELAXED);
    }
}

static void
check_flow(uint32_t n)
{
    uint64_t end;
    bool churn = false;

    setup(n);
    introduce();
    for (uint32_t i = 0; i < N_PORTS; i++) {
        start(i, FRAMES);
    }
    end = loop_now_ms() + 60000;
    while (!is_complete(FRAMES + 2) && loop_now_ms() < end) {
        loop_once(loop, 1);
        workers_balance(workers);
        if (churn) {
            drop(N_PORTS);
        } else {
            add(N_PORTS);
        }
        churn = !churn;
    }
    if (churn) {
        drop(N_PORTS);
    }
    CU_ASSERT(is_complete(FRAMES + 2));
    for (uint32_t i = 0; i < N_PORTS; i++) {
        CU_ASSERT_EQUAL(fakes[i].sink.wrong, 0);
    }
    teardown();
}

static void
test_one(void)
{
    check_flow(1);
}

static void
test_several(void)
{
    check_flow(3);
}

/* Work on one worker's queues spreads to the other. */
static void
test_spreads(void)
{
    uint32_t first;

    setup(2);
    introduce();
    first = workers_of(workers, &fakes[0].port);
    CU_ASSERT_EQUAL(first, 3);
    for (uint32_t i = 0; i < 400 && workers_of(workers, &fakes[0].port) == 3;
         i++) {
        /* Queues 0 of all ports are on one worker, and only they work. */
        for (uint32_t j = 0; j < N_PORTS; j++) {
            __atomic_add_fetch(&fakes[j].sources[0].left, 200,
                               __ATOMIC_ACQ_REL);
            eventfd_write(fakes[j].port.queues[0].fd, 1);
        }
        loop_once(loop, 5);
        workers_balance(workers);
        if (workers_moves(workers) > 0) {
            break;
        }
    }
    CU_ASSERT(workers_moves(workers) > 0);
    teardown();
}

static const struct unit_test tests[] = {
    { "one worker", test_one },
    { "several workers", test_several },
    { "load spreads", test_spreads },
};

UNIT_MAIN("workers", tests)
