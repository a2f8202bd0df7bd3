/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_ADDRESS_H
#define ACL_ADDRESS_H

/*
 * Addresses in the form in which packets are compared with rules: 128 bits
 * as two words (an IPv4 address is in the upper half of the first), a MAC
 * address in the lower 48 bits of one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    uint64_t word = 0;

    for (int i = 0; i < 8; i++) {
        word = word << 8 | bytes[i];
    }
    return word;
}

static inline uint64_t
acl_load48(const uint8_t *bytes)
{
    return (uint64_t) bytes[0] << 40 | (uint64_t) bytes[1] << 32
           | (uint64_t) bytes[2] << 24 | (uint64_t) bytes[3] << 16
           | (uint64_t) bytes[4] << 8 | bytes[5];
}

#endif
