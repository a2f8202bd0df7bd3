/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_TABLE_INSIDE_H
#define SNOOP_TABLE_INSIDE_H

/*
 * Between table.c, which has addresses and groups, and members.c, which has
 * what hangs at them.
 */

#include "table.h"

#define BUCKETS 2048u           /* a power of two */

struct snoop_table {
    uint32_t seed;              /* of the hash */
    uint32_t n_groups;          /* in all entries */
    struct snoop_entry *changes;    /* the list of changes */
    struct snoop_entry *buckets[BUCKETS];   /* by VLAN and address */
};

/* All entries, one after the other: the one behind 'entry', or the first for
 * NULL; NULL at the end.  What is found may change, but must not go. */
struct snoop_entry *table_next(const struct snoop_table *table,
                               const struct snoop_entry *entry);
/* The address of the group, or NULL. */
struct snoop_entry *table_entry(struct snoop_table *table,
                                const struct snoop_key *key);
/* The same, made when it is not there; NULL: no memory. */
struct snoop_entry *table_make_entry(struct snoop_table *table,
                                     const struct snoop_key *key);
/* The group at the entry (or NULL), or NULL. */
struct snoop_group *table_group(const struct snoop_entry *entry,
                                const struct snoop_key *key);
/* A new group at the entry; NULL: no memory. */
struct snoop_group *table_make_group(struct snoop_table *table,
                                     struct snoop_entry *entry,
                                     const struct snoop_key *key);

#endif
