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
#include "switch/forward/forward.h"
#include "switch/forward/mac.h"
#include "switch/forward/policy/fixed.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/policy/vlan.h"
#include "switch/forward/table.h"
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
    struct meter_look *unknown_bits;    /* the same in bytes */
    struct meter_look *suspect; /* of a loop, or NULL */
    bool is_plain;              /* only what was learned counts */
    struct vport *last;         /* that was found by its number, or NULL */
};

/* Runs of packets that have the same addresses, VLAN and choice of a
 * forwarder. */
struct runs {
    uint32_t n;
    uint16_t starts[XVS_BURST + 1];     /* of each, and the end of the last */
    uint64_t to[XVS_BURST];     /* key of the destination */
    uint64_t from[XVS_BURST];   /* key of the source */
    uint32_t choices[XVS_BURST];    /* xvs_packet.out_port */
    uint32_t ports[XVS_BURST];  /* of the destination; XVS_PORT_NONE */
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

/* ---- The source --------------------------------------------------------- */

/* Learns the source; why the packet is to be dropped, or DROP_NONE. */
static enum drop_reason
learn(const struct deciding *deciding, uint64_t key)
{
    struct vport *in = deciding->learner.in;
    const struct fixed_entry *fixed;
    enum mac_result result = MAC_LIMIT;

    if (deciding->statics
        && (fixed = fixed_find(deciding->statics, key)) != NULL) {
        return fixed->ports[0] == in->id ? DROP_NONE : DROP_SPOOFED;
    }
    if (!(deciding->flags & XVS_PORT_NO_LEARN)) {
        result = mac_learn(deciding->path->macs, key, &deciding->learner);
    }
    if (result == MAC_MOVED) {
        loop_moved(deciding->forward, deciding->path, mac_vlan(key));
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
                 const struct xvs_packet *packet, uint64_t key,
                 struct decision *decision)
{
    const struct fixed_entry *group = fixed_find(deciding->groups, key);

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

/* The port of an address; XVS_PORT_NONE: not known.  It may have been learned
 * since 'found' was. */
static uint32_t
find(const struct deciding *deciding, uint64_t key, uint32_t found)
{
    const struct fixed_entry *fixed;

    if (deciding->statics
        && (fixed = fixed_find(deciding->statics, key)) != NULL) {
        return fixed->ports[0];
    }
    return found != XVS_PORT_NONE ? found
        : mac_find(deciding->path->macs, key, deciding->learner.age,
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
choose_unicast(struct deciding *deciding, uint64_t key, uint32_t found)
{
    struct vport *in = deciding->learner.in, *port;
    uint32_t id = find(deciding, key, found);

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
       const struct runs *runs, uint32_t run, struct decision *decision)
{
    if (packet->out_port != XVS_PORT_NONE) {
        decision->to = port_of(deciding, packet->out_port);
    } else if (is_multicast(packet->data)) {
        choose_multicast(deciding, packet, runs->to[run], decision);
        return;
    } else {
        decision->to = choose_unicast(deciding, runs->to[run],
                                      runs->ports[run]);
    }
    if (deciding->flags & XVS_PORT_ISOLATED && decision->to
        && vport_flags(decision->to) & XVS_PORT_ISOLATED) {
        decision->to = NULL;
        decision->reason = DROP_ISOLATION;
    }
}

/* ---- The burst ---------------------------------------------------------- */

/* Whether the source has been accepted with the run before.  One that was
 * refused is judged anew, because there may be room now. */
static inline bool
is_accepted(const struct runs *runs, uint32_t run,
            const struct decision *before)
{
    return run && runs->from[run] == runs->from[run - 1]
        && before->reason == DROP_NONE;
}

/* '*decision' is that of the run before, and becomes this one's. */
static void
decide(struct deciding *deciding, const struct xvs_packet *packet,
       const struct runs *runs, uint32_t run, struct decision *decision)
{
    bool same_source = is_accepted(runs, run, decision);

    *decision = (struct decision) { NULL, NULL, DROP_NONE };
    if (!same_source && !is_multicast(packet->data + 6)) {
        decision->reason = learn(deciding, runs->from[run]);
    }
    if (decision->reason == DROP_NONE) {
        choose(deciding, packet, runs, run, decision);
    }
}

/* Both limits of frames to unknown addresses; what one refuses takes nothing
 * of the other. */
static bool
take_unknown(const struct deciding *deciding, const struct xvs_packet *packet)
{
    if ((deciding->unknown && !meter_has(deciding->unknown))
        || (deciding->unknown_bits && !meter_has(deciding->unknown_bits))) {
        return false;
    }
    if (deciding->unknown) {
        meter_charge(deciding->unknown, 1);
    }
    if (deciding->unknown_bits) {
        meter_charge(deciding->unknown_bits, packet->total);
    }
    return true;
}

/* Limits of what goes to many; why this packet may not, or DROP_NONE. */
static enum drop_reason
limit(const struct deciding *deciding, const struct xvs_packet *packet)
{
    if (!is_multicast(packet->data) && !take_unknown(deciding, packet)) {
        return DROP_UNKNOWN;
    }
    return deciding->suspect && !meter_take(deciding->suspect, 1)
        ? DROP_LOOP : DROP_NONE;
}

/* The same for what most runs are: from a source that has been accepted to an
 * address that was learned elsewhere.  False: it is not that. */
static inline bool
decide_plain(struct deciding *deciding, const struct runs *runs,
             uint32_t run, struct decision *decision)
{
    uint32_t id = runs->ports[run];

    if (!deciding->is_plain || id == XVS_PORT_NONE
        || id == deciding->learner.in->id
        || runs->choices[run] != XVS_PORT_NONE
        || !is_accepted(runs, run, decision)) {
        return false;
    }
    decision->members = NULL;
    decision->to = port_of(deciding, id);
    return decision->to != NULL;
}

/* Notes where packets begin that are not like the one before. */
static void
find_runs(const struct forward *forward, uint32_t n, struct runs *runs)
{
    uint64_t last_to = 0, last_from = 0;
    uint32_t last_choice = 0, n_runs = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *packet = forward->live[i];
        uint16_t vlan = vlan_of(packet);
        uint64_t to = mac_key(packet->data, vlan);
        uint64_t from = mac_key(packet->data + 6, vlan);

        if (((to ^ last_to) | (from ^ last_from)) == 0
            && packet->out_port == last_choice) {
            continue;
        }
        runs->starts[n_runs] = (uint16_t) i;
        runs->to[n_runs] = last_to = to;
        runs->from[n_runs] = last_from = from;
        runs->choices[n_runs++] = last_choice = packet->out_port;
    }
    runs->starts[n_runs] = (uint16_t) n;
    runs->n = n_runs;
}

/* Finds ports of destinations; what is needed is fetched before. */
static void
find_ports(const struct deciding *deciding, struct runs *runs)
{
    const struct mac_table *macs = deciding->path->macs;

    if (runs->n > 1) {
        mac_fetch_all(macs, runs->to, runs->n);
        mac_fetch_all(macs, runs->from,
                      runs->from[0] != runs->from[1] ? runs->n : 1);
    }
    mac_find_all(macs, runs->to, runs->n, deciding->learner.age,
                 deciding->learner.now, runs->ports);
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
    struct decision decision = { NULL, NULL, DROP_NONE };
    uint32_t kept = 0, flooded = 0;
    bool mixed = false;
    struct runs runs;

    find_runs(forward, n, &runs);
    find_ports(deciding, &runs);
    for (uint32_t run = 0; run < runs.n; run++) {
        uint32_t i = runs.starts[run], end = runs.starts[run + 1], was = kept;

        if (!decide_plain(deciding, &runs, run, &decision)) {
            decide(deciding, forward->live[i], &runs, run, &decision);
        }
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
    struct meter_look unknown, unknown_bits, suspect;
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
        if (own && own->storm_bits[XVS_STORM_UNKNOWN].rate) {
            meter_look(&unknown_bits, &own->storm_bits[XVS_STORM_UNKNOWN],
                       forward->now);
            deciding.unknown_bits = &unknown_bits;
        }
        if (loop_is_suspect(in, forward->now)) {
            meter_look(&suspect, &in->loop.flood, forward->now);
            deciding.suspect = &suspect;
        }
    }
    deciding.is_plain = !deciding.statics && !deciding.flags;
    kept = decide_all(&deciding, n);
    if (deciding.unknown) {
        meter_commit(&unknown);
    }
    if (deciding.unknown_bits) {
        meter_commit(&unknown_bits);
    }
    if (deciding.suspect) {
        meter_commit(&suspect);
    }
    return kept;
}
