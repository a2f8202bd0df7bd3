/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_PORT_WISH_H
#define XVS_SERVICE_PORT_WISH_H

/*
 * What an admin wants of a port, read from the object that he sent and judged
 * where that needs no other object.
 */

#include <stdbool.h>

struct error;
struct vport;
struct wish;

/* Sets in 'like' the values of the properties that the wish names; a device
 * that is not given is the one with the port's 'name'.  False with an error
 * that says what can be wanted. */
bool port_wish_read(const struct wish *wish, const char *name,
                    struct vport *like, struct error *error);

#endif
