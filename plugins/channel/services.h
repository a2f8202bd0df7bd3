/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SERVICES_H
#define CHANNEL_SERVICES_H

/*
 * What settings say of addresses: of ports of VMs with link fixed, and of the
 * proxies of other hosts.
 */

#include "channel.h"

/* XVS_ChannelService. */
struct service {
    struct xvs_guid instance;   /* of the setting */
    struct service *next;       /* of the same VM, as they came; or NULL */
    char vm[64];                /* lower case */
    uint16_t port;
    struct grant grant;
};

/* XVS_ChannelPeer. */
struct other_host {
    struct item item;
    char host[64];              /* lower case */
    char address[64];           /* as it was written: for DNS */
    struct grant grant;
    struct tls_keys *tls;       /* NULL: without TLS */
    char name[254];             /* that its certificate must have */
    char token[256];            /* what this host shows; "": nothing */
    bool speaks;                /* this host says who its clients are */
};

/* All of them (services.c); NULL: no memory. */
struct services *services_create(void);
void services_destroy(struct services *self);   /* accepts NULL */
/* NULL: there is none; of the VM the first one. */
struct service *services_get(const struct services *self,
                             const struct xvs_guid *instance);
struct service *services_of(const struct services *self, const char *vm);
/* Takes it over; false: no memory. */
bool services_add(struct services *self, struct service *service);
/* It is the caller's. */
void services_remove(struct services *self, struct service *service);

/* For client/proxy.h. */
bool peers_find(struct proxy_host *host, const char *name,
                struct peer_way *way);
/* All of them, at the end. */
void peers_clear(struct channel *self);

#endif
