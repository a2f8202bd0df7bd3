/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PACKET_TAG_H
#define XVS_PORT_PACKET_TAG_H

/*
 * VLAN tags that the kernel took out of a frame and keeps beside it.
 */

#include <stdint.h>
#include <string.h>
#include <xvs/packet.h>

#define TAG_SIZE 4u

/* Puts a tag back, into the headroom. */
static inline void
tag_restore(struct xvs_packet *packet, uint16_t type, uint16_t tag)
{
    memmove(packet->data - TAG_SIZE, packet->data, 12);
    packet->data -= TAG_SIZE;
    packet->length += TAG_SIZE;
    packet->total += TAG_SIZE;
    packet->csum_start = (uint16_t) (packet->csum_start + TAG_SIZE);
    packet->data[12] = (uint8_t) (type >> 8);
    packet->data[13] = (uint8_t) type;
    packet->data[14] = (uint8_t) (tag >> 8);
    packet->data[15] = (uint8_t) tag;
}

#endif
