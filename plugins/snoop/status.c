/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables as objects.
 */
#include "snoop.h"

#include <string.h>

#include "xvs_snoop.h"

#define ROOM (XVS_NAME_SIZE + 2 * SNOOP_TEXT + 64)  /* of an object's texts */

/* A question that is being answered. */
struct asking {
    struct snoop *self;
    const struct xvs_query *query;
    struct xvs_answer *answer;
    uint64_t now;
};

static const char *
name_of(const struct snoop *self, uint32_t port_id)
{
    const struct snoop_port *port = snoop_port_find(self, port_id);

    return port ? port->name : "";
}

static uint32_t
seconds_from(uint64_t from, uint64_t to)
{
    return to > from ? (uint32_t) ((to - from) / SNOOP_SECOND) : 0;
}

/* As in the ValueMaps of the schema: IGMP 1 to 3, MLD as 4 and 5. */
static uint8_t
mode_of(bool is_ipv6, uint8_t version)
{
    return (uint8_t) (version + (is_ipv6 ? 3 : 0));
}

/* An identity that nothing else of the class has; 'group' may be NULL. */
static struct xvs_guid
instance_of(uint32_t port_id, bool is_ipv6, uint16_t vlan,
            const uint8_t *group)
{
    struct xvs_guid guid = { .a = port_id, .b = vlan, .c = is_ipv6 };
    uint64_t low, high = 0;

    /* Of an IPv6 group both halves: those of a port are told apart by 64
     * bits, which nobody meets by chance. */
    if (group) {
        memcpy(&high, group, sizeof(high));
        memcpy(&low, group + 8, sizeof(low));
        high = (high ^ low * 0x9e3779b97f4a7c15u) + low;
    }
    memcpy(guid.d, &high, sizeof(guid.d));
    return guid;
}

/* ---- Members ------------------------------------------------------------ */

static void
fill_member(const struct asking *asking, const struct snoop_member *member,
            struct xvs_snoop_member_writer *writer,
            struct xvs_snoop_member *object)
{
    if (!member->is_joined) {
        xvs_snoop_member_null(writer, XVS_SNOOP_MEMBER_AGE);
        xvs_snoop_member_null(writer, XVS_SNOOP_MEMBER_EXPIRES_IN);
        return;
    }
    object->age = seconds_from(member->seen, asking->now);
    if (member->is_static) {
        xvs_snoop_member_null(writer, XVS_SNOOP_MEMBER_EXPIRES_IN);
    } else {
        object->expires_in = seconds_from(asking->now, member->expires);
    }
}

static int
answer_member(void *arg, const struct snoop_key *key,
              const struct snoop_member *member)
{
    struct asking *asking = arg;
    struct xvs_guid instance = instance_of(member->owner->id, key->is_ipv6,
                                           key->vlan, key->group);
    char memory[XVS_SNOOP_MEMBER_SIZE + ROOM] __attribute__((aligned(8)));
    struct xvs_snoop_member_writer writer;
    struct xvs_snoop_member *object;
    char text[SNOOP_TEXT];

    if (!xvs_asks_for(asking->query, &instance)) {
        return XVS_SUCCESS;
    }
    object = xvs_snoop_member_start(&writer, memory, sizeof(memory));
    if (!object) {
        return XVS_RESOURCES;
    }
    object->vlan = key->vlan;
    object->static_ = member->is_static;
    object->mode = member->is_joined
        ? mode_of(key->is_ipv6, member->version) : 0;
    fill_member(asking, member, &writer, object);
    snoop_address_text(key->is_ipv6, key->group, text);
    xvs_snoop_member_set_group(&writer, text);
    xvs_snoop_member_set_port(&writer,
                              name_of(asking->self, member->owner->id));
    if (member->is_joined) {
        snoop_address_text(key->is_ipv6, member->source, text);
        xvs_snoop_member_set_source(&writer, text);
    }
    return xvs_snoop_member_answer(&writer, asking->self->host,
                                   asking->answer, &instance);
}

/* ---- Queriers and routers ----------------------------------------------- */

static int
answer_querier(const struct asking *asking, const struct snoop_vlan *vlan)
{
    struct xvs_guid instance = instance_of(0, vlan->is_ipv6, vlan->vlan,
                                           NULL);
    char memory[XVS_SNOOP_QUERIER_SIZE + ROOM] __attribute__((aligned(8)));
    struct xvs_snoop_querier_writer writer;
    struct xvs_snoop_querier *object;
    char text[SNOOP_TEXT];

    if (!vlan->has_querier || !xvs_asks_for(asking->query, &instance)) {
        return XVS_SUCCESS;
    }
    object = xvs_snoop_querier_start(&writer, memory, sizeof(memory));
    if (!object) {
        return XVS_RESOURCES;
    }
    object->vlan = vlan->vlan;
    object->mode = mode_of(vlan->is_ipv6, vlan->version);
    object->forwarding = vlan->is_bound
        ? XVS_SNOOP_QUERIER_FORWARDING_MEMBERS
        : XVS_SNOOP_QUERIER_FORWARDING_SETTLING;
    object->age = seconds_from(vlan->seen, asking->now);
    snoop_address_text(vlan->is_ipv6, vlan->querier, text);
    xvs_snoop_querier_set_address(&writer, text);
    xvs_snoop_querier_set_port(&writer, name_of(asking->self, vlan->port_id));
    return xvs_snoop_querier_answer(&writer, asking->self->host,
                                    asking->answer, &instance);
}

