/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Queues of a port as others than workers see them: settings that come and go,
 * counters, the port's end; see egress.h.
 */

#include <config.h>

#include "switch/forward/egress.h"

#include <stdlib.h>

#include "base/memory.h"
#include "packet/grace.h"
#include "switch/forward/egress-inside.h"
#include "switch/forward/policy/queue.h"
#include "switch/forward/table.h"

void
egress_let_go(struct egress *egress)
{
    if (__atomic_sub_fetch(&egress->references, 1, __ATOMIC_ACQ_REL)) {
        return;
    }
    queue_set_free(egress->set);
    queue_set_free(egress->wanted);
    pthread_mutex_destroy(&egress->lock);
    free(egress);
}

static struct egress *
create(struct vport *port)
{
    struct egress *egress = mem_zalloc(sizeof *egress);

    pthread_mutex_init(&egress->lock, NULL);
    egress->references = 1;
    egress->port = port;
    egress->promised = EGRESS_NOBODY;
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        egress->waiting[i].egress = egress;
    }
    return egress;
}

void
egress_set(struct vport *port, const struct xvs_port_policy *set,
           uint64_t now_ns)
{
    struct egress *egress = port->egress;
    struct queue_set *fresh;

    if (!egress && !set) {
        return;
    }
    egress = egress ? egress : create(port);
    fresh = set ? queue_set_create(set, now_ns)
                : queue_set_create_last(egress->room);
    if (queue_set_room(fresh) > egress->room) {
        egress->room = queue_set_room(fresh);
    }
    __atomic_store_n(&egress->n_queues, set ? fresh->n : 0, __ATOMIC_RELAXED);
    /* One that no worker has taken over is nobody's. */
    queue_set_free(__atomic_exchange_n(&egress->wanted, fresh,
                                       __ATOMIC_SEQ_CST));
    if (!port->egress) {
        (void) xvs_publish(port->egress, egress);
    }
    __atomic_or_fetch(&port->special, VPORT_QUEUES, __ATOMIC_SEQ_CST);
}

static uint64_t
depth_of(const struct egress *egress)
{
    uint64_t depth = 0;

    for (uint32_t i = 0; i < XVS_QUEUES; i++) {
        depth += __atomic_load_n(&egress->states[i].depth, __ATOMIC_RELAXED);
    }
    return depth;
}

uint64_t
egress_close(struct vport *port)
{
    if (!port->egress) {
        return 0;
    }
    (void) xvs_publish(port->egress->port, NULL);
    return depth_of(port->egress);
}

void
egress_release(struct vport *port)
{
    if (port->egress) {
        egress_let_go(port->egress);
    }
}

static void
read_state(const struct xvs_queue_state *from, struct xvs_queue_state *to)
{
    to->packets = tally_read(&from->packets);
    to->bytes = tally_read(&from->bytes);
    to->full = tally_read(&from->full);
    to->shortage = tally_read(&from->shortage);
    to->discarded = tally_read(&from->discarded);
    to->depth_bytes = tally_read(&from->depth_bytes);
    to->depth = __atomic_load_n(&from->depth, __ATOMIC_RELAXED);
    to->deepest = __atomic_load_n(&from->deepest, __ATOMIC_RELAXED);
}

void
egress_read(struct vport *port, struct xvs_queue_states *out)
{
    const struct egress *egress = xvs_read(port->egress);

    if (!egress) {
        return;
    }
    out->n_queues = __atomic_load_n(&egress->n_queues, __ATOMIC_RELAXED);
    out->tokens = tally_read(&egress->tokens);
    out->waits = tally_read(&egress->waits);
    for (uint32_t i = 0; i < XVS_QUEUES; i++) {
        read_state(&egress->states[i], &out->queues[i]);
    }
}
