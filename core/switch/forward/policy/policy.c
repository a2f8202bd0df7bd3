/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Putting together what extensions set; see policy.h.
 */

#include <config.h>

#include "switch/forward/policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define VLAN_LAST 4094u
#define BURST_MIN (128u << 10)  /* bytes, when none was given */
#define STORM_BURST 10u         /* 1/10 s of a storm limit at once */

/* Flags that belong to each part. */
static const struct {
    uint32_t part, flags;
} flags_of[] = {
    { XVS_POLICY_ISOLATION, XVS_PORT_ISOLATED },
    { XVS_POLICY_LEARNING, XVS_PORT_NO_LEARN | XVS_PORT_SECURE },
    { XVS_POLICY_FLOOD, XVS_PORT_NO_UNKNOWN | XVS_PORT_HAIRPIN },
    { XVS_POLICY_MULTICAST, XVS_PORT_ALL_MULTICAST },
    { XVS_POLICY_TARGET, XVS_PORT_MIRROR_ONLY },
};

/* ---- Owners ------------------------------------------------------------- */

static const struct xvs_guid nobody;

bool
policy_may(const struct policy_owners *owners, uint32_t parts,
           const struct xvs_guid *who)
{
    for (uint32_t i = 0; i < POLICY_PORT_PARTS; i++) {
        if (parts >> i & 1 && !guid_equal(&owners->of[i], &nobody)
            && !guid_equal(&owners->of[i], who)) {
            return false;
        }
    }
    return true;
}

void
policy_own(struct policy_owners *owners, uint32_t parts,
           const struct xvs_guid *who)
{
    for (uint32_t i = 0; i < POLICY_PORT_PARTS; i++) {
        if (parts >> i & 1) {
            owners->of[i] = who ? *who : nobody;
        }
    }
}

uint32_t
policy_parts_of(const struct policy_owners *owners,
                const struct xvs_guid *who)
{
    uint32_t parts = 0;

    for (uint32_t i = 0; i < POLICY_PORT_PARTS; i++) {
        parts |= (uint32_t) guid_equal(&owners->of[i], who) << i;
    }
    return parts;
}

/* ---- Of a port ---------------------------------------------------------- */

static bool
check_queues(const struct xvs_port_policy *set)
{
    if (set->n_queues < 1 || set->n_queues > XVS_QUEUES) {
        return false;
    }
    for (uint32_t i = 0; i < XVS_PRIORITIES; i++) {
        if (set->queue_of[i] >= set->n_queues) {
            return false;
        }
    }
    for (uint32_t i = 0; i < XVS_DSCPS; i++) {
        if (set->priority_of[i] >= XVS_PRIORITIES) {
            return false;
        }
    }
    for (uint32_t i = 0; i < set->n_queues; i++) {
        if (set->queues[i].weight > XVS_WEIGHT_MAX
            || set->queues[i].packets > XVS_QUEUE_PACKETS_MAX) {
            return false;
        }
    }
    return true;
}

static bool
check_mark(const struct xvs_port_policy *set)
{
    for (uint32_t i = 0; i < XVS_DSCPS; i++) {
        if (set->mark_of[i] >= XVS_PRIORITIES) {
            return false;
        }
    }
    return set->mark_mode <= XVS_MARK_DSCP
        && set->mark_priority < XVS_PRIORITIES;
}

bool
policy_check(const struct xvs_port_policy *set, uint32_t parts)
{
    if ((parts & XVS_POLICY_QUEUES && !check_queues(set))
        || (parts & XVS_POLICY_MARK && !check_mark(set))) {
        return false;
    }
    if (parts & XVS_POLICY_VLAN
        && (set->vlan_mode > XVS_VLAN_TRUNK || set->vlan > VLAN_LAST
            || (set->vlan_mode == XVS_VLAN_ACCESS && set->vlan == 0))) {
        return false;
    }
    return !(parts & XVS_POLICY_MIRROR)
        || (set->mirror_vlan <= VLAN_LAST && set->mirror_directions
            && set->mirror_directions
                <= (XVS_MIRROR_IN | XVS_MIRROR_OUT));
}

static uint32_t
flags_in(uint32_t parts)
{
    uint32_t flags = 0;

    for (size_t i = 0; i < sizeof flags_of / sizeof flags_of[0]; i++) {
        flags |= parts & flags_of[i].part ? flags_of[i].flags : 0;
    }
    return flags;
}

