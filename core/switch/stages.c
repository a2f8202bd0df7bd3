/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The stages of a switch: finding them, their order, the chain that workers
 * get, and what extensions ask and say.
 */

#include <config.h>

#include "switch/stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/block.h"
#include "marshal/oid.h"
#include "port/port.h"
#include "stage/domain/domain.h"
#include "stage/inforce.h"
#include "stage/pair/pair.h"
#include "stage/plugin/plugin.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "switch/quarantine.h"
#include "switch/server.h"
#include "switch/services.h"
#include "switch/sharing.h"
#include "switch/vswitch.h"

struct stage *
stages_find(const struct vswitch *vswitch, const struct xvs_guid *extension)
{
    struct stage *stage = vswitch->stages;

    while (stage && !guid_equal(&stage->plugin->extension.id, extension)) {
        stage = stage->next;
    }
    return stage;
}

struct stage *
stages_expect(const struct driver *driver, uint32_t switch_id,
              const struct xvs_guid *extension, struct outcome *outcome)
{
    const struct vswitch *vswitch = driver_switch(driver, switch_id);
    const struct plugin *plugin = driver_plugin(driver, extension);
    struct stage *stage;
    char guid[GUID_TEXT_SIZE];

    if (!vswitch) {
        outcome_set(outcome, XVS_INVALID_PARAMETER,
                    "there is no switch number %u", switch_id);
        outcome->code = ERROR_NOT_FOUND;
        return NULL;
    }
    stage = stages_find(vswitch, extension);
    if (stage && !stage->failed) {
        return stage;
    }
    if (plugin) {
        outcome_set(outcome, XVS_NO_CONSUMER,
                    "extension %s is not enabled on switch %s",
                    plugin->extension.name, vswitch->name);
    } else {
        outcome_set(outcome, XVS_NO_CONSUMER, "extension %s is not loaded",
                    guid_format(extension, guid));
    }
    return NULL;
}

void
stages_remove(struct vswitch *vswitch, struct stage *stage)
{
    struct stage **at = &vswitch->stages;

    while (*at && *at != stage) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = stage->next;
        stage->next = NULL;
    }
}

void
stages_describe_port(const struct vport *port, struct xvs_port *out)
{
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->id = port->id;
    out->mtu = port->mtu;
    memcpy(out->mac, port->mac, sizeof out->mac);
    memcpy(out->name, port->made.name, sizeof out->name);
}

/* Frames that a hook made unusable. */
static void
watch_broken(struct driver *driver, struct stage *stage)
{
    uint64_t broken = tally_sum(&stage->counters[0].broken,
                                sizeof stage->counters[0]);
    char text[CONTROL_TEXT];

    if (broken != stage->told_broken) {
        snprintf(text, sizeof text, "%s moved %lu packets out of their"
                 " buffers; they were dropped", stage_name(stage),
                 (unsigned long) (broken - stage->told_broken));
        stage->told_broken = broken;
        stages_owner.event(driver, stage, EVENT_FAILED, XVS_LOG_ERROR, text);
    }
}

/* A packet hook that does not return holds up all packets. */
static void
watch_inside(struct driver *driver, struct stage *stage, bool is_late)
{
    bool inside = tally_sum(&stage->counters[0].inside,
                            sizeof stage->counters[0]) != 0;
    char text[CONTROL_TEXT];

    if ((inside && is_late) == stage->told_inside) {
        return;
    }
    stage->told_inside = !stage->told_inside;
    snprintf(text, sizeof text, stage->told_inside
             ? "%s does not return from its packet hook; packets stand still"
             : "%s has returned from its packet hook", stage_name(stage));
    stages_owner.event(driver, stage,
                       stage->told_inside ? EVENT_STUCK : EVENT_RECOVERED,
                       XVS_LOG_ERROR, text);
}

/* The control thread makes it. */
static void
watch_partition(const struct stage *stage)
{
    struct pair *pair = xvs_read(stage->pair);
    struct domain *domain = xvs_read(stage->domain);

    if (pair) {
        pair_watch(pair);
        pair_ping(pair);
    }
    if (domain) {
        domain_watch(domain);
    }
}

