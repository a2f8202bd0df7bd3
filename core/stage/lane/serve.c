/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The packet thread of a process; see serve.h.
 *
 * Hooks see packets of our own, one for each buffer: copies of xvs-switch's,
 * with pointers to where the buffers are here.  What a hook changed in them
 * is told as a change, if it is something that a hook may change at all.
 */

#include <config.h>

#include "stage/lane/serve.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/inside/crash.h"
#include "stage/keep/keep.h"
#include "stage/keep/log.h"
#include "stage/lane/share.h"
#include "stage/process/schedule.h"

#define BURST 64u               /* packets in a call, at most */
#define TOUCH 4u                /* packets, before it looks for work again */
#define EAGER_US 20             /* without packets until the thread sleeps */

_Static_assert(BURST <= XVS_BURST, "a burst has room");

struct serve {
    struct share *share;
    pthread_t thread;
    const struct xvs_extension *extension;
    void *self;
    uint32_t open;              /* 1: hooks may be called; atomic */
    uint64_t moment;            /* odd: in a hook; atomic */
    int *bells;                 /* of the workers */
    uint32_t *done;             /* of each worker: as we told it */
    struct xvs_packet *packets; /* as hooks see them, by number */
    struct robust_list_head robust;
    struct robust_list alive;   /* its only entry: share->state->alive */
    uint64_t last;              /* cycles: there were packets */
    struct xvs_keep *keep;      /* NULL: it keeps nothing */
    bool is_due;                /* taken() is to be called once we own that */
    uint32_t touched;           /* packets, see share_expect() */
};

/* ---- Packets -------------------------------------------------------------- */

static struct xvs_packet *
adopt_one(const struct serve *serve, uint32_t number)
{
    const struct share *share = serve->share;
    const struct xvs_packet *theirs = &share->packets[number];
    struct xvs_packet *ours = &serve->packets[number];

    *ours = *theirs;
    ours->data = share->buffers
        + ((uintptr_t) theirs->data - share->size.buffers);
    __builtin_prefetch(ours->data, 1);
    ours->verdict = XVS_PASS;
    ours->drop_reason = 0;
    return ours;
}

/* A frame, whatever number of buffers it has. */
static struct xvs_packet *
adopt(const struct serve *serve, uint32_t number)
{
    struct xvs_packet *first = adopt_one(serve, number), *last = first;

    while (last->next) {
        number = (uint32_t) (((uintptr_t) last->next
                              - serve->share->size.packets)
                             / sizeof *last);
        last->next = adopt_one(serve, number);
        last = last->next;
    }
    return first;
}

static bool
is_changed(const struct serve *serve, const struct xvs_packet *ours,
           const struct xvs_packet *theirs)
{
    uintptr_t data = (uintptr_t) ours->data
        - (uintptr_t) serve->share->buffers;

    return data != (uintptr_t) theirs->data - serve->share->size.buffers
        || ours->length != theirs->length
        || ours->out_port != theirs->out_port
        || ours->csum_start != theirs->csum_start
        || ours->csum_offset != theirs->csum_offset
        || ours->gso_size != theirs->gso_size
        || ours->gso_type != theirs->gso_type
        || ours->offload != theirs->offload;
}

/* Where the data are in their buffer; what is outside of it is no place. */
static uint16_t
place_of(const struct serve *serve, const struct xvs_packet *packet)
{
    uintptr_t start = (uintptr_t) serve->share->buffers
        + (size_t) (packet - serve->packets) * POOL_STRIDE;
    uintptr_t place = (uintptr_t) packet->data - start;

    return place < POOL_STRIDE ? (uint16_t) place : UINT16_MAX;
}

static void
tell(const struct serve *serve, uint32_t worker, uint32_t position,
     const struct xvs_packet *packet)
{
    struct share_told *told = &serve->share->told[worker];
    uint32_t at = position % SHARE_LANE;
    const struct xvs_packet *theirs =
        &serve->share->packets[packet - serve->packets];
    bool changed = is_changed(serve, packet, theirs);

    told->verdicts[at] = (struct share_verdict) {
        packet->verdict, packet->drop_reason, changed, 0 };
    if (changed) {
        told->changes[at] = (struct share_change) {
            .out_port = packet->out_port,
            .data = place_of(serve, packet),
            .length = packet->length <= UINT16_MAX
                ? (uint16_t) packet->length : UINT16_MAX,
            .csum_start = packet->csum_start,
            .gso_size = packet->gso_size,
            .csum_offset = packet->csum_offset,
            .gso_type = packet->gso_type,
            .offload = packet->offload };
    }
}

/* ---- Bursts --------------------------------------------------------------- */

