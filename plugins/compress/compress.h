/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_COMPRESS_H
#define XVS_COMPRESS_H

/*
 * The extension compress: what ports that enter the chain here send is made
 * smaller, and what comes to them is made what it was.
 *
 *     MAC addresses, VLAN tags | type, payload
 *     MAC addresses, VLAN tags | EtherType, 1, method, packed, size | block
 *
 * 'packed' is the size of the block, because a short frame may be padded on
 * its way; 'size' is that of type and payload before.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xvs/extension.h>

#define COMPRESS_KIND 1u        /* tells these frames from encrypted ones */
#define COMPRESS_HEADER 8u

enum compress_method { COMPRESS_STORED = 0, COMPRESS_LZ4 = 1 };

enum compress_reason { COMPRESS_DAMAGED = 1, COMPRESS_REASONS };

/* What is in force; never changes once packet hooks can see it. */
struct compress_set {
    uint16_t ethertype, min_length, min_saving;
    int acceleration;
};

enum compress_count { COMPRESS_N_PACKED, COMPRESS_N_BEFORE, COMPRESS_N_AFTER,
                      COMPRESS_N_LEFT, COMPRESS_N_RESTORED,
                      COMPRESS_N_DAMAGED, COMPRESS_COUNTS };

struct compress {
    const struct xvs_host *host;
    struct compress_set *set;   /* published */
    _Atomic uint64_t counts[COMPRESS_COUNTS];
};

/* Packet hooks. */
void compress_ingress(void *self, struct xvs_burst *burst);
void compress_egress(void *self, struct xvs_burst *burst);

#endif