void
stages_watch(struct driver *driver)
{
    bool is_late = workers_busy_ms(driver->workers) > STAGE_TIMEOUT_MS;

    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        for (struct stage *stage = vswitch->stages; stage;
             stage = stage->next) {
            watch_broken(driver, stage);
            watch_partition(stage);
            watch_inside(driver, stage, is_late);
            sharing_watch(driver, vswitch, stage);
        }
    }
}

static void
on_event(void *arg, struct stage *stage, enum control_event_kind kind,
         enum xvs_log_level severity, const char *text)
{
    driver_event(arg, kind, severity, stage->switch_id, XVS_PORT_NONE,
                 &stage->plugin->extension.id, text);
}

/* The settings of a property that are in force, for PROPERTY_ENUM. */
static int
answer_enum(struct stage *stage, struct xvs_oid *oid)
{
    struct xvs_setting *list;
    struct xvs_guid property;
    uint32_t port_id, n = 0;
    struct error error;
    int result;

    if (!oid_unpack_enum(oid, &property, &port_id, &error)) {
        return XVS_INVALID_PARAMETER;
    }
    inforce_lock(stage->settings);
    list = mem_array(inforce_count(stage->settings) + 1, sizeof *list);
    for (const struct setting *one = inforce_first(stage->settings); one;
         one = one->next) {
        if (guid_equal(&one->head.uuid, &property)
            && one->head.port_id == port_id) {
            list[n].instance = one->head.instance;
            list[n].version = one->head.version;
            block_view(one->block, &list[n++].view);
        }
    }
    result = oid_answer_enum(oid, list, n);
    inforce_unlock(stage->settings);
    free(list);
    return result;
}

/* The switch's ports as they are published. */
static int
answer_ports(const struct vswitch *vswitch, struct xvs_oid *oid)
{
    const struct port_table *table = xvs_read(vswitch->path.table);
    struct xvs_port *ports;
    int result;

    ports = mem_array(table->n + 1, sizeof *ports);
    for (uint32_t i = 0; i < table->n; i++) {
        stages_describe_port(table->ports[i], &ports[i]);
    }
    result = oid->code == XVS_OID_SWITCH_PARAMETERS
        ? oid_answer_parameters(oid, vswitch->name, table->n, true)
        : oid->code == XVS_OID_SWITCH_PORT_ARRAY
            ? oid_answer_ports(oid, ports, table->n)
            : oid_answer_nics(oid, ports, table->n);
    free(ports);
    return result;
}

static int
answer_switch(struct stage *stage, struct xvs_oid *oid)
{
    unsigned int before = grace_enter();
    const struct vswitch *vswitch = xvs_read(stage->site);
    int result =
        vswitch ? answer_ports(vswitch, oid) : XVS_NOT_SUPPORTED;

    grace_leave(before);
    return result;
}

/* On a thread of the extension. */
static int
on_request(void *arg, struct stage *stage, struct xvs_oid *oid)
{
    (void) arg;
    if (!oid || oid->size < sizeof *oid) {
        return XVS_INVALID_PARAMETER;
    }
    switch (oid->code) {
    case XVS_OID_SWITCH_PROPERTY_ENUM:
    case XVS_OID_SWITCH_PORT_PROPERTY_ENUM:
        return answer_enum(stage, oid);
    case XVS_OID_SWITCH_PARAMETERS:
    case XVS_OID_SWITCH_PORT_ARRAY:
    case XVS_OID_SWITCH_NIC_ARRAY:
        return answer_switch(stage, oid);
    default:
        return XVS_NOT_SUPPORTED;
    }
}

static void
on_poison(void *arg, struct stage *stage, const struct lanes_poison *packet,
          const char *why)
{
    quarantine_keep(arg, stage, packet, why);
}

const struct stage_owner stages_owner = { on_event, on_request,
                                          &services_switching, on_poison };
