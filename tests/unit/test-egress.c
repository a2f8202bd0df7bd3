/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Several workers that send to one port with queues: the frames of a flow
 * never overtake each other, each is sent or counted once, workers sleep and
 * come back in time, settings change under traffic, and when the port is
 * deleted all buffers are back.
 */

#include <config.h>

#include "switch/forward/egress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <xvs/packet.h>
#include <xvs/switch.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "switch/forward/table.h"
#include "switch/forward/workers.h"
#include "switch/vswitch.h"
#include "unit.h"

#define N_SOURCES 3u
#define N_QUEUES 2u             /* of each; the second one's are urgent */
#define SINK N_SOURCES          /* the port with queues */
#define FRAMES 50000u           /* of each queue */
#define FRAME 64u
#define PATIENCE_MS 60000u

static struct loop *loop;
static struct workers *workers;
static struct vswitch *vswitch;

struct source {
    uint32_t left;              /* atomic */
    uint32_t next;              /* number of the next; its worker's */
};

struct fake {
    struct vport *vport;
    struct port port;
    struct source sources[N_QUEUES];
};

static struct fake fakes[N_SOURCES + 1];

/* What has arrived at the sink; atomic. */
static struct {
    uint32_t next[N_SOURCES][N_QUEUES];     /* number behind the last one */
    uint64_t n[N_QUEUES];
    uint32_t late;
    uint32_t inside;            /* workers that send there now */
    uint32_t collisions;
} sink;

static void
make(uint8_t *frame, uint32_t from, uint32_t queue, uint32_t number)
{
    memset(frame, 0, FRAME);
    frame[0] = frame[6] = 2;
    frame[5] = (uint8_t) SINK;
    frame[11] = (uint8_t) from;
    frame[12] = 0x81;
    frame[14] = (uint8_t) (queue ? 7 << 5 : 0);
    frame[16] = 0x88;
    frame[17] = 0xb5;
    frame[18] = (uint8_t) from;
    frame[19] = (uint8_t) queue;
    memcpy(frame + 20, &number, sizeof number);
}

static uint32_t
fake_receive(struct port_queue *queue, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally, enum port_news *news)
{
    struct source *source = queue->state;
    const struct fake *fake = queue->port->state;
    uint32_t left = __atomic_load_n(&source->left, __ATOMIC_ACQUIRE), n;

    (void) news;
    n = pool_get(cache, packets, left < max / 8 ? left : max / 8);
    for (uint32_t i = 0; i < n; i++) {
        packets[i]->length = packets[i]->total = FRAME;
        make(packets[i]->data, (uint32_t) (fake - fakes), queue->index,
             source->next++);
    }
    __atomic_sub_fetch(&source->left, n, __ATOMIC_ACQ_REL);
    tally->packets += n;
    return n;
}

static void
take(const struct xvs_packet *packet)
{
    uint32_t *next = &sink.next[packet->data[18]][packet->data[19]], number;

    memcpy(&number, packet->data + 20, sizeof number);
    if (number < __atomic_load_n(next, __ATOMIC_ACQUIRE)) {
        __atomic_add_fetch(&sink.late, 1, __ATOMIC_RELAXED);
    }
    __atomic_store_n(next, number + 1, __ATOMIC_RELEASE);
    __atomic_add_fetch(&sink.n[packet->data[19]], 1, __ATOMIC_ACQ_REL);
}

static void
fake_transmit(struct port *port, uint32_t worker,
              struct xvs_packet *const *packets, uint32_t n,
              struct port_tally *tally)
{
    (void) worker;
    tally->packets += n;
    if (port != &fakes[SINK].port) {
        return;
    }
    if (__atomic_add_fetch(&sink.inside, 1, __ATOMIC_ACQ_REL) > 1) {
        __atomic_add_fetch(&sink.collisions, 1, __ATOMIC_RELAXED);
    }
    for (uint32_t i = 0; i < n; i++) {
        take(packets[i]);
    }
    __atomic_sub_fetch(&sink.inside, 1, __ATOMIC_ACQ_REL);
}

static bool
fake_arm(struct port_queue *queue)
{
    const struct source *source = queue->state;
    eventfd_t count;

    eventfd_read(queue->fd, &count);
    return __atomic_load_n(&source->left, __ATOMIC_ACQUIRE) == 0;
}

static enum port_news
fake_look(const struct port *port)
{
    (void) port;
    return PORT_SAME;
}

static const struct port_ops fake_ops = {
    .name = "fake", .receive = fake_receive, .transmit = fake_transmit,
    .arm = fake_arm, .look = fake_look,
};

/* ---- The world around --------------------------------------------------- */

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

