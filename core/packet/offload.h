/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_OFFLOAD_H
#define XVS_PACKET_OFFLOAD_H

/*
 * Work that a sender left to its network card: a checksum that is not
 * finished yet, and a TCP segment that is larger than a frame.  Kernels hand
 * such frames over with a virtio_net_hdr; where a port cannot pass the
 * request on, it is done here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct virtio_net_hdr;

/* Internet checksum over 'size' bytes, continued from 'sum', not folded. */
uint32_t offload_sum(uint32_t sum, const uint8_t *data, size_t size);
uint16_t offload_fold(uint32_t sum);

/* Finishes the checksum that 'head' asks for; false when it lies outside. */
bool offload_checksum(uint8_t *frame, uint32_t size,
                      const struct virtio_net_hdr *head);

/* A TCP super frame that is being cut. */
struct offload_cut {
    const uint8_t *frame;       /* the whole frame */
    uint32_t size;              /* of it */
    uint32_t l3, l4;            /* offsets of IP and TCP */
    uint32_t headers;           /* bytes up to the payload */
    uint32_t payload;           /* bytes of payload in each segment */
    uint32_t next;              /* payload bytes that were cut already */
    bool is_ipv6;
};

/* False when it is not a TCP frame with the offsets that 'head' claims or a
 * segment would exceed 'limit' bytes. */
bool offload_cut_start(struct offload_cut *cut, const uint8_t *frame,
                       uint32_t size, const struct virtio_net_hdr *head,
                       uint32_t limit);
/* Writes the next segment and returns its size; 0 at the end. */
uint32_t offload_cut_next(struct offload_cut *cut, uint8_t *out);

#endif
