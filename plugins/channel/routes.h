/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_ROUTES_H
#define CHANNEL_ROUTES_H

/*
 * What VMs open: a stream to a port of their host goes where a setting says,
 * and nowhere else.
 */

#include "channel.h"

struct vm;

/* XVS_ChannelRoute. */
struct route {
    struct item item;
    struct channel *channel;
    char vm[64];                /* a pattern, lower case */
    uint32_t port;
    struct grant grant;         /* where it goes */
    struct grant listen;        /* of a hybrid vsock's socket */
    bool has_listen, header, is_tcp;
    uint32_t connections;       /* at the same time; 0: any number */
    uint64_t idle;              /* ns; 0: for ever */
    struct watch watch;         /* of what listens; fd -1: none */
    struct guest *guests;       /* streams that are open */
    uint32_t n_guests;
};

/* For link.h: a stream that came over a VM's link. */
bool routes_accept(struct link_host *host, struct link *link, uint16_t port,
                   struct side *guest, char reason[128]);
/* For timer(): opens what listens and is not open. */
void routes_open(struct channel *self);
/* Ends the streams of a VM, and of a route; of all at a pause. */
void routes_end(struct channel *self, const struct vm *vm);
void routes_end_route(struct route *route);
void routes_pause(struct channel *self);
/* The header of the PROXY protocol, version 2, for a VM; its size. */
#define ROUTES_HEADER 160u
size_t routes_header(uint8_t header[ROUTES_HEADER], const struct vm *vm);

#endif
