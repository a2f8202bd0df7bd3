/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_XDP_XSK_H
#define XVS_PORT_XDP_XSK_H

/*
 * One AF_XDP socket: a queue of an interface, with memory of its own.
 *
 *     memory:  | XSK_RECEIVE frames            | XSK_TRANSMIT frames       |
 *                fill -> kernel -> receive       stack -> transmit ->
 *                ^----- copied out ----+         ^--- completion ---+
 *
 * Every frame is copied between this memory and the pool's, so that the
 * kernel, or the card, never sees buffers of other ports and a slow card
 * never holds buffers that they need.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/bell.h"
#include "port/xdp/ring.h"

struct error;
struct pool_cache;
struct port_tally;
struct xvs_packet;

#define XSK_RECEIVE 2048u       /* frames for receiving */
#define XSK_TRANSMIT 1024u      /* frames for transmitting */
#define XSK_HEADROOM 256u       /* of each that the kernel keeps */

struct xsk_config {
    const char *name;           /* of the interface, for errors */
    int index;                  /* of the interface */
    uint32_t queue;
    uint32_t chunk;             /* bytes of a frame: 2048 or 4096 */
    bool zerocopy;
};

struct xsk {
    int fd;
    struct bell bell;           /* of its frames */
    uint32_t chunk;
    bool guess;                 /* checksums may be open, see offload_guess() */
    uint8_t *memory;
    struct ring fill, receive, transmit, completion;
    struct xsk_map {
        void *start;            /* what to unmap; NULL: nothing */
        size_t size;
    } maps[4];                  /* of the rings, in this order */
    pthread_mutex_t lock;       /* of what follows, and of both rings */
    uint32_t n_unused;
    uint64_t unused[XSK_TRANSMIT];  /* addresses of frames to transmit in */
};

/* NULL with an error and its errno in '*number'. */
struct xsk *xsk_open(const struct xsk_config *config, int *number,
                     struct error *error);
void xsk_close(struct xsk *xsk);        /* accepts NULL */

/* As port_ops.receive. */
uint32_t xsk_receive(struct xsk *xsk, struct pool_cache *cache,
                     struct xvs_packet **packets, uint32_t max,
                     struct port_tally *tally);
/* As port_ops.transmit; any thread. */
void xsk_transmit(struct xsk *xsk, struct xvs_packet *const *packets,
                  uint32_t n, struct port_tally *tally);
/* Frames that the kernel did not give us, since the socket was opened. */
struct xsk_lost {
    uint64_t refused;           /* too large, or no frame was free */
    uint64_t late;              /* the receive ring was full */
};

void xsk_add_lost(const struct xsk *xsk, struct xsk_lost *lost);

#endif
