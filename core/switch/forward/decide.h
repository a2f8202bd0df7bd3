/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_DECIDE_H
#define XVS_SWITCH_FORWARD_DECIDE_H

/*
 * Where packets go.
 *
 * A forwarder stage's choice comes first; then, per VLAN, fixed addresses,
 * the MAC table and multicast groups; broadcast, multicast of no group and the
 * unknown go everywhere but back.  Addresses are learned behind the ingress
 * chain, so that a frame that a stage refused teaches nothing.  Frames to the
 * addresses that IEEE 802.1Q reserves for the next bridge
 * (01-80-C2-00-00-0x) end here.
 */

#include <stdint.h>

struct forward;
struct path;
struct vport;

/* Stand in forward.to for "to all ports but the one it came from", and for
 * "to the ports of the packet's group" (in forward.members). */
extern struct vport decide_everywhere;
extern struct vport decide_members;

/* Learns and chooses for the first 'n' packets of forward.live; keeps those
 * with a way out and returns how many. */
uint32_t decide_burst(struct forward *forward, const struct path *path,
                      uint32_t n);

#endif
