/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Runs packet hooks and judges what they did; see chain.h for the rules.
 */

#include <config.h>

#include "stage/chain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "packet/cycles.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "tap/tap.h"

#define BROKEN 0xff             /* verdict on a frame outside its buffer */

/* What a hook might have changed without the right to. */
struct before {
    uint8_t *data[XVS_BURST];
    struct xvs_packet *next[XVS_BURST];
    uint32_t length[XVS_BURST];
    uint32_t total[XVS_BURST];
    uint32_t port[XVS_BURST];   /* egress: where it came from; ingress: where
                                 * it is to go */
};

struct chain *
chain_create(uint32_t n)
{
    struct chain *chain =
        mem_zalloc(sizeof *chain + n * sizeof chain->entries[0]);

    chain->n = n;
    return chain;
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct chain, grace) == 0, "release() frees it");

void
chain_retire(struct chain *chain)
{
    if (chain) {
        grace_defer(&chain->grace, release);
    }
}

static uint64_t
remember(struct before *before, enum chain_direction direction,
         struct xvs_packet *const *packets, uint32_t n)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = packets[i];

        before->data[i] = packet->data;
        before->next[i] = packet->next;
        before->length[i] = packet->length;
        before->total[i] = packet->total;
        before->port[i] = direction == CHAIN_INGRESS ? packet->out_port
                                                     : packet->in_port;
        packet->verdict = XVS_PASS;
        packet->drop_reason = 0;
        bytes += packet->total;
    }
    return bytes;
}

/* Takes back what the class may not do; true when the frame has moved. */
static bool
enforce(const struct chain_entry *entry, const struct chain_run *run,
        const struct before *before, uint32_t i, struct xvs_packet *packet)
{
    bool ingress = run->direction == CHAIN_INGRESS;
    bool may_change = ingress && entry->extension_class != XVS_CLASS_CAPTURE;

    packet->in_port = ingress ? run->in_port : before->port[i];
    if (!ingress) {
        packet->out_port = run->out_port;
    } else if (entry->extension_class != XVS_CLASS_FORWARD) {
        packet->out_port = before->port[i];
    }
    packet->next = before->next[i];
    if (entry->extension_class == XVS_CLASS_CAPTURE) {
        packet->verdict = XVS_PASS;
    }
    if (!may_change) {
        packet->data = before->data[i];
        packet->length = before->length[i];
    }
    packet->total = before->total[i] - before->length[i] + packet->length;
    return packet->data != before->data[i]
        || packet->length != before->length[i];
}

/* A frame that a hook moved or resized: false when it cannot be used. */
static bool
take_moved(const struct pool *pool, struct xvs_packet *packet)
{
    if (!pool_holds(pool, packet) || packet->gso_type > XVS_GSO_UDP) {
        return false;
    }
    parse_packet(packet);
    return true;
}

/* Judges what the hook did; returns how many packets are left. */
static uint32_t
sift(const struct chain_entry *entry, const struct chain_run *run,
     const struct before *before, struct xvs_packet **packets, uint32_t n)
{
    struct stage_counters *counters = &entry->counters[run->worker];
    uint32_t left = 0, broken = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = packets[i];

        if (enforce(entry, run, before, i, packet)
            && !take_moved(run->pool, packet)) {
            packet->data = before->data[i];
            packet->length = before->length[i];
            packet->total = before->total[i];
            packet->gso_type = XVS_GSO_NONE;
            packet->verdict = BROKEN;
            broken++;
        } else if (packet->verdict == XVS_PASS) {
            packets[left++] = packet;
        } else {
            packet->verdict = XVS_DROP;
            tally_add(&counters->reasons[packet->drop_reason < CHAIN_REASONS
                                         ? packet->drop_reason
                                         : CHAIN_REASONS - 1], 1);
        }
    }
    tally_add(&counters->drops, n - left - broken);
    tally_add(&counters->broken, broken);
    return left;
}

