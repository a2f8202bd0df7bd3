/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a rule is about, and in which order rules decide.  Comparing takes no
 * branches until all addresses have been looked at.
 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd

/* The packets of a kind; protocol 0 stands for "the rest". */
static const struct {
    uint16_t ethertype;
    uint8_t family;
    uint8_t protocol;
} kinds[ACL_N_KINDS] = {
    [ACL_KIND_OTHER] = { 0, 0, 0 },
    [ACL_KIND_ARP] = { ETHERTYPE_ARP, 0, 0 },
    [ACL_KIND_IPV4_TCP] = { ETHERTYPE_IPV4, ACL_IPV4, ACL_PROTOCOL_TCP },
    [ACL_KIND_IPV4_UDP] = { ETHERTYPE_IPV4, ACL_IPV4, ACL_PROTOCOL_UDP },
    [ACL_KIND_IPV4_REST] = { ETHERTYPE_IPV4, ACL_IPV4, 0 },
    [ACL_KIND_IPV6_TCP] = { ETHERTYPE_IPV6, ACL_IPV6, ACL_PROTOCOL_TCP },
    [ACL_KIND_IPV6_UDP] = { ETHERTYPE_IPV6, ACL_IPV6, ACL_PROTOCOL_UDP },
    [ACL_KIND_IPV6_REST] = { ETHERTYPE_IPV6, ACL_IPV6, 0 },
    [ACL_KIND_NEIGHBOUR] = { ETHERTYPE_IPV6, ACL_IPV6, ACL_PROTOCOL_ICMP6 },
};

static bool
concerns_protocol(uint8_t protocol, enum acl_kind kind)
{
    if (kind == ACL_KIND_NEIGHBOUR) {
        /* Only a rule that names ICMPv6 is about address resolution. */
        return protocol == ACL_PROTOCOL_ICMP6;
    }
    if (protocol == 0) {
        return true;
    }
    if (kinds[kind].family == 0) {
        return false;
    }
    if (kinds[kind].protocol) {
        return protocol == kinds[kind].protocol;
    }
    return protocol != ACL_PROTOCOL_TCP && protocol != ACL_PROTOCOL_UDP;
}

/* Whether a packet of the kind could match. */
static bool
concerns(const struct acl_match *match, enum acl_kind kind)
{
    enum acl_family family = match->source.family | match->destination.family;

    if (family != ACL_ANY_FAMILY && family != kinds[kind].family) {
        return false;
    }
    if (kind == ACL_KIND_ARP) {
        /* Only a rule that names ARP is about address resolution. */
        return match->ethertype == ETHERTYPE_ARP;
    }
    if (match->ethertype && kinds[kind].ethertype
        && match->ethertype != kinds[kind].ethertype) {
        return false;
    }
    return concerns_protocol(match->protocol, kind);
}

static uint32_t
lists_of(const struct acl_rule *rule)
{
    uint32_t lists = 0;

    for (int direction = 0; direction < 2; direction++) {
        for (unsigned int kind = 0; kind < ACL_N_KINDS; kind++) {
            if ((rule->direction & (1 << direction))
                && concerns(&rule->match, (enum acl_kind) kind)) {
                lists |= 1u << acl_list(direction, kind);
            }
        }
    }
    return lists;
}

struct acl_rule *
acl_rule_create(const struct acl_rule *from)
{
    struct acl_rule *rule =
        aligned_alloc(64, (sizeof(*rule) + 63) / 64 * 64);

    if (rule) {
        *rule = *from;
        rule->rank = (uint64_t) rule->priority << 2
                     | (uint64_t) (rule->action == ACL_ALLOW) << 1
                     | rule->is_switch;
        rule->lists = lists_of(rule);
    }
    return rule;
}

int
acl_rule_compare(const struct acl_rule *a, const struct acl_rule *b)
{
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return memcmp(&a->instance, &b->instance, sizeof(a->instance));
}

static inline uint64_t
prefix_differs(const struct acl_prefix *prefix, const uint64_t address[2])
{
    return ((address[0] ^ prefix->address[0]) & prefix->mask[0])
           | ((address[1] ^ prefix->address[1]) & prefix->mask[1]);
}

static inline bool
port_within(uint16_t port, uint16_t low, uint16_t high)
{
    return (uint16_t) (port - low) <= (uint16_t) (high - low);
}

bool
acl_rule_matches(const struct acl_rule *rule, const struct acl_key *key)
{
    const struct acl_match *match = &rule->match;
    uint64_t differs =
        prefix_differs(&match->source, key->source)
        | prefix_differs(&match->destination, key->destination)
        | ((key->source_mac ^ match->source_mac.address)
           & match->source_mac.mask)
        | ((key->destination_mac ^ match->destination_mac.address)
           & match->destination_mac.mask);

    if (differs || (match->protocol && match->protocol != key->protocol)
        || (match->ethertype && match->ethertype != key->ethertype)) {
        return false;
    }
    if (!match->has_ports) {
        return true;
    }
    /*
     * A later fragment has no ports.  It is useless without the first one,
     * so an allowing rule lets it pass and a denying one leaves it alone.
     */
    if (key->is_later) {
        return rule->action == ACL_ALLOW;
    }
    return port_within(key->source_port, match->source_low,
                       match->source_high)
           && port_within(key->destination_port, match->destination_low,
                          match->destination_high);
}
