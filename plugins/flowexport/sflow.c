/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See sflow.h.
 */

#include "sflow.h"

#define VERSION 5
#define FLOW_SAMPLE 1
#define COUNTER_SAMPLE 2
#define RAW_HEADER 1
#define GENERIC_COUNTERS 1
#define ETHERNET 1
#define FCS 4u                  /* bytes of a frame's checksum, which the
                                 * length of a frame has and we have not */
#define SWITCH_SOURCE (2u << 24 | 1)
#define MULTIPLE 0x80000000u    /* several ways out, how many is not known */
#define COUNTERS_SIZE 88u
#define UNKNOWN UINT32_MAX

static void
put(struct sflow *sflow, uint64_t number)
{
    message_number(&sflow->message, number, 4);
}

/* The header's size is known, its contents are not. */
void
sflow_begin(struct sflow *sflow)
{
    sflow->message.size = 24 + sflow->agent_size;
    sflow->n = 0;
}

bool
sflow_end(struct sflow *sflow, uint32_t uptime_ms)
{
    struct message *message = &sflow->message;
    uint32_t size = message->size;

    if (sflow->n == 0) {
        return false;
    }
    message->size = 0;
    put(sflow, VERSION);
    put(sflow, sflow->agent_size == 4 ? 1 : 2);
    message_put(message, sflow->agent, sflow->agent_size);
    put(sflow, sflow->sub_agent);
    put(sflow, ++sflow->sequence);
    put(sflow, uptime_ms);
    put(sflow, sflow->n);
    message->size = size;
    return true;
}

/* Both kinds of samples begin with their number and their size. */
static bool
begin_sample(struct sflow *sflow, uint32_t kind, uint32_t size)
{
    if (!message_has(&sflow->message, 8 + size)) {
        return false;
    }
    put(sflow, kind);
    put(sflow, size);
    sflow->n++;
    return true;
}

bool
sflow_packet(struct sflow *sflow, const struct xvs_sample *sample)
{
    uint32_t padded = (sample->size + 3) / 4 * 4;

    if (!begin_sample(sflow, FLOW_SAMPLE, 32 + 8 + 16 + padded)) {
        return false;
    }
    sflow->pool += (uint32_t) sample->seen;
    put(sflow, ++sflow->samples_sequence);
    put(sflow, SWITCH_SOURCE);
    put(sflow, sflow->rate);
    put(sflow, sflow->pool);
    put(sflow, sflow->drops);
    put(sflow, sample->in_port);
    put(sflow, sample->out_port == XVS_PORT_NONE ? MULTIPLE
                                                 : sample->out_port);
    put(sflow, 1);
    put(sflow, RAW_HEADER);
    put(sflow, 16 + padded);
    put(sflow, ETHERNET);
    put(sflow, sample->total + FCS);
    put(sflow, FCS);
    put(sflow, sample->size);
    message_put(&sflow->message, sample->bytes, sample->size);
    message_number(&sflow->message, 0, padded - sample->size);
    return true;
}

bool
sflow_counters(struct sflow *sflow, uint32_t port_id,
               const struct xvs_port_counters *counters)
{
    if (!begin_sample(sflow, COUNTER_SAMPLE, 12 + 8 + COUNTERS_SIZE)) {
        return false;
    }
    put(sflow, ++sflow->counters_sequence);
    put(sflow, port_id);
    put(sflow, 1);
    put(sflow, GENERIC_COUNTERS);
    put(sflow, COUNTERS_SIZE);
    put(sflow, port_id);
    put(sflow, 6);              /* ethernetCsmacd */
    message_number(&sflow->message, 0, 8);      /* speed: not known */
    put(sflow, 1);              /* full duplex */
    put(sflow, 3);              /* up */
    message_number(&sflow->message, counters->rx_bytes, 8);
    put(sflow, counters->rx_packets);
    put(sflow, UNKNOWN);        /* to many: counted as packets */
    put(sflow, UNKNOWN);
    put(sflow, counters->rx_dropped);
    put(sflow, UNKNOWN);
    put(sflow, UNKNOWN);
    message_number(&sflow->message, counters->tx_bytes, 8);
    put(sflow, counters->tx_packets);
    put(sflow, UNKNOWN);
    put(sflow, UNKNOWN);
    put(sflow, counters->tx_dropped);
    put(sflow, UNKNOWN);
    put(sflow, 2);              /* promiscuous: no */
    return true;
}
