/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_OFFLOAD_H
#define XVS_PACKET_OFFLOAD_H

/*
 * Work that a sender left to its network card: a checksum that is not
 * finished yet, and a segment that is larger than a frame.  Guests and kernels
 * say so with a virtio_net_hdr in front of the frame.  The request travels in
 * the packet's metadata to ports that can pass it on; for the others it is
 * done here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_cache;
struct virtio_net_hdr;
struct xvs_packet;

/* Internet checksum over 'size' bytes, continued from 'sum', not folded. */
uint32_t offload_sum(uint32_t sum, const uint8_t *data, size_t size);
uint16_t offload_fold(uint32_t sum);

/*
 * Notes what the sender asks for.  The frame is in place.  False: the request
 * contradicts the frame, which is to be dropped.
 */
bool offload_take(struct xvs_packet *packet,
                  const struct virtio_net_hdr *head);
/* Writes the request for the next card; all zero where there is none. */
void offload_give(const struct xvs_packet *packet,
                  struct virtio_net_hdr *head);

/* Finishes an open checksum; false when its field is outside. */
bool offload_finish(struct xvs_packet *packet);

/* Notes that the checksum of TCP or UDP is open, of a frame whose sender may
 * not have said so: one that comes by XDP (core/packet/guess.c). */
void offload_guess(struct xvs_packet *packet);

/* A super frame that is being cut. */
struct offload_cut {
    const struct xvs_packet *packet;
    uint32_t l3, l4;            /* offsets of IP and TCP or UDP */
    uint32_t headers;           /* bytes up to the payload */
    uint32_t payload;           /* bytes of payload in each segment */
    uint32_t next;              /* payload bytes that were cut already */
    uint32_t index;             /* of the next segment */
    bool is_ipv6, is_udp;
};

/* False when it is no super frame that can be cut.  The packet is parsed. */
bool offload_cut_start(struct offload_cut *cut,
                       const struct xvs_packet *packet);
/*
 * The next segment, a finished packet of its own that the caller owns; NULL
 * with cut->next at the end of the payload when all is done, NULL before it
 * when there is no packet left.
 */
struct xvs_packet *offload_cut_next(struct offload_cut *cut,
                                    struct pool_cache *cache);
/* Whether all of it was cut. */
bool offload_cut_done(const struct offload_cut *cut);

#endif