/* Runs one stage; returns how many packets are left. */
static uint32_t
run_stage(const struct chain_entry *entry, const struct chain_run *run,
          struct xvs_packet **packets, uint32_t n)
{
    void (*hook)(void *, struct xvs_burst *) =
        run->direction == CHAIN_INGRESS ? entry->ingress : entry->egress;
    struct stage_counters *counters = &entry->counters[run->worker];
    struct before before;
    struct xvs_burst burst;
    uint64_t start;

    if (!hook || n == 0) {
        return n;
    }
    tally_add(&counters->packets, n);
    tally_add(&counters->bytes, remember(&before, run->direction, packets, n));
    tally_add(&counters->bursts, 1);
    burst.n = n;
    burst.reserved = 0;
    memcpy(burst.packets, packets, n * sizeof *packets);
    __atomic_store_n(&counters->inside, 1, __ATOMIC_RELAXED);
    start = clock_cycles();
    hook(entry->self, &burst);
    tally_add(&counters->cycles, clock_cycles() - start);
    __atomic_store_n(&counters->inside, 0, __ATOMIC_RELAXED);
    return sift(entry, run, &before, packets, n);
}

static void
tell_before(const struct chain_entry *entry, const struct chain_run *run,
            struct xvs_packet *const *packets, uint32_t n)
{
    const struct tap_event event = {
        .point = run->direction == CHAIN_INGRESS ? TAP_INGRESS_BEFORE
                                                 : TAP_EGRESS_BEFORE,
        .burst = n, .extension = entry->id };

    for (uint32_t i = 0; i < n; i++) {
        tap_packet(run->tap, &event, packets[i]);
    }
}

static void
tell_after(const struct chain_entry *entry, const struct chain_run *run,
           struct xvs_packet *const *packets, uint32_t n, uint64_t cycles)
{
    struct tap_event event = {
        .point = run->direction == CHAIN_INGRESS ? TAP_INGRESS_AFTER
                                                 : TAP_EGRESS_AFTER,
        .spent = (uint32_t) (cycles * 1000 / cycles_per_us() / n),
        .burst = n, .extension = entry->id };

    for (uint32_t i = 0; i < n; i++) {
        uint8_t verdict = packets[i]->verdict;

        event.fate = verdict == XVS_PASS ? FATE_PASSED
            : verdict == BROKEN ? FATE_BROKEN : FATE_DROPPED;
        event.reason = verdict == XVS_DROP ? packets[i]->drop_reason : 0;
        tap_packet(run->tap, &event, packets[i]);
    }
}

/* The same while somebody looks on. */
static uint32_t
run_watched(const struct chain_entry *entry, const struct chain_run *run,
            struct xvs_packet **packets, uint32_t n)
{
    const uint64_t *cycles = &entry->counters[run->worker].cycles;
    uint64_t before = tally_read(cycles);
    struct xvs_packet *all[XVS_BURST];
    uint32_t left;

    if (!(run->direction == CHAIN_INGRESS ? entry->ingress : entry->egress)
        || n == 0) {
        return n;
    }
    memcpy(all, packets, n * sizeof *all);
    tell_before(entry, run, all, n);
    left = run_stage(entry, run, packets, n);
    tell_after(entry, run, all, n, tally_read(cycles) - before);
    return left;
}

uint32_t
chain_run(const struct chain *chain, const struct chain_run *run,
          struct xvs_packet **packets, uint32_t n)
{
    if (!chain) {
        return n;
    }
    for (uint32_t i = 0; i < chain->n; i++) {
        uint32_t at = run->direction == CHAIN_INGRESS ? i : chain->n - 1 - i;

        n = __builtin_expect(run->tap != NULL, 0)
            ? run_watched(&chain->entries[at], run, packets, n)
            : run_stage(&chain->entries[at], run, packets, n);
    }
    return n;
}
