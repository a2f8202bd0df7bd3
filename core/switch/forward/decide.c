/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Learning and choosing; see decide.h.  Packets of a flow come one behind the
 * other: what was decided for one holds for the next that is alike.
 */

#include <config.h>

#include "switch/forward/decide.h"

#include <stdbool.h>
#include <string.h>
#include <xvs/packet.h>

#include "packet/pool.h"
#include "switch/forward/fixed.h"
#include "switch/forward/forward.h"
#include "switch/forward/loop.h"
#include "switch/forward/mac.h"
#include "switch/forward/table.h"
#include "switch/forward/vlan.h"
#include "switch/forward/watch.h"

struct vport decide_everywhere;
struct vport decide_members;

/* A group without ports: routers get what it gets. */
static const struct fixed_entry nobody;

/* What holds for a burst. */
struct deciding {
    struct forward *forward;
    const struct path *path;
    const struct switch_policy *policy;
    const struct fixed *statics, *groups;
    uint32_t flags;             /* XVS_PORT_... of the port */
    struct mac_learner learner;
    struct meter_look *unknown; /* storm limit, or NULL */
    struct meter_look *suspect; /* of a loop, or NULL */
    struct vport *last;         /* that was found by its number, or NULL */
};

/* What holds for packets that are alike. */
struct decision {
    struct vport *to;           /* NULL: nowhere */
    const struct fixed_entry *members;
    enum drop_reason reason;    /* of NULL */
};

static bool
is_multicast(const uint8_t *address)
{
    return address[0] & 1;
}

static bool
is_reserved(const uint8_t *address)
{
    static const uint8_t reserved[] = { 0x01, 0x80, 0xc2, 0, 0 };

    return memcmp(address, reserved, sizeof reserved) == 0
        && address[5] < 0x10;
}

static uint64_t
key_of(const struct xvs_packet *packet, uint32_t at)
{
    return mac_key(packet->data + at, vlan_of(packet));
}

/* ---- The source --------------------------------------------------------- */

/* Learns the source; why the packet is to be dropped, or DROP_NONE. */
static enum drop_reason
learn(const struct deciding *deciding, const struct xvs_packet *packet)
{
    struct vport *in = deciding->learner.in;
    const struct fixed_entry *fixed;
    enum mac_result result = MAC_LIMIT;
    uint64_t key = key_of(packet, 6);

    if (deciding->statics
        && (fixed = fixed_find(deciding->statics, key)) != NULL) {
        return fixed->ports[0] == in->id ? DROP_NONE : DROP_SPOOFED;
    }
    if (!(deciding->flags & XVS_PORT_NO_LEARN)) {
        result = mac_learn(deciding->path->macs, key, &deciding->learner);
    }
    if (result == MAC_MOVED) {
        loop_moved(deciding->forward, deciding->path, vlan_of(packet));
    }
    return result == MAC_LIMIT && deciding->flags & XVS_PORT_SECURE
        ? DROP_ADDRESS_LIMIT : DROP_NONE;
}

/* ---- The destination ---------------------------------------------------- */

/* Whether a multicast address that is no group is for members only. */
static bool
is_restricted(const struct switch_policy *policy,
              const struct xvs_packet *packet)
{
    const uint8_t *address = packet->data;
    bool is_ipv4 = memcmp(address, "\x01\x00\x5e", 3) == 0;
    bool is_ipv6 = memcmp(address, "\x33\x33", 2) == 0 && address[2] != 0xff;

    return (is_ipv4 || is_ipv6) && !mac_is_for_all(address)
        && policy_has_vlan(policy->set.members_only[is_ipv6],
                           vlan_of(packet));
}

static void
choose_multicast(const struct deciding *deciding,
                 const struct xvs_packet *packet, struct decision *decision)
{
    const struct fixed_entry *group =
        fixed_find(deciding->groups, key_of(packet, 0));

    if (is_reserved(packet->data)) {
        return;
    }
    if (!group && is_restricted(deciding->policy, packet)) {
        group = &nobody;
    }
    if (!group) {
        decision->to = &decide_everywhere;
    } else if (group->n || deciding->policy->n_routers) {
        decision->to = &decide_members;
        decision->members = group;
    } else {
        decision->reason = DROP_NO_MEMBERS;
    }
}

