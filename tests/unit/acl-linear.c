/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See acl-linear.h.
 */
#include <config.h>

#include "acl-linear.h"

#include <stdlib.h>
#include <string.h>

#define LARGE 1000u             /* world */

uint64_t chance_state = 1;

uint32_t
chance(uint32_t n)
{
    chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) ((chance_state >> 33) % n);
}

/* ---- The reference ------------------------------------------------------ */

static bool
is_ip(const struct acl_key *key)
{
    return key->kind != ACL_KIND_OTHER && key->kind != ACL_KIND_ARP;
}

static bool
is_v4(const struct acl_key *key)
{
    return key->kind >= ACL_KIND_IPV4_TCP && key->kind <= ACL_KIND_IPV4_REST;
}

static bool
has_prefix(const struct acl_prefix *prefix, const struct acl_key *key,
           const uint64_t address[2])
{
    if (prefix->family == ACL_ANY_FAMILY) {
        return true;
    }
    return is_ip(key) && (prefix->family == ACL_IPV4) == is_v4(key)
           && (address[0] & prefix->mask[0]) == prefix->address[0]
           && (address[1] & prefix->mask[1]) == prefix->address[1];
}

static bool
has_mac(const struct acl_mac *mac, uint64_t address)
{
    return mac->mask == 0 || mac->address == address;
}

static bool
has_ports(const struct acl_rule *rule, const struct acl_key *key)
{
    const struct acl_match *match = &rule->match;

    if (!match->has_ports) {
        return true;
    }
    if (key->is_later) {
        return rule->action == ACL_ALLOW;
    }
    return key->source_port >= match->source_low
           && key->source_port <= match->source_high
           && key->destination_port >= match->destination_low
           && key->destination_port <= match->destination_high;
}

static bool
is_about(const struct acl_rule *rule, int direction,
         const struct acl_key *key)
{
    const struct acl_match *match = &rule->match;

    if (!(rule->direction & (direction == ACL_IN ? 1 : 2))) {
        return false;
    }
    /* Address resolution is only about rules that name it. */
    if (key->kind == ACL_KIND_ARP && match->ethertype != 0x0806) {
        return false;
    }
    if (key->kind == ACL_KIND_NEIGHBOUR && match->protocol != 58) {
        return false;
    }
    return (match->ethertype == 0 || match->ethertype == key->ethertype)
           && (match->protocol == 0
               || (is_ip(key) && match->protocol == key->protocol))
           && has_prefix(&match->source, key, key->source)
           && has_prefix(&match->destination, key, key->destination)
           && has_mac(&match->source_mac, key->source_mac)
           && has_mac(&match->destination_mac, key->destination_mac)
           && has_ports(rule, key);
}

static bool
is_before(const struct acl_rule *a, const struct acl_rule *b)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }
    if (a->action != b->action) {
        return a->action == ACL_DENY;
    }
    if (a->is_switch != b->is_switch) {
        return b->is_switch;
    }
    return memcmp(&a->instance, &b->instance, sizeof(a->instance)) < 0;
}

const struct acl_rule *
linear_find(struct acl_rule *const *rules, uint32_t n, int direction,
            const struct acl_key *key)
{
    const struct acl_rule *found = NULL;

    for (uint32_t i = 0; i < n; i++) {
        if (is_about(rules[i], direction, key)
            && (!found || is_before(rules[i], found))) {
            found = rules[i];
        }
    }
    return found;
}

/* ---- Chance ------------------------------------------------------------- */

static const uint8_t protocols[] = { 1, 6, 17, 17, 6, 58, 47, 132 };

/* One of 'world' addresses, near and far from each other. */
static void
put_address(uint64_t address[2], bool v4, uint32_t world)
{
    uint64_t number = chance(world);
    uint64_t spread = number * 0x9e3779b97f4a7c15u;

    address[1] = 0;
    if (v4) {
        address[0] = (0x0a000000 | (spread >> 44 & 0xff0000) | number) << 32;
    } else {
        /* The upper half of some is what an IPv4 address could be. */
        address[0] = number % 3 ? 0x20010db800000000u | number % 7
                                : (uint64_t) 0x0a000000 << 32;
        address[1] = chance(2) ? number : spread;
    }
}

/* In a large world prefixes are long, so that many rules have a say. */
static void
put_prefix(struct acl_prefix *prefix, bool v4, uint32_t world)
{
    unsigned int bits = v4 ? 32 : 128;
    unsigned int least = world > LARGE ? bits * 3 / 4 : 0;
    unsigned int length = chance(3) == 0 ? bits
                                         : least + chance(bits - least + 1);

    prefix->family = v4 ? ACL_IPV4 : ACL_IPV6;
    put_address(prefix->address, v4, world);
    prefix->mask[0] = length == 0    ? 0
                      : length >= 64 ? UINT64_MAX
                                     : ~(UINT64_MAX >> length);
    prefix->mask[1] = length <= 64    ? 0
                      : length == 128 ? UINT64_MAX
                                      : ~(UINT64_MAX >> (length - 64));
    prefix->address[0] &= prefix->mask[0];
    prefix->address[1] &= prefix->mask[1];
}

static void
put_ports(uint16_t *low, uint16_t *high, uint32_t world)
{
    *low = (uint16_t) chance(world < 65536 ? world : 65536);
    switch (chance(4)) {
    case 0:
        *high = *low;
        break;
    case 1:
        *high = (uint16_t) (*low + chance(65536u - *low));
        break;
    case 2:
        *high = UINT16_MAX;
        break;
    default:
        *low = 0;
        *high = UINT16_MAX;
    }
}

