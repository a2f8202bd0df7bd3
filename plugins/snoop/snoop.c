/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The extension snoop: life, ports, and the descriptor that the core reads.
 */
#include "snoop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "xvs_snoop.h"

#define CHECK_NS (2u * (uint64_t) SNOOP_SECOND)

struct snoop_port *
snoop_port_find(const struct snoop *self, uint32_t id)
{
    struct snoop_port *port = self->ports;

    while (port && port->owner.id != id) {
        port = port->next;
    }
    return port;
}

void
snoop_config_default(struct snoop_config *config)
{
    static const struct xvs_switch_snooping defaults =
        XVS_SWITCH_SNOOPING_DEFAULTS;

    *config = (struct snoop_config) {
        .is_on = { true, true },
        .membership = defaults.membership_ageing * (uint64_t) SNOOP_SECOND,
        .querier = defaults.querier_ageing * (uint64_t) SNOOP_SECOND,
        .leave = defaults.leave_wait * (uint64_t) SNOOP_SECOND,
        .max_groups = defaults.max_groups,
        .max_joined = defaults.max_groups_per_port,
    };
    snoop_read_vlans("", config->vlans);
}

bool
snoop_is_on(const struct snoop *self, bool is_ipv6, uint16_t vlan)
{
    return self->config.is_on[is_ipv6]
        && snoop_has_vlan(self->config.vlans, vlan);
}

/* ---- Ports -------------------------------------------------------------- */

static void
free_port(void *data)
{
    struct snoop_port *port = data;

    while (port->rules) {
        struct snoop_rule *rule = port->rules;

        port->rules = rule->next;
        free(rule);
    }
    free(port->filters);
    free(port);
}

static int
add_port(struct snoop *self, const struct xvs_port *port)
{
    struct snoop_port *fresh = calloc(1, sizeof(*fresh));

    if (!fresh) {
        return XVS_RESOURCES;
    }
    fresh->owner.id = port->id;
    memcpy(fresh->name, port->name, sizeof(fresh->name));
    fresh->next = self->ports;
    self->ports = fresh;
    if (!snoop_view_publish(self)) {
        self->ports = fresh->next;
        free_port(fresh);
        return XVS_RESOURCES;
    }
    return XVS_SUCCESS;
}

static int
remove_port(struct snoop *self, struct snoop_port *port)
{
    struct snoop_port **link = &self->ports;

    while (*link != port) {
        link = &(*link)->next;
    }
    *link = port->next;
    snoop_vlans_forget(self->vlans, port->owner.id);
    if (!snoop_view_publish(self)) {
        /* Still known to the packet hooks, so it has to stay. */
        port->next = self->ports;
        self->ports = port;
        return XVS_RESOURCES;
    }
    snoop_table_forget(self->table, &port->owner);
    self->host->retire(self->host, port, free_port);
    snoop_tell(self);
    return XVS_SUCCESS;
}

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct snoop *self = arg;
    struct snoop_port *known = snoop_port_find(self, port->id);

    if (port->is_validation) {
        return XVS_SUCCESS;
    }
    if (event == XVS_PORT_CREATED && !known) {
        return add_port(self, port);
    }
    if (event == XVS_PORT_DELETED && known) {
        return remove_port(self, known);
    }
    return XVS_SUCCESS;
}

/* ---- Life --------------------------------------------------------------- */

/* An instance of an older version may have worked here until now, and left
 * what it told the switch: the switch cannot tell us from it.  It may even go
 * on for a moment, so that all is told a second time. */
static int
state(void *arg, enum xvs_state to)
{
    struct snoop *self = arg;

    if (to == XVS_ACTIVATE) {
        snoop_tell_all(self);
        self->checks = self->host->now(self->host) + CHECK_NS;
        snoop_tell(self);
    }
    return XVS_SUCCESS;
}

static void
timer(void *arg)
{
    struct snoop *self = arg;

    snoop_hear(self);
    snoop_tell(self);
}

static void
end(void *arg)
{
    struct snoop *self = arg;

    if (!self) {
        return;
    }
    if (self->vlans) {
        snoop_vlans_forget(self->vlans, XVS_PORT_NONE);
    }
    free(self->vlans);
    snoop_table_destroy(self->table);
    while (self->ports) {
        struct snoop_port *port = self->ports;

        self->ports = port->next;
        free_port(port);
    }
    snoop_queue_destroy(self->queue);
    free(self->view);
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct snoop *self = calloc(1, sizeof(*self));
    uint32_t seed = 0;

    if (!self) {
        return XVS_RESOURCES;
    }
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t) sizeof(seed)) {
        host->log(host, XVS_LOG_WARNING,
                  "no random numbers: the table of groups can be guessed");
    }
    self->host = host;
    self->switching = xvs_switching(host);
    self->queue = snoop_queue_create();
    self->table = snoop_table_create(seed);
    self->vlans = calloc(1, sizeof(*self->vlans));
    snoop_config_default(&self->config);
    if (!self->queue || !self->table || !self->vlans
        || !snoop_view_publish(self)) {
        end(self);
        return XVS_RESOURCES;
    }
    /* What is here is worth nothing without it. */
    if (!xvs_wake(host)) {
        host->log(host, XVS_LOG_ERROR, "this host is too old: it cannot wake "
                  "an extension (API 1.2)");
        end(self);
        return XVS_NOT_SUPPORTED;
    }
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const char *const reasons[] = {
    [SNOOP_NOT_ROUTER] = "a report, and no router is there",
    [SNOOP_IS_MALFORMED] = "malformed IGMP or MLD",
    [SNOOP_NO_ROUTER_HERE] = "a query where no router may be",
    [SNOOP_IS_BLOCKED] = "joins blocked groups",
};

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0xa66e3422, 0xf8de, 0x4ce6,
            { 0x8c, 0xfb, 0x9f, 0x0a, 0x05, 0x8c, 0x41, 0x8f } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_PACKETS | XVS_HOOK_SETTING | XVS_HOOK_STATUS
                 | XVS_HOOK_PORT | XVS_HOOK_STATE | XVS_HOOK_TIMER
                 | XVS_HOOK_TRAITS,
    .traits = XVS_TRAIT_HEAD,
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "snoop",
    .vendor = "xvs",
    .description = "Multicast goes to those who listen: IGMP and MLD.",
    .after = "acl,guard",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .state = state,
    .setting = snoop_setting,
    .status = snoop_status,
    .timer = timer,
    .ingress = snoop_ingress,
    .egress = snoop_egress,
    .reasons = reasons,
    .n_reasons = sizeof(reasons) / sizeof(reasons[0]),
};
