/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_H
#define GUARD_H

/*
 * One instance of the extension, on one switch.
 *
 *   guard.c        life, ports, events; the descriptor
 *   settings.c     settings from the operator
 *   set.c          settings made into what packets are compared with
 *   filter.c       the packet hook, and what it notes of offences
 *   judge.c        whether a packet is honest; neighbour.c: ARP and neighbour
 *                  discovery
 *   dhcp.c         DHCP messages; lease.c: the addresses that servers gave;
 *                  keep.c: the same for who comes after us
 *   status.c       counters and leases, as objects
 *   text.c         text forms of addresses
 *   xvs_guard.h    the schema in C, made by xvs-mofc
 *
 * Threads: everything in these structs belongs to the control thread, except
 * what the packet hook reaches: self->ports and, from there, a port's set
 * (both replaced as a whole with xvs_publish()), its counters (atomic), its
 * last offence (under its lock) and its leases (lease.h).
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xvs/extension.h>

#include "keep.h"
#include "lease.h"
#include "set.h"

/* Numbers in xvs_packet.drop_reason. */
enum guard_reason {
    GUARD_PASS = 0,
    GUARD_SPOOFED_MAC, GUARD_SPOOFED_IPV4, GUARD_SPOOFED_IPV6,
    GUARD_SPOOFED_ARP, GUARD_SPOOFED_NEIGHBOUR,
    GUARD_DHCP_SERVER,          /* as servers and relays send */
    GUARD_DHCP_CLIENT,          /* for another client */
    GUARD_ADVERTISEMENT,        /* of a router */
    GUARD_REDIRECTS,
    GUARD_ARP_RATE,
    GUARD_BROKEN,               /* headers that lie */
    GUARD_HIDDEN,               /* headers that are not where they should */
    GUARD_REASONS
};

/* Properties that both classes of settings have, by number. */
enum guard_property {
    GUARD_IS_MODE, GUARD_IS_TRUSTED, GUARD_IS_MACS, GUARD_IS_ADDRESSES,
    GUARD_IS_DHCP, GUARD_IS_ROUTER, GUARD_IS_REDIRECTS, GUARD_IS_SNOOPING,
    GUARD_IS_ARP_RATE, GUARD_PROPERTIES
};

/* Settings of a port or of the switch. */
struct guard_values {
    bool are_set;               /* there are such settings */
    struct xvs_guid instance;   /* theirs */
    uint32_t given;             /* bit i: property i is not NULL */
    uint32_t of[GUARD_PROPERTIES];
    uint32_t n_macs;            /* of the port; 0: its own */
    uint64_t macs[GUARD_MACS];
};

/* An address that a port is allowed. */
struct guard_address {
    struct guard_address *next;
    struct xvs_guid instance;   /* of XVS_GuardAddress */
    bool is_ipv6;
    struct guard_ipv4 ipv4;     /* one of the two */
    struct guard_ipv6 ipv6;
};

/* What was wrong last. */
struct guard_offence {
    uint64_t time;              /* of arrival; 0: never */
    uint8_t mac[6];             /* source of the frame */
    uint8_t reason;             /* enum guard_reason */
    uint8_t family;             /* of 'address': 4, 6, or 0: none */
    uint8_t address[16];        /* that it was about */
};

struct guard_port {
    struct guard_port *next;    /* in guard.all_ports */
    uint32_t id;                /* the core's */
    char name[XVS_NAME_SIZE];
    uint8_t mac[6];             /* that the core knows; zero: none */
    struct guard_set *set;      /* published */
    struct guard_set *next_set; /* while a change is prepared */
    struct guard_values values;
    struct guard_address *addresses;
    uint32_t n_addresses;
    _Atomic uint64_t counts[GUARD_REASONS]; /* packets by reason */
    _Atomic uint64_t arp_next;  /* when the next ARP packet is in time */
    pthread_mutex_t lock;       /* of 'last'; workers only try it */
    struct guard_offence last;
    uint64_t n_told;            /* offences before the last event */
    uint64_t told_at;           /* when that was; 0: never */
    struct guard_leases leases;
    struct guard *guard;        /* whose it is */
};

/* What the packet hook searches: open addressing by port id. */
struct guard_ports {
    uint32_t mask;              /* number of slots - 1 */
    struct guard_port *slots[];
};

struct guard {
    const struct xvs_host *host;
    struct guard_ports *ports;  /* published */
    struct guard_port *all_ports;
    struct guard_values values;
    bool has_timer;             /* offences are looked for */
    struct xvs_keep keep;       /* guard_kept; no bytes: there is none */
    pthread_mutex_t keep_lock;  /* of those who write there */
};

/* First slot to look at in guard_ports. */
static inline uint32_t
guard_port_hash(uint32_t id)
{
    return id * 0x9e3779b1u >> 16;
}

extern const char *const guard_reasons[GUARD_REASONS];

/* The port of that id in what the packet hook has, or NULL. */
static inline struct guard_port *
guard_port_lookup(const struct guard_ports *ports, uint32_t id)
{
    for (uint32_t at = guard_port_hash(id);; at++) {
        struct guard_port *port = ports->slots[at & ports->mask];

        if (!port || port->id == id) {
            return port;
        }
    }
}

/* The port of that id, or NULL (control thread). */
struct guard_port *guard_port_find(const struct guard *self, uint32_t id);

/*
 * Publishes new sets: of 'port', or with NULL of every port.  False, with
 * nothing changed, when memory is short.
 */
bool guard_publish(struct guard *self, struct guard_port *port);

int guard_setting(void *self, const struct xvs_setting *setting,
                  struct xvs_answer *answer);
int guard_status(void *self, const struct xvs_query *query,
                 struct xvs_answer *answer);
void guard_ingress(void *self, struct xvs_burst *burst);

/* What was wrong last, as one piece; and packets of all reasons. */
struct guard_offence guard_last(struct guard_port *port);
uint64_t guard_total(const struct guard_port *port);

#endif
