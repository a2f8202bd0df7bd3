/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_H
#define CHANNEL_H

/*
 * The extension channel: programs on other hosts talk to VMs that have no
 * network.  All of it is the control thread's.
 *
 *     client --> listener --> proxy.c ---------> relay.c <--> link.h --> VM
 *                             who? where? may he?                         |
 *                             rules.h, map.h                              |
 *     service <-- relay.c <-- routes.c <----------------------------------+
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/service.h>

#include "items.h"
#include "link/link.h"
#include "client/proxy.h"
#include "move/relay.h"

#define SECOND UINT64_C(1000000000)
#define SOCKETS_AT_ONCE 64u     /* opened by one call */

/* What XVS_Channel says. */
struct config {
    char host[64], zone[128];   /* lower case */
    uint64_t head_timeout, dial_timeout;    /* ns */
    uint32_t max_clients;
};

/* A socket that a setting grants. */
struct grant {
    struct xvs_guid uuid, instance;     /* of the class, of the setting */
    uint32_t property;
};

/* What was refused, by why. */
enum refusal {
    REFUSED_REQUEST, REFUSED_CLIENT, REFUSED_RULE, REFUSED_NAME, REFUSED_PORT,
    REFUSED_DOWN, REFUSED_LIMIT, REFUSALS
};

/* What was done, in all or for a VM. */
struct counts {
    uint32_t conversations;     /* now */
    uint64_t opened;            /* conversations */
    struct relay_count bytes;   /* of conversations */
    uint64_t refused[REFUSALS];
    uint32_t guest_streams;     /* now */
    uint64_t guest_opened, guest_refused;
    uint64_t dialled;           /* ns, of the last that was opened; 0: none */
};

/* Lines about clients: so many may be told still, so many were not. */
struct audit {
    uint32_t lines, events;
    uint64_t more_lines, more_events;
};

struct channel {
    const struct xvs_host *host;
    const struct xvs_sockets *sockets;      /* or NULL */
    bool active;
    struct config config;
    struct loop *loop;          /* NULL: there are no sockets */
    struct map *map;            /* of VMs; each has an owner of vms.h */
    struct rules *rules;
    struct link_host links;     /* links.c */
    struct link_wish *wishes, **last_wish;  /* sockets to be opened */
    struct link_wish *served[SOCKETS_AT_ONCE];  /* now; NULL: forgotten */
    uint32_t n_served;
    bool serving;               /* timer() looks at wishes again */
    bool watched;               /* the host watches the loop */
    struct proxy_host proxy_host;
    struct proxy *proxy;        /* NULL: not active */
    struct services *services;  /* services.h */
    struct item *peers, *routes, *dns, *listeners;
    struct counts counts;
    uint32_t serial;            /* another one after a change, for DNS */
    uint64_t dns_queries, dns_refused, dns_limited;
    uint64_t next_expiry;       /* ns; no lease ends before; 0: none does */
    uint64_t next_tick;         /* ns; not at each wish for a socket */
    struct audit audit;
};

/* settings.c */
void channel_defaults(struct config *config);
int channel_setting(void *self, const struct xvs_setting *setting,
                    struct xvs_answer *answer);

/* status.c */
int channel_status(void *self, const struct xvs_query *query,
                   struct xvs_answer *answer);

/* channel.c */
/* ns, monotonic. */
uint64_t channel_now(const struct channel *self);
/* What listens, or should, is looked at soon. */
void channel_soon(struct channel *self);
/* Ends the conversations that may not go on: their VM has moved or is
 * forgotten, no rule allows them. */
void channel_sweep(struct channel *self, const char *reason);
/* Ends all conversations with that VM. */
void channel_sweep_vm(struct channel *self, const struct map_vm *vm,
                      const char *reason);

#endif
