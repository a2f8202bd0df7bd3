/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings from the operator: judged whole before anything changes.  Those
 * that the switch and a port have one of are here; what a port may have
 * several of is in groups.c.
 */
#include "judgement.h"

#include <stdarg.h>
#include <stdio.h>

#include "xvs_snoop.h"

void
snoop_deny(struct judgement *judgement, int result, const char *format, ...)
{
    const struct xvs_host *host = judgement->self->host;
    char text[256];
    va_list args;

    if (judgement->result != XVS_SUCCESS) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    judgement->result = host->refuse(judgement->answer, result, text);
}

/* Whether this setting of which there may be one is in its place. */
static void
check_single(struct judgement *judgement, bool has, const struct xvs_guid *is,
             size_t size)
{
    const struct xvs_setting *setting = judgement->setting;
    bool goes = setting->op == XVS_DELETE;
    bool same = has && is_guid(is, &setting->instance);

    if (goes ? !same : has && !same) {
        snoop_deny(judgement, goes ? XVS_INVALID_PARAMETER : XVS_NOT_ACCEPTED,
                   goes ? "no such settings"
                        : "there are such settings already: change those");
    } else if (!goes && setting->view.size < size) {
        snoop_deny(judgement, XVS_INVALID_LENGTH,
                   "the settings are cut short");
    }
}

/* ---- The switch --------------------------------------------------------- */

static uint64_t
seconds(uint32_t n)
{
    return n * (uint64_t) SNOOP_SECOND;
}

static void
read_switch(struct judgement *judgement, struct snoop_config *config)
{
    static const struct xvs_switch_snooping initial =
        XVS_SWITCH_SNOOPING_DEFAULTS;
    const struct xvs_switch_snooping *body = judgement->view->body;
    const char *vlans = xvs_switch_snooping_vlans(judgement->view, body);
    const char *why = snoop_read_vlans(vlans, config->vlans);
    bool is_on = VALUE(enabled, XVS_SWITCH_SNOOPING_ENABLED, 1);

    config->is_on[0] = is_on && VALUE(igmp, XVS_SWITCH_SNOOPING_IGMP, 1);
    config->is_on[1] = is_on && VALUE(mld, XVS_SWITCH_SNOOPING_MLD, 1);
    config->fast_leave = VALUE(fast_leave, XVS_SWITCH_SNOOPING_FAST_LEAVE, 0);
    config->membership = seconds(
        VALUE(membership_ageing, XVS_SWITCH_SNOOPING_MEMBERSHIP_AGEING,
              initial.membership_ageing));
    config->querier = seconds(
        VALUE(querier_ageing, XVS_SWITCH_SNOOPING_QUERIER_AGEING,
              initial.querier_ageing));
    config->leave = seconds(
        VALUE(leave_wait, XVS_SWITCH_SNOOPING_LEAVE_WAIT,
              initial.leave_wait));
    config->max_groups = VALUE(max_groups, XVS_SWITCH_SNOOPING_MAX_GROUPS,
                               initial.max_groups);
    config->max_joined =
        VALUE(max_groups_per_port, XVS_SWITCH_SNOOPING_MAX_GROUPS_PER_PORT,
              initial.max_groups_per_port);
    if (why) {
        snoop_deny(judgement, XVS_NOT_ACCEPTED, "Vlans: \"%.60s\": %s",
                   vlans, why);
    }
}

static bool
is_off_member(void *arg, const struct snoop_key *key,
              const struct snoop_member *member)
{
    (void) member;
    return !snoop_is_on(arg, key->is_ipv6, key->vlan);
}

static bool
is_off_vlan(void *arg, const struct snoop_vlan *vlan)
{
    return !snoop_is_on(arg, vlan->is_ipv6, vlan->vlan);
}

