/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LINK_MUX_H
#define CHANNEL_LINK_MUX_H

/*
 * The link to a VM that has an agent: one connection for all streams, kept for
 * as long as the link lives, made anew when it breaks.  Streams outlive a VM
 * that is paused; a dial meanwhile waits for as long as who dials does.
 */

#include "link/link.h"

struct link_mux_config {
    struct link_host *host;
    void *grant;                /* of link_host's open(): where the agent is */
    uint32_t port;              /* the agent's vsock port behind a hybrid vsock
                                 * socket; 0: the socket leads to the agent */
    uint32_t max_streams;       /* that the guest may have open; 0: none */
    uint64_t ask;               /* ns: how often a silent agent is asked for
                                 * a sign of life; 0: 10 seconds */
};

/* NULL: no memory, no random numbers.  Connects at once. */
struct link *link_mux(const struct link_mux_config *config);
/* Ports that the agent says it serves, until the loop's next turn. */
const uint16_t *link_mux_services(const struct link *link, unsigned int *n);

#endif
