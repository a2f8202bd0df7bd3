/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Building and searching sets.  The search is linear in the rules of the
 * packet's direction and kind; comparing takes no branches until all
 * addresses have been looked at.
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

/* By priority; at the same one a denial is first, then the port's rule. */
static int
compare_rules(const void *left, const void *right)
{
    const struct acl_rule *const *a = left;
    const struct acl_rule *const *b = right;

    if ((*a)->priority != (*b)->priority) {
        return (*a)->priority < (*b)->priority ? -1 : 1;
    }
    if ((*a)->action != (*b)->action) {
        return (*a)->action == ACL_DENY ? -1 : 1;
    }
    if ((*a)->is_switch != (*b)->is_switch) {
        return (*a)->is_switch ? 1 : -1;
    }
    return memcmp(&(*a)->instance, &(*b)->instance, sizeof((*a)->instance));
}

static uint32_t
count_rules(const struct acl_rule *rules)
{
    uint32_t n = 0;

    for (; rules; rules = rules->next) {
        n++;
    }
    return n;
}

/* All rules in the order in which they decide; freed by the caller. */
static const struct acl_rule **
sort_rules(const struct acl_rule *port_rules,
           const struct acl_rule *switch_rules, uint32_t n)
{
    const struct acl_rule **sorted = calloc(n + 1, sizeof(*sorted));
    uint32_t at = 0;

    if (!sorted) {
        return NULL;
    }
    for (const struct acl_rule *rule = port_rules; rule; rule = rule->next) {
        sorted[at++] = rule;
    }
    for (const struct acl_rule *rule = switch_rules; rule;
         rule = rule->next) {
        sorted[at++] = rule;
    }
    qsort(sorted, n, sizeof(*sorted), compare_rules);
    return sorted;
}

static uint32_t
fill_list(struct acl_set *set, const struct acl_rule **sorted, int direction,
          enum acl_kind kind, uint32_t first)
{
    uint32_t at = first;

    for (uint32_t i = 0; i < set->n_entries; i++) {
        if ((sorted[i]->direction & (1 << direction))
            && concerns(&sorted[i]->match, kind)) {
            set->order[at++] = i;
        }
    }
    set->lists[direction][kind].first = first;
    set->lists[direction][kind].n = at - first;
    return at;
}

static void
fill_set(struct acl_set *set, const struct acl_rule **sorted)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < set->n_entries; i++) {
        set->entries[i] = (struct acl_entry) {
            .match = sorted[i]->match,
            .counter = sorted[i]->counter,
            .idle_seconds = sorted[i]->idle_seconds,
            .action = sorted[i]->action,
            .is_stateful = sorted[i]->is_stateful,
        };
        set->has_stateful |= sorted[i]->is_stateful;
    }
    for (int direction = 0; direction < 2; direction++) {
        for (int kind = 0; kind < ACL_N_KINDS; kind++) {
            first = fill_list(set, sorted, direction, (enum acl_kind) kind,
                              first);
        }
    }
}

struct acl_set *
acl_set_build(const struct acl_rule *port_rules,
              const struct acl_rule *switch_rules,
              const struct acl_policy *policy)
{
    uint32_t n = count_rules(port_rules) + count_rules(switch_rules);
    size_t n_order = (size_t) n * 2 * ACL_N_KINDS;
    struct acl_set *set = malloc(sizeof(*set) + n * sizeof(*set->entries)
                                 + n_order * sizeof(*set->order));
    const struct acl_rule **sorted = sort_rules(port_rules, switch_rules, n);

    if (!set || !sorted) {
        free(set);
        free(sorted);
        return NULL;
    }
    *set = (struct acl_set) {
        .generation = policy->generation,
        .max_connections = policy->max_connections,
        .default_action = policy->default_action,
        .n_entries = n,
        .is_idle = n == 0 && policy->default_action == ACL_ALLOW,
        .entries = (struct acl_entry *) (set + 1),
        .order = (uint32_t *) ((struct acl_entry *) (set + 1) + n),
    };
    fill_set(set, sorted);
    free(sorted);
    return set;
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

static inline bool
matches(const struct acl_entry *entry, const struct acl_key *key)
{
    const struct acl_match *match = &entry->match;
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
        return entry->action == ACL_ALLOW;
    }
    return port_within(key->source_port, match->source_low,
                       match->source_high)
           && port_within(key->destination_port, match->destination_low,
                          match->destination_high);
}

int
acl_set_match(const struct acl_set *set, int direction,
              const struct acl_key *key)
{
    const struct acl_list *list = &set->lists[direction][key->kind];
    const uint32_t *order = set->order + list->first;

    for (uint32_t i = 0; i < list->n; i++) {
        if (matches(&set->entries[order[i]], key)) {
            return (int) order[i];
        }
    }
    return -1;
}
