/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Life of the extension, and its clock: four times a second it takes what the
 * switch has counted, in intervals of a second.
 */

#include "flowexport.h"

#include <stdlib.h>

#include "xvs_flowexport.h"

#define TICK_MS 250u
#define INTERVAL_MS 1000u
#define AT_ONCE 256u            /* flows, samples of one call */
#define SWITCH_FLOWS 8192u      /* of a worker in an interval */

void
flowexport_defaults(struct config *config)
{
    *config = (struct config) { .active = 60 * SECOND, .idle = 15 * SECOND,
                                .counters = 20 * SECOND, .max_flows = 16384,
                                .sampling = 1000 };
}

/* ---- What the switch counts --------------------------------------------- */

/* Other switches have no flows. */
static bool
has_flows(const struct xvs_switching *switching)
{
    return switching
        && switching->size >= offsetof(struct xvs_switching, port_counters)
                              + sizeof(switching->port_counters);
}

void
flowexport_wish(struct flowexport *self)
{
    bool samples = collectors_want(self, PROTOCOL_SFLOW);
    bool flows = collectors_want(self, PROTOCOL_IPFIX);
    const struct xvs_flow_wish wish = {
        .size = sizeof(wish), .interval = INTERVAL_MS, .flows = SWITCH_FLOWS,
        .sampling = samples ? self->config.sampling : 0 };
    int result;

    if (!self->active || !has_flows(self->switching)) {
        return;
    }
    result = self->switching->flows(self->host,
                                    samples || flows ? &wish : NULL);
    if (result == XVS_NOT_ACCEPTED && !self->refused) {
        self->host->event(self->host, XVS_LOG_ERROR, "another extension"
                          " counts flows on this switch; disable it first");
    }
    self->refused = result == XVS_NOT_ACCEPTED;
}

static void
take_samples(struct flowexport *self)
{
    struct xvs_sample samples[AT_ONCE];
    uint32_t n;

    do {
        n = self->switching->take_samples(self->host, samples, AT_ONCE);
        for (uint32_t i = 0; i < n; i++) {
            collectors_sample(self, &samples[i]);
        }
        self->totals->samples += n;
    } while (n == AT_ONCE);
}

static void
take_flows(struct flowexport *self)
{
    struct xvs_flow_counts counts = { .size = sizeof(counts) };
    struct xvs_flow flows[AT_ONCE];
    bool wanted = collectors_want(self, PROTOCOL_IPFIX);
    uint32_t n;

    do {
        n = self->switching->take_flows(self->host, flows, AT_ONCE, &counts);
        for (uint32_t i = 0; i < n && wanted; i++) {
            cache_add(self, &flows[i]);
        }
    } while (n);
    self->totals->packets += counts.packets;
    self->totals->missed += counts.missed;
    self->totals->missed_samples += counts.missed_samples;
}

static void
tick(void *arg)
{
    struct flowexport *self = arg;
    uint64_t now = self->host->now(self->host);

    if (!self->active || !cache_is_mine(self)) {
        return;
    }
    collectors_open(self);
    if (self->refused) {
        flowexport_wish(self);
    }
    if (has_flows(self->switching)) {
        take_samples(self);
        take_flows(self);
        if (now >= self->counted + self->config.counters) {
            self->counted = now;
            collectors_ports(self);
        }
    }
    cache_expire(self, now, false);
    collectors_flush(self);
}

/* ---- Ports, for their names --------------------------------------------- */

static int
port_event(void *arg, enum xvs_port_event event, const struct xvs_port *port)
{
    struct flowexport *self = arg;
    uint32_t i = 0;

    while (i < self->n_ports && self->ports[i].id != port->id) {
        i++;
    }
    if (event == XVS_PORT_CREATED && !port->is_validation
        && i == self->n_ports && i < PORTS) {
        self->ports[self->n_ports++].id = port->id;
        memcpy(self->ports[i].name, port->name, sizeof(port->name));
    } else if (event == XVS_PORT_DELETED && i < self->n_ports) {
        self->ports[i] = self->ports[--self->n_ports];
    }
    for (i = 0; i < COLLECTORS; i++) {
        choice_resolve(&self->collectors[i].choice, self);
    }
    return XVS_SUCCESS;
}

/* ---- Life --------------------------------------------------------------- */

static int
change_state(void *arg, enum xvs_state state)
{
    struct flowexport *self = arg;

    if (state == XVS_ACTIVATE) {
        self->active = true;
        collectors_open(self);
        flowexport_wish(self);
        self->host->timer(self->host, TICK_MS);
    } else if (self->active) {
        tick(self);
        if (cache_is_mine(self)) {
            cache_expire(self, 0, true);
        }
        collectors_flush(self);
        self->active = false;
        self->host->timer(self->host, 0);
    }
    return XVS_SUCCESS;
}

static void
end(void *arg)
{
    struct flowexport *self = arg;

    for (uint32_t i = 0; i < COLLECTORS; i++) {
        collector_close(&self->collectors[i]);
    }
    free(self->ports);
    cache_end(self);
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct flowexport *self = calloc(1, sizeof(*self));

    if (!self) {
        return XVS_RESOURCES;
    }
    self->host = host;
    self->switching = xvs_switching(host);
    self->sockets = xvs_sockets(host);
    self->ports = calloc(PORTS, sizeof(*self->ports));
    for (uint32_t i = 0; i < COLLECTORS; i++) {
        self->collectors[i].fd = -1;
    }
    flowexport_defaults(&self->config);
    cache_begin(self, host);
    if (!self->ports || !cache_create(self)) {
        end(self);
        return XVS_RESOURCES;
    }
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x71bbee8e, 0x2b0f, 0x47f6,
            { 0x91, 0x7e, 0x7a, 0x9a, 0xba, 0xa2, 0xe5, 0x72 } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_SETTING | XVS_HOOK_STATUS | XVS_HOOK_STATE
                 | XVS_HOOK_TIMER | XVS_HOOK_TRAITS,
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .traits = XVS_TRAIT_SOCKETS,
    .name = "flowexport",
    .vendor = "xvs",
    .description = "Tells collectors what flows on a switch: IPFIX, sFlow.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = begin,
    .fini = end,
    .port = port_event,
    .state = change_state,
    .setting = flowexport_setting,
    .status = flowexport_status,
    .timer = tick,
};