/* Packets from 'first' on that go the same direction. */
static uint32_t
gather(const struct serve *serve, uint32_t worker, uint32_t first,
       uint32_t n, struct xvs_burst *burst)
{
    const struct share_given *given = &serve->share->given[worker];
    uint32_t direction = given->entries[first % SHARE_LANE] & SHARE_EGRESS;

    n = n < BURST ? n : BURST;
    for (uint32_t i = 0; i < n; i++) {
        __builtin_prefetch(&serve->share->packets[
            given->entries[(first + i) % SHARE_LANE] & ~SHARE_EGRESS]);
    }
    burst->n = 0;
    burst->lane = 0;
    while (burst->n < n) {
        uint32_t entry = given->entries[(first + burst->n) % SHARE_LANE];

        if ((entry & SHARE_EGRESS) != direction) {
            break;
        }
        burst->packets[burst->n++] = adopt(serve, entry & ~SHARE_EGRESS);
    }
    return direction;
}

/* ---- What is kept --------------------------------------------------------- */

/* Whether it is ours now, and the extension is to be told. */
static bool
must_take(const struct serve *serve)
{
    return serve->is_due
        && __atomic_load_n(&serve->share->given[0].own, __ATOMIC_ACQUIRE)
               & KEEP_PACKETS;
}

static void
take_over(struct serve *serve)
{
    struct share_state *state = serve->share->state;
    struct xvs_keep_log *log = &serve->keep->logs[1];
    struct xvs_burst none;

    if (!(__atomic_load_n(&serve->share->given[0].own, __ATOMIC_RELAXED)
          & KEEP_BEFORE)) {
        /* Another instance has taken that over meanwhile. */
        serve->keep->before = NULL;
    }
    if (serve->keep->taken) {
        none.n = 0;
        none.lane = 0;
        keep_log_begin(log, KEEP_LOG_HOOK);
        __atomic_store_n(&state->inside, SHARE_TAKING, __ATOMIC_RELAXED);
        serve->keep->taken(serve->self, &none);
        __atomic_store_n(&state->inside, 0, __ATOMIC_RELAXED);
        keep_log_begin(log, 0);
    }
    serve->is_due = false;
    __atomic_store_n(&state->taken, 1, __ATOMIC_RELEASE);
}

void
serve_keep(struct serve *serve, struct xvs_keep *keep)
{
    serve->keep = keep;
    serve->is_due = keep->instance > 1;
    __atomic_store_n(&serve->share->state->taken, !serve->is_due,
                     __ATOMIC_RELEASE);
}

/* ---- Calls ---------------------------------------------------------------- */

static void
call(struct serve *serve, uint32_t worker, uint32_t first,
     uint32_t direction, struct xvs_burst *burst)
{
    const struct xvs_extension *extension = serve->extension;
    struct share_state *state = serve->share->state;
    void (*hook)(void *, struct xvs_burst *) =
        direction ? extension->egress : extension->ingress;

    if (serve->keep) {
        keep_log_begin(&serve->keep->logs[1], keep_log_whose(worker, first));
    }
    if (hook) {
        __atomic_store_n(&state->inside, worker + 1, __ATOMIC_RELAXED);
        hook(serve->self, burst);
        __atomic_store_n(&state->inside, 0, __ATOMIC_RELAXED);
    }
}

static void
ring_bell(const struct serve *serve, uint32_t worker)
{
    const uint32_t *waits = &serve->share->given[worker].waits;

    if (__atomic_load_n(waits, __ATOMIC_SEQ_CST)) {
        eventfd_write(serve->bells[worker], 1);
    }
}

/* One burst of a worker; false: it has none. */
static bool
serve_worker(struct serve *serve, uint32_t worker)
{
    uint32_t tail = __atomic_load_n(&serve->share->given[worker].tail,
                                    __ATOMIC_ACQUIRE);
    uint32_t first = serve->done[worker], direction, n;
    struct xvs_burst burst;

    if (tail == first) {
        return false;
    }
    if (must_take(serve)) {
        take_over(serve);
    }
    direction = gather(serve, worker, first, tail - first, &burst);
    n = burst.n;
    call(serve, worker, first, direction, &burst);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t entry = serve->share->given[worker]
            .entries[(first + i) % SHARE_LANE];

        tell(serve, worker, first + i,
             &serve->packets[entry & ~SHARE_EGRESS]);
    }
    serve->done[worker] = first + n;
    /* In one order with what ring_bell() reads. */
    __atomic_store_n(&serve->share->told[worker].done, first + n,
                     __ATOMIC_SEQ_CST);
    ring_bell(serve, worker);
    return true;
}

/* ---- The thread ----------------------------------------------------------- */

static bool
has_work(const struct serve *serve)
{
    for (uint32_t i = 0; i < serve->share->size.n_workers; i++) {
        if (__atomic_load_n(&serve->share->given[i].tail, __ATOMIC_SEQ_CST)
            != serve->done[i]) {
            return __atomic_load_n(&serve->open, __ATOMIC_RELAXED);
        }
    }
    return must_take(serve);
}

