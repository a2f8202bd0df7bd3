/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_SERVICES_FLOWS_H
#define XVS_SWITCH_SERVICES_FLOWS_H

/*
 * Flows for an extension: those functions of struct xvs_switching.
 */

#include <stdint.h>
#include <xvs/switch.h>

struct vswitch;

int services_flows(const struct xvs_host *host,
                   const struct xvs_flow_wish *wish);
uint32_t services_take_flows(const struct xvs_host *host,
                             struct xvs_flow *out, uint32_t n,
                             struct xvs_flow_counts *counts);
uint32_t services_take_samples(const struct xvs_host *host,
                               struct xvs_sample *out, uint32_t n);
int services_port_counters(const struct xvs_host *host, uint32_t port_id,
                           struct xvs_port_counters *counters);

/* With the policy lock: the extension wants nothing more. */
void services_take_back_flows(struct vswitch *vswitch,
                              const struct xvs_guid *who);
/* The switch ends; no worker has it. */
void services_end_flows(struct vswitch *vswitch);

#endif
