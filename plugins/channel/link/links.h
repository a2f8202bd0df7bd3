/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LINKS_H
#define CHANNEL_LINKS_H

/*
 * Links that have a connection for each stream: link-vsock.c and link-fixed.c.
 * What both do, a dial that waits for a socket and for what is said there
 * first, is dial.c.
 */

#include <stdbool.h>
#include <stdint.h>

#include "link/link.h"

/* Hybrid vsock: 'grant' leads to the VM's unix socket.  NULL: no memory. */
struct link *link_vsock(struct link_host *host, void *grant);

/* Addresses, port by port; at first there is none. */
struct link *link_fixed(struct link_host *host);
/* Where a port leads to; NULL: nowhere any more.  False: no memory. */
bool link_fixed_port(struct link *link, uint16_t port, void *grant);

/* ---- For the two themselves --------------------------------------------- */

/* A link whose streams are sockets. */
struct socket_link {
    struct link link;           /* first */
    struct link_host *host;
    struct side_group sides;    /* that are open */
    struct attempt *attempts;   /* that are under way */
    bool is_vsock;              /* it says a line first */
};

/* Begins a dial to where 'grant' leads. */
void attempt_begin(struct socket_link *link, struct dial *dial, void *grant,
                   uint16_t port);
/* A dial that has an end already: told soon.  'reason' is static. */
void attempt_fail(struct socket_link *link, struct dial *dial,
                  enum dial_end end, const char *reason);
void attempt_cancel(struct link *link, struct dial *dial);
/* Ends all dials and streams; the link is the caller's to free. */
void socket_link_end(struct socket_link *link);

#endif
