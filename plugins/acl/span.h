/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_SPAN_H
#define ACL_SPAN_H

/*
 * Rules and packets as the classifier sees them (classify.h): a rule is an
 * interval of 64-bit values in each field, a packet one value.  When the rule
 * matches the packet and is about its list, each value is in its interval;
 * the other way round it is nearly so.
 */

#include <stdbool.h>
#include <stdint.h>

struct acl_key;
struct acl_match;

enum acl_field {
    ACL_SOURCE_HIGH, ACL_SOURCE_LOW,            /* address, 64 bits each */
    ACL_DESTINATION_HIGH, ACL_DESTINATION_LOW,
    ACL_SOURCE_MAC, ACL_DESTINATION_MAC,
    ACL_TYPE,                   /* protocol, or Ethernet type without IP */
    ACL_SOURCE_PORT, ACL_DESTINATION_PORT,
    ACL_N_FIELDS
};

/* The interval of values that a rule is about. */
struct acl_span {
    uint64_t low, high;         /* inclusive */
};

struct acl_span acl_span_of(const struct acl_match *match,
                            enum acl_field field);
/* True when every value is in it. */
bool acl_span_is_any(const struct acl_span *span);
/* The packet's values.  Those of the ports say nothing when it 'is_later'. */
void acl_values_read(uint64_t values[ACL_N_FIELDS],
                     const struct acl_key *key);

#endif
