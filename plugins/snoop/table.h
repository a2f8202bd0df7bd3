/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_TABLE_H
#define SNOOP_TABLE_H

/*
 * Who listens to what: the ports of each group, per VLAN.  The switch knows
 * Ethernet addresses only, and several groups may have the same one; so
 * groups hang at their address, whose ports are those of all its groups.
 *
 *     hash of VLAN and address --> entry --> entry ...
 *                                    |
 *                                    +-> group --> group ...
 *                                          |
 *                                          +-> member (port) --> member ...
 *
 * An entry that has changed since the switch was told hangs in the list of
 * changes as well.  Everything belongs to the control thread; time is what
 * the caller says it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

#define SNOOP_MEMBERS 1024u     /* of an entry, at most */

struct snoop_table;

/* A port as far as the table needs it: part of the caller's struct. */
struct snoop_owner {
    uint32_t id;
    uint32_t n_joined;          /* memberships that were not set */
};

struct snoop_key {
    bool is_ipv6;
    uint16_t vlan;
    uint8_t group[SNOOP_ADDRESS];
};

bool snoop_key_equal(const struct snoop_key *a, const struct snoop_key *b);

/* A port of a group. */
struct snoop_member {
    struct snoop_member *next;
    struct snoop_owner *owner;
    bool is_static;             /* set by the operator */
    bool is_joined;             /* asked for by somebody there */
    uint8_t version;            /* the protocol's, of the newest report */
    uint64_t seen;              /* ns, newest report */
    uint64_t expires;           /* ns; when is_joined */
    uint8_t source[SNOOP_ADDRESS];  /* who sent that report */
};

struct snoop_group {
    struct snoop_group *next;   /* of the same entry */
    struct snoop_key key;
    struct snoop_member *members;
};

/* An Ethernet address of groups. */
struct snoop_entry {
    struct snoop_entry *next;   /* of its bucket */
    struct snoop_entry *next_change;    /* in the list of changes */
    bool is_changed;            /* it is in that list */
    bool is_told;               /* the switch has it; the caller's */
    bool is_ipv6;
    uint16_t vlan;
    uint8_t mac[6];
    uint32_t n_members;         /* of all its groups */
    struct snoop_group *groups; /* NULL: it may go */
};

enum snoop_joined { SNOOP_JOINED, SNOOP_PORT_FULL, SNOOP_SWITCH_FULL,
                    SNOOP_NO_MEMORY };

/* A report about a group. */
struct snoop_join {
    struct snoop_owner *owner;
    uint8_t version;
    const uint8_t *source;      /* who sent it */
    uint64_t now;               /* ns */
    uint64_t expires;           /* ns, if nothing more is heard */
    uint32_t max_groups;        /* of the switch */
    uint32_t max_joined;        /* of the port */
};

/* 'seed' is random, so that nobody finds groups that collide. */
struct snoop_table *snoop_table_create(uint32_t seed);
void snoop_table_destroy(struct snoop_table *table);    /* accepts NULL */
uint32_t snoop_table_groups(const struct snoop_table *table);

/* A member joins or says that it is still there. */
enum snoop_joined snoop_table_join(struct snoop_table *table,
                                   const struct snoop_key *key,
                                   const struct snoop_join *join);
/* It goes at 'expires', if nothing more is heard; 0: now. */
void snoop_table_leave(struct snoop_table *table,
                       const struct snoop_key *key,
                       struct snoop_owner *owner, uint64_t expires);
/* The operator puts a port into a group, or takes it out; false: there is no
 * room or no memory. */
bool snoop_table_set(struct snoop_table *table, const struct snoop_key *key,
                     struct snoop_owner *owner, bool is_static);

/* Takes out memberships that were joined and for which 'ends' is true. */
typedef bool snoop_ends(void *arg, const struct snoop_key *key,
                        const struct snoop_member *member);
void snoop_table_sift(struct snoop_table *table, snoop_ends *ends, void *arg);
/* Those that have expired. */
void snoop_table_age(struct snoop_table *table, uint64_t now);
/* The port goes, and all its memberships. */
void snoop_table_forget(struct snoop_table *table, struct snoop_owner *owner);

/* Calls 'visit' for each membership until it returns another value than 0,
 * which is returned. */
typedef int snoop_visit(void *arg, const struct snoop_key *key,
                        const struct snoop_member *member);
int snoop_table_walk(const struct snoop_table *table, snoop_visit *visit,
                     void *arg);

/* Whether the switch was told of the address. */
bool snoop_table_has(struct snoop_table *table, uint16_t vlan,
                     const uint8_t mac[6]);
/* The switch has to be told anew of all entries of a VLAN. */
void snoop_table_change_vlan(struct snoop_table *table, bool is_ipv6,
                             uint16_t vlan);
/* The next entry that has changed, no more in the list; NULL: none. */
struct snoop_entry *snoop_table_changed(struct snoop_table *table);
/* Puts it back into the list: the switch did not take it. */
void snoop_table_change(struct snoop_table *table, struct snoop_entry *entry);
/* The switch was told; frees an entry without groups. */
void snoop_table_told(struct snoop_table *table, struct snoop_entry *entry);
/* The entry's ports, each once, up to 'n' of them; returns how many. */
uint32_t snoop_entry_ports(const struct snoop_entry *entry, uint32_t *ids,
                           uint32_t n);

#endif
