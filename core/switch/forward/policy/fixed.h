/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_POLICY_FIXED_H
#define XVS_SWITCH_POLICY_FIXED_H

/*
 * Addresses whose ports were told by an extension: unicast addresses that are
 * not learned, and multicast groups.
 *
 *     buckets[] --> entry --> entry --> NULL
 *
 * Workers read without locks.  Writers, which have the switch's policy lock,
 * never change an entry: they publish a new one in its place and free the old
 * one after a grace period.  A table is made for its first entry and stays.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#include "packet/grace.h"

#define FIXED_MAX 16384u        /* entries of a table */

struct fixed;

struct fixed_entry {
    struct grace_call grace;    /* for freeing it */
    struct fixed_entry *next;   /* of its bucket; published */
    uint64_t key;               /* mac_key() */
    struct xvs_guid owner;      /* the extension */
    uint32_t n;
    uint32_t ports[];
};

/* Workers.  'table' may be NULL; NULL: there is none. */
const struct fixed_entry *fixed_find(const struct fixed *table, uint64_t key);
bool fixed_has(const struct fixed_entry *entry, uint32_t port);

/* Writers.  Makes the table when there is none yet (*table is published).
 * False: there are FIXED_MAX entries. */
bool fixed_put(struct fixed **table, uint64_t key,
               const struct xvs_guid *owner, const uint32_t *ports,
               uint32_t n);
void fixed_remove(struct fixed *table, uint64_t key);
/* Takes the port out of all entries; 'may_be_empty' entries stay. */
void fixed_forget_port(struct fixed *table, uint32_t port,
                       bool may_be_empty);
/* Takes out all entries of an owner. */
void fixed_take_back(struct fixed *table, const struct xvs_guid *owner);
/* The entry in place *at or the next one behind, and *at set behind it; NULL
 * at the end.  A walk starts at 0. */
const struct fixed_entry *fixed_next(const struct fixed *table, uint32_t *at);
/* Nobody can see it any more.  Accepts NULL. */
void fixed_destroy(struct fixed *table);

#endif
