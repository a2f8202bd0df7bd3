/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Runs packet hooks; see chain.h for the rules.
 */

#include <config.h>

#include "stage/chain/chain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/names.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/chain/chain-inside.h"
#include "stage/chain/partners.h"
#include "stage/chain/slice.h"
#include "stage/domain/domain.h"
#include "stage/lane/lanes.h"
#include "tap/tap.h"

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

/* Where the network begins. */
static uint32_t
find_network(const struct chain *chain)
{
    uint32_t at = chain ? chain->n : 0;

    while (at && chain->entries[at - 1].extension_class == XVS_CLASS_FORWARD) {
        at--;
    }
    return at;
}

uint32_t
chain_find(const struct chain *chain, const struct xvs_guid *id)
{
    if (guid_equal(id, &control_entry_network)) {
        return find_network(chain);
    }
    for (uint32_t i = 0; chain && i < chain->n; i++) {
        if (memcmp(chain->entries[i].id, id, sizeof *id) == 0) {
            return i - (chain->entries[i].partner < 0);
        }
    }
    return CHAIN_NOWHERE;
}

/* Notes how the packets are; none has a verdict. */
static void
remember(struct passage *passage)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < passage->n; i++) {
        struct xvs_packet *packet = passage->packets[i];

        memcpy(&passage->heads[i], packet, sizeof passage->heads[i]);
        packet->verdict = XVS_PASS;
        packet->drop_reason = 0;
        bytes += packet->total;
    }
    passage->bytes = bytes;
    passage->is_known = true;
}

/* For a stage elsewhere, which is judged when packets come back. */
static void
count_bytes(struct passage *passage)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < passage->n; i++) {
        passage->packets[i]->verdict = XVS_PASS;
        bytes += passage->packets[i]->total;
    }
    passage->bytes = bytes;
}

/* Whether a hook left all packets as they were, and passes them. */
static bool
are_same(const struct passage *passage)
{
    words changed = { 0, 0 };
    uint32_t verdicts = 0;      /* and reasons */

    for (uint32_t i = 0; i < passage->n; i++) {
        const struct xvs_packet *packet = passage->packets[i];
        const struct chain_head *head = &passage->heads[i];
        struct chain_head now;
        uint16_t verdict;

        memcpy(&now, packet, sizeof now);
        memcpy(&verdict, &packet->verdict, sizeof verdict);
        changed |= (now.words[0] ^ head->words[0])
            | (now.words[1] ^ head->words[1]);
        verdicts |= verdict;
    }
    return (changed[0] | changed[1] | verdicts) == 0;
}

static void (*
hook_of(const struct chain_entry *entry, const struct chain_run *run))
    (void *, struct xvs_burst *)
{
    return run->direction == CHAIN_INGRESS ? entry->ingress : entry->egress;
}

/* Has the hook run in its domain.  False: nothing has changed but bytes of
 * frames, or, when it is dead, what on_failure says. */
static bool
run_inside(const struct chain_entry *entry, struct passage *passage)
{
    const struct domain_burst burst = {
        .worker = passage->run->worker,
        .n = passage->n,
        .packets = passage->packets,
        .is_egress = passage->run->direction == CHAIN_EGRESS,
        .changes = chain_may_change(entry, passage->run),
    };
    enum domain_result result = domain_run(entry->domain, &burst);

    if (result == DOMAIN_LOSES) {
        for (uint32_t i = 0; i < passage->n; i++) {
            passage->packets[i]->verdict = XVS_DROP;
        }
        passage->n = 0;
        passage->is_known = false;
    }
    return result == DOMAIN_RAN;
}

/* Has the hook run as the function that it is. */
static void
run_here(const struct chain_entry *entry, struct passage *passage)
{
    struct stage_counters *counters = &entry->counters[passage->run->worker];
    struct xvs_burst burst;

    burst.n = passage->n;
    burst.lane = passage->run->worker;
    memcpy(burst.packets, passage->packets,
           burst.n * sizeof *passage->packets);
    __atomic_store_n(&counters->inside, 1, __ATOMIC_RELAXED);
    hook_of(entry, passage->run)(entry->self, &burst);
    __atomic_store_n(&counters->inside, 0, __ATOMIC_RELAXED);
}

/* Packets that others need, too, become copies that a hook may change; they
 * are lost for want of buffers. */
