/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Collectors: their sockets, and what is on its way to them.  A datagram that
 * cannot be sent is counted and forgotten; the next one is tried all the same.
 */

#include "flowexport.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "xvs_flowexport.h"

/* ---- Sockets ------------------------------------------------------------ */

/* Our address on the way there is the agent's. */
static void
name_agent(struct collector *collector)
{
    struct sockaddr_storage own = { 0 };
    const struct sockaddr_in *v4 = (const void *) &own;
    const struct sockaddr_in6 *v6 = (const void *) &own;
    socklen_t size = sizeof(own);
    struct sflow *sflow = &collector->sflow;

    getsockname(collector->fd, (struct sockaddr *) &own, &size);
    if (own.ss_family == AF_INET6) {
        sflow->agent_size = 16;
        memcpy(sflow->agent, &v6->sin6_addr, 16);
    } else {
        sflow->agent_size = 4;
        memcpy(sflow->agent, &v4->sin_addr, 4);
    }
}

static void
open_one(struct flowexport *self, struct collector *collector)
{
    struct xvs_grant grant = {
        .size = sizeof(grant),
        .property = XVS_FLOW_COLLECTOR_COLLECTOR,
        .uuid = XVS_FLOW_COLLECTOR_UUID,
        .instance = collector->instance };
    int result = self->sockets->open(self->host, &grant, &collector->fd);

    if (result == XVS_SUCCESS) {
        collector->reason[0] = 0;
        collector->told = false;
        collector->refreshed = 0;
        name_agent(collector);
        ipfix_begin(&collector->ipfix);
        sflow_begin(&collector->sflow);
        return;
    }
    collector->fd = -1;
    memcpy(collector->reason, grant.reason, sizeof(collector->reason));
    if (!collector->told) {
        collector->told = true;
        self->host->event(self->host, XVS_LOG_WARNING, collector->reason);
    }
}

void
collectors_open(struct flowexport *self)
{
    for (uint32_t i = 0; i < COLLECTORS && self->sockets; i++) {
        struct collector *collector = &self->collectors[i];

        if (self->active && collector->used && collector->fd < 0) {
            open_one(self, collector);
        }
    }
}

void
collector_close(struct collector *collector)
{
    if (collector->fd >= 0) {
        close(collector->fd);
    }
    collector->fd = -1;
}

bool
collectors_want(const struct flowexport *self, enum protocol protocol)
{
    for (uint32_t i = 0; i < COLLECTORS; i++) {
        if (self->collectors[i].used
            && self->collectors[i].protocol == protocol) {
            return true;
        }
    }
    return false;
}

static bool
is_open(const struct collector *collector, enum protocol protocol)
{
    return collector->used && collector->fd >= 0
        && collector->protocol == protocol;
}

static void
send_message(struct collector *collector, const struct message *message,
             uint32_t n)
{
    ssize_t size = send(collector->fd, message->bytes, message->size,
                        MSG_NOSIGNAL | MSG_DONTWAIT);

    if (size < 0) {
        collector->errors++;
        snprintf(collector->reason, sizeof(collector->reason), "%s",
                 strerror(errno));
        return;
    }
    collector->messages++;
    collector->bytes += (uint64_t) size;
    collector->records += n;
}

/* ---- IPFIX -------------------------------------------------------------- */

static void
send_ipfix(struct collector *collector)
{
    struct ipfix *ipfix = &collector->ipfix;
    uint32_t n = ipfix->n;

    if (ipfix_end(ipfix, (uint32_t) time(NULL))) {
        send_message(collector, &ipfix->message, n);
    }
    ipfix_begin(ipfix);
}

/* Templates, and what options tell; in messages of their own. */
static void
refresh(struct flowexport *self, struct collector *collector)
{
    struct ipfix *ipfix = &collector->ipfix;

    send_ipfix(collector);
    ipfix_templates(ipfix);
    ipfix_totals(ipfix, collector->messages, collector->records,
                 collector->bytes);
    for (uint32_t i = 0; i < self->n_ports; i++) {
        const struct port *port = &self->ports[i];

        if (!ipfix_port(ipfix, port->id, port->name)) {
            send_ipfix(collector);
            ipfix_port(ipfix, port->id, port->name);
        }
    }
    send_ipfix(collector);
}

