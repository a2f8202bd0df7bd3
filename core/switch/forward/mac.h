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
 * Workers read and write without locks: the key is taken away before a place
 * is given to another address and written last, and a reader looks at the key
 * again after it took the value.  The table forgets an address that was not
 * seen for MAC_AGE seconds; a full bucket gives up its oldest.
 */

#include <stdint.h>

#define MAC_AGE 300u            /* seconds */
#define MAC_BUCKETS 16384u      /* times four addresses */

struct mac_table;

struct mac_table *mac_create(void);
void mac_destroy(struct mac_table *table);      /* accepts NULL */

/* 'address' points to 6 bytes; 'now' is in seconds. */
void mac_learn(struct mac_table *table, const uint8_t *address, uint16_t vlan,
               uint32_t port, uint32_t now);
/* Brings the address's bucket into the processor's cache. */
void mac_prefetch(const struct mac_table *table, const uint8_t *address,
                  uint16_t vlan);
/* XVS_PORT_NONE: not known. */
uint32_t mac_find(const struct mac_table *table, const uint8_t *address,
                  uint16_t vlan, uint32_t now);
/* Forgets every address of a port. */
void mac_forget(struct mac_table *table, uint32_t port);
/* Addresses known at 'now'. */
uint32_t mac_count(const struct mac_table *table, uint32_t now);

#endif
