/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_TABLE_H
#define XVS_SWITCH_FORWARD_TABLE_H

/*
 * The ports of a switch as workers see them.
 *
 *     main thread                       worker
 *     vswitch.ports (list) --builds--> vswitch.table --> vport --> port
 *                                      (published,       counters  (driver,
 *                                       never changed)             published)
 *
 * Every change makes a new table; the old one, a port that left it and a
 * driver that was replaced are freed after a grace period.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#include "control/message.h"
#include "packet/grace.h"
#include "packet/tally.h"
#include "port/port.h"
#include "switch/forward/policy/loop.h"
#include "switch/forward/policy/policy.h"

struct chain;
struct driver;
struct egress;
struct fixed;
struct flight;
struct flow_set;
struct loop_watch;
struct mac_table;
struct port_entry;
struct switch_policy;
struct tap_set;
struct vport;

/* What policies drop for; struct xvs_port_drops has the same, but for
 * DROP_ENTRY and DROP_BUFFERS, which are no policies. */
enum drop_reason {
    DROP_NONE,                  /* it was not a policy */
    DROP_VLAN,
    DROP_ISOLATION,
    DROP_BROADCAST,             /* storm limits, as enum xvs_storm */
    DROP_MULTICAST,
    DROP_UNKNOWN,
    DROP_RATE_IN,
    DROP_RATE_OUT,
    DROP_ADDRESS_LIMIT,
    DROP_SPOOFED,
    DROP_LOOP,
    DROP_NO_MEMBERS,            /* multicast that is for members only */
    DROP_ENTRY,                 /* the stage where the port enters the chain
                                 * is not there */
    DROP_QUEUES,                /* no room in the port's queues */
    DROP_BUFFERS,               /* no buffer for a copy that others do not see
                                 * changed */
    DROP_REASONS
};

/* What one worker did for a port. */
struct port_counters {
    uint64_t rx_packets, rx_bytes, rx_dropped;
    uint64_t tx_packets, tx_bytes, tx_dropped;
    uint64_t filtered;          /* dropped by stages or for want of a way */
} __attribute__((aligned(64)));

/* Why one worker dropped a port's packets: enum drop_reason below. */
struct port_drops {
    uint64_t reasons[DROP_REASONS];
    uint64_t moves;             /* addresses that came from another port */
} __attribute__((aligned(64)));

enum vport_state { VPORT_UP, VPORT_DOWN, VPORT_GONE };

/* Bits of vport.special: the packet path looks closer. */
enum vport_special {
    VPORT_POLICY = 0x01,        /* there is a policy */
    VPORT_SUSPECT = 0x02,       /* of a loop, see loop.h */
    VPORT_BLOCKED = 0x04,       /* because of a loop */
    VPORT_DISABLED = 0x08,      /* by the operator */
    VPORT_ENTRY = 0x10,         /* enters the chain at a stage */
    VPORT_QUEUES = 0x20,        /* packets wait in queues, see egress.h */
};

/* A port of a switch. */
struct vport {
    struct grace_call grace;    /* for freeing it */
    struct vport *next;         /* in vswitch.ports; main thread */
    struct vswitch *vswitch;    /* whose it is */
    struct driver *driver;      /* main thread */
    uint32_t id;
    struct port *port;          /* driver, published; NULL: gone */
    struct control_port made;   /* as was asked for; main thread */
    uint8_t mac[6];             /* of the interface; main thread */
    uint8_t own_mac[6];         /* that it had when none was asked for */
    uint32_t mtu;               /* of the interface; atomic */
    enum vport_state state;     /* main thread */
    char text[CONTROL_STATE];   /* why it is not up; main thread */
    uint64_t lost;              /* as drivers that were closed counted it */
    struct policy_owners owners;    /* under the policy lock */
    struct policy *policy;      /* published; NULL: none */
    struct egress *egress;      /* published; NULL: it never had queues */
    struct port_entry *entry;   /* published; NULL: at the first stage */
    uint32_t special;           /* enum vport_special; atomic */
    uint32_t n_addresses;       /* learned at it; atomic */
    struct loop_state loop;     /* the workers' */
    uint32_t told_loops;        /* loop.loops at the last event */
    uint16_t group[WORKERS_MAX];    /* each worker's hint, see forward.c */
    struct port_counters counters[WORKERS_MAX];
    struct port_drops drops[WORKERS_MAX];
};

struct port_table {
    struct grace_call grace;    /* for freeing it */
    uint32_t n;
    uint32_t mask;              /* of 'slots' */
    uint32_t *slots;            /* hash: index into 'ports' + 1, or 0 */
    struct vport *ports[];
};

/* What packets of a switch meet; part of struct vswitch. */
struct path {
    struct port_table *table;   /* published; never NULL */
    struct chain *chain;        /* published; NULL: no stage */
    struct mac_table *macs;
    struct fixed *statics;      /* published; NULL: no fixed address */
    struct fixed *groups;       /* published; NULL: no multicast group */
    struct switch_policy *policy;   /* published; never NULL */
    struct loop_watch *loops;   /* the workers' */
    struct tap_set *taps;       /* published; NULL: nobody looks at packets */
    struct flow_set *flows;     /* published; NULL: nobody wants them */
    struct flight *flights;     /* the workers', WORKERS_MAX */
};

/* A table of the list's ports. */
struct port_table *table_create(struct vport *first);
void table_retire(struct port_table *table);    /* accepts NULL */
struct vport *table_find(const struct port_table *table, uint32_t id);

static inline uint32_t
vport_special(const struct vport *port)
{
    return __atomic_load_n(&port->special, __ATOMIC_ACQUIRE);
}

/* XVS_PORT_... of its policy. */
static inline uint32_t
vport_flags(struct vport *port)
{
    const struct policy *policy = xvs_read(port->policy);

    return policy ? policy->set.flags : 0;
}

static inline void
vport_drop(struct vport *port, uint32_t worker, enum drop_reason reason,
           uint64_t n)
{
    tally_add(&port->drops[worker].reasons[reason], n);
}

#endif