static void
take_parts(struct xvs_port_policy *set, uint32_t parts,
           const struct xvs_port_policy *from)
{
    set->flags = (set->flags & ~flags_in(parts))
        | (from->flags & flags_in(parts));
    if (parts & XVS_POLICY_VLAN) {
        set->vlan_mode = from->vlan_mode;
        set->vlan = from->vlan;
        memcpy(set->trunk, from->trunk, sizeof set->trunk);
    }
    if (parts & XVS_POLICY_LEARNING) {
        set->max_addresses = from->max_addresses;
    }
    if (parts & XVS_POLICY_STORM) {
        memcpy(set->storm, from->storm, sizeof set->storm);
        memcpy(set->storm_bits, from->storm_bits, sizeof set->storm_bits);
    }
    if (parts & XVS_POLICY_MARK) {
        set->mark_mode = from->mark_mode;
        set->mark_priority = from->mark_priority;
        memcpy(set->mark_of, from->mark_of, sizeof set->mark_of);
    }
    if (parts & XVS_POLICY_RATE) {
        set->in = from->in;
        set->out = from->out;
        set->guarantee = from->guarantee;
    }
    if (parts & XVS_POLICY_MIRROR) {
        set->mirror_port = from->mirror_port;
        set->mirror_directions = from->mirror_directions;
        set->mirror_vlan = from->mirror_vlan;
    }
}

static void
set_rate(struct meter *meter, const struct xvs_rate *rate, uint64_t now_ns)
{
    uint64_t bytes = rate->bits ? (rate->bits + 7) / 8 : 0;
    uint64_t burst = rate->burst ? rate->burst
        : bytes / 20 > BURST_MIN ? bytes / 20 : BURST_MIN;

    meter_set(meter, bytes, burst, now_ns);
}

static void
set_meters(struct policy *policy, const struct policy *old, uint64_t now_ns)
{
    for (int i = 0; i < XVS_STORM_KINDS; i++) {
        uint32_t rate = policy->set.storm[i];

        meter_set(&policy->storm[i], rate,
                  rate / STORM_BURST ? rate / STORM_BURST : 1, now_ns);
        set_rate(&policy->storm_bits[i],
                 &(struct xvs_rate) { policy->set.storm_bits[i], 0, 0 },
                 now_ns);
    }
    set_rate(&policy->in, &policy->set.in, now_ns);
    set_rate(&policy->out, &policy->set.out, now_ns);
    set_rate(&policy->guarantee, &policy->set.guarantee, now_ns);
    for (int i = 0; old && i < XVS_STORM_KINDS; i++) {
        meter_keep(&policy->storm[i], &old->storm[i]);
        meter_keep(&policy->storm_bits[i], &old->storm_bits[i]);
    }
    if (old) {
        meter_keep(&policy->in, &old->in);
        meter_keep(&policy->out, &old->out);
        meter_keep(&policy->guarantee, &old->guarantee);
    }
}

struct policy *
policy_change(struct policy *old, uint32_t parts,
              const struct xvs_port_policy *set, uint64_t now_ns)
{
    static const struct xvs_port_policy nothing;
    uint32_t left = set ? (old ? old->parts : 0) | parts
                        : (old ? old->parts : 0) & ~parts;
    struct policy *policy;

    if (!left) {
        return NULL;
    }
    policy = mem_zalloc(sizeof *policy);
    if (old) {
        policy->set = old->set;
    }
    policy->set.size = sizeof policy->set;
    policy->parts = left;
    take_parts(&policy->set, parts, set ? set : &nothing);
    set_meters(policy, old, now_ns);
    return policy;
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct policy, grace) == 0, "release() frees it");

void
policy_retire(struct policy *policy)
{
    if (policy) {
        grace_defer(&policy->grace, release);
    }
}

/* ---- Of a switch -------------------------------------------------------- */

bool
policy_check_switch(const struct xvs_switch_policy *set, uint32_t parts)
{
    return (!(parts & XVS_SWITCH_AGEING)
            || (set->ageing >= 1 && set->ageing <= 1u << 30))
        && (!(parts & XVS_SWITCH_LOOP)
            || (set->loop_seconds >= 1 && set->loop_seconds <= 86400));
}

void
policy_change_switch(struct xvs_switch_policy *set, uint32_t parts,
                     const struct xvs_switch_policy *from)
{
    static const struct xvs_switch_policy defaults = {
        .ageing = POLICY_AGEING, .loop_moves = POLICY_LOOP_MOVES,
        .loop_seconds = POLICY_LOOP_SECONDS };

    from = from ? from : &defaults;
    if (parts & XVS_SWITCH_AGEING) {
        set->ageing = from->ageing;
    }
    if (parts & XVS_SWITCH_LOOP) {
        set->loop_moves = from->loop_moves;
        set->loop_seconds = from->loop_seconds;
    }
    if (parts & XVS_SWITCH_MULTICAST) {
        memcpy(set->members_only, from->members_only,
               sizeof set->members_only);
    }
}
