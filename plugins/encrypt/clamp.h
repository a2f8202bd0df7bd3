/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_ENCRYPT_CLAMP_H
#define XVS_ENCRYPT_CLAMP_H

/*
 * TCP segments that fit: the largest that an end asks for when a connection
 * begins is lowered to what the network carries.
 */

#include <stdbool.h>
#include <stdint.h>

struct xvs_packet;

/* 'mtu' is that of IP.  True when the packet was changed. */
bool clamp_mss(struct xvs_packet *packet, uint32_t mtu);

#endif
