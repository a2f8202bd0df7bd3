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
choose_unicast(const struct deciding *deciding,
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
    port = table_find(deciding->forward->table, id);
    return port ? port : &decide_everywhere;
}

static void
choose(const struct deciding *deciding, const struct xvs_packet *packet,
       struct decision *decision)
{
    if (packet->out_port != XVS_PORT_NONE) {
        decision->to = table_find(deciding->forward->table, packet->out_port);
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
static bool
is_alike(const struct xvs_packet *a, const struct xvs_packet *b)
{
    return memcmp(a->data, b->data, 12) == 0 && vlan_of(a) == vlan_of(b)
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
decide(const struct deciding *deciding, const struct xvs_packet *packet,
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

/* Fetches the buckets that the burst needs. */
static void
prefetch(const struct forward *forward, const struct path *path, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct xvs_packet *packet = forward->live[i];

        if (!is_alike(packet, forward->live[i - 1])) {
            mac_prefetch(path->macs, key_of(packet, 0));
            mac_prefetch(path->macs, key_of(packet, 6));
        }
    }
}

static uint32_t
decide_all(const struct deciding *deciding, uint32_t n)
{
    struct forward *forward = deciding->forward;
    const struct xvs_packet *before = NULL;
    struct decision decision = { NULL, NULL, DROP_NONE };
    uint32_t kept = 0, flooded = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];
        enum drop_reason reason;

        if (!before || !is_alike(packet, before)) {
            decision = decide(deciding, packet, before, decision.reason);
            before = packet;
        }
        reason = decision.reason;
        if (decision.to == &decide_everywhere) {
            reason = limit(deciding, packet);
            flooded++;
        }
        if (watch_is_on(forward)) {
            watch_choice(forward, decision.to, reason, packet);
        }
        if (decision.to && reason == DROP_NONE) {
            forward->live[kept] = packet;
            forward->members[kept] = decision.members;
            forward->to[kept++] = decision.to;
        } else if (reason != DROP_NONE) {
            vport_drop(forward->in, forward->worker, reason, 1);
        }
    }
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
    prefetch(forward, path, n);
    kept = decide_all(&deciding, n);
    if (deciding.unknown) {
        meter_commit(&unknown);
    }
    if (deciding.suspect) {
        meter_commit(&suspect);
    }
    return kept;
}