/* As ports_forget() does it; returns how many frames waited. */
static uint64_t
drop(uint32_t i)
{
    struct fake *fake = &fakes[i];
    struct vport **at = &vswitch->ports;
    uint64_t waited;

    while (*at != fake->vport) {
        at = &(*at)->next;
    }
    *at = fake->vport->next;
    waited = egress_close(fake->vport);
    vswitch_publish_ports(vswitch);
    workers_remove(workers, &fake->port);
    grace_drain();
    loop_once(loop, 0);
    for (uint32_t j = 0; j < N_QUEUES; j++) {
        close(fake->port.queues[j].fd);
    }
    egress_release(fake->vport);
    free(fake->vport);
    return waited;
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
    const struct workers_config config = { .n = n, .n_packets = 8192 };
    struct error error;

    memset(&sink, 0, sizeof sink);
    loop = loop_create(&error);
    workers = workers_start(&config, loop, on_news, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(workers);
    vswitch = vswitch_create(loop, 1, "lan");
    for (uint32_t i = 0; i <= SINK; i++) {
        add(i);
    }
}

/* Whether all buffers come back; others may be on their way then. */
static bool
is_empty(void)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    do {
        if (pool_used(workers_pool(workers)) == 0) {
            return true;
        }
        loop_once(loop, 1);
    } while (loop_now_ms() < end);
    return false;
}

/* Waits until no source has anything more to send. */
static bool
all_sent(void)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    uint32_t left;

    do {
        left = 0;
        for (uint32_t i = 0; i < SINK; i++) {
            for (uint32_t j = 0; j < N_QUEUES; j++) {
                left += __atomic_load_n(&fakes[i].sources[j].left,
                                        __ATOMIC_ACQUIRE);
            }
        }
        loop_once(loop, 1);
    } while (left && loop_now_ms() < end);
    return left == 0;
}

static void
teardown(void)
{
    for (uint32_t i = 0; i < SINK; i++) {
        drop(i);
    }
    CU_ASSERT(is_empty());
    vswitch_retire(vswitch);
    CU_ASSERT(workers_stop(workers, 2000));
    grace_drain();
    loop_destroy(loop);
}

/* ---- Settings and counters ---------------------------------------------- */

/* 'n' queues at a rate; 0: no queues. */
static void
set(uint16_t n, uint64_t bits)
{
    struct xvs_port_policy policy = { .size = sizeof policy, .n_queues = n,
                                      .shape = { bits, 20000, 0 } };

    policy.queue_of[7] = (uint8_t) (n ? n - 1 : 0);
    for (uint32_t i = 0; i < n; i++) {
        policy.queues[i].packets = 100 + 50u * i;
    }
    egress_set(fakes[SINK].vport, n ? &policy : NULL, loop_now_ns());
}

static uint64_t
received(void)
{
    return __atomic_load_n(&sink.n[0], __ATOMIC_ACQUIRE)
        + __atomic_load_n(&sink.n[1], __ATOMIC_ACQUIRE);
}

/* Sent and dropped, so far; what waits is neither. */
static void
totals(struct xvs_queue_state *all)
{
    struct xvs_queue_states queues = { 0 };
    unsigned int before = grace_enter();

    egress_read(fakes[SINK].vport, &queues);
    grace_leave(before);
    *all = (struct xvs_queue_state) { 0 };
    for (uint32_t i = 0; i < XVS_QUEUES; i++) {
        all->packets += queues.queues[i].packets;
        all->full += queues.queues[i].full;
        all->shortage += queues.queues[i].shortage;
        all->discarded += queues.queues[i].discarded;
        all->depth += queues.queues[i].depth;
    }
}

static uint64_t
dropped(void)
{
    struct xvs_queue_state all;

    totals(&all);
    return all.full + all.shortage + all.discarded;
}

static void
start(uint32_t i, uint32_t queue, uint32_t n)
{
    __atomic_add_fetch(&fakes[i].sources[queue].left, n, __ATOMIC_ACQ_REL);
    eventfd_write(fakes[i].port.queues[queue].fd, 1);
}

static void
start_all(void)
{
    for (uint32_t i = 0; i < SINK; i++) {
        for (uint32_t j = 0; j < N_QUEUES; j++) {
            start(i, j, FRAMES);
        }
    }
}

/* Waits until so many frames are sent or dropped. */
static bool
all_gone(uint64_t n)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    while (received() + dropped() < n && loop_now_ms() < end) {
        loop_once(loop, 1);
    }
    return received() + dropped() == n;
}

/* The sink's address is known, so that nothing is flooded. */
static void
introduce(void)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    /* To itself, which goes nowhere, but it is learned from. */
    start(SINK, 0, 1);
    while (__atomic_load_n(&fakes[SINK].sources[0].left, __ATOMIC_ACQUIRE)
           && loop_now_ms() < end) {
        loop_once(loop, 1);
    }
    loop_once(loop, 20);
}

/* ---- Tests -------------------------------------------------------------- */

