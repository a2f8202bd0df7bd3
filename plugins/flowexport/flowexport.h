/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWEXPORT_H
#define FLOWEXPORT_H

/*
 * The extension flowexport.  All of it is the control thread's.
 *
 *     switch --take_flows()--> cache.c --over--> collector.c --> ipfix.c -->
 *        |                     flows by key      each of them
 *        +---take_samples(), port_counters()---> collector.c --> sflow.c -->
 *                                              (of its ports: choice.c)
 *
 * The switch counts by interval and forgets; what belongs together is put
 * together here, where a mistake costs no packet.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/keep.h>
#include <xvs/service.h>
#include <xvs/switch.h>

#include "ipfix.h"
#include "sflow.h"

#define COLLECTORS 4u
#define PORTS 4096u
#define CHOICE 64u              /* ports that a collector can name */
#define SECOND UINT64_C(1000000000)

enum protocol { PROTOCOL_IPFIX = 1, PROTOCOL_SFLOW = 2 };

/* Ports that a collector is told of; none named: all. */
struct choice {
    uint32_t n_names, n_ids;
    char names[CHOICE][XVS_NAME_SIZE];
    uint32_t ids[CHOICE];       /* of those that there are now */
};

/* A setting XVS_FlowCollector. */
struct collector {
    bool used;
    struct choice choice;
    struct xvs_guid instance;
    enum protocol protocol;
    uint32_t refresh;           /* of templates, seconds */
    int fd;                     /* -1: none */
    bool told;                  /* that there is none */
    uint64_t refreshed;         /* ns */
    struct ipfix ipfix;
    struct sflow sflow;
    uint64_t records, messages, bytes, errors;
    char reason[160];           /* the last error, or "" */
};

struct port {
    uint32_t id;
    char name[XVS_NAME_SIZE];
};

/* What XVS_FlowExport says. */
struct config {
    uint64_t active, idle, counters;    /* ns */
    uint32_t max_flows, sampling;
};

/* What was counted since the extension was enabled. */
struct totals {
    uint64_t packets, missed, records, early, samples, missed_samples;
};

struct flowexport {
    const struct xvs_host *host;
    const struct xvs_switching *switching;  /* or NULL */
    const struct xvs_sockets *sockets;      /* or NULL */
    bool active;
    bool refused;               /* another extension counts flows */
    struct config config;
    struct collector collectors[COLLECTORS];
    struct port *ports;         /* PORTS */
    uint32_t n_ports;
    struct xvs_flow *flows;     /* cache.c; packets 0: free */
    struct xvs_flow *own;       /* of these, what is not kept; or NULL */
    uint32_t mask, n_flows;
    struct xvs_keep keep;       /* flows and totals, for who comes next */
    bool taken;                 /* from another instance; atomic */
    uint64_t counted;           /* when port counters were sent, ns */
    struct totals *totals;      /* kept; else: */
    struct totals own_totals;
};

/* flowexport.c: asks the switch for what collectors need, or for nothing. */
void flowexport_wish(struct flowexport *self);
void flowexport_defaults(struct config *config);

/* cache.c: before all others, in init(). */
void cache_begin(struct flowexport *self, const struct xvs_host *host);
/* A cache of config.max_flows; false: no memory. */
bool cache_create(struct flowexport *self);
/* Whether flows may be put there now; those of an instance before this one
 * are there then. */
bool cache_is_mine(struct flowexport *self);
void cache_end(struct flowexport *self);
/* Puts together what the switch counted. */
void cache_add(struct flowexport *self, const struct xvs_flow *flow);
/* Tells collectors of what is over, or (all) of everything. */
void cache_expire(struct flowexport *self, uint64_t now, bool all);

/* choice.c: which ports there are has changed, or which are named. */
void choice_resolve(struct choice *choice, const struct flowexport *self);
/* Whether the collector is told of what passes between them. */
bool choice_has(const struct choice *choice, uint32_t in_port,
                uint32_t out_port);

/* collector.c */
void collectors_open(struct flowexport *self);
void collector_close(struct collector *collector);
/* Tells all that speak IPFIX of a flow. */
void collectors_flow(struct flowexport *self, const struct xvs_flow *flow,
                     enum ipfix_end reason);
/* The same for sFlow. */
void collectors_sample(struct flowexport *self,
                       const struct xvs_sample *sample);
void collectors_ports(struct flowexport *self);
/* Templates that are due; and sends what is not sent yet. */
void collectors_flush(struct flowexport *self);
bool collectors_want(const struct flowexport *self, enum protocol protocol);

/* settings.c, status.c: hooks. */
int flowexport_setting(void *self, const struct xvs_setting *setting,
                       struct xvs_answer *answer);
int flowexport_status(void *self, const struct xvs_query *query,
                      struct xvs_answer *answer);

#endif
