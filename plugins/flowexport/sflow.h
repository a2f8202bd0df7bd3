/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWEXPORT_SFLOW_H
#define FLOWEXPORT_SFLOW_H

/*
 * Datagrams of sFlow version 5 (sflow.org): beginnings of sampled packets, and
 * counters of ports.
 *
 * The switch is one source of packet samples (class 2), because one in n of
 * all its packets is sampled; each port is a source of counters (class 0).
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "message.h"

struct sflow {
    struct message message;
    uint8_t agent[16];          /* address of the host */
    uint32_t agent_size;        /* 4 or 16 */
    uint32_t sub_agent;
    uint32_t sequence;          /* datagrams before this one */
    uint32_t samples_sequence, counters_sequence;
    uint32_t rate;              /* 1 in so many */
    uint32_t pool;              /* packets that could have been sampled */
    uint32_t drops;             /* samples for which there was no room */
    uint32_t n;                 /* samples in the datagram */
};

/* Empties the datagram. */
void sflow_begin(struct sflow *sflow);
/* False: the datagram is full, send it first. */
bool sflow_packet(struct sflow *sflow, const struct xvs_sample *sample);
bool sflow_counters(struct sflow *sflow, uint32_t port_id,
                    const struct xvs_port_counters *counters);
/* Completes the datagram; false: it is empty. */
bool sflow_end(struct sflow *sflow, uint32_t uptime_ms);

#endif