static void
check_order(uint32_t n_workers, bool known)
{
    const uint64_t all = (uint64_t) SINK * N_QUEUES * FRAMES;
    struct xvs_queue_state state;

    setup(n_workers);
    if (known) {
        introduce();
    }
    set(2, 2000000);
    start_all();
    CU_ASSERT(all_gone(all));
    totals(&state);
    CU_ASSERT_EQUAL(state.packets, received());
    CU_ASSERT_EQUAL(state.depth, 0);
    CU_ASSERT(state.full + state.shortage > 0);
    CU_ASSERT_EQUAL(sink.late, 0);
    CU_ASSERT_EQUAL(sink.collisions, 0);
    CU_ASSERT(is_empty());
    CU_ASSERT_EQUAL(drop(SINK), 0);
    teardown();
}

static void
test_one(void)
{
    check_order(1, true);
}

static void
test_several(void)
{
    check_order(3, true);
}

static void
test_flooded(void)
{
    check_order(3, false);
}

/* Settings come, change and go while frames do. */
static void
test_changes(void)
{
    const uint64_t all = (uint64_t) SINK * N_QUEUES * FRAMES;
    uint64_t end = loop_now_ms() + PATIENCE_MS;
    struct xvs_queue_state state;
    uint16_t n = 0;

    setup(3);
    introduce();
    start_all();
    while (received() + dropped() < all && loop_now_ms() < end) {
        set(n, 2000000u * (n + 1u));
        n = (uint16_t) ((n + 3) % 9);
        loop_once(loop, 2);
        workers_balance(workers);
    }
    set(0, 0);
    CU_ASSERT(all_gone(all));
    CU_ASSERT_EQUAL(sink.late, 0);
    CU_ASSERT(is_empty());
    totals(&state);
    CU_ASSERT_EQUAL(state.depth, 0);
    CU_ASSERT_EQUAL(drop(SINK), 0);
    teardown();
}

/* What is left in the queues of a port without settings goes at once, and the
 * port is one without queues then. */
static void
test_gives_up(void)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    setup(1);
    introduce();
    set(2, 8000);               /* 2.5 s of it at once, then nearly nothing */
    start(0, 0, 400);
    while (received() + dropped() < 300 && loop_now_ms() < end) {
        loop_once(loop, 1);
    }
    CU_ASSERT(all_gone(received() + dropped()));
    set(0, 0);
    CU_ASSERT(all_gone(400));
    CU_ASSERT(is_empty());
    while (vport_special(fakes[SINK].vport) & VPORT_QUEUES
           && loop_now_ms() < end) {
        loop_once(loop, 1);
    }
    CU_ASSERT_EQUAL(vport_special(fakes[SINK].vport) & VPORT_QUEUES, 0);
    start(0, 0, 100);
    CU_ASSERT(all_gone(500));
    CU_ASSERT_EQUAL(sink.late, 0);
    CU_ASSERT_EQUAL(drop(SINK), 0);
    teardown();
}

/* Nothing has passed for a while: what may pass at once has. */
static bool
is_slow(void)
{
    uint64_t end = loop_now_ms() + 20, before = received();

    while (loop_now_ms() < end) {
        loop_once(loop, 1);
    }
    return received() == before;
}

/* The port goes, or its interface, while its queues are full. */
static void
test_goes(void)
{
    struct xvs_queue_state state;
    uint64_t end = loop_now_ms() + PATIENCE_MS;

    for (int i = 0; i < 2; i++) {
        setup(2);
        introduce();
        set(2, 8000);
        start_all();
        do {
            loop_once(loop, 1);
            totals(&state);
        } while ((state.depth < 200 || !is_slow()) && loop_now_ms() < end);
        CU_ASSERT(pool_used(workers_pool(workers)) >= 200);
        if (i) {
            (void) xvs_publish(fakes[SINK].vport->port, NULL);
            CU_ASSERT(all_sent());
            CU_ASSERT(is_empty());
            totals(&state);
            CU_ASSERT(state.discarded >= 200);
            CU_ASSERT_EQUAL(drop(SINK), 0);
        } else {
            CU_ASSERT(drop(SINK) >= 200);
            CU_ASSERT(is_empty());
        }
        teardown();
    }
}

/* A worker with packets that must wait sleeps. */
static void
test_sleeps(void)
{
    struct timespec before, after;
    uint64_t used;

    setup(1);
    introduce();
    set(1, 64000);
    start(0, 0, 400);
    for (uint64_t end = loop_now_ms() + 300; loop_now_ms() < end;) {
        loop_once(loop, 10);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (uint64_t end = loop_now_ms() + 500; loop_now_ms() < end;) {
        loop_once(loop, 100);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    used = (uint64_t) (after.tv_sec - before.tv_sec) * 1000000000
        + (uint64_t) after.tv_nsec - (uint64_t) before.tv_nsec;
    CU_ASSERT(used < 250000000);
    drop(SINK);
    teardown();
}

static const struct unit_test tests[] = {
    { "one worker", test_one },
    { "several workers", test_several },
    { "flooded", test_flooded },
    { "settings change", test_changes },
    { "settings go", test_gives_up },
    { "the port goes", test_goes },
    { "sleeps", test_sleeps },
};

UNIT_MAIN("egress", tests)