/* The port of an address; XVS_PORT_NONE: not known. */
static uint32_t
find(const struct deciding *deciding, const struct xvs_packet *packet)
{
    uint64_t key = key_of(packet, 0);
    const struct fixed_entry *fixed;

    if (deciding->statics
        && (fixed = fixed_find(deciding->statics, key)) != NULL) {
        return fixed->ports[0];
    }
    return mac_find(deciding->path->macs, key, deciding->learner.age,
                    deciding->learner.now);
}

static struct vport *
port_of(struct deciding *deciding, uint32_t id)
{
    if (!deciding->last || deciding->last->id != id) {
        deciding->last = table_find(deciding->forward->table, id);
    }
    return deciding->last;
}

static struct vport *
choose_unicast(struct deciding *deciding,
               const struct xvs_packet *packet)
{
    struct vport *in = deciding->learner.in, *port;
    uint32_t id = find(deciding, packet);

    if (id == XVS_PORT_NONE) {
        return &decide_everywhere;
    }
    if (id == in->id) {
        return deciding->flags & XVS_PORT_HAIRPIN ? in : NULL;
    }
    port = port_of(deciding, id);
    return port ? port : &decide_everywhere;
}

static void
choose(struct deciding *deciding, const struct xvs_packet *packet,
       struct decision *decision)
{
    if (packet->out_port != XVS_PORT_NONE) {
        decision->to = port_of(deciding, packet->out_port);
    } else if (is_multicast(packet->data)) {
        choose_multicast(deciding, packet, decision);
        return;
    } else {
        decision->to = choose_unicast(deciding, packet);
    }
    if (deciding->flags & XVS_PORT_ISOLATED && decision->to
        && vport_flags(decision->to) & XVS_PORT_ISOLATED) {
        decision->to = NULL;
        decision->reason = DROP_ISOLATION;
    }
}

/* ---- The burst ---------------------------------------------------------- */

/* Whether both have the same addresses, VLAN and choice of a forwarder. */
static inline bool
is_alike(const struct xvs_packet *a, const struct xvs_packet *b)
{
    uint64_t a8, b8;
    uint32_t a4, b4;

    memcpy(&a8, a->data, sizeof a8);
    memcpy(&b8, b->data, sizeof b8);
    memcpy(&a4, a->data + 8, sizeof a4);
    memcpy(&b4, b->data + 8, sizeof b4);
    return ((a8 ^ b8) | (a4 ^ b4)) == 0 && vlan_of(a) == vlan_of(b)
        && a->out_port == b->out_port;
}

static bool
has_same_source(const struct xvs_packet *a, const struct xvs_packet *b)
{
    return memcmp(a->data + 6, b->data + 6, 6) == 0
        && vlan_of(a) == vlan_of(b);
}

/* 'before' has been decided, or is NULL; when its source was refused, ours is
 * judged anew, because there may be room now. */
static struct decision
decide(struct deciding *deciding, const struct xvs_packet *packet,
       const struct xvs_packet *before, enum drop_reason refused)
{
    struct decision decision = { NULL, NULL, DROP_NONE };

    if (!is_multicast(packet->data + 6)
        && (!before || refused != DROP_NONE
            || !has_same_source(packet, before))) {
        decision.reason = learn(deciding, packet);
    }
    if (decision.reason == DROP_NONE) {
        choose(deciding, packet, &decision);
    }
    return decision;
}

/* Limits of what goes to many; why this packet may not, or DROP_NONE. */
static enum drop_reason
limit(const struct deciding *deciding, const struct xvs_packet *packet)
{
    if (deciding->unknown && !is_multicast(packet->data)
        && !meter_take(deciding->unknown, 1)) {
        return DROP_UNKNOWN;
    }
    return deciding->suspect && !meter_take(deciding->suspect, 1)
        ? DROP_LOOP : DROP_NONE;
}

/* Notes where packets begin that are not like the one before, and fetches
 * the buckets that they need.  Returns how many such runs there are. */
static uint32_t
find_runs(const struct forward *forward, const struct path *path, uint32_t n,
          uint16_t *starts)
{
    uint32_t n_runs = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *packet = forward->live[i];

        if (i == 0) {
            starts[n_runs++] = 0;
        } else if (!is_alike(packet, forward->live[i - 1])) {
            starts[n_runs++] = (uint16_t) i;
            mac_prefetch(path->macs, key_of(packet, 0));
            mac_prefetch(path->macs, key_of(packet, 6));
        }
    }
    starts[n_runs] = (uint16_t) n;
    return n_runs;
}

