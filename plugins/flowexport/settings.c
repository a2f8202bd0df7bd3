/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: how flows are counted, and who is told of them.
 */

#include "flowexport.h"

#include <stdio.h>

#include "xvs_flowexport.h"

#define REFRESH 60u             /* seconds, unless a setting says */

static const struct xvs_guid config_class = XVS_FLOW_EXPORT_UUID;
static const struct xvs_guid collector_class = XVS_FLOW_COLLECTOR_UUID;

static bool
is_same(const struct xvs_guid *one, const struct xvs_guid *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

/* ---- XVS_FlowExport ----------------------------------------------------- */

/* What is NULL stays as it is by default. */
static void
read_config(struct config *config, const struct xvs_view *view,
            const struct xvs_flow_export *wanted)
{
    if (xvs_present(view, XVS_FLOW_EXPORT_ACTIVE_TIMEOUT)) {
        config->active = wanted->active_timeout * SECOND;
    }
    if (xvs_present(view, XVS_FLOW_EXPORT_IDLE_TIMEOUT)) {
        config->idle = wanted->idle_timeout * SECOND;
    }
    if (xvs_present(view, XVS_FLOW_EXPORT_COUNTER_INTERVAL)) {
        config->counters = wanted->counter_interval * SECOND;
    }
    if (xvs_present(view, XVS_FLOW_EXPORT_MAX_FLOWS)) {
        config->max_flows = wanted->max_flows;
    }
    if (xvs_present(view, XVS_FLOW_EXPORT_SAMPLING)) {
        config->sampling = wanted->sampling;
    }
}

static void
take_config(struct flowexport *self, const struct xvs_view *view,
            const struct xvs_flow_export *wanted)
{
    uint32_t before = self->config.max_flows;

    flowexport_defaults(&self->config);
    if (wanted) {
        read_config(&self->config, view, wanted);
    }
    if (self->config.max_flows != before && self->flows) {
        if (self->active && cache_is_mine(self)) {
            cache_expire(self, 0, true);
        }
        cache_create(self);
    }
    flowexport_wish(self);
}

static int
config_setting(struct flowexport *self, const struct xvs_setting *setting,
               struct xvs_answer *answer)
{
    const struct xvs_flow_export *wanted = setting->op == XVS_DELETE
        ? NULL : xvs_flow_export_get(setting);
    const char *why = wanted ? xvs_flow_export_check(&setting->view) : NULL;

    if (setting->op != XVS_DELETE && !wanted) {
        return XVS_NOT_SUPPORTED;
    }
    if (why) {
        return self->host->refuse(answer, XVS_NOT_ACCEPTED, why);
    }
    if (setting->op != XVS_VALIDATE) {
        take_config(self, &setting->view, wanted);
    }
    return XVS_SUCCESS;
}

/* ---- XVS_FlowCollector -------------------------------------------------- */

static struct collector *
find(struct flowexport *self, const struct xvs_guid *instance)
{
    struct collector *unused = NULL;

    for (uint32_t i = 0; i < COLLECTORS; i++) {
        struct collector *one = &self->collectors[i];

        if (one->used && is_same(&one->instance, instance)) {
            return one;
        }
        unused = one->used || unused ? unused : one;
    }
    return unused;
}

static void
take_choice(struct choice *choice, const struct xvs_view *view,
            const struct xvs_flow_collector *wanted)
{
    choice->n_names = wanted->ports.count;
    for (uint32_t i = 0; i < choice->n_names; i++) {
        snprintf(choice->names[i], sizeof(choice->names[i]), "%s",
                 xvs_flow_collector_ports(view, wanted, i));
    }
}

static void
take_collector(struct flowexport *self, struct collector *collector,
               const struct xvs_setting *setting,
               const struct xvs_flow_collector *wanted)
{
    if (collector->used) {
        collector_close(collector);
    }
    memset(collector, 0, sizeof(*collector));
    collector->used = true;
    collector->fd = -1;
    collector->instance = setting->instance;
    collector->protocol =
        xvs_present(&setting->view, XVS_FLOW_COLLECTOR_PROTOCOL)
        ? (enum protocol) wanted->protocol : PROTOCOL_IPFIX;
    collector->refresh =
        xvs_present(&setting->view, XVS_FLOW_COLLECTOR_TEMPLATE_REFRESH)
        ? wanted->template_refresh : REFRESH;
    collector->ipfix.domain = wanted->domain;
    collector->sflow.sub_agent = wanted->domain;
    take_choice(&collector->choice, &setting->view, wanted);
    choice_resolve(&collector->choice, self);
    collectors_open(self);
    flowexport_wish(self);
}

static void
drop_collector(struct flowexport *self, struct collector *collector)
{
    if (collector && collector->used) {
        collectors_flush(self);
        collector_close(collector);
        collector->used = false;
        flowexport_wish(self);
    }
}

/* What is wrong with it; NULL: nothing. */
static const char *
judge(const struct collector *collector, const struct xvs_view *view,
      const struct xvs_flow_collector *wanted)
{
    const char *why = xvs_flow_collector_check(view);

    if (why) {
        return why;
    }
    if (!xvs_ref_string(view, wanted->collector)[0]) {
        return "Collector is missing: the address and UDP port of the"
               " collector, such as 192.0.2.1:4739";
    }
    if (wanted->ports.count > CHOICE) {
        return "Ports names more than 64 ports; leave it out for all";
    }
    return collector ? NULL
        : "there are four collectors already; remove one first";
}

static int
collector_setting(struct flowexport *self, const struct xvs_setting *setting,
                  struct xvs_answer *answer)
{
    struct collector *collector = find(self, &setting->instance);
    const struct xvs_flow_collector *wanted;
    const char *why;

    if (setting->op == XVS_DELETE) {
        drop_collector(self, collector);
        return XVS_SUCCESS;
    }
    wanted = xvs_flow_collector_get(setting);
    if (!wanted) {
        return XVS_NOT_SUPPORTED;
    }
    why = judge(collector, &setting->view, wanted);
    if (why) {
        return self->host->refuse(answer, XVS_NOT_ACCEPTED, why);
    }
    if (setting->op != XVS_VALIDATE) {
        take_collector(self, collector, setting, wanted);
    }
    return XVS_SUCCESS;
}

int
flowexport_setting(void *arg, const struct xvs_setting *setting,
                   struct xvs_answer *answer)
{
    if (is_same(&setting->uuid, &config_class)) {
        return config_setting(arg, setting, answer);
    }
    return is_same(&setting->uuid, &collector_class)
        ? collector_setting(arg, setting, answer) : XVS_NOT_SUPPORTED;
}
