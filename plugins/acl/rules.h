/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_RULES_H
#define ACL_RULES_H

/*
 * One rule: what it is about, when it decides, what it has counted.
 *
 * A rule (struct acl_rule) is one setting.  The control thread makes, replaces
 * and retires them; a rule never changes but for 'next' and 'place', which
 * are the control thread's alone, so packet hooks read the rest without a
 * lock.  A changed setting is a new rule that takes over the counter.
 *
 *     book.h      all rules of a port, or of the switch
 *     view.h      what packets see of a book
 *     classify.h  the part of a view that is compiled
 *     set.h       two views and the policy of one port
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

/* Packets of one direction and kind. */
#define ACL_N_LISTS (2 * ACL_N_KINDS)

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

/* What is wanted of a packet that matches is in front, in one cache line. */
struct acl_rule {
    uint64_t rank;              /* the lowest that matches decides */
    struct acl_counter *counter;    /* owned; released with retire() */
    uint32_t lists;             /* bit acl_list() for each it is about */
    uint32_t idle_seconds;      /* of a connection; 0: by protocol */
    uint8_t action;             /* enum acl_action */
    uint8_t direction;          /* ACL_DIRECTION_... */
    bool is_stateful;           /* replies pass */
    bool is_switch;             /* a rule for all ports */
    uint32_t priority;          /* lower is first */
    struct acl_match match;
    struct xvs_guid instance;   /* of the setting */
    uint32_t place;             /* where it is in the newest view */
    struct acl_rule *next;      /* in a slot of its book */
};

/* Number of the list of a direction and kind, less than ACL_N_LISTS. */
static inline unsigned int
acl_list(int direction, unsigned int kind)
{
    return (unsigned int) direction * ACL_N_KINDS + kind;
}

/* A copy in memory of its own, with rank and lists set; NULL: no memory. */
struct acl_rule *acl_rule_create(const struct acl_rule *from);
/*
 * Negative when 'a' decides before 'b', by priority; at the same one a denial
 * is first, then the port's rule.  Never 0 for two rules of one book.
 */
int acl_rule_compare(const struct acl_rule *a, const struct acl_rule *b);
/* Whether the rule is about a packet whose list is one of the rule's. */
bool acl_rule_matches(const struct acl_rule *rule, const struct acl_key *key);

struct acl_counter *acl_counter_create(void);   /* NULL: no memory */
/* Adds to the calling thread's shard. */
void acl_counter_add(struct acl_counter *counter, uint64_t packets,
                     uint64_t bytes, uint64_t now);
struct acl_count acl_counter_read(const struct acl_counter *counter);
void acl_counter_reset(struct acl_counter *counter);

#endif
