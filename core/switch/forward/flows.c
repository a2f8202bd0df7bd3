/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See flows.h.
 */

#include <config.h>

#include "switch/forward/flows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "switch/forward/decide.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"

#define KEY_SIZE offsetof(struct xvs_flow, tcp_flags)
#define TCP 6
#define UDP 17
#define SCTP 132
#define ICMP 1
#define ICMP6 58

_Static_assert(offsetof(struct xvs_flow, tcp_flags) == 51
               && offsetof(struct xvs_flow, packets) == 56,
               "a key without gaps");

/* ---- Sets --------------------------------------------------------------- */

struct flow_set *
flow_set_create(uint32_t n_workers, const struct xvs_flow_wish *wish)
{
    struct flow_set *set = aligned_alloc(64, sizeof *set);

    if (!set) {
        abort();
    }
    memset(set, 0, sizeof *set);
    set->mask = wish->flows - 1;
    set->sampling = wish->sampling;
    for (uint32_t i = 0; i < n_workers; i++) {
        struct flow_part *part = &set->parts[i];

        part->flows = mem_array(wish->flows, sizeof *part->flows);
        part->samples = wish->sampling
            ? mem_array(FLOW_SAMPLES, sizeof *part->samples) : NULL;
        part->random = i + 1;
        flow_part_clear(set, part);
    }
    return set;
}

void
flow_set_destroy(struct flow_set *set)
{
    if (set) {
        for (uint32_t i = 0; i < WORKERS_MAX; i++) {
            free(set->parts[i].flows);
            free(set->parts[i].samples);
        }
        free(set);
    }
}

void
flow_part_clear(const struct flow_set *set, struct flow_part *part)
{
    if (part->packets || part->missed) {
        memset(part->flows, 0, (set->mask + 1u) * sizeof *part->flows);
    }
    part->n_samples = 0;
    part->packets = part->missed = part->missed_bytes = 0;
    part->missed_samples = 0;
}

/* ---- One packet --------------------------------------------------------- */

/* Where the payload of TCP or UDP begins; 0: not known. */
static uint32_t
payload_at(const struct xvs_packet *packet)
{
    const uint8_t *tcp;

    if (!(packet->flags & XVS_PACKET_L4)) {
        return 0;
    }
    if (packet->protocol == UDP) {
        return packet->l4 + 8u;
    }
    tcp = packet->protocol == TCP ? xvs_packet_at(packet, packet->l4, 20)
                                  : NULL;
    return tcp ? packet->l4 + (tcp[12] >> 4) * 4u : 0;
}

static void
read_ip(const struct xvs_packet *packet, struct xvs_flow *flow)
{
    const uint8_t *ip = packet->data + packet->l3;

    if (packet->flags & XVS_PACKET_IPV4) {
        flow->ip_version = 4;
        flow->tos = ip[1];
        memcpy(flow->source, ip + 12, 4);
        memcpy(flow->destination, ip + 16, 4);
    } else {
        flow->ip_version = 6;
        flow->tos = (uint8_t) (ip[0] << 4 | ip[1] >> 4);
        memcpy(flow->source, ip + 8, 16);
        memcpy(flow->destination, ip + 24, 16);
    }
    flow->protocol = packet->protocol;
}

static void
read_l4(const struct xvs_packet *packet, struct xvs_flow *flow)
{
    const uint8_t *l4 = xvs_packet_at(packet, packet->l4, 4);

    if (!(packet->flags & XVS_PACKET_L4) || !l4) {
        return;
    }
    if (packet->protocol == TCP || packet->protocol == UDP
        || packet->protocol == SCTP) {
        flow->source_port = xvs_be16(l4);
        flow->destination_port = xvs_be16(l4 + 2);
    } else if (packet->protocol == ICMP || packet->protocol == ICMP6) {
        flow->destination_port = xvs_be16(l4);
    }
}

static uint8_t
tcp_flags(const struct xvs_packet *packet)
{
    const uint8_t *tcp = packet->protocol == TCP
            && packet->flags & XVS_PACKET_L4
        ? xvs_packet_at(packet, packet->l4, 20) : NULL;

    return tcp ? tcp[13] : 0;
}

/* Bytes of an IP datagram; what is behind it in the frame is padding. */
static uint32_t
ip_bytes(const struct xvs_packet *packet)
{
    const uint8_t *ip = packet->data + packet->l3;
    uint32_t most = packet->total - packet->l3;
    uint32_t says = packet->flags & XVS_PACKET_IPV4
        ? xvs_be16(ip + 2) : 40u + xvs_be16(ip + 4);

    return !packet->gso_type && says < most ? says : most;
}

