/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The chain that packets of a switch pass, and those of before: one is freed
 * when no worker looks at it any more, and no packet that is in it is in
 * another process.
 */

#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <xvs/extension.h>

#include "base/loop.h"
#include "stage/chain/chain.h"
#include "stage/lane/lanes.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/entries.h"
#include "switch/forward/flight.h"
#include "switch/sharing.h"
#include "switch/vswitch.h"

#define LOOK_MS 1u              /* between two looks at packets in flight */

static bool
gets_packets(const struct stage *stage)
{
    return stage->active
        && (stage->partition == PARTITION_INLINE || stage->lanes
            || stage->domain)
        && stage->plugin->hooks & (HOOK_INGRESS | HOOK_EGRESS);
}

/* Stands for a hook that only its process or domain can call: it is there. */
static void
elsewhere(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
    assert(!"a hook of another partition was called");
}

static struct chain_entry
describe(struct stage *stage)
{
    const struct plugin *plugin = stage->plugin;
    struct chain_entry entry = {
        .id = &plugin->extension.id,
        .self = stage->self,
        .ingress = plugin->extension.ingress,
        .egress = plugin->extension.egress,
        .extension_class = plugin->extension.extension_class,
        .traits = plugin->extension.traits,
        .counters = stage->counters,
        .lanes = stage->lanes,
        .time_share = stage->time_share,
        .opens = plugin->extension.on_failure == XVS_FAIL_OPEN,
        .slices = stage->slices,
        .domain = stage->domain,
    };

    if (stage->lanes) {
        /* The time of its process is no worker's. */
        entry.time_share = 0;
    }
    if (stage->lanes || stage->domain) {
        entry.ingress = plugin->hooks & HOOK_INGRESS ? elsewhere : NULL;
        entry.egress = plugin->hooks & HOOK_EGRESS ? elsewhere : NULL;
    }
    return entry;
}

/* How strict on_failure is. */
static uint32_t
strictness(const struct stage *stage)
{
    switch (stage->plugin->extension.on_failure) {
    case XVS_FAIL_OPEN:
        return 0;
    case XVS_FAIL_HOLD:
        return 1;
    default:
        return 2;
    }
}

/* The entry has the place of the one before it. */
static void
join(struct chain_entry *entry, const struct stage *first,
     const struct stage *second)
{
    const struct stage *strict = strictness(first) > strictness(second)
        ? first : second;
    struct chain_entry *before = entry - 1;

    before->partner = 1;
    entry->partner = -1;
    before->sharing = entry->sharing = (uint8_t) second->sharing;
    before->on_failure = entry->on_failure =
        strict->plugin->extension.on_failure;
}

static struct chain *
make(struct vswitch *vswitch)
{
    const struct stage *before = NULL;
    struct chain *chain;
    uint32_t n = 0;

    for (struct stage *stage = vswitch->stages; stage; stage = stage->next) {
        n += gets_packets(stage);
    }
    if (n == 0) {
        return NULL;
    }
    chain = chain_create(n);
    chain->serial = vswitch->serial;
    n = 0;
    for (struct stage *stage = vswitch->stages; stage; stage = stage->next) {
        if (gets_packets(stage)) {
            __atomic_store_n(&stage->in_chain, true, __ATOMIC_RELEASE);
            chain->entries[n++] = describe(stage);
            chain->has_lanes = chain->has_lanes || stage->lanes;
            chain->has_copies = chain->has_copies
                || (stage->lanes && lanes_copy(stage->lanes));
            if (stage->plugin->extension.traits & XVS_TRAIT_WIRE) {
                chain->n_wire = n;
            }
            if (before && before == sharing_first(vswitch, stage)) {
                join(&chain->entries[n - 1], before, stage);
            }
            before = stage;
        }
    }
    return chain;
}

static void
forget(struct vswitch *vswitch, struct chain *chain)
{
    struct chain **at = &vswitch->old_chains;

    while (*at != chain) {
        at = &(*at)->next;
    }
    *at = chain->next;
    free(chain);
    entries_tidy(vswitch);
}

/* No worker will take it for new packets. */
static void
settle(void *arg)
{
    struct chain *chain = arg;
    struct vswitch *vswitch = chain->owner;

    if (flights_use(&vswitch->path, chain)) {
        loop_timer_add(vswitch->loop, LOOK_MS, false, settle, chain);
    } else {
        forget(vswitch, chain);
    }
}

static void
grace_over(struct grace_call *call)
{
    struct chain *chain = (struct chain *) (void *) call;
    const struct vswitch *vswitch = chain->owner;

    loop_post(vswitch->loop, settle, chain);
}

_Static_assert(offsetof(struct chain, grace) == 0, "grace_over() casts");

void
vswitch_publish_chain(struct vswitch *vswitch)
{
    struct chain *old;

    vswitch->serial++;
    old = xvs_publish(vswitch->path.chain, make(vswitch));
    if (old && old->has_lanes) {
        old->owner = vswitch;
        old->next = vswitch->old_chains;
        vswitch->old_chains = old;
        grace_defer(&old->grace, grace_over);
    } else {
        chain_retire(old);
    }
}

bool
vswitch_may_enter(const struct vswitch *vswitch, const struct stage *stage)
{
    for (const struct chain *one = vswitch->old_chains; one;
         one = one->next) {
        for (uint32_t i = 0; i < one->n; i++) {
            if (one->entries[i].counters == stage->counters) {
                return true;
            }
        }
    }
    return false;
}
