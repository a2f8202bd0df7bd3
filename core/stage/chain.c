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
#include "packet/parse.h"
#include "packet/pool.h"

/* What a hook might have changed without the right to. */
struct before {
    uint8_t *data;
    uint32_t length;
    uint32_t in_port;
    uint32_t out_port;
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

static void
count(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static void
remember(struct before *before, struct xvs_packet *const *packets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        before[i].data = packets[i]->data;
        before[i].length = packets[i]->length;
        before[i].in_port = packets[i]->in_port;
        before[i].out_port = packets[i]->out_port;
        packets[i]->verdict = XVS_PASS;
        packets[i]->drop_reason = 0;
    }
}

/* Takes back what the class may not do; true when the frame has moved. */
static bool
enforce(const struct chain_entry *entry, enum chain_direction direction,
        const struct before *before, struct xvs_packet *packet)
{
    bool ingress = direction == CHAIN_INGRESS;
    bool may_change = ingress && entry->extension_class != XVS_CLASS_CAPTURE;

    packet->in_port = before->in_port;
    if (!ingress || entry->extension_class != XVS_CLASS_FORWARD) {
        packet->out_port = before->out_port;
    }
    if (entry->extension_class == XVS_CLASS_CAPTURE) {
        packet->verdict = XVS_PASS;
    }
    if (!may_change) {
        packet->data = before->data;
        packet->length = before->length;
    }
    return packet->data != before->data || packet->length != before->length;
}

/* Runs one stage; returns how many packets are left. */
static uint32_t
run_stage(const struct chain_entry *entry, enum chain_direction direction,
          const struct pool *pool, struct xvs_packet **packets, uint32_t n)
{
    void (*hook)(void *, struct xvs_burst *) =
        direction == CHAIN_INGRESS ? entry->ingress : entry->egress;
    struct before before[XVS_BURST];
    struct xvs_burst burst = { .n = n };
    uint32_t left = 0, broken = 0;
    uint64_t bytes = 0;

    if (!hook || n == 0) {
        return n;
    }
    memcpy(burst.packets, packets, n * sizeof *packets);
    remember(before, packets, n);
    count(&entry->counters->inside, 1);
    hook(entry->self, &burst);
    count(&entry->counters->inside, -1ull);
    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = packets[i];

        bytes += before[i].length;
        if (enforce(entry, direction, &before[i], packet)) {
            if (!pool_holds(pool, packet)) {
                packet->data = before[i].data;
                packet->length = before[i].length;
                broken++;
                continue;
            }
            parse_packet(packet);
        }
        if (packet->verdict == XVS_PASS) {
            packets[left++] = packet;
        }
    }
    count(&entry->counters->packets, n);
    count(&entry->counters->bytes, bytes);
    if (left + broken != n) {
        count(&entry->counters->drops, n - left - broken);
    }
    if (broken) {
        count(&entry->counters->broken, broken);
    }
    return left;
}

uint32_t
chain_run(const struct chain *chain, enum chain_direction direction,
          const struct pool *pool, struct xvs_packet **packets, uint32_t n)
{
    if (!chain) {
        return n;
    }
    for (uint32_t i = 0; i < chain->n; i++) {
        uint32_t at = direction == CHAIN_INGRESS ? i : chain->n - 1 - i;

        n = run_stage(&chain->entries[at], direction, pool, packets, n);
    }
    return n;
}