/* Fills the key and what one packet counts. */
static void
describe(const struct xvs_packet *packet, const struct vport *to,
         struct xvs_flow *flow)
{
    bool is_ip = packet->flags & (XVS_PACKET_IPV4 | XVS_PACKET_IPV6)
        && !(packet->flags & XVS_PACKET_BROKEN);
    uint32_t payload = packet->gso_type ? payload_at(packet) : 0;
    uint64_t more = 0;

    memset(flow, 0, sizeof *flow);
    flow->in_port = packet->in_port;
    flow->out_port = to == &decide_everywhere || to == &decide_members
        ? XVS_PORT_NONE : to->id;
    flow->ethertype = packet->ethertype;
    flow->vlan = packet->flags & XVS_PACKET_VLAN ? packet->vlan & 0xfff : 0;
    if (is_ip) {
        read_ip(packet, flow);
        read_l4(packet, flow);
    } else {
        memcpy(flow->destination, packet->data, 6);
        memcpy(flow->source, packet->data + 6, 6);
    }
    if (payload && payload < packet->total && packet->gso_size) {
        more = (packet->total - payload - 1) / packet->gso_size;
    }
    flow->packets = 1 + more;
    flow->frame_bytes = packet->total + more * payload;
    flow->bytes = is_ip ? ip_bytes(packet) + more * (payload - packet->l3)
                        : flow->frame_bytes;
}

static uint32_t
hash_of(const struct xvs_flow *flow)
{
    const uint8_t *bytes = (const void *) flow;
    uint64_t hash = 0, word = 0;

    for (size_t i = 0; i + 8 <= KEY_SIZE; i += 8) {
        memcpy(&word, bytes + i, 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    memcpy(&word, bytes + KEY_SIZE - 8, 8);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t) (hash >> 32);
}

/* Its place, or a free one; NULL: there is none. */
static struct xvs_flow *
find(const struct flow_set *set, struct flow_part *part,
     const struct xvs_flow *flow)
{
    uint32_t start = hash_of(flow);

    for (uint32_t i = 0; i < FLOW_WAYS; i++) {
        struct xvs_flow *one = &part->flows[(start + i) & set->mask];

        if (one->packets == 0 || memcmp(one, flow, KEY_SIZE) == 0) {
            return one;
        }
    }
    return NULL;
}

static void
count(const struct flow_set *set, struct flow_part *part,
      const struct xvs_packet *packet, const struct xvs_flow *flow)
{
    struct xvs_flow *one = find(set, part, flow);

    part->packets += flow->packets;
    if (!one) {
        part->missed += flow->packets;
        part->missed_bytes += flow->bytes;
        return;
    }
    if (one->packets == 0) {
        memcpy(one, flow, KEY_SIZE);
        one->first = packet->time;
    }
    one->packets += flow->packets;
    one->bytes += flow->bytes;
    one->frame_bytes += flow->frame_bytes;
    one->last = packet->time;
    one->tcp_flags |= tcp_flags(packet);
}

/* ---- Samples ------------------------------------------------------------ */

/* 1 to 2 * n - 1, n on average, so that no rhythm of packets is met. */
static uint32_t
next_countdown(struct flow_part *part, uint32_t n)
{
    part->random = part->random * UINT64_C(6364136223846793005)
        + UINT64_C(1442695040888963407);
    return 1 + (uint32_t) ((part->random >> 33) % (2u * n - 1));
}

static void
sample(const struct flow_set *set, struct flow_part *part,
       const struct xvs_packet *packet, const struct xvs_flow *flow)
{
    struct xvs_sample *one;

    part->seen++;
    if (part->countdown == 0) {
        part->countdown = next_countdown(part, set->sampling);
    }
    if (--part->countdown) {
        return;
    }
    if (part->n_samples == FLOW_SAMPLES) {
        part->missed_samples++;
        return;
    }
    one = &part->samples[part->n_samples++];
    one->in_port = flow->in_port;
    one->out_port = flow->out_port;
    one->total = packet->total;
    one->seen = part->seen;
    one->size = packet->length < XVS_SAMPLE_SIZE ? packet->length
                                                 : XVS_SAMPLE_SIZE;
    memcpy(one->bytes, packet->data, one->size);
    part->seen = 0;
}

void
flows_count(struct forward *forward, uint32_t n)
{
    struct flow_set *set = xvs_read(forward->path->flows);
    struct flow_part *part;
    struct xvs_flow flow;

    if (!set) {
        return;
    }
    part = &set->parts[forward->worker];
    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *packet = forward->live[i];

        describe(packet, forward->only ? forward->only : forward->to[i],
                 &flow);
        count(set, part, packet, &flow);
        if (set->sampling) {
            sample(set, part, packet, &flow);
        }
    }
}
