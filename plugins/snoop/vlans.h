/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_VLANS_H
#define SNOOP_VLANS_H

/*
 * Where the routers are, for each VLAN and each of IPv4 and IPv6, and whether
 * the VLAN has a querier.  Only a querier makes hosts say what they listen to,
 * so without one nothing is known and everything is flooded (RFC 4541, 2.1.2
 * and 3).
 *
 *     no querier --general query--> settling --hosts have answered--> bound
 *         ^                                                             |
 *         +----------------- no query for QuerierAgeing ----------------+
 *
 * "Settling" ends the time that the query gives hosts for their answers after
 * it, and half a second; until then what is known is not all.  Everything
 * belongs to the control thread; time is what the caller says it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

#define SNOOP_VLANS 4096u

/* A port where a router is. */
struct snoop_router {
    struct snoop_router *next;
    uint32_t port_id;
    bool is_pim;                /* it said hello; else it asked */
    uint64_t seen;              /* ns */
    uint64_t expires;           /* ns */
};

struct snoop_vlan {
    struct snoop_vlan *next;    /* of all that are in use */
    bool is_ipv6;
    uint16_t vlan;
    bool has_querier;           /* the next six are about it */
    bool is_bound;              /* frames go to members only */
    uint8_t version;            /* that it speaks */
    uint32_t port_id;
    uint64_t seen, expires;     /* ns */
    uint64_t settles;           /* ns: bound from then on */
    uint8_t querier[SNOOP_ADDRESS];
    struct snoop_router *routers;
};

struct snoop_vlans {
    struct snoop_vlan *first;
    bool is_changed;            /* workers and switch have to be told */
    struct snoop_vlan *of[2][SNOOP_VLANS];  /* by is_ipv6 and VLAN, or NULL */
};

/* A query or hello that came in. */
struct snoop_heard {
    bool is_ipv6;
    uint16_t vlan;
    uint32_t port_id;
    uint8_t version;
    bool is_hello;
    bool is_general;            /* a query that all hosts answer */
    uint32_t response_ms;       /* within that */
    const uint8_t *source;      /* not 0 */
    uint64_t now;               /* ns */
    uint64_t ageing;            /* ns: a router that is silent has gone */
    uint64_t longest;           /* ns: nobody settles for longer */
};

/* False: no memory. */
bool snoop_vlans_hear(struct snoop_vlans *vlans,
                      const struct snoop_heard *heard);
/* Takes out what has expired, and binds VLANs that have settled.  Returns ns
 * until the next one settles, at most 'most'. */
uint64_t snoop_vlans_age(struct snoop_vlans *vlans, uint64_t now,
                         uint64_t most);
/* Takes out routers and queriers at the port; XVS_PORT_NONE: all. */
void snoop_vlans_forget(struct snoop_vlans *vlans, uint32_t port_id);
/* Takes out VLANs for which 'goes' is true. */
void snoop_vlans_sift(struct snoop_vlans *vlans,
                      bool (*goes)(void *arg, const struct snoop_vlan *vlan),
                      void *arg);

#endif
