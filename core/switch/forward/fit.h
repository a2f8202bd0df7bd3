/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_FIT_H
#define XVS_SWITCH_FORWARD_FIT_H

/*
 * Makes packets fit the port they go to: what the port cannot pass on, an
 * open checksum or a super frame, is done here, and frames that are larger
 * than its MTU are dropped.  Most ports take everything as it is.
 */

#include <stdint.h>

struct forward;
struct port;
struct port_tally;
struct vport;
struct xvs_packet;

/* Transmits 'n' packets in order; they stay the caller's. */
void fit_transmit(struct forward *forward, const struct vport *port,
                  struct port *driver, struct xvs_packet **packets,
                  uint32_t n, struct port_tally *tally);

#endif