/* Packets from 'i' to before 'end' go the way that was decided for the first;
 * those that do so move to the front, where 'kept' are.  Returns how many
 * there are then. */
static uint32_t
follow(const struct deciding *deciding, const struct decision *decision,
       uint32_t i, uint32_t end, uint32_t kept)
{
    struct forward *forward = deciding->forward;
    struct vport *to = decision->to;
    bool is_flood = to == &decide_everywhere;

    if (to && !is_flood && to != &decide_members && !watch_is_on(forward)) {
        for (; i < end; i++, kept++) {
            forward->live[kept] = forward->live[i];
            forward->to[kept] = to;
        }
        return kept;
    }
    for (; i < end; i++) {
        struct xvs_packet *packet = forward->live[i];
        enum drop_reason reason = is_flood ? limit(deciding, packet)
                                           : decision->reason;

        if (watch_is_on(forward)) {
            watch_choice(forward, to, reason, packet);
        }
        if (to && reason == DROP_NONE) {
            forward->live[kept] = packet;
            forward->members[kept] = decision->members;
            forward->to[kept++] = to;
        } else if (reason != DROP_NONE) {
            vport_drop(forward->in, forward->worker, reason, 1);
        }
    }
    return kept;
}

/* The port that all of the first 'n' packets go to, or NULL; 'to' is the last
 * one's. */
static struct vport *
only_port(struct vport *to, uint32_t n, bool mixed)
{
    return n == 0 || mixed || to == &decide_everywhere
        || to == &decide_members ? NULL : to;
}

static uint32_t
decide_all(struct deciding *deciding, uint32_t n)
{
    struct forward *forward = deciding->forward;
    const struct xvs_packet *before = NULL;
    struct decision decision = { NULL, NULL, DROP_NONE };
    uint16_t starts[XVS_BURST + 1];
    uint32_t n_runs = find_runs(forward, deciding->path, n, starts);
    uint32_t kept = 0, flooded = 0;
    bool mixed = false;

    for (uint32_t run = 0; run < n_runs; run++) {
        uint32_t i = starts[run], end = starts[run + 1], was = kept;
        struct xvs_packet *packet = forward->live[i];

        decision = decide(deciding, packet, before, decision.reason);
        before = packet;
        if (decision.to == &decide_everywhere) {
            flooded += end - i;
        }
        kept = follow(deciding, &decision, i, end, kept);
        mixed = mixed || (was && kept > was
                          && forward->to[was] != forward->to[was - 1]);
    }
    forward->only = only_port(kept ? forward->to[kept - 1] : NULL, kept,
                              mixed);
    if (flooded) {
        loop_flooded(forward, deciding->path, flooded);
    }
    return kept;
}

uint32_t
decide_burst(struct forward *forward, const struct path *path, uint32_t n)
{
    const struct switch_policy *policy = xvs_read(path->policy);
    struct vport *in = forward->in;
    struct meter_look unknown, suspect;
    struct deciding deciding = {
        .forward = forward, .path = path, .policy = policy,
        .statics = xvs_read(path->statics),
        .groups = xvs_read(path->groups),
        .learner = { .ports = forward->table, .in = in,
                     .age = policy->set.ageing,
                     .now = (uint32_t) (forward->now / 1000000000u) },
    };
    struct policy *own = NULL;
    uint32_t kept;

    if (__builtin_expect(vport_special(in), 0)) {
        own = xvs_read(in->policy);
        if (own) {
            deciding.flags = own->set.flags;
            deciding.learner.limit = own->set.max_addresses;
        }
        if (own && own->storm[XVS_STORM_UNKNOWN].rate) {
            meter_look(&unknown, &own->storm[XVS_STORM_UNKNOWN],
                       forward->now);
            deciding.unknown = &unknown;
        }
        if (loop_is_suspect(in, forward->now)) {
            meter_look(&suspect, &in->loop.flood, forward->now);
            deciding.suspect = &suspect;
        }
    }
    kept = decide_all(&deciding, n);
    if (deciding.unknown) {
        meter_commit(&unknown);
    }
    if (deciding.suspect) {
        meter_commit(&suspect);
    }
    return kept;
}
