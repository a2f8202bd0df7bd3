/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from a hostile guest: the parser leaves offsets inside the frame,
 * and cutting a super frame stays inside its buffers.  The first two bytes
 * choose what the guest claims about offloads.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/offload.h"
#include "packet/parse.h"
#include "packet/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_parse(uint8_t *frame, uint32_t size)
{
    struct xvs_packet packet = { .data = frame, .length = size };

    parse_packet(&packet);
    if (packet.l3 > size || packet.l4 > size
        || ((packet.flags & XVS_PACKET_L4) && packet.l4 < packet.l3)
        || ((packet.flags & XVS_PACKET_IPV4) && packet.l3 + 20u > size)
        || ((packet.flags & XVS_PACKET_IPV6) && packet.l3 + 40u > size)
        || ((packet.flags & XVS_PACKET_L4) && packet.protocol == 6
            && packet.l4 + 20u > size)) {
        abort();
    }
}

static void
check_offload(uint8_t *frame, uint32_t size, uint8_t first, uint8_t second)
{
    struct virtio_net_hdr head = { .gso_type = first, .gso_size = second,
                                   .csum_start = first,
                                   .csum_offset = second };
    uint8_t *out = malloc(POOL_FRAME);
    struct offload_cut cut;
    uint32_t part, total = 0;

    if (offload_cut_start(&cut, frame, size, &head, POOL_FRAME)) {
        while ((part = offload_cut_next(&cut, out)) != 0) {
            if (part > POOL_FRAME || part <= cut.headers) {
                abort();
            }
            total += part - cut.headers;
        }
        if (total != size - cut.headers) {
            abort();
        }
    }
    offload_checksum(frame, size, &head);
    free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *frame;

    if (size < 2 || size > 65536) {
        return 0;
    }
    frame = malloc(size - 2 + 1);
    memcpy(frame, data + 2, size - 2);
    check_parse(frame, (uint32_t) size - 2);
    check_offload(frame, (uint32_t) size - 2, data[0], data[1]);
    free(frame);
    return 0;
}
