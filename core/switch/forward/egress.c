/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The workers' side of egress.h.
 */

#include <config.h>

#include "switch/forward/egress.h"

#include <stdbool.h>
#include <xvs/packet.h>

#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/chain/chain.h"
#include "switch/forward/egress-inside.h"
#include "switch/forward/emit.h"
#include "switch/forward/forward.h"
#include "switch/forward/policy/queue.h"
#include "switch/forward/table.h"
#include "switch/forward/watch.h"
#include "switch/vswitch.h"

#define BATCH 64u               /* packets sent without the lock */
#define BATCHES 8u              /* until others have their turn */
#define LATE_NS 10000000u       /* behind a promise, when it counts no more */
#define WAIT_MAX_NS (WAIT_MAX_MS * UINT64_C(1000000))

/* Buffers in queues, of all ports; atomic.  The rest of the pool is for those
 * that move. */
static uint64_t held;

/* ---- Promises ----------------------------------------------------------- */

static void
list(struct forward *forward, struct egress *egress, uint64_t due)
{
    struct waiting *waiting = &egress->waiting[forward->worker];

    if (!waiting->is_listed) {
        __atomic_add_fetch(&egress->references, 1, __ATOMIC_RELAXED);
        waiting->is_listed = true;
        waiting->next = forward->waiting;
        forward->waiting = waiting;
    }
    waiting->due = due;
    forward->due = due < forward->due ? due : forward->due;
}

/* With the lock: packets are left, and the next may go at 'ready'.  Promises
 * to come back, unless another worker does so no later. */
static void
promise(struct forward *forward, struct egress *egress, uint64_t ready)
{
    uint64_t latest = forward->now + WAIT_MAX_NS;
    uint64_t due = ready < latest ? ready : latest;

    if (egress->promised != EGRESS_NOBODY && egress->due <= due
        && egress->due + LATE_NS > forward->now) {
        return;
    }
    egress->promised = forward->worker;
    egress->due = due;
    list(forward, egress, due);
}

/* ---- Packets ------------------------------------------------------------ */

static uint32_t
buffers_of(const struct xvs_packet *packet)
{
    uint32_t n = 0;

    for (; packet; packet = packet->next) {
        n++;
    }
    return n;
}

/* They are out of their queues, and nobody's. */
static void
give_back(struct forward *forward, struct xvs_packet **packets, uint32_t n)
{
    uint64_t n_buffers = 0;

    for (uint32_t i = 0; i < n; i++) {
        n_buffers += buffers_of(packets[i]);
    }
    __atomic_sub_fetch(&held, n_buffers, __ATOMIC_RELAXED);
    pool_put(forward->cache, packets, n);
}

/* With the lock: moves the packets to the set that is wanted. */
static void
take_over(struct forward *forward, struct egress *egress)
{
    struct queue_set *old = egress->set;
    struct queue_set *set = __atomic_exchange_n(&egress->wanted, NULL,
                                                __ATOMIC_SEQ_CST);
    struct xvs_packet *packet;
    uint32_t number;

    egress->set = set ? set : old;
    if (!set || !old) {
        return;
    }
    queue_set_keep(set, old);
    while ((packet = queue_pull(old, egress->states, &number)) != NULL) {
        if (!queue_push(set, egress->states, queue_choose(set, packet),
                        packet)) {
            tally_add(&egress->states[number].full, 1);
            give_back(forward, &packet, 1);
        }
    }
    queue_set_free(old);
}

/* With the lock. */
static void
keep_up(struct forward *forward, struct egress *egress)
{
    if (__atomic_load_n(&egress->wanted, __ATOMIC_RELAXED)) {
        take_over(forward, egress);
    }
}

/* With the lock: the port is without queues when none are wanted and nothing
 * is left. */
static void
leave(struct egress *egress, struct vport *port)
{
    if (!egress->set->passes || egress->set->n_packets || !port) {
        return;
    }
    __atomic_and_fetch(&port->special, ~VPORT_QUEUES, __ATOMIC_SEQ_CST);
    /* Settings that came just now may have been before that. */
    if (__atomic_load_n(&egress->wanted, __ATOMIC_SEQ_CST)) {
        __atomic_or_fetch(&port->special, VPORT_QUEUES, __ATOMIC_SEQ_CST);
    }
}

/* ---- Out ---------------------------------------------------------------- */

static bool
can_send(struct vport *port)
{
    return port && xvs_read(port->port)
        && !(vport_special(port) & VPORT_DISABLED);
}

