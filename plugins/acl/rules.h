/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_RULES_H
#define ACL_RULES_H

/*
 * Rules, and the sets that packets are compared with.
 *
 * A rule (struct acl_rule) is one setting; the control thread owns all of
 * them.  A set is what they say for one port: the rules of the port and those
 * of the switch, sorted, in lists by direction and kind of packet.  A set
 * never changes once it is published; a change of any rule makes new ones.
 * Counters are shared by a rule and the sets made from it, so they survive
 * such a change.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xvs/types.h>

#include "address.h"
#include "key.h"

enum acl_action { ACL_ALLOW = 1, ACL_DENY = 2 };

/* Bits of acl_rule.direction. */
#define ACL_DIRECTION_IN 1
#define ACL_DIRECTION_OUT 2

#define ACL_SHARDS 8

/*
 * A count that many threads add to: each adds to its own shard, a cache line
 * of its own, and a reader sums them up.
 */
struct acl_counter {
    struct {
        _Atomic uint64_t packets;
        _Atomic uint64_t bytes;
        _Atomic uint64_t last;      /* nanoseconds, monotonic; 0: never */
        uint64_t pad[5];
    } shards[ACL_SHARDS];
};

struct acl_count {
    uint64_t packets;
    uint64_t bytes;
    uint64_t last;              /* as above */
};

/* What a packet is compared with. */
struct acl_match {
    struct acl_prefix source;
    struct acl_prefix destination;
    struct acl_mac source_mac;
    struct acl_mac destination_mac;
    uint16_t source_low, source_high;           /* ports, inclusive */
    uint16_t destination_low, destination_high;
    uint16_t ethertype;         /* 0: any */
    uint8_t protocol;           /* 0: any */
    bool has_ports;             /* names any */
};

struct acl_rule {
    struct acl_rule *next;      /* of its port or switch, unordered */
    struct xvs_guid instance;   /* of the setting */
    uint32_t priority;          /* lower is first */
    uint8_t direction;          /* ACL_DIRECTION_... */
    uint8_t action;             /* enum acl_action */
    bool is_stateful;           /* replies pass */
    bool is_switch;             /* a rule for all ports */
    uint32_t idle_seconds;      /* of a connection; 0: by protocol */
    struct acl_match match;
    struct acl_counter *counter;    /* owned; released with retire() */
};

/* A rule within a set. */
struct acl_entry {
    struct acl_match match;
    struct acl_counter *counter;    /* the rule's */
    uint32_t idle_seconds;
    uint8_t action;
    bool is_stateful;
};

struct acl_list {
    uint32_t first;             /* index in acl_set.order */
    uint32_t n;
};

struct acl_set {
    uint64_t generation;        /* unique; connections remember it */
    uint32_t max_connections;   /* of the port */
    uint32_t n_entries;
    uint8_t default_action;     /* enum acl_action */
    bool is_idle;               /* lets everything pass: nothing to look at */
    bool has_stateful;
    struct acl_list lists[2][ACL_N_KINDS];      /* by direction and kind */
    uint32_t *order;            /* indices of entries, for the lists */
    struct acl_entry *entries;  /* sorted: the first that matches decides */
};

/* What makes a set besides the rules. */
struct acl_policy {
    uint64_t generation;
    uint32_t max_connections;
    uint8_t default_action;
};

/* One block, freed with free(); NULL: no memory. */
struct acl_set *acl_set_build(const struct acl_rule *port_rules,
                              const struct acl_rule *switch_rules,
                              const struct acl_policy *policy);
/* Index of the entry that decides about the packet, or -1. */
int acl_set_match(const struct acl_set *set, int direction,
                  const struct acl_key *key);

struct acl_counter *acl_counter_create(void);   /* NULL: no memory */
/* Adds to the calling thread's shard. */
void acl_counter_add(struct acl_counter *counter, uint64_t packets,
                     uint64_t bytes, uint64_t now);
struct acl_count acl_counter_read(const struct acl_counter *counter);
void acl_counter_reset(struct acl_counter *counter);

#endif
