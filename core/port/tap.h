/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_TAP_H
#define XVS_PORT_TAP_H

/*
 * The tap driver: the interface is the guest's own end, and can be moved to
 * the guest's namespace at any time.
 */

#include <stdbool.h>

struct error;
struct port;
struct port_config;

#define TAP_DEVICE "/dev/net/tun"

/*
 * Opens 'n' descriptors of /dev/net/tun ahead, for the time after a change of
 * user, on hosts where only root may open it.  Returns how many there are.
 */
unsigned int tap_reserve(unsigned int n);

/* For the driver, about a descriptor of a tap: whether the tap is in our
 * namespace, not in that of a guest; and its MTU and address.  The descriptor
 * reaches the address wherever the tap is. */
bool tap_is_here(int fd);
bool tap_change(struct port *port, int fd, const struct port_config *wanted,
                struct error *error);

/* For the driver: a descriptor, of those ones where there is no other; -1 with
 * errno.  What was reserved is given back as good as new; false when there
 * are too many. */
int tap_device(bool *reserved);
bool tap_give_back(int fd);

#endif