static void
copy_shared(struct passage *passage)
{
    struct chain_run *run = passage->run;
    uint32_t n = 0;

    for (uint32_t i = 0; i < passage->n; i++) {
        struct xvs_packet *twin = pool_twin(run->cache, passage->packets[i]);

        if (twin) {
            run->twins[run->n_twins++] = twin;
            passage->packets[n++] = twin;
        }
    }
    run->n_short += passage->n - n;
    passage->n = n;
    run->shared = false;
    remember(passage);
}

/* Runs one stage, which has a hook, over a burst that is not empty. */
static void
run_stage(const struct chain_entry *entry, struct passage *passage)
{
    struct stage_counters *counters = &entry->counters[passage->run->worker];

    tally_add(&counters->packets, passage->n);
    tally_add(&counters->bytes, passage->bytes);
    tally_add(&counters->bursts, 1);
    if (entry->lanes) {
        chain_park(entry, passage->run, passage->packets, passage->n);
        passage->n = 0;
        return;
    }
    if (!entry->domain) {
        run_here(entry, passage);
    } else if (!run_inside(entry, passage)) {
        return;
    }
    if (!are_same(passage)) {
        chain_sift(entry, passage);
    }
}

/* The same, with what is measured about it. */
static void
enter_stage(const struct chain_entry *entry, struct passage *passage)
{
    struct stage_counters *counters = &entry->counters[passage->run->worker];
    uint64_t now;

    if (!passage->is_known && entry->lanes) {
        count_bytes(passage);
    } else if (!passage->is_known) {
        remember(passage);
    }
    if (!passage->clock) {
        passage->clock = clock_cycles();
    }
    run_stage(entry, passage);
    now = clock_cycles();
    tally_add(&counters->cycles, now - passage->clock);
    passage->clock = now;
}

/* The same while somebody looks on. */
static void
enter_watched(const struct chain_entry *entry, struct passage *passage)
{
    const struct chain_run *run = passage->run;
    const uint64_t *cycles = &entry->counters[run->worker].cycles;
    uint64_t before = tally_read(cycles);
    struct xvs_packet *all[XVS_BURST];
    uint32_t n = passage->n;

    memcpy(all, passage->packets, n * sizeof *all);
    chain_tell_before(entry, run, all, n);
    passage->clock = 0;         /* telling is not the stage's time */
    enter_stage(entry, passage);
    if (!entry->lanes) {
        chain_tell_after(entry, run, all, n, tally_read(cycles) - before);
    }
}

static bool
has_time(const struct chain_entry *entry, uint32_t worker)
{
    return slice_has(&entry->slices[worker], entry->time_share,
                     tally_read(&entry->counters[worker].cycles),
                     clock_cycles());
}

/* The stage has used up its time: packets pass by, or are dropped. */
static void
pass_over(const struct chain_entry *entry, struct passage *passage)
{
    uint32_t n = passage->n;

    tally_add(&entry->counters[passage->run->worker].over_time, n);
    if (entry->opens) {
        return;
    }
    for (uint32_t i = 0; passage->run->tap && i < n; i++) {
        passage->packets[i]->verdict = XVS_DROP;
        passage->packets[i]->drop_reason = 0;
    }
    if (passage->run->tap) {
        chain_tell_after(entry, passage->run, passage->packets, n, 0);
    }
    passage->n = 0;
}

static void
run_one(const struct chain_entry *entry, struct passage *passage)
{
    if (!hook_of(entry, passage->run)) {
        return;
    }
    if (__builtin_expect(entry->time_share != 0, 0)
        && !has_time(entry, passage->run->worker)) {
        pass_over(entry, passage);
        return;
    }
    if (passage->run->shared && !entry->lanes
        && chain_may_change(entry, passage->run)) {
        copy_shared(passage);
    }
    if (__builtin_expect(passage->run->tap != NULL, 0) && passage->n) {
        enter_watched(entry, passage);
    } else if (passage->n) {
        enter_stage(entry, passage);
    }
}

/* Runs two stages that hold one place: each packet meets one of them. */
static void
run_partners(const struct chain_entry two[2], struct passage *passage)
{
    struct xvs_packet **packets = passage->packets, *others[XVS_BURST];
    uint32_t n_others, left;

    if (passage->run->shared
        && ((!two[0].lanes && chain_may_change(&two[0], passage->run))
            || (!two[1].lanes && chain_may_change(&two[1], passage->run)))) {
        copy_shared(passage);
    }
    left = passage->n;
    passage->n = partners_split(two, passage->run, packets, left, others);
    n_others = left - passage->n;
    if (n_others == 0) {
        run_one(&two[0], passage);
        return;
    }
    passage->is_known = false;
    if (passage->n) {
        run_one(&two[0], passage);
    }
    left = passage->n;
    memcpy(packets + left, others, n_others * sizeof *packets);
    passage->packets = packets + left;
    passage->n = n_others;
    passage->is_known = false;
    run_one(&two[1], passage);
    passage->packets = packets;
    passage->n += left;
    passage->is_known = false;
}

