/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_INTERNAL_H
#define XVS_SERVICE_INTERNAL_H

/*
 * The service as its own parts see it.
 */

#include "service/change/plan.h"
#include "service/events.h"
#include "service/reconcile/restore.h"
#include "service/reconcile/revive.h"
#include "service/service.h"
#include "service/state.h"

struct peer;
struct quarantine;
struct store;

/* How far we are with xvs-switch. */
enum peer_state { PEER_ABSENT = 0, PEER_RECONCILING, PEER_RUNNING };

struct service {
    struct loop *loop;
    struct repository *repository;
    struct store *store;
    struct peer *peer;
    struct state state;         /* what is wanted, and durable */
    struct plan_queue plans;
    struct events events;
    enum peer_state peer_state;
    struct restore restore;     /* ports that could not be made */
    struct quarantine *quarantine;
    struct revive revive;       /* extensions that could not be loaded */
    char *host_name;
    char *plugin_dir;
    uint32_t timeout_ms;
    uint32_t vendor_partition;
    bool closing;               /* service_destroy() is under way */
};

/* Class by name; arg is the repository (for the layers that look up). */
struct cim_class *service_lookup(void *repository, const char *name);

#endif