/* With the lock: packets that nobody will send. */
static uint32_t
discard(struct egress *egress, struct xvs_packet **packets)
{
    uint32_t n = 0, number;

    while (n < BATCH && (packets[n] = queue_pull(egress->set, egress->states,
                                                 &number)) != NULL) {
        tally_add(&egress->states[number].discarded, 1);
        n++;
    }
    return n;
}

/* With the lock, which is given up for sending: one batch.  Returns how many;
 * when there are none, '*ready' is the moment of the next one. */
static uint32_t
send_batch(struct forward *forward, struct egress *egress,
           struct vport *port, uint64_t *ready)
{
    struct xvs_packet *packets[BATCH];
    bool can = can_send(port);
    uint32_t n;

    n = can ? queue_pick(egress->set, egress->states, forward->now, packets,
                         BATCH, ready)
            : discard(egress, packets);
    if (n) {
        pthread_mutex_unlock(&egress->lock);
        if (can) {
            emit_now(forward, port, packets, n);
        } else if (port) {
            tally_add(&port->counters[forward->worker].tx_dropped, n);
        }
        give_back(forward, packets, n);
        pthread_mutex_lock(&egress->lock);
    }
    return n;
}

static void
note_tokens(struct egress *egress, uint64_t now)
{
    struct meter_look look;

    if (egress->set->rate.rate) {
        meter_look(&look, &egress->set->rate, now);
        __atomic_store_n(&egress->tokens, meter_level(&look),
                         __ATOMIC_RELAXED);
        tally_add(&egress->waits,
                  egress->set->n_packets && !meter_has(&look));
    } else {
        __atomic_store_n(&egress->tokens, 0, __ATOMIC_RELAXED);
    }
}

/* With the lock: sends what may go now, unless another worker does it. */
static void
drain(struct forward *forward, struct egress *egress, struct vport *port)
{
    uint64_t ready = forward->now;
    uint32_t n = BATCH;

    if (egress->promised == forward->worker) {
        egress->promised = EGRESS_NOBODY;
    }
    if (egress->is_sending) {
        return;
    }
    egress->is_sending = true;
    for (uint32_t i = 0; i < BATCHES && n; i++) {
        keep_up(forward, egress);
        n = send_batch(forward, egress, port, &ready);
    }
    egress->is_sending = false;
    note_tokens(egress, forward->now);
    if (egress->set->n_packets) {
        promise(forward, egress, n ? forward->now : ready);
    } else {
        leave(egress, port);
    }
}

/* ---- In ----------------------------------------------------------------- */

/* Nobody gets them. */
static void
lose(struct forward *forward, struct vport *port, struct xvs_packet **packets,
     uint32_t n)
{
    for (uint32_t i = 0; i < n && watch_is_on(forward); i++) {
        watch_drop(forward, TAP_TX, DROP_QUEUES, packets[i]);
    }
    vport_drop(port, forward->worker, DROP_QUEUES, n);
    pool_put(forward->cache, packets, n);
}

/* With the lock: puts them into their queues; moves those for which there is
 * no room to the front, and returns how many. */
static uint32_t
push_all(struct forward *forward, struct egress *egress,
         struct xvs_packet **packets, uint32_t n)
{
    uint64_t limit = pool_size(forward->pool) / 2, taken = 0;
    uint64_t before = __atomic_load_n(&held, __ATOMIC_RELAXED);
    uint32_t lost = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = packets[i];
        uint32_t number = queue_choose(egress->set, packet);
        uint32_t n_buffers = buffers_of(packet);

        if (before + taken + n_buffers > limit) {
            tally_add(&egress->states[number].shortage, 1);
            packets[lost++] = packet;
        } else if (!queue_push(egress->set, egress->states, number, packet)) {
            tally_add(&egress->states[number].full, 1);
            packets[lost++] = packet;
        } else {
            taken += n_buffers;
            if (watch_is_on(forward)) {
                watch_queued(forward, packet);
            }
        }
    }
    __atomic_add_fetch(&held, taken, __ATOMIC_RELAXED);
    return lost;
}

/* Takes the packets over. */
static void
enter(struct forward *forward, struct vport *port, struct egress *egress,
      struct xvs_packet **packets, uint32_t n)
{
    uint32_t lost;
    bool is_over;