/* The entries from the 'first' on, counted in the direction of the run; on
 * egress those in front of the port's entry come last, and are left out. */
static void
run_from(const struct chain *chain, struct passage *passage, uint32_t first)
{
    bool ingress = passage->run->direction == CHAIN_INGRESS;
    uint32_t end = ingress ? chain->n : chain->n - passage->run->entry;

    for (uint32_t i = first; i < end && passage->n; i++) {
        const struct chain_entry *entry =
            &chain->entries[ingress ? i : chain->n - 1 - i];

        if (__builtin_expect(entry->partner != 0, 0)) {
            run_partners(ingress ? entry : entry - 1, passage);
            i++;
        } else {
            run_one(entry, passage);
        }
    }
}

static void
begin(struct passage *passage, struct chain_run *run,
      struct xvs_packet **packets, uint32_t n)
{
    passage->run = run;
    passage->packets = packets;
    passage->n = n;
    passage->is_known = false;
    passage->clock = 0;
    run->parked = 0;
    run->drain = false;
    run->n_twins = 0;
    run->n_short = 0;
}

uint32_t
chain_run(const struct chain *chain, struct chain_run *run,
          struct xvs_packet **packets, uint32_t n)
{
    struct passage passage;

    begin(&passage, run, packets, n);
    if (chain) {
        run_from(chain, &passage,
                 run->direction == CHAIN_INGRESS ? run->entry : 0);
    }
    return passage.n;
}

/* ---- Back from elsewhere -------------------------------------------------- */

static void
pass_all(const struct passage *passage)
{
    for (uint32_t i = 0; i < passage->n; i++) {
        passage->packets[i]->verdict = XVS_PASS;
        passage->packets[i]->drop_reason = 0;
    }
}

/* Whether the stage passes them all as they were, which most do most times;
 * then they need not be compared with anything. */
static bool
are_left_alone(const struct lane_packet *out, uint32_t n)
{
    uint32_t any = 0;

    for (uint32_t i = 0; i < n; i++) {
        any |= out[i].verdict.verdict | out[i].verdict.changed;
    }
    return !any;
}

/* What a stage that may not change packets told is not even looked at. */
static void
judge(const struct chain_entry *entry, struct passage *passage,
      const struct lane_packet *out)
{
    struct stage_counters *counters = &entry->counters[passage->run->worker];

    if (are_left_alone(out, passage->n)) {
        pass_all(passage);
    } else {
        remember(passage);
        for (uint32_t i = 0; i < passage->n; i++) {
            struct lane_packet one = out[i];

            one.verdict.changed =
                one.verdict.changed && chain_may_change(entry, passage->run);
            chain_apply(passage->run->pool, &one);
        }
        chain_sift(entry, passage);
    }
    tally_add(&counters->cycles, clock_cycles() - passage->clock);
    passage->clock = 0;
}

/* Where a run goes on that was at an entry, counted in its direction. */
static uint32_t
behind(const struct chain *chain, const struct chain_run *run, uint32_t at)
{
    int8_t partner = chain->entries[at].partner;

    return run->direction == CHAIN_INGRESS ? at + 1 + (partner > 0)
        : chain->n - at + (partner < 0);
}

uint32_t
chain_resume(const struct chain *chain, struct chain_run *run, uint32_t at,
             const struct lane_packet *out, struct xvs_packet **packets,
             uint32_t n)
{
    const struct chain_entry *entry = &chain->entries[at];
    struct passage passage;
    struct xvs_packet *all[XVS_BURST];

    for (uint32_t i = 0; i < n; i++) {
        all[i] = packets[i] = out[i].packet;
    }
    begin(&passage, run, packets, n);
    passage.clock = clock_cycles();
    if (run->again) {
        remember(&passage);
        run_one(entry + entry->partner, &passage);
    } else {
        judge(entry, &passage, out);
        if (run->tap) {
            chain_tell_after(entry, run, all, n, 0);
        }
    }
    run_from(chain, &passage, behind(chain, run, at));
    return passage.n;
}