/* Host time and the time of day go apart when somebody sets the clock. */
static int64_t
epoch_of(const struct flowexport *self)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * (int64_t) SECOND + now.tv_nsec
        - (int64_t) self->host->now(self->host);
}

static void
refresh_if_due(struct flowexport *self, struct collector *collector)
{
    uint64_t now = self->host->now(self->host);

    if (collector->refreshed == 0
        || now >= collector->refreshed + collector->refresh * SECOND) {
        collector->refreshed = now;
        collector->ipfix.epoch_ns = epoch_of(self);
        refresh(self, collector);
    }
}

void
collectors_flow(struct flowexport *self, const struct xvs_flow *flow,
                enum ipfix_end reason)
{
    for (uint32_t i = 0; i < COLLECTORS; i++) {
        struct collector *collector = &self->collectors[i];

        if (!is_open(collector, PROTOCOL_IPFIX)
            || !choice_has(&collector->choice, flow->in_port,
                           flow->out_port)) {
            continue;
        }
        refresh_if_due(self, collector);
        if (!ipfix_flow(&collector->ipfix, flow, reason)) {
            send_ipfix(collector);
            ipfix_flow(&collector->ipfix, flow, reason);
        }
    }
}

/* ---- sFlow -------------------------------------------------------------- */

static void
send_sflow(struct flowexport *self, struct collector *collector)
{
    struct sflow *sflow = &collector->sflow;
    uint32_t n = sflow->n;

    if (sflow_end(sflow, (uint32_t) (self->host->now(self->host)
                                     / 1000000u))) {
        send_message(collector, &sflow->message, n);
    }
    sflow_begin(sflow);
}

void
collectors_sample(struct flowexport *self, const struct xvs_sample *sample)
{
    for (uint32_t i = 0; i < COLLECTORS; i++) {
        struct collector *collector = &self->collectors[i];

        if (!is_open(collector, PROTOCOL_SFLOW)
            || !choice_has(&collector->choice, sample->in_port,
                           sample->out_port)) {
            continue;
        }
        collector->sflow.rate = self->config.sampling;
        collector->sflow.drops = (uint32_t) self->totals->missed_samples;
        if (!sflow_packet(&collector->sflow, sample)) {
            send_sflow(self, collector);
            sflow_packet(&collector->sflow, sample);
        }
    }
}

static void
count_port(struct flowexport *self, struct collector *collector,
           uint32_t port_id, const struct xvs_port_counters *counters)
{
    if (!sflow_counters(&collector->sflow, port_id, counters)) {
        send_sflow(self, collector);
        sflow_counters(&collector->sflow, port_id, counters);
    }
}

void
collectors_ports(struct flowexport *self)
{
    for (uint32_t i = 0; i < self->n_ports; i++) {
        struct xvs_port_counters counters = { .size = sizeof(counters) };
        uint32_t id = self->ports[i].id;

        if (self->switching->port_counters(self->host, id, &counters)
            != XVS_SUCCESS) {
            continue;
        }
        for (uint32_t j = 0; j < COLLECTORS; j++) {
            if (is_open(&self->collectors[j], PROTOCOL_SFLOW)
                && choice_has(&self->collectors[j].choice, id, id)) {
                count_port(self, &self->collectors[j], id, &counters);
            }
        }
    }
}

void
collectors_flush(struct flowexport *self)
{
    for (uint32_t i = 0; i < COLLECTORS; i++) {
        struct collector *collector = &self->collectors[i];

        if (is_open(collector, PROTOCOL_IPFIX)) {
            refresh_if_due(self, collector);
            send_ipfix(collector);
        } else if (is_open(collector, PROTOCOL_SFLOW)) {
            send_sflow(self, collector);
        }
    }
}
