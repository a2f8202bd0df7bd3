/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PACKET_PLAIN_H
#define XVS_PORT_PACKET_PLAIN_H

/*
 * Receiving from and sending to a packet socket that has virtio headers
 * (PACKET_VNET_HDR) and says which VLAN tags it took out (PACKET_AUXDATA).
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

/* False when the interface of a bound socket has gone. */
bool packet_is_bound(int fd);
/* As port_ops.receive. */
uint32_t packet_plain_receive(int fd, struct pool_cache *cache,
                              struct xvs_packet **packets, uint32_t max,
                              struct port_tally *tally,
                              enum port_news *news);
/* As port_ops.transmit; any thread. */
void packet_plain_send(int fd, struct xvs_packet *const *packets, uint32_t n,
                       struct port_tally *tally);

#endif
