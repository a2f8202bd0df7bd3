/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_MAC_H
#define XVS_SWITCH_FORWARD_MAC_H

/*
 * Which port an address was last seen at.
 *
 * A fixed table of buckets with four places each.  A place is two words:
 *
 *     key:   address (48 bits) | VLAN (12) | 1 when in use
 *     value: port (32 bits)    | second of the last sighting (32)
 *
 * Workers read and write without locks.  Who wants to give a place to another
 * address first takes it, by putting MAC_BUSY where its key was; the new key
 * is written last, and a reader looks at the key again after it took the
 * value.
 *
 * The table has a near part and a far one.  An address has a bucket in each
 * and goes to the far one when the near one is full: so the addresses of
 * 20,000 guests, a load that the near part carries, touch half a megabyte,
 * which a processor's second cache holds, and not every line of the table.
 *
 * Ports share the table fairly.  vport.n_addresses counts what a port has; an
 * address that finds no place gets one of the port that has most, if that
 * port has more than its own, else one of its own port, else none: a port
 * that makes up addresses pushes out its own.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAC_BUCKETS 32768u      /* times four addresses */
#define MAC_NEAR 8192u          /* of these, the near part */

struct mac_table;
struct port_table;
struct vport;

/* What learning came to. */
enum mac_result {
    MAC_SAME,                   /* it is known here */
    MAC_NEW,
    MAC_MOVED,                  /* from another port */
    MAC_LIMIT,                  /* not learned: the port has its limit */
    MAC_NO_ROOM                 /* not learned: all places are taken */
};

/* Who learns. */
struct mac_learner {
    const struct port_table *ports;
    struct vport *in;           /* where the frame came from */
    uint32_t limit;             /* addresses of that port; 0: none */
    uint32_t age;               /* seconds after which one is forgotten */
    uint32_t now;               /* in seconds */
};

/* One for a walk. */
struct mac_sighting {
    uint64_t key;
    uint32_t port;
    uint32_t age;
};

/* 'address' points to 6 bytes; of 'vlan' the lower 12 bits count. */
static inline uint64_t
mac_key(const uint8_t *address, uint16_t vlan)
{
    uint32_t high;
    uint16_t low;

    memcpy(&high, address, 4);
    memcpy(&low, address + 4, 2);
    return (uint64_t) high << 32 | (uint64_t) low << 16
        | (uint64_t) (vlan & 0xfff) << 4 | 1;
}

static inline uint16_t
mac_vlan(uint64_t key)
{
    return (uint16_t) (key >> 4 & 0xfff);
}

static inline void
mac_of_key(uint64_t key, uint8_t *address, uint16_t *vlan)
{
    uint32_t high = (uint32_t) (key >> 32);
    uint16_t low = (uint16_t) (key >> 16);

    memcpy(address, &high, 4);
    memcpy(address + 4, &low, 2);
    *vlan = mac_vlan(key);
}

/* Multicast that every host must get: 01-00-5E-00-00-xx, 33-33-00-00-00-xx. */
static inline bool
mac_is_for_all(const uint8_t *address)
{
    return memcmp(address, "\x01\x00\x5e\x00\x00", 5) == 0
        || memcmp(address, "\x33\x33\x00\x00\x00", 5) == 0;
}

struct mac_table *mac_create(void);
void mac_destroy(struct mac_table *table);      /* accepts NULL */

/* Workers. */
enum mac_result mac_learn(struct mac_table *table, uint64_t key,
                          const struct mac_learner *learner);
/* Brings the buckets of 'n' addresses into the processor's cache. */
void mac_fetch_all(const struct mac_table *table, const uint64_t *keys,
                   uint32_t n);
/* The ports of 'n' addresses; XVS_PORT_NONE: not known. */
void mac_find_all(const struct mac_table *table, const uint64_t *keys,
                  uint32_t n, uint32_t age, uint32_t now, uint32_t *ports);
uint32_t mac_find(const struct mac_table *table, uint64_t key, uint32_t age,
                  uint32_t now);

/* Forgets every address of a port that is off the switch. */
void mac_forget(struct mac_table *table, uint32_t port);
/* Takes out what is forgotten in buckets from 'first' on, so that its port
 * can have others. */
void mac_sweep(struct mac_table *table, const struct port_table *ports,
               uint32_t first, uint32_t n, uint32_t age, uint32_t now);
/* The address in place *at or behind, and *at set behind it; false at the
 * end.  A walk starts at 0. */
bool mac_next(const struct mac_table *table, uint32_t *at, uint32_t age,
              uint32_t now, struct mac_sighting *out);

#endif
