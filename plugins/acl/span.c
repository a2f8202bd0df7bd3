/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a rule to the intervals that it is about, and from a packet to the
 * values that are in them or not.
 */
#include "span.h"

#include "rules.h"

#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd

static const struct acl_span any = { 0, UINT64_MAX };

static struct acl_span
masked(uint64_t value, uint64_t mask)
{
    return (struct acl_span) { value, value | ~mask };
}

static struct acl_span
mac_span(const struct acl_mac *mac)
{
    return mac->mask ? (struct acl_span) { mac->address, mac->address } : any;
}

static struct acl_span
port_span(const struct acl_match *match, uint16_t low, uint16_t high)
{
    return match->has_ports && (low > 0 || high < UINT16_MAX)
               ? (struct acl_span) { low, high }
               : any;
}

/* Behind the list, only these tell packets of a kind apart. */
static struct acl_span
type_span(const struct acl_match *match)
{
    uint16_t type = match->ethertype;

    if (match->protocol) {
        return (struct acl_span) { match->protocol, match->protocol };
    }
    return type && type != ETHERTYPE_ARP && type != ETHERTYPE_IPV4
                   && type != ETHERTYPE_IPV6
               ? (struct acl_span) { type, type }
               : any;
}

struct acl_span
acl_span_of(const struct acl_match *match, enum acl_field field)
{
    switch (field) {
    case ACL_SOURCE_HIGH:
        return masked(match->source.address[0], match->source.mask[0]);
    case ACL_SOURCE_LOW:
        return masked(match->source.address[1], match->source.mask[1]);
    case ACL_DESTINATION_HIGH:
        return masked(match->destination.address[0],
                      match->destination.mask[0]);
    case ACL_DESTINATION_LOW:
        return masked(match->destination.address[1],
                      match->destination.mask[1]);
    case ACL_SOURCE_MAC:
        return mac_span(&match->source_mac);
    case ACL_DESTINATION_MAC:
        return mac_span(&match->destination_mac);
    case ACL_TYPE:
        return type_span(match);
    case ACL_SOURCE_PORT:
        return port_span(match, match->source_low, match->source_high);
    case ACL_DESTINATION_PORT:
        return port_span(match, match->destination_low,
                         match->destination_high);
    default:
        return any;
    }
}

bool
acl_span_is_any(const struct acl_span *span)
{
    return span->low == 0 && span->high == UINT64_MAX;
}

void
acl_values_read(uint64_t values[ACL_N_FIELDS], const struct acl_key *key)
{
    bool is_ip = key->kind != ACL_KIND_OTHER && key->kind != ACL_KIND_ARP;

    values[ACL_SOURCE_HIGH] = key->source[0];
    values[ACL_SOURCE_LOW] = key->source[1];
    values[ACL_DESTINATION_HIGH] = key->destination[0];
    values[ACL_DESTINATION_LOW] = key->destination[1];
    values[ACL_SOURCE_MAC] = key->source_mac;
    values[ACL_DESTINATION_MAC] = key->destination_mac;
    values[ACL_TYPE] = is_ip ? key->protocol : key->ethertype;
    values[ACL_SOURCE_PORT] = key->source_port;
    values[ACL_DESTINATION_PORT] = key->destination_port;
}
