/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_WORLD_H
#define CHANNEL_WORLD_H

/*
 * What a proxy of the extension channel needs, without the extension: a map of
 * a few VMs, rules that are what a test says, and sockets, which are opened
 * from the loop as the host would.
 */

#include <stdbool.h>
#include <stdint.h>

#include "channel.h"
#include "link/links.h"
#include "client/proxy.h"

#define WORLD_VMS 4u

/* Where a socket leads to: a port of 127.0.0.1, or a unix socket. */
struct world_place {
    uint16_t port;
    char path[100];             /* "": the port */
    bool broken;                /* it cannot be opened */
};

struct world_told {
    int status;
    char wanted[280], reason[160], who[64];
    uint64_t up, down;
};

struct world {
    struct loop *loop;
    struct config config;
    struct proxy_host host;
    struct link_host links;
    struct proxy *proxy;
    struct map_vm vms[WORLD_VMS];       /* those with a name */
    struct watch opener;        /* opens what is wished, at another time */
    struct link_wish *wishes;
    struct world_place peer;    /* the other host's proxy */
    bool has_peer;
    struct peer_way way;        /* how it is known */
    enum verdict verdict;       /* of known clients */
    bool everybody;             /* is allowed what known ones are */
    struct permit permit;       /* what they get */
    uint32_t permits;           /* that are out */
    struct world_told told[64]; /* the last ones */
    uint32_t n_told;
    struct relay_count bytes;
};

/* "secret" is the token of "admin", and so is the fingerprint "f00d". */
void world_begin(struct world *world);
void world_end(struct world *world);
/* A VM of that name; each of its ports leads to 'place'. */
struct map_vm *world_vm(struct world *world, const char *name,
                        struct link *link);
/* One that listens on 127.0.0.1; 'config' has its fd.  Returns the port. */
uint16_t world_listen(struct listener_config *config);
/* Runs the loop for so long, or until 'until' says so. */
bool world_run(struct world *world, bool (*until)(void *arg), void *arg);
/* A client of a port of 127.0.0.1, non-blocking. */
int world_connect(uint16_t port);
/* The last thing told with that status; NULL: none. */
const struct world_told *world_find(const struct world *world, int status);

#endif
