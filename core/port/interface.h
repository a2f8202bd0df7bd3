/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_INTERFACE_H
#define XVS_PORT_INTERFACE_H

/*
 * Network interfaces by name: the few requests that drivers make.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;

/* A name that the kernel takes as it is: no pattern, no '/'. */
bool interface_name_valid(const char *name, struct error *error);
/* 0: there is no such interface in this namespace. */
int interface_index(const char *name);
bool interface_is_up(const char *name);
bool interface_set_up(const char *name, struct error *error);
/* Turns ARP off on an interface without an address of its own, so that the
 * host does not answer there; true when it was on. */
bool interface_silence(const char *name);
void interface_unsilence(const char *name);
bool interface_set_mtu(const char *name, uint32_t mtu, struct error *error);
/* Reads the address; zero when it has none of 6 bytes. */
void interface_get_mac(const char *name, uint8_t mac[6]);
bool interface_set_mac(const char *name, const uint8_t mac[6],
                       struct error *error);
uint32_t interface_get_mtu(const char *name);
/* The same of an interface of another namespace, of which 'namespace' is a
 * descriptor; 0: it cannot be read (core/port/elsewhere.c). */
uint32_t interface_mtu_in(int namespace, const char *name);
/* Whether the interface of this number is still in this namespace. */
bool interface_exists(int index);
/* Makes the interface take all frames until the descriptor that is returned
 * is closed; -1 with errno. */
int interface_promiscuous(int index);

/* Whether this kernel's sockets take super frames of UDP. */
bool interface_knows_uso(void);

/* ---- As ethtool does (core/port/ethtool.c) ------------------------------ */

/* Receive queues that are in use; 1 where the driver does not say. */
uint32_t interface_queues(const char *name);
/* Makes it use 'n' receive queues and as many to transmit. */
bool interface_set_queues(const char *name, uint32_t n);
/* Leaves VLAN tags in received frames; true when it did not do so before. */
bool interface_keep_tags(const char *name);
/* Takes them out again. */
void interface_strip_tags(const char *name);
/* Whether it is one end of a veth pair. */
bool interface_is_veth(const char *name);

/* Removes a virtual interface of this namespace. */
bool interface_delete(const char *name);

#endif
