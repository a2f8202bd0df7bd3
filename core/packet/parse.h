/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_PARSE_H
#define XVS_PACKET_PARSE_H

/*
 * Reads a frame's headers once and notes where they are.  Trusts nothing in
 * the frame: every offset it leaves is inside, and XVS_PACKET_L4 is only set
 * when the whole transport header is there.
 */

#include <xvs/packet.h>

/* Fills flags, ethertype, vlan, l3, l4, protocol and hash of the packet from
 * its data, length and total. */
void parse_packet(struct xvs_packet *packet);
/* The same for each of 'n' packets. */
void parse_burst(struct xvs_packet *const *packets, uint32_t n);

#endif
