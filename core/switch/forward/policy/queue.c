/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See queue.h.
 */

#include <config.h>

#include "switch/forward/policy/queue.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "base/memory.h"
#include "packet/tally.h"

#define QUANTUM 1536u           /* bytes of a turn, with the least weight */
#define BURST_MIN (16u << 10)   /* bytes of a rate, when none was given */
#define BURST_PART 100u         /* 1/100 s of a rate at once */

/* ---- Sets --------------------------------------------------------------- */

static void
set_rate(struct meter *meter, const struct xvs_rate *rate, uint64_t now_ns)
{
    uint64_t bytes = rate->bits / 8 + (rate->bits % 8 != 0);
    uint64_t burst = rate->burst ? rate->burst
        : bytes / BURST_PART > BURST_MIN ? bytes / BURST_PART : BURST_MIN;

    meter_set(meter, bytes, burst, now_ns);
}

static void
make_room(struct queue *queue, uint32_t n_packets)
{
    uint32_t size = 1;

    while (size < n_packets) {
        size *= 2;
    }
    queue->max_packets = n_packets;
    queue->mask = size - 1;
    queue->ring = mem_array(size, sizeof(struct xvs_packet *));
}

static uint32_t
least_weight(const struct xvs_port_policy *wanted)
{
    uint32_t least = XVS_WEIGHT_MAX;

    for (uint32_t i = 0; i < wanted->n_queues; i++) {
        uint32_t weight = wanted->queues[i].weight;

        least = weight && weight < least ? weight : least;
    }
    return least;
}

struct queue_set *
queue_set_create(const struct xvs_port_policy *wanted, uint64_t now_ns)
{
    struct queue_set *set = mem_zalloc(sizeof *set);
    uint32_t least = least_weight(wanted);

    set->n = wanted->n_queues;
    memcpy(set->queue_of, wanted->queue_of, sizeof set->queue_of);
    memcpy(set->priority_of, wanted->priority_of, sizeof set->priority_of);
    set_rate(&set->rate, &wanted->shape, now_ns);
    for (uint32_t i = 0; i < set->n; i++) {
        const struct xvs_queue *from = &wanted->queues[i];
        struct queue *queue = &set->queues[i];

        make_room(queue, from->packets ? from->packets : QUEUE_PACKETS);
        queue->max_bytes = from->bytes ? from->bytes : QUEUE_BYTES;
        queue->weight = from->weight;
        queue->quantum = QUANTUM * from->weight / least;
        set_rate(&queue->max, &from->max, now_ns);
    }
    return set;
}

struct queue_set *
queue_set_create_last(uint32_t n_packets)
{
    struct queue_set *set = mem_zalloc(sizeof *set);

    set->n = 1;
    set->passes = true;
    make_room(&set->queues[0], n_packets);
    set->queues[0].max_bytes = UINT64_MAX;
    return set;
}

void
queue_set_keep(struct queue_set *set, const struct queue_set *old)
{
    meter_keep(&set->rate, &old->rate);
    for (uint32_t i = 0; i < set->n && i < old->n; i++) {
        meter_keep(&set->queues[i].max, &old->queues[i].max);
    }
}

void
queue_set_free(struct queue_set *set)
{
    for (uint32_t i = 0; set && i < set->n; i++) {
        free(set->queues[i].ring);
    }
    free(set);
}

uint32_t
queue_set_room(const struct queue_set *set)
{
    uint32_t room = 0;

    for (uint32_t i = 0; i < set->n; i++) {
        room += set->queues[i].max_packets;
    }
    return room;
}

/* ---- Priorities --------------------------------------------------------- */

void
queue_mark(struct xvs_packet *packet, uint8_t priority)
{
    packet->flags = (uint16_t) ((packet->flags & (QUEUE_MARKED - 1u))
                                | QUEUE_MARKED
                                | (uint32_t) priority << QUEUE_MARK_SHIFT);
}

int
queue_dscp(const struct xvs_packet *packet)
{
    const uint8_t *ip = xvs_packet_at(packet, packet->l3, 2);

    if (!ip || !(packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6))) {
        return -1;
    }
    return packet->flags & XVS_PACKET_IPV4 ? ip[1] >> 2
                                           : xvs_be16(ip) >> 6 & 63;
}

uint32_t
queue_choose(const struct queue_set *set, const struct xvs_packet *packet)
{
    uint32_t priority = 0;
    int dscp;

    if (packet->flags & XVS_PACKET_VLAN) {
        priority = packet->vlan >> 13;
    } else if (packet->flags & QUEUE_MARKED) {
        priority = packet->flags >> QUEUE_MARK_SHIFT;
    } else if ((dscp = queue_dscp(packet)) >= 0) {
        priority = set->priority_of[dscp];
    }
    return set->queue_of[priority];
}

/* ---- In and out --------------------------------------------------------- */

static void
note_depth(struct xvs_queue_state *state, const struct queue *queue)
{
    __atomic_store_n(&state->depth, queue->n, __ATOMIC_RELAXED);
    __atomic_store_n(&state->depth_bytes, queue->bytes, __ATOMIC_RELAXED);
    if (queue->n > state->deepest) {
        __atomic_store_n(&state->deepest, queue->n, __ATOMIC_RELAXED);
    }
}

