/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_BURST_H
#define ACL_BURST_H

/*
 * What a thread has in its hands while it goes through a burst: burst.c reads
 * packets and fetches what they need, some at a time, filter.c judges them.
 * Packets of a flow that come one behind the other are judged once.
 *
 * What is counted is collected here and added at the end of the burst, since
 * many packets in a row are let pass by few rules.
 */

#include <stdint.h>

#include <xvs/extension.h>

#include "acl.h"

#define ACL_HITS 16u            /* counters that are collected at a time */

/* What is to be added to a counter. */
struct acl_hit {
    struct acl_counter *counter;    /* NULL: nothing */
    uint64_t packets;
    uint64_t bytes;
    uint64_t last;              /* time of the newest packet */
};

struct acl_burst {
    struct acl *self;
    int direction;              /* ACL_IN, ACL_OUT */
    struct acl_memory *memory;  /* of the thread; NULL: none */
    struct acl_port *port;      /* of the packets at hand; NULL: not ours */
    const struct acl_set *set;  /* of the port; NULL: lets everything pass */
    struct acl_asker asker;     /* the same, for memory */
    struct acl_hit hits[ACL_HITS];  /* by a hash of the counter */
};

/* Packets that have to be judged: one, or several that are alike. */
struct acl_item {
    struct xvs_packet *packet;  /* the first */
    uint32_t n;
    uint64_t bytes;             /* of them all */
    uint64_t time;              /* of arrival, of the last */
    const struct acl_memory_entry *entry;   /* where it may be known; NULL */
    bool is_plain;              /* 'asked' was read without a key */
    bool is_known;              /* 'known' is set */
    uint8_t tcp_flags;          /* of a plain one */
    struct acl_asked asked;
    struct acl_known known;
    struct acl_key key;         /* not of a plain one */
};

/* Seed of hashes of packets at the port. */
static inline uint64_t
acl_port_seed(const struct acl *self, const struct acl_port *port)
{
    return self->seed ^ (uint64_t) port->serial * 0x9e3779b97f4a7c15u;
}

/* Counts the packets, now or at the end of the burst. */
void acl_burst_hit(struct acl_burst *burst, struct acl_counter *counter,
                   const struct acl_item *item);

/* filter.c.  XVS_DROP or XVS_PASS for all; '*reason' is set with XVS_DROP. */
enum xvs_verdict acl_judge(struct acl_burst *burst, struct acl_item *item,
                           enum acl_reason *reason);

#endif
