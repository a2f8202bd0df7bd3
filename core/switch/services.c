/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Policies, fixed addresses and groups, changed; see services.h.
 */

#include <config.h>

#include "switch/services.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/switch.h>

#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/forward/egress.h"
#include "switch/forward/mac.h"
#include "switch/forward/policy/fixed.h"
#include "switch/forward/table.h"
#include "switch/services-flows.h"
#include "switch/services-report.h"
#include "switch/vswitch.h"

#define VLAN_LAST 4094u
#define PORT_PARTS ((1u << POLICY_PORT_PARTS) - 1)
#define SWITCH_PARTS ((1u << POLICY_SWITCH_PARTS) - 1)

bool
services_begin(struct services_call *call, const struct xvs_host *host)
{
    struct stage *stage = host->context;

    call->before = grace_enter();
    call->vswitch = xvs_read(stage->site);
    call->who = &stage->plugin->extension.id;
    if (!call->vswitch) {
        grace_leave(call->before);
        return false;
    }
    pthread_mutex_lock(&call->vswitch->policy_lock);
    call->table = xvs_read(call->vswitch->path.table);
    if (stage->parted) {
        pthread_mutex_unlock(&call->vswitch->policy_lock);
        grace_leave(call->before);
        return false;
    }
    return true;
}

int
services_finish(const struct services_call *call, int result)
{
    pthread_mutex_unlock(&call->vswitch->policy_lock);
    grace_leave(call->before);
    return result;
}

/* ---- Policies ----------------------------------------------------------- */

static void
free_policy(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct switch_policy, grace) == 0, "free_policy()");

static bool
is_router(const struct vport *port)
{
    return port->policy && port->policy->set.flags & XVS_PORT_ALL_MULTICAST;
}

/* Publishes the switch's policy, with the ports where routers are now. */
static void
publish_switch(struct vswitch *vswitch, const struct port_table *table,
               const struct xvs_switch_policy *set)
{
    struct switch_policy *policy, *old;
    uint32_t n = 0;

    for (uint32_t i = 0; i < table->n; i++) {
        n += is_router(table->ports[i]);
    }
    policy = mem_zalloc(sizeof *policy + n * sizeof policy->routers[0]);
    policy->set = *set;
    for (uint32_t i = 0; i < table->n; i++) {
        if (is_router(table->ports[i])) {
            policy->routers[policy->n_routers++] = table->ports[i]->id;
        }
    }
    old = xvs_publish(vswitch->path.policy, policy);
    if (old) {
        grace_defer(&old->grace, free_policy);
    }
}

static void
change_switch(struct vswitch *vswitch, const struct port_table *table,
              uint32_t parts, const struct xvs_switch_policy *from)
{
    struct xvs_switch_policy set = vswitch->path.policy->set;

    policy_change_switch(&set, parts, from);
    publish_switch(vswitch, table, &set);
}

static void
change_port(struct vswitch *vswitch, const struct port_table *table,
            struct vport *port, uint32_t parts,
            const struct xvs_port_policy *from)
{
    struct policy *policy =
        policy_change(port->policy, parts, from, loop_now_ns());
    struct policy *old;

    /* Before the policy, that no packet of it misses its queue. */
    if (parts & XVS_POLICY_QUEUES) {
        egress_set(port, from, loop_now_ns());
    }
    old = xvs_publish(port->policy, policy);

    if (policy) {
        __atomic_or_fetch(&port->special, VPORT_POLICY, __ATOMIC_RELEASE);
    } else {
        __atomic_and_fetch(&port->special, ~VPORT_POLICY, __ATOMIC_RELEASE);
    }
    policy_retire(old);
    if (parts & XVS_POLICY_MULTICAST) {
        publish_switch(vswitch, table, &vswitch->path.policy->set);
    }
}

static int
set_port(const struct services_call *call, uint32_t port_id, uint32_t parts,
         const struct xvs_port_policy *from)
{
    struct vport *port = table_find(call->table, port_id);

    if (!port || (from && !policy_check(from, parts))
        || (from && parts & XVS_POLICY_MIRROR
            && (from->mirror_port == port_id
                || !table_find(call->table, from->mirror_port)))) {
        return XVS_INVALID_PARAMETER;
    }
    if (!policy_may(&port->owners, parts, call->who)) {
        return XVS_NOT_ACCEPTED;
    }
    policy_own(&port->owners, parts, from ? call->who : NULL);
    change_port(call->vswitch, call->table, port, parts, from);
    return XVS_SUCCESS;
}

/* An extension's struct may be of another time than ours. */
#define COPY_SIZED(to, from) \
    memcpy((to), (from), (from)->size < sizeof *(to) ? (from)->size \
                                                      : sizeof *(to))

