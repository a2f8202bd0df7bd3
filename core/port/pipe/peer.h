/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PIPE_PEER_H
#define XVS_PORT_PIPE_PEER_H

/*
 * One peer of a pipe, from its hello until it has gone: the connection, the
 * memory that both have, and our side of its rings.  Made on the main thread,
 * used by workers, freed after a grace period.  Each peer gets fresh memory:
 * what an earlier one still has mapped is of no use to it.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "packet/grace.h"
#include "port/pipe/message.h"

struct error;
struct pool_cache;
struct port_tally;
struct xvs_packet;

struct peer {
    struct grace_call grace;    /* for freeing it */
    int fd;                     /* the connection */
    struct pipe_memory *memory;
    struct ring_end rx;         /* of the worker that has the queue */
    struct ring_end tx;         /* of who has 'lock' */
    pthread_mutex_t lock;
    pid_t pid;                  /* the peer's process */
    atomic_bool lied;           /* it was cut off for breaking the ring */
};

/* Takes over the connection and sends the welcome with the memory; the peer
 * sees its link 'up' or down.  NULL with an error, and the connection is still
 * the caller's. */
struct peer *peer_create(int fd, const struct pipe_welcome *welcome, bool up,
                         struct error *error);
/* Lets it see its link go up or down, and wakes it for that; main thread. */
void peer_set_link(struct peer *peer, bool up);
void peer_destroy(struct peer *peer);   /* accepts NULL */
/* The same after a grace period. */
void peer_retire(struct peer *peer);

/* For workers; see port.h. */
uint32_t peer_receive(struct peer *peer, struct pool_cache *cache,
                      struct xvs_packet **packets, uint32_t max,
                      struct port_tally *tally);
void peer_transmit(struct peer *peer, struct xvs_packet *const *packets,
                   uint32_t n, struct port_tally *tally);
bool peer_arm(struct peer *peer);
void peer_disarm(struct peer *peer);

#endif