    pthread_mutex_lock(&egress->lock);
    keep_up(forward, egress);
    is_over = egress->set->passes && !egress->set->n_packets
        && !egress->is_sending;
    if (is_over) {
        leave(egress, port);
        pthread_mutex_unlock(&egress->lock);
        emit_now(forward, port, packets, n);
        pool_put(forward->cache, packets, n);
        return;
    }
    lost = push_all(forward, egress, packets, n);
    drain(forward, egress, xvs_read(egress->port));
    pthread_mutex_unlock(&egress->lock);
    lose(forward, port, packets, lost);
}

/* There were no buffers for a copy of it. */
static void
note_shortage(struct forward *forward, struct vport *port,
              struct egress *egress, const struct xvs_packet *packet)
{
    pthread_mutex_lock(&egress->lock);
    keep_up(forward, egress);
    tally_add(&egress->states[queue_choose(egress->set, packet)].shortage, 1);
    pthread_mutex_unlock(&egress->lock);
    vport_drop(port, forward->worker, DROP_QUEUES, 1);
}

static void
enter_copies(struct forward *forward, struct vport *port,
             struct egress *egress, struct xvs_packet **packets, uint32_t n)
{
    struct xvs_packet *copies[XVS_BURST];
    uint32_t copied = 0;

    for (uint32_t i = 0; i < n; i++) {
        copies[copied] = pool_twin(forward->cache, packets[i]);
        if (copies[copied]) {
            copied++;
        } else {
            note_shortage(forward, port, egress, packets[i]);
        }
    }
    if (copied) {
        enter(forward, port, egress, copies, copied);
    }
}

void
egress_take(struct forward *forward, struct vport *port,
            struct xvs_packet **packets, uint32_t n)
{
    struct egress *egress = xvs_read(port->egress);

    if (forward->shared) {
        enter_copies(forward, port, egress, packets, n);
        return;
    }
    /* Whoever sends them may give them back, and the burst must not any
     * more: so they enter when it is over. */
    for (uint32_t i = 0; i < n; i++) {
        packets[i]->verdict = CHAIN_PARKED;
        forward->taken[forward->n_taken++] =
            (struct taken) { port, packets[i] };
    }
    forward->parked += n;
}

void
egress_flush(struct forward *forward)
{
    uint32_t all = forward->n_taken, i = 0;

    while (i < all) {
        struct vport *port = forward->taken[i].port;
        struct xvs_packet *packets[XVS_BURST];
        uint32_t n = 0;

        for (; i < all && forward->taken[i].port == port; i++) {
            packets[n] = forward->taken[i].packet;
            packets[n++]->verdict = XVS_PASS;
        }
        enter(forward, port, xvs_read(port->egress), packets, n);
    }
    forward->n_taken = 0;
}

/* ---- Ports that wait ---------------------------------------------------- */

/* Stands for the port that packets in queues came from. */
static struct vport anywhere;

static void
serve(struct forward *forward, struct egress *egress)
{
    struct vport *port = xvs_read(egress->port);

    if (port) {
        forward->path = &port->vswitch->path;
        forward->table = xvs_read(forward->path->table);
        forward->tap.set = xvs_read(forward->path->taps);
        forward->in = &anywhere;
        forward->flags = 0;
    }
    pthread_mutex_lock(&egress->lock);
    drain(forward, egress, port);
    pthread_mutex_unlock(&egress->lock);
}

void
egress_serve(struct forward *forward, uint64_t now_ns)
{
    struct waiting *one = forward->waiting, *next;

    if (now_ns < forward->due) {
        return;
    }
    forward->now = now_ns;
    forward->waiting = NULL;
    forward->due = QUEUE_NEVER;
    for (; one; one = next) {
        struct egress *egress = one->egress;

        next = one->next;
        one->is_listed = false;
        if (one->due > now_ns) {
            list(forward, egress, one->due);
        } else {
            serve(forward, egress);
        }
        egress_let_go(egress);
    }
}

void
egress_abandon(struct forward *forward)
{
    struct xvs_packet *packet;
    uint32_t number;

    while (forward->waiting) {
        struct waiting *one = forward->waiting;
        struct egress *egress = one->egress;

        forward->waiting = one->next;
        one->is_listed = false;
        pthread_mutex_lock(&egress->lock);
        while ((packet = queue_pull(egress->set, egress->states, &number))) {
            give_back(forward, &packet, 1);
        }
        pthread_mutex_unlock(&egress->lock);
        egress_let_go(egress);
    }
}