/* 'vlan' and 'router' NULL: the operator has said so. */
static int
answer_router(const struct asking *asking, const struct snoop_vlan *vlan,
              const struct snoop_router *router, uint32_t port_id)
{
    bool is_ipv6 = vlan && vlan->is_ipv6;
    struct xvs_guid instance =
        instance_of(port_id, is_ipv6, vlan ? vlan->vlan : 0,
                    vlan ? NULL : (const uint8_t *) "every VLAN there ");
    char memory[XVS_SNOOP_ROUTER_SIZE + ROOM] __attribute__((aligned(8)));
    struct xvs_snoop_router_writer writer;
    struct xvs_snoop_router *object;

    if (!xvs_asks_for(asking->query, &instance)) {
        return XVS_SUCCESS;
    }
    object = xvs_snoop_router_start(&writer, memory, sizeof(memory));
    if (!object) {
        return XVS_RESOURCES;
    }
    object->origin = XVS_SNOOP_ROUTER_ORIGIN_STATIC;
    if (router) {
        object->vlan = vlan->vlan;
        object->family = is_ipv6 ? 6 : 4;
        object->origin = router->is_pim ? XVS_SNOOP_ROUTER_ORIGIN_PIM_HELLO
                                        : XVS_SNOOP_ROUTER_ORIGIN_QUERY;
        object->age = seconds_from(router->seen, asking->now);
    } else {
        xvs_snoop_router_null(&writer, XVS_SNOOP_ROUTER_AGE);
    }
    xvs_snoop_router_set_port(&writer, name_of(asking->self, port_id));
    return xvs_snoop_router_answer(&writer, asking->self->host,
                                   asking->answer, &instance);
}

static int
answer_queriers(const struct asking *asking)
{
    int result = XVS_SUCCESS;

    for (const struct snoop_vlan *vlan = asking->self->vlans->first;
         vlan && result == XVS_SUCCESS; vlan = vlan->next) {
        result = answer_querier(asking, vlan);
    }
    return result;
}

static int
answer_routers(const struct asking *asking)
{
    int result = XVS_SUCCESS;

    for (const struct snoop_vlan *vlan = asking->self->vlans->first; vlan;
         vlan = vlan->next) {
        for (const struct snoop_router *router = vlan->routers;
             router && result == XVS_SUCCESS; router = router->next) {
            result = answer_router(asking, vlan, router, router->port_id);
        }
    }
    for (const struct snoop_port *port = asking->self->ports;
         port && result == XVS_SUCCESS; port = port->next) {
        if (port->mode == SNOOP_ALWAYS) {
            result = answer_router(asking, NULL, NULL, port->owner.id);
        }
    }
    return result;
}

/* ---- Ports -------------------------------------------------------------- */

/* There is one such object per port; its instance is the class's own GUID. */
static int
answer_port(const struct asking *asking)
{
    const struct xvs_query *query = asking->query;
    const struct snoop_port *port =
        snoop_port_find(asking->self, query->port_id);
    struct xvs_port_snooping_status status;
    struct xvs_view view = { &status, sizeof(status), 0, NULL };

    if (!port) {
        return asking->self->host->refuse(asking->answer,
                                          XVS_INVALID_PARAMETER,
                                          "no such port");
    }
    status = (struct xvs_port_snooping_status) {
        .groups = port->owner.n_joined,
        .reports = port->counters.reports,
        .leaves = port->counters.leaves,
        .queries = port->counters.queries,
        .hellos = port->counters.hellos,
        .malformed = port->counters.malformed,
        .refused_queries = port->counters.refused_queries,
        .blocked_joins = port->counters.blocked,
        .refused_by_port = port->counters.by_port,
        .refused_by_switch = port->counters.by_switch,
        .lost = port->counters.lost,
    };
    return xvs_asks_for(query, &query->uuid)
        ? asking->self->host->answer(asking->answer, &query->uuid, &view)
        : XVS_SUCCESS;
}

int
snoop_status(void *arg, const struct xvs_query *query,
             struct xvs_answer *answer)
{
    struct snoop *self = arg;
    struct asking asking = { self, query, answer,
                             self->host->now(self->host) };

    /* As things are now. */
    snoop_hear(self);
    snoop_tell(self);
    if (query->scope == XVS_SCOPE_PORT) {
        return xvs_port_snooping_status_is(query) ? answer_port(&asking)
                                                  : XVS_NOT_SUPPORTED;
    }
    if (xvs_snoop_member_is(query)) {
        return snoop_table_walk(self->table, answer_member, &asking);
    }
    if (xvs_snoop_querier_is(query)) {
        return answer_queriers(&asking);
    }
    return xvs_snoop_router_is(query) ? answer_routers(&asking)
                                      : XVS_NOT_SUPPORTED;
}
