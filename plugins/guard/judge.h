/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_JUDGE_H
#define GUARD_JUDGE_H

/*
 * Whether a packet of a guarded port is honest.  The core has parsed it, and
 * everything here trusts what the parser found, and nothing else.
 *
 *     frame -> broken? -> source MAC -> IPv4 -> DHCP, redirects
 *                                    -> IPv6 -> DHCP, neighbour discovery
 *                                    -> ARP
 *                                    -> others: is it IP after all?
 */

#include "guard.h"

/* What is wrong with it, or GUARD_PASS; 'burst' is the one that it is in. */
enum guard_reason guard_judge(const struct guard_set *set,
                              struct guard_port *port,
                              const struct xvs_packet *packet,
                              const struct xvs_burst *burst);

/* Whether it is the frame's source, or else a MAC address of the port. */
bool guard_is_own_mac(const struct guard_set *set,
                      const struct xvs_packet *packet, const uint8_t *bytes);
/* Whether the port has this IPv4 address, given to it or by DHCP. */
bool guard_is_own_ipv4(const struct guard_set *set,
                       const struct guard_port *port,
                       const struct xvs_packet *packet, const uint8_t *bytes);
/* The same of IPv6, with the link-local address made of the frame's source
 * (RFC 4291, appendix A). */
bool guard_is_own_ipv6(const struct guard_set *set,
                       const struct xvs_packet *packet, const uint8_t *bytes);

/* Of a packet with XVS_PACKET_ARP. */
enum guard_reason guard_judge_arp(const struct guard_set *set,
                                  struct guard_port *port,
                                  const struct xvs_packet *packet);
/* Of an ICMPv6 message that the parser found. */
enum guard_reason guard_judge_icmp6(const struct guard_set *set,
                                    const struct xvs_packet *packet);
/* Whether it may come from "::": one that asks who has an address. */
bool guard_is_unaddressed(const struct xvs_packet *packet);

/* Of what goes to a DHCP server; notes what is asked, and given back. */
enum guard_reason guard_judge_client(const struct guard_set *set,
                                     struct guard_port *port,
                                     const struct xvs_packet *packet,
                                     const struct xvs_burst *burst);
/* Takes the address that a DHCP server gives to a port, from a packet of a
 * trusted port. */
void guard_learn(const struct guard_ports *ports,
                 const struct xvs_packet *packet,
                 const struct xvs_burst *burst);

#endif
