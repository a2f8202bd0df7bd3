/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PIPE_SESSION_H
#define XVS_PORT_PIPE_SESSION_H

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

struct session {
    struct grace_call grace;    /* for freeing it */
    int fd;                     /* the connection */
    struct pipe_memory *memory;
    struct ring_end rx;         /* of the worker that has the queue */
    struct ring_end tx;         /* of who has 'lock' */
    pthread_mutex_t lock;
    pid_t pid;                  /* the peer's process */
    atomic_bool lied;           /* it was cut off for breaking the ring */
};

/* Takes over the connection and sends the welcome with the memory.  NULL
 * with an error, and the connection is still the caller's. */
struct session *session_create(int fd, const struct pipe_welcome *welcome,
                               struct error *error);
void session_destroy(struct session *session);  /* accepts NULL */
/* The same after a grace period. */
void session_retire(struct session *session);

/* For workers; see port.h. */
uint32_t session_receive(struct session *session, struct pool_cache *cache,
                         struct xvs_packet **packets, uint32_t max,
                         struct port_tally *tally);
void session_transmit(struct session *session,
                      struct xvs_packet *const *packets, uint32_t n,
                      struct port_tally *tally);
bool session_arm(struct session *session);
void session_disarm(struct session *session);

#endif
