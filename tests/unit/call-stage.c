/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See call-stage.h.
 */

#include <config.h>

#include "call-stage.h"

#include <string.h>
#include <xvs/switch.h>

#include "stage/plugin/plugin.h"

struct call_asked call_asked;

static void
look(const void *at, size_t size)
{
    const uint8_t *bytes = at;

    for (size_t i = 0; i < size; i++) {
        call_asked.sum += bytes[i];
    }
}

static void
on_event(void *arg, struct stage *stage, enum control_event_kind kind,
         enum xvs_log_level severity, const char *text)
{
    (void) arg;
    (void) stage;
    (void) kind;
    (void) severity;
    look(text, strlen(text));
}

/* Uses all of the room, and says more than that. */
static int
on_request(void *arg, struct stage *stage, struct xvs_oid *oid)
{
    (void) arg;
    (void) stage;
    call_asked.requests++;
    look(oid->buffer, oid->length);
    if (oid->capacity) {
        memset(oid->buffer, 0x5a, oid->capacity);
    }
    oid->written = oid->capacity + 1;
    oid->needed = oid->capacity + 1;
    return XVS_INVALID_LENGTH;
}

static int
port_policy(const struct xvs_host *host, uint32_t port_id, uint32_t parts,
            const struct xvs_port_policy *policy)
{
    (void) host;
    (void) port_id;
    (void) parts;
    call_asked.port_policies++;
    look(policy, policy ? sizeof *policy : 0);
    return XVS_SUCCESS;
}

static int
switch_policy(const struct xvs_host *host, uint32_t parts,
              const struct xvs_switch_policy *policy)
{
    (void) host;
    (void) parts;
    call_asked.switch_policies++;
    look(policy, policy ? sizeof *policy : 0);
    return XVS_NOT_ACCEPTED;
}

static int
address(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
        uint32_t port_id)
{
    (void) host;
    (void) vlan;
    (void) port_id;
    call_asked.addresses++;
    look(mac, 6);
    return XVS_SUCCESS;
}

static int
group(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
      const uint32_t *port_ids, uint32_t n)
{
    (void) host;
    (void) vlan;
    call_asked.groups++;
    look(mac, 6);
    look(port_ids, port_ids ? n * sizeof *port_ids : 0);
    return XVS_SUCCESS;
}

static uint32_t
addresses(const struct xvs_host *host, uint64_t *position,
          struct xvs_address *out, uint32_t n)
{
    (void) host;
    call_asked.lists++;
    memset(out, 1, n * sizeof *out);
    *position += n;
    return n;
}

static int
port_drops(const struct xvs_host *host, uint32_t port_id,
           struct xvs_port_drops *drops)
{
    (void) host;
    (void) port_id;
    call_asked.drops++;
    memset(drops, 1, sizeof *drops);
    return XVS_SUCCESS;
}

static int
port_queues(const struct xvs_host *host, uint32_t port_id,
            struct xvs_queue_states *queues)
{
    (void) host;
    (void) port_id;
    call_asked.queues++;
    memset(queues, 1, sizeof *queues);
    return XVS_SUCCESS;
}

static int
flows(const struct xvs_host *host, const struct xvs_flow_wish *wish)
{
    (void) host;
    call_asked.flows++;
    look(wish, wish ? sizeof *wish : 0);
    return XVS_SUCCESS;
}

static uint32_t
take_flows(const struct xvs_host *host, struct xvs_flow *out, uint32_t n,
           struct xvs_flow_counts *counts)
{
    (void) host;
    call_asked.flows++;
    memset(out, 1, n * sizeof *out);
    memset(counts, 1, sizeof *counts);
    return n;
}

static uint32_t
take_samples(const struct xvs_host *host, struct xvs_sample *out, uint32_t n)
{
    (void) host;
    call_asked.samples++;
    memset(out, 1, n * sizeof *out);
    return n;
}

static int
port_counters(const struct xvs_host *host, uint32_t port_id,
              struct xvs_port_counters *counters)
{
    (void) host;
    (void) port_id;
    call_asked.counters++;
    memset(counters, 1, sizeof *counters);
    return XVS_SUCCESS;
}

struct stage *
call_stage(void)
{
    static const struct xvs_switching switching = {
        .size = sizeof switching, .port_policy = port_policy,
        .switch_policy = switch_policy, .address = address, .group = group,
        .addresses = addresses, .port_drops = port_drops,
        .port_queues = port_queues, .flows = flows, .take_flows = take_flows,
        .take_samples = take_samples, .port_counters = port_counters };
    static const struct stage_owner owner = { on_event, on_request,
                                              &switching, NULL };
    static struct plugin plugin = { .extension.name = "fake" };
    static struct stage stage = { .plugin = &plugin, .owner = &owner };

    return &stage;
}
