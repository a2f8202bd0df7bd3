/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_ADDRESS_H
#define ACL_ADDRESS_H

/*
 * Addresses in the form in which packets are compared with rules: 128 bits
 * as two words (an IPv4 address is in the upper half of the first), a MAC
 * address in the lower 48 bits of one.
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum acl_family { ACL_ANY_FAMILY = 0, ACL_IPV4 = 4, ACL_IPV6 = 6 };

struct acl_prefix {
    uint64_t address[2];        /* bits behind the prefix are zero */
    uint64_t mask[2];           /* ones where bits count */
    enum acl_family family;     /* ACL_ANY_FAMILY: matches everything */
};

struct acl_mac {
    uint64_t address;           /* 48 bits */
    uint64_t mask;              /* 0: matches everything */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", an address alone, or "" (any).
 * On failure 'why' says what is wrong and what was expected.
 */
bool acl_prefix_parse(const char *text, struct acl_prefix *prefix,
                      char *why, size_t why_size);
/* Reads "aa:bb:cc:dd:ee:ff" or "" (any), in the same way. */
bool acl_mac_parse(const char *text, struct acl_mac *mac,
                   char *why, size_t why_size);

/* Bytes of a packet as they are compared. */
static inline uint64_t
acl_load64(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return be64toh(word);
}

static inline uint64_t
acl_load48(const uint8_t *bytes)
{
    uint32_t high;
    uint16_t low;

    memcpy(&high, bytes, sizeof(high));
    memcpy(&low, bytes + sizeof(high), sizeof(low));
    return (uint64_t) be32toh(high) << 16 | be16toh(low);
}

#endif
