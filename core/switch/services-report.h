/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_SERVICES_REPORT_H
#define XVS_SWITCH_SERVICES_REPORT_H

/*
 * What extensions ask the switch: the questions of xvs/switch.h.
 */

#include <stdint.h>
#include <xvs/switch.h>

struct vport;

uint32_t services_addresses(const struct xvs_host *host, uint64_t *position,
                            struct xvs_address *out, uint32_t n);
int services_port_drops(const struct xvs_host *host, uint32_t port_id,
                        struct xvs_port_drops *drops);
int services_port_queues(const struct xvs_host *host, uint32_t port_id,
                         struct xvs_queue_states *queues);

/* Adds up a port's counters of all workers. */
void services_sum(const struct vport *port, struct xvs_port_drops *out);

#endif