static uint64_t
chance_mac(uint32_t world)
{
    return 0x020000000000u | (uint64_t) chance(world) * 0x10001;
}

static void
put_match(struct acl_match *match, uint32_t world)
{
    bool v4 = chance(3) > 0;

    if (chance(3) || world > LARGE) {
        put_prefix(&match->source, v4, world);
    }
    if (chance(3) == 0) {
        put_prefix(&match->destination, v4, world);
    }
    if (chance(8) == 0) {
        match->source_mac = (struct acl_mac) { chance_mac(world),
                                               0xffffffffffffu };
    }
    if (chance(8) == 0) {
        match->destination_mac = (struct acl_mac) { chance_mac(world),
                                                    0xffffffffffffu };
    }
    match->source_high = match->destination_high = UINT16_MAX;
    if (chance(2)) {
        match->protocol = protocols[chance(sizeof(protocols))];
    }
    if (chance(2) && acl_has_ports(match->protocol)) {
        match->has_ports = true;
        put_ports(&match->source_low, &match->source_high, world);
        put_ports(&match->destination_low, &match->destination_high, world);
    }
    /* As the settings allow it. */
    if (match->source.family || match->destination.family) {
        match->ethertype = (uint16_t) (chance(4) ? 0 : v4 ? 0x0800 : 0x86dd);
    } else if (match->protocol == 0 && chance(2)) {
        match->ethertype = (uint16_t) (chance(4) ? 0x0600 + chance(world)
                                                 : 0x0806);
    }
}

struct acl_rule *
chance_rule(uint32_t world)
{
    struct acl_rule rule = {
        .priority = chance(4) ? chance(world) : chance(4),
        .direction = (uint8_t) (1 + chance(3)),
        .action = chance(2) ? ACL_ALLOW : ACL_DENY,
        .instance = { .a = chance(1u << 31), .b = (uint16_t) chance(65536),
                      .d = { (uint8_t) chance(256) } },
    };
    struct acl_rule *made;

    rule.is_stateful = rule.action == ACL_ALLOW && chance(2);
    put_match(&rule.match, world);
    made = acl_rule_create(&rule);
    if (!made) {
        abort();
    }
    return made;
}

static uint8_t
kind_of(struct acl_key *key, bool v4)
{
    key->ethertype = v4 ? 0x0800 : 0x86dd;
    if (key->protocol == 6) {
        return v4 ? ACL_KIND_IPV4_TCP : ACL_KIND_IPV6_TCP;
    }
    if (key->protocol == 17) {
        return v4 ? ACL_KIND_IPV4_UDP : ACL_KIND_IPV6_UDP;
    }
    if (key->protocol == 58 && !v4 && chance(2)) {
        return ACL_KIND_NEIGHBOUR;
    }
    return v4 ? ACL_KIND_IPV4_REST : ACL_KIND_IPV6_REST;
}

void
chance_key(struct acl_key *key, uint32_t world)
{
    bool v4 = chance(3) > 0;

    memset(key, 0, sizeof(*key));
    key->source_mac = chance_mac(world);
    key->destination_mac = chance_mac(world);
    if (chance(8) == 0) {
        key->kind = chance(2) ? ACL_KIND_ARP : ACL_KIND_OTHER;
        key->ethertype = key->kind == ACL_KIND_ARP
                             ? 0x0806
                             : (uint16_t) (0x0600 + chance(world));
        return;
    }
    key->protocol = protocols[chance(sizeof(protocols))];
    key->kind = kind_of(key, v4);
    put_address(key->source, v4, world);
    put_address(key->destination, v4, world);
    key->is_later = chance(8) == 0;
    if (acl_has_ports(key->protocol) && !key->is_later) {
        key->source_port = (uint16_t) chance(world);
        key->destination_port = (uint16_t) chance(world);
    }
}

static void
aim_address(uint64_t address[2], const struct acl_prefix *prefix)
{
    for (int i = 0; i < 2 && prefix->family; i++) {
        uint64_t rest = (uint64_t) chance(1u << 31) << 32 | chance(1u << 31);

        address[i] = prefix->address[i] | (rest & ~prefix->mask[i]);
    }
    if (prefix->family == ACL_IPV4) {
        address[0] &= 0xffffffff00000000u;
        address[1] = 0;
    }
}

void
chance_key_for(struct acl_key *key, const struct acl_rule *rule,
               uint32_t world)
{
    const struct acl_match *match = &rule->match;
    bool v4 = (match->source.family | match->destination.family) != ACL_IPV6;

    chance_key(key, world);
    if (!match->source.family && !match->destination.family) {
        return;
    }
    key->protocol = match->protocol ? match->protocol : 17;
    key->kind = kind_of(key, v4);
    put_address(key->source, v4, world);
    put_address(key->destination, v4, world);
    aim_address(key->source, &match->source);
    aim_address(key->destination, &match->destination);
    if (match->source_mac.mask) {
        key->source_mac = match->source_mac.address;
    }
    if (match->destination_mac.mask) {
        key->destination_mac = match->destination_mac.address;
    }
    key->source_port = chance(2) ? match->source_low : match->source_high;
    key->destination_port = chance(2) ? match->destination_low
                                      : match->destination_high;
}