/* Packets whose memory it should have touched. */
static uint32_t
to_touch(const struct serve *serve)
{
    const struct share *share = serve->share;
    uint32_t n = __atomic_load_n(&share->given->used, __ATOMIC_SEQ_CST);

    return n < share->size.n_packets ? n : share->size.n_packets;
}

static void
sleep_well(const struct serve *serve)
{
    uint32_t *sleeps = &serve->share->state->sleeps;

    __atomic_store_n(sleeps, 1, __ATOMIC_SEQ_CST);
    if (!has_work(serve) && serve->touched >= to_touch(serve)) {
        syscall(SYS_futex, sleeps, FUTEX_WAIT, 1, NULL, NULL, 0);
    }
    __atomic_store_n(sleeps, 0, __ATOMIC_RELAXED);
}

/* Touches a few packets' memory; false: it has touched what it should. */
static bool
touch(struct serve *serve)
{
    uint32_t wanted = to_touch(serve), n;

    if (serve->touched >= wanted) {
        return false;
    }
    n = wanted - serve->touched < TOUCH ? wanted - serve->touched : TOUCH;
    share_touch(serve->share, serve->touched, n);
    for (; n; n--) {
        serve->packets[serve->touched++].next = NULL;
    }
    return true;
}

/* A burst of each worker, unless hooks may not be called. */
static bool
go_round(struct serve *serve)
{
    bool any = false;

    __atomic_store_n(&serve->moment, serve->moment + 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&serve->open, __ATOMIC_SEQ_CST)) {
        if (must_take(serve)) {
            take_over(serve);
        }
        for (uint32_t i = 0; i < serve->share->size.n_workers; i++) {
            any = serve_worker(serve, i) || any;
        }
    }
    __atomic_store_n(&serve->moment, serve->moment + 1, __ATOMIC_RELEASE);
    return any;
}

/* From here on the kernel tells of our end. */
static void
be_alive(struct serve *serve)
{
    struct share_state *state = serve->share->state;

    serve->alive.next = &serve->robust.list;
    serve->robust = (struct robust_list_head) {
        .list = { &serve->alive },
        .futex_offset = (long) ((uintptr_t) &state->alive
                                - (uintptr_t) &serve->alive) };
    __atomic_store_n(&state->alive, (uint32_t) syscall(SYS_gettid),
                     __ATOMIC_RELEASE);
    syscall(SYS_set_robust_list, &serve->robust, sizeof serve->robust);
}

static void *
run(void *arg)
{
    struct serve *serve = arg;
    uint64_t eager = EAGER_US * cycles_per_us();

    crash_use_stack();
    be_alive(serve);
    share_touch_lanes(serve->share);
    for (;;) {
        if (go_round(serve)) {
            serve->last = clock_cycles();
        } else if (!touch(serve)
                   && clock_cycles() - serve->last > eager) {
            sleep_well(serve);
            /* Who is woken gets packets, maybe a moment later. */
            serve->last = clock_cycles();
        } else {
            sched_yield();      /* stages may share a processor */
        }
    }
    return NULL;
}

struct serve *
serve_create(struct share *share, const int *bells, struct error *error)
{
    uint32_t n = share->size.n_workers;
    struct serve *serve = mem_zalloc(sizeof *serve);
    void *packets = NULL;
    int number;

    if (posix_memalign(&packets, 64,
                       share->size.n_packets * sizeof *serve->packets)) {
        abort();
    }
    serve->packets = packets;
    serve->share = share;
    serve->done = mem_array(n, sizeof *serve->done);
    serve->bells = mem_dup(bells, n * sizeof *bells);
    schedule_briefly();
    number = pthread_create(&serve->thread, NULL, run, serve);
    if (number) {
        error_set_errno(error, number, "cannot start a thread for packets");
        free(serve->packets);
        free(serve->done);
        free(serve->bells);
        free(serve);
        return NULL;
    }
    pthread_setname_np(serve->thread, "packets");
    return serve;
}

void
serve_open(struct serve *serve, const struct xvs_extension *extension,
           void *self)
{
    serve->extension = extension;
    serve->self = self;
    __atomic_store_n(&serve->open, 1, __ATOMIC_SEQ_CST);
    share_ring(serve->share);
}

void
serve_close(struct serve *serve)
{
    uint64_t moment;

    __atomic_store_n(&serve->open, 0, __ATOMIC_SEQ_CST);
    moment = serve_moment(serve);
    while (!serve_is_past(serve, moment)) {
        sched_yield();
    }
}

uint64_t
serve_moment(const struct serve *serve)
{
    return __atomic_load_n(&serve->moment, __ATOMIC_SEQ_CST);
}

bool
serve_is_past(const struct serve *serve, uint64_t moment)
{
    return moment % 2 == 0 || serve_moment(serve) != moment;
}