static int
port_policy(const struct xvs_host *host, uint32_t port_id, uint32_t parts,
            const struct xvs_port_policy *policy)
{
    struct xvs_port_policy from = { 0 };
    struct services_call call;

    if (parts & ~PORT_PARTS || !services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    if (policy) {
        COPY_SIZED(&from, policy);
    }
    return services_finish(&call, set_port(&call, port_id, parts,
                               policy ? &from : NULL));
}

static int
set_switch(const struct services_call *call, uint32_t parts,
           const struct xvs_switch_policy *from)
{
    if (from && !policy_check_switch(from, parts)) {
        return XVS_INVALID_PARAMETER;
    }
    if (!policy_may(&call->vswitch->owners, parts, call->who)) {
        return XVS_NOT_ACCEPTED;
    }
    policy_own(&call->vswitch->owners, parts, from ? call->who : NULL);
    change_switch(call->vswitch, call->table, parts, from);
    return XVS_SUCCESS;
}

static int
switch_policy(const struct xvs_host *host, uint32_t parts,
              const struct xvs_switch_policy *policy)
{
    struct xvs_switch_policy from = { 0 };
    struct services_call call;

    if (parts & ~SWITCH_PARTS || !services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    if (policy) {
        COPY_SIZED(&from, policy);
    }
    return services_finish(&call, set_switch(&call, parts, policy ? &from : NULL));
}

/* ---- Addresses ---------------------------------------------------------- */

/* Puts the entry into the table; with no 'ports' takes it out. */
static int
set_entry(const struct services_call *call, struct fixed **table, const uint8_t *mac,
          uint16_t vlan, const uint32_t *ports, uint32_t n)
{
    uint64_t key = mac_key(mac, vlan);
    const struct fixed_entry *old = fixed_find(*table, key);

    for (uint32_t i = 0; ports && i < n; i++) {
        if (!table_find(call->table, ports[i])) {
            return XVS_INVALID_PARAMETER;
        }
    }
    if (old && !guid_equal(&old->owner, call->who)) {
        return XVS_NOT_ACCEPTED;
    }
    if (!ports) {
        fixed_remove(*table, key);
        return old ? XVS_SUCCESS : XVS_INVALID_PARAMETER;
    }
    return fixed_put(table, key, call->who, ports, n) ? XVS_SUCCESS
                                                      : XVS_RESOURCES;
}

static int
address(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
        uint32_t port_id)
{
    struct services_call call;

    if (!mac || mac[0] & 1 || vlan > VLAN_LAST) {
        return XVS_INVALID_PARAMETER;
    }
    if (!services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    return services_finish(&call, set_entry(&call, &call.vswitch->path.statics, mac, vlan,
                                port_id == XVS_PORT_NONE ? NULL : &port_id,
                                1));
}

static int
group(const struct xvs_host *host, const uint8_t *mac, uint16_t vlan,
      const uint32_t *port_ids, uint32_t n)
{
    struct services_call call;

    if (!mac || !(mac[0] & 1) || vlan > VLAN_LAST || n > XVS_GROUP_PORTS
        || mac_is_for_all(mac)) {
        return XVS_INVALID_PARAMETER;
    }
    if (!services_begin(&call, host)) {
        return XVS_NOT_SUPPORTED;
    }
    return services_finish(&call, set_entry(&call, &call.vswitch->path.groups, mac, vlan,
                                port_ids, n));
}

/* ---- Ports and stages that leave ---------------------------------------- */

void
services_start(struct vswitch *vswitch)
{
    struct xvs_switch_policy set = { .size = sizeof set };

    policy_change_switch(&set, SWITCH_PARTS, NULL);
    publish_switch(vswitch, vswitch->path.table, &set);
    vswitch->path.loops = loop_watch_create();
}

void
services_end(struct vswitch *vswitch)
{
    fixed_destroy(vswitch->path.statics);
    fixed_destroy(vswitch->path.groups);
    free(vswitch->path.policy);
    free(vswitch->path.loops);
    services_end_flows(vswitch);
}

void
services_forget_port(struct vswitch *vswitch, struct vport *port)
{
    const struct switch_policy *policy = vswitch->path.policy;
    uint32_t port_id = port->id;

    pthread_mutex_lock(&vswitch->policy_lock);
    tally_add(&vswitch->removed, egress_close(port));
    fixed_forget_port(vswitch->path.statics, port_id, false);
    fixed_forget_port(vswitch->path.groups, port_id, true);
    if (policy->n_routers) {
        publish_switch(vswitch, vswitch->path.table, &policy->set);
    }
    pthread_mutex_unlock(&vswitch->policy_lock);
}

void
services_part(struct vswitch *vswitch, struct stage *stage)
{
    pthread_mutex_lock(&vswitch->policy_lock);
    stage->parted = true;
    pthread_mutex_unlock(&vswitch->policy_lock);
}

void
services_take_back(struct vswitch *vswitch, struct stage *stage)
{
    const struct xvs_guid *who = &stage->plugin->extension.id;
    const struct port_table *table = vswitch->path.table;
    uint32_t parts;

    pthread_mutex_lock(&vswitch->policy_lock);
    stage->parted = true;
    fixed_take_back(vswitch->path.statics, who);
    fixed_take_back(vswitch->path.groups, who);
    for (uint32_t i = 0; i < table->n; i++) {
        parts = policy_parts_of(&table->ports[i]->owners, who);
        if (parts) {
            policy_own(&table->ports[i]->owners, parts, NULL);
            change_port(vswitch, table, table->ports[i], parts, NULL);
        }
    }
    parts = policy_parts_of(&vswitch->owners, who);
    if (parts) {
        policy_own(&vswitch->owners, parts, NULL);
        change_switch(vswitch, table, parts, NULL);
    }
    services_take_back_flows(vswitch, who);
    pthread_mutex_unlock(&vswitch->policy_lock);
}

const struct xvs_switching services_switching = {
    .size = sizeof services_switching,
    .port_policy = port_policy,
    .switch_policy = switch_policy,
    .address = address,
    .group = group,
    .addresses = services_addresses,
    .port_drops = services_port_drops,
    .port_queues = services_port_queues,
    .flows = services_flows,
    .take_flows = services_take_flows,
    .take_samples = services_take_samples,
    .port_counters = services_port_counters,
};