static void
switch_setting(struct judgement *judgement)
{
    struct snoop *self = judgement->self;
    struct snoop_config config;
    bool goes = judgement->setting->op == XVS_DELETE;

    check_single(judgement, self->has_settings, &self->settings,
                 XVS_SWITCH_SNOOPING_SIZE);
    snoop_config_default(&config);
    if (judgement->result == XVS_SUCCESS && !goes) {
        read_switch(judgement, &config);
    }
    if (judgement->result != XVS_SUCCESS
        || judgement->setting->op == XVS_VALIDATE) {
        return;
    }
    self->config = config;
    self->has_settings = !goes;
    self->settings = judgement->setting->instance;
    self->is_stale = true;
    snoop_table_sift(self->table, is_off_member, self);
    snoop_vlans_sift(self->vlans, is_off_vlan, self);
}

/* ---- Ports -------------------------------------------------------------- */

static void
port_setting(struct judgement *judgement)
{
    static const struct xvs_port_snooping initial =
        XVS_PORT_SNOOPING_DEFAULTS;
    const struct xvs_port_snooping *body = judgement->view->body;
    struct snoop_port *port = judgement->port;
    bool goes = judgement->setting->op == XVS_DELETE;

    check_single(judgement, port->has_settings, &port->settings,
                 XVS_PORT_SNOOPING_SIZE);
    if (judgement->result != XVS_SUCCESS
        || judgement->setting->op == XVS_VALIDATE) {
        return;
    }
    body = goes ? &initial : body;
    port->has_settings = !goes;
    port->settings = judgement->setting->instance;
    port->mode = goes ? SNOOP_LEARNED
                      : VALUE(router, XVS_PORT_SNOOPING_ROUTER, 0);
    port->has_fast_leave = !goes
        && xvs_present(judgement->view, XVS_PORT_SNOOPING_FAST_LEAVE);
    port->fast_leave = body->fast_leave;
    port->max_groups = goes ? 0 : VALUE(max_groups,
                                        XVS_PORT_SNOOPING_MAX_GROUPS, 0);
    if (port->mode == SNOOP_NEVER) {
        snoop_vlans_forget(judgement->self->vlans, port->owner.id);
    }
    judgement->self->is_stale = true;
}

static void
dispatch(struct judgement *judgement)
{
    static const struct xvs_guid of_switch = XVS_SWITCH_SNOOPING_UUID;
    static const struct xvs_guid of_port = XVS_PORT_SNOOPING_UUID;
    static const struct xvs_guid group = XVS_SNOOP_STATIC_GROUP_UUID;
    static const struct xvs_guid filter = XVS_SNOOP_GROUP_FILTER_UUID;
    const struct xvs_guid *uuid = &judgement->setting->uuid;

    /* All classes are of one major version, which DELETE does not tell. */
    if (judgement->setting->op != XVS_DELETE
        && judgement->setting->version >> 8 != XVS_SWITCH_SNOOPING_VERSION >> 8) {
        judgement->result = XVS_NOT_SUPPORTED;
    } else if (!judgement->port && is_guid(uuid, &of_switch)) {
        switch_setting(judgement);
    } else if (judgement->port && is_guid(uuid, &of_port)) {
        port_setting(judgement);
    } else if (judgement->port && is_guid(uuid, &group)) {
        snoop_rule_setting(judgement, false);
    } else if (judgement->port && is_guid(uuid, &filter)) {
        snoop_rule_setting(judgement, true);
    } else {
        judgement->result = XVS_NOT_SUPPORTED;
    }
}

int
snoop_setting(void *arg, const struct xvs_setting *setting,
              struct xvs_answer *answer)
{
    struct snoop *self = arg;
    struct judgement judgement = { self, setting, &setting->view, answer,
                                   NULL, XVS_SUCCESS };

    if (setting->scope == XVS_SCOPE_PORT) {
        judgement.port = snoop_port_find(self, setting->port_id);
        if (!judgement.port) {
            snoop_deny(&judgement, XVS_INVALID_PARAMETER, "no such port");
            return judgement.result;
        }
    }
    if (!self->switching) {
        snoop_deny(&judgement, XVS_NOT_ACCEPTED, "there is no switch here");
        return judgement.result;
    }
    dispatch(&judgement);
    if (judgement.result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        snoop_tell(self);
    }
    return judgement.result;
}
