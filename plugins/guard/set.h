/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_SET_H
#define GUARD_SET_H

/*
 * What packets of one port are compared with.  A set never changes once it is
 * published; a change of any setting makes a new one.
 *
 * Addresses are in the order of bytes in which packets have them, so that
 * they are compared as words without being turned around, and those of IPv4
 * four at a time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct guard;
struct guard_port;

#define GUARD_MACS 16u          /* of a port */
#define GUARD_ADDRESSES 64u     /* of a port, those of leases apart */

/* Bits of guard_set.checks. */
#define GUARD_ON 0x01u          /* the port is guarded; 0: nothing is done */
#define GUARD_TRUSTED 0x02u     /* only DHCP servers' messages are read */
#define GUARD_AUDIT 0x04u       /* what is found passes */
#define GUARD_MAC 0x08u
#define GUARD_ADDRESS 0x10u
#define GUARD_DHCP 0x20u
#define GUARD_ROUTER 0x40u
#define GUARD_REDIRECT 0x80u
#define GUARD_SNOOP 0x100u      /* leases are allowed addresses, too */

struct guard_ipv4 {
    uint32_t address, mask;
};

/* Four of them; the last one again where there are less. */
typedef uint32_t guard_words __attribute__((vector_size(16)));

struct guard_four {
    guard_words addresses, masks;
};

struct guard_ipv6 {
    uint64_t address[2], mask[2];
};

struct guard_set {
    uint32_t checks;            /* GUARD_... */
    uint32_t n_macs;            /* 0: any will do */
    uint32_t n_ipv4, n_ipv6;
    uint64_t arp_interval;      /* ns for each ARP packet; 0: no limit */
    uint64_t arp_burst;         /* ns that packets may come too early */
    uint64_t macs[GUARD_MACS];  /* guard_mac() of each */
    struct guard_four ipv4[GUARD_ADDRESSES / 4];
    struct guard_ipv6 ipv6[GUARD_ADDRESSES];
};

/* Of the port's settings and its switch's; freed with free(); NULL: no
 * memory. */
struct guard_set *guard_set_build(const struct guard *self,
                                  const struct guard_port *port);

/* Six bytes as a word. */
static inline uint64_t
guard_mac(const uint8_t *bytes)
{
    uint64_t word = 0;

    memcpy(&word, bytes, 6);
    return word;
}

/* Four bytes as a word. */
static inline uint32_t
guard_word(const uint8_t *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Whether a frame of the port may be from it. */
static inline bool
guard_has_mac(const struct guard_set *set, const uint8_t *bytes)
{
    uint64_t mac = guard_mac(bytes);
    bool found = set->n_macs == 0;

    for (uint32_t i = 0; i < set->n_macs && !found; i++) {
        found = set->macs[i] == mac;
    }
    return found && !(bytes[0] & 1);
}

static inline bool
guard_has_ipv4(const struct guard_set *set, uint32_t address)
{
    guard_words wanted = { address, address, address, address };
    guard_words found = { 0, 0, 0, 0 };

    for (uint32_t i = 0; i < (set->n_ipv4 + 3) / 4; i++) {
        const struct guard_four *four = &set->ipv4[i];

        found |= (guard_words) (((four->addresses ^ wanted) & four->masks)
                                == 0);
    }
    return (found[0] | found[1] | found[2] | found[3]) != 0;
}

static inline bool
guard_has_ipv6(const struct guard_set *set, const uint8_t *bytes)
{
    uint64_t address[2];

    memcpy(address, bytes, sizeof(address));
    for (uint32_t i = 0; i < set->n_ipv6; i++) {
        const struct guard_ipv6 *one = &set->ipv6[i];

        if ((((one->address[0] ^ address[0]) & one->mask[0])
             | ((one->address[1] ^ address[1]) & one->mask[1])) == 0) {
            return true;
        }
    }
    return false;
}

#endif
