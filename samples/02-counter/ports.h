/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PORTS_H
#define PORTS_H

/*
 * The ports of a switch, in a list that packet hooks read while control hooks
 * change it: links are replaced with xvs_publish() and read with xvs_read(),
 * and a port that was taken out is freed by host->retire(), when nobody can
 * still be looking at it.
 */

#include <xvs/extension.h>

struct port {
    struct port *next;          /* published */
    uint32_t id;                /* the switch's */
    uint32_t mtu;               /* of its interface */
    _Atomic uint32_t minimum;   /* smallest packet that counts */
    _Atomic uint64_t packets;   /* counted */
    _Atomic uint64_t bytes;     /* of them */
};

/* What init() makes and all hooks get as 'self'. */
struct ports {
    const struct xvs_host *host;
    struct port *first;         /* published */
};

/* Hooks: xvs_extension.init, fini and port. */
int ports_init(const struct xvs_host *host, void **self);
void ports_fini(void *self);
int ports_event(void *self, enum xvs_port_event event,
                const struct xvs_port *info);

/* For any hook: the port, or NULL. */
struct port *ports_find(const struct ports *ports, uint32_t id);

#endif
