/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See vlans.h.
 */
#include "vlans.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/types.h>

#define SETTLE_NS 500000000u    /* for answers on their way */
#define MS_NS 1000000u

static struct snoop_vlan *
make(struct snoop_vlans *vlans, bool is_ipv6, uint16_t number)
{
    struct snoop_vlan **at = &vlans->of[is_ipv6][number % SNOOP_VLANS];

    if (!*at && (*at = calloc(1, sizeof(**at))) != NULL) {
        (*at)->is_ipv6 = is_ipv6;
        (*at)->vlan = number;
        (*at)->next = vlans->first;
        vlans->first = *at;
    }
    return *at;
}

static bool
hear_router(struct snoop_vlans *vlans, struct snoop_vlan *vlan,
            const struct snoop_heard *heard)
{
    struct snoop_router *router = vlan->routers;

    while (router && router->port_id != heard->port_id) {
        router = router->next;
    }
    if (!router) {
        router = calloc(1, sizeof(*router));
        if (!router) {
            return false;
        }
        router->port_id = heard->port_id;
        router->next = vlan->routers;
        vlan->routers = router;
        vlans->is_changed = true;
    }
    router->is_pim = heard->is_hello;
    router->seen = heard->now;
    router->expires = heard->now + heard->ageing;
    return true;
}

/* The querier with the lowest address stays (RFC 3376, 6.6.2), unless it has
 * been silent for so long that another one may have taken its place. */
static void
hear_querier(struct snoop_vlans *vlans, struct snoop_vlan *vlan,
             const struct snoop_heard *heard)
{
    int order = memcmp(heard->source, vlan->querier, SNOOP_ADDRESS);
    uint64_t wait = (uint64_t) heard->response_ms * MS_NS;

    if (!vlan->has_querier) {
        vlan->has_querier = true;
        vlan->settles = heard->now + SETTLE_NS
            + (wait < heard->longest ? wait : heard->longest);
        vlans->is_changed = true;
    } else if (order > 0 && heard->now - vlan->seen < heard->ageing / 2) {
        return;
    }
    memcpy(vlan->querier, heard->source, SNOOP_ADDRESS);
    vlan->port_id = heard->port_id;
    vlan->version = heard->version;
    vlan->seen = heard->now;
    vlan->expires = heard->now + heard->ageing;
}

bool
snoop_vlans_hear(struct snoop_vlans *vlans, const struct snoop_heard *heard)
{
    struct snoop_vlan *vlan = make(vlans, heard->is_ipv6, heard->vlan);

    if (!vlan || !hear_router(vlans, vlan, heard)) {
        return false;
    }
    if (heard->is_general) {
        hear_querier(vlans, vlan, heard);
    }
    return true;
}

static void
lose_querier(struct snoop_vlans *vlans, struct snoop_vlan *vlan)
{
    vlan->has_querier = vlan->is_bound = false;
    vlans->is_changed = true;
}

/* Takes out routers that have expired, or are at the port. */
static void
lose_routers(struct snoop_vlans *vlans, struct snoop_vlan *vlan, uint64_t now,
             uint32_t port_id)
{
    struct snoop_router **link = &vlan->routers, *router;

    while ((router = *link) != NULL) {
        if (now < router->expires && port_id != router->port_id) {
            link = &router->next;
            continue;
        }
        *link = router->next;
        free(router);
        vlans->is_changed = true;
    }
}

/* Frees VLANs of which nothing is known. */
static void
prune(struct snoop_vlans *vlans)
{
    struct snoop_vlan **link = &vlans->first, *vlan;

    while ((vlan = *link) != NULL) {
        if (vlan->has_querier || vlan->routers) {
            link = &vlan->next;
            continue;
        }
        *link = vlan->next;
        vlans->of[vlan->is_ipv6][vlan->vlan % SNOOP_VLANS] = NULL;
        free(vlan);
    }
}

uint64_t
snoop_vlans_age(struct snoop_vlans *vlans, uint64_t now, uint64_t most)
{
    for (struct snoop_vlan *vlan = vlans->first; vlan; vlan = vlan->next) {
        if (vlan->has_querier && now >= vlan->expires) {
            lose_querier(vlans, vlan);
        }
        lose_routers(vlans, vlan, now, XVS_PORT_NONE);
        if (!vlan->has_querier || vlan->is_bound) {
            continue;
        }
        if (now >= vlan->settles) {
            vlan->is_bound = true;
            vlans->is_changed = true;
        } else if (vlan->settles - now < most) {
            most = vlan->settles - now;
        }
    }
    prune(vlans);
    return most;
}

void
snoop_vlans_forget(struct snoop_vlans *vlans, uint32_t port_id)
{
    bool is_all = port_id == XVS_PORT_NONE;

    for (struct snoop_vlan *vlan = vlans->first; vlan; vlan = vlan->next) {
        if (vlan->has_querier && (is_all || vlan->port_id == port_id)) {
            lose_querier(vlans, vlan);
        }
        lose_routers(vlans, vlan, is_all ? UINT64_MAX : 0, port_id);
    }
    prune(vlans);
}

void
snoop_vlans_sift(struct snoop_vlans *vlans,
                 bool (*goes)(void *arg, const struct snoop_vlan *vlan),
                 void *arg)
{
    for (struct snoop_vlan *vlan = vlans->first; vlan; vlan = vlan->next) {
        if (goes(arg, vlan)) {
            if (vlan->has_querier) {
                lose_querier(vlans, vlan);
            }
            lose_routers(vlans, vlan, UINT64_MAX, XVS_PORT_NONE);
        }
    }
    prune(vlans);
}