bool
queue_push(struct queue_set *set, struct xvs_queue_state *states,
           uint32_t number, struct xvs_packet *packet)
{
    struct queue *queue = &set->queues[number];

    /* A frame that is larger than the limit passes alone. */
    if (queue->n >= queue->max_packets
        || (queue->n && queue->bytes + packet->total > queue->max_bytes)) {
        return false;
    }
    queue->ring[(queue->first + queue->n) & queue->mask] = packet;
    queue->n++;
    queue->bytes += packet->total;
    set->n_packets++;
    note_depth(&states[number], queue);
    return true;
}

static struct xvs_packet *
pop(struct queue_set *set, struct xvs_queue_state *states, uint32_t number)
{
    struct queue *queue = &set->queues[number];
    struct xvs_packet *packet = queue->ring[queue->first & queue->mask];

    queue->first++;
    queue->n--;
    queue->bytes -= packet->total;
    set->n_packets--;
    if (!queue->n && queue->deficit > 0) {
        queue->deficit = 0;
    }
    note_depth(&states[number], queue);
    return packet;
}

struct xvs_packet *
queue_pull(struct queue_set *set, struct xvs_queue_state *states,
           uint32_t *number)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (set->queues[i].n) {
            *number = i;
            return pop(set, states, i);
        }
    }
    return NULL;
}

/* ---- Who is next -------------------------------------------------------- */

/* A look at all rates, for one call. */
struct pick {
    struct queue_set *set;
    struct meter_look port;
    struct meter_look own[XVS_QUEUES];
};

static bool
may_send(const struct pick *pick, uint32_t number)
{
    const struct queue *queue = &pick->set->queues[number];

    return queue->n && (!queue->max.rate || meter_has(&pick->own[number]));
}

/* The queue that sends next; -1: none may. */
static int
choose_weighted(struct pick *pick)
{
    struct queue_set *set = pick->set;
    uint32_t idle = 0;

    while (idle <= set->n) {
        struct queue *queue = &set->queues[set->turn];
        bool may = queue->weight && may_send(pick, set->turn);

        if (may && queue->deficit > 0) {
            return (int) set->turn;
        }
        set->turn = (set->turn + 1) % set->n;
        queue = &set->queues[set->turn];
        if (queue->weight && may_send(pick, set->turn)) {
            queue->deficit += queue->quantum;
            idle = 0;
        } else {
            idle++;
        }
    }
    return -1;
}

static int
choose_next(struct pick *pick)
{
    for (uint32_t i = pick->set->n; i-- > 0;) {
        if (!pick->set->queues[i].weight && may_send(pick, i)) {
            return (int) i;
        }
    }
    return choose_weighted(pick);
}

static void
begin(struct pick *pick, struct queue_set *set, uint64_t now_ns)
{
    pick->set = set;
    if (set->rate.rate) {
        meter_look(&pick->port, &set->rate, now_ns);
    }
    for (uint32_t i = 0; i < set->n; i++) {
        if (set->queues[i].max.rate) {
            meter_look(&pick->own[i], &set->queues[i].max, now_ns);
        }
    }
}

static struct xvs_packet *
take(struct pick *pick, struct xvs_queue_state *states, uint32_t number)
{
    struct xvs_packet *packet = pop(pick->set, states, number);
    struct queue *queue = &pick->set->queues[number];

    if (pick->set->rate.rate) {
        meter_charge(&pick->port, packet->total);
    }
    if (queue->max.rate) {
        meter_charge(&pick->own[number], packet->total);
    }
    if (queue->weight) {
        queue->deficit -= packet->total;
    }
    tally_add(&states[number].packets, 1);
    tally_add(&states[number].bytes, packet->total);
    return packet;
}

/* When the next packet may go. */
static uint64_t
when(const struct pick *pick)
{
    const struct queue_set *set = pick->set;
    uint64_t ready = QUEUE_NEVER;

    if (!set->n_packets) {
        return QUEUE_NEVER;
    }
    if (set->rate.rate && !meter_has(&pick->port)) {
        return meter_ready(&pick->port);
    }
    for (uint32_t i = 0; i < set->n; i++) {
        if (set->queues[i].n && set->queues[i].max.rate) {
            uint64_t one = meter_ready(&pick->own[i]);

            ready = one < ready ? one : ready;
        }
    }
    return ready;
}

static void
end(const struct pick *pick)
{
    if (pick->set->rate.rate) {
        meter_commit(&pick->port);
    }
    for (uint32_t i = 0; i < pick->set->n; i++) {
        if (pick->set->queues[i].max.rate) {
            meter_commit(&pick->own[i]);
        }
    }
}

uint32_t
queue_pick(struct queue_set *set, struct xvs_queue_state *states,
           uint64_t now_ns, struct xvs_packet **packets, uint32_t max,
           uint64_t *ready)
{
    struct pick pick;
    uint32_t n = 0;
    int next = 0;

    begin(&pick, set, now_ns);
    while (n < max && set->n_packets
           && (!set->rate.rate || meter_has(&pick.port))
           && (next = choose_next(&pick)) >= 0) {
        packets[n++] = take(&pick, states, (uint32_t) next);
    }
    *ready = n < max ? when(&pick) : now_ns;
    end(&pick);
    return n;
}
