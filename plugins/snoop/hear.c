/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packet hooks saw, taken into the tables.  Settings may have changed
 * since, and the port may have gone: both are looked at again here.
 */
#include "snoop.h"

#include <string.h>

static void
count_one(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void
hear_join(struct snoop *self, struct snoop_port *port,
          const struct snoop_event *event, const struct snoop_key *key)
{
    const struct snoop_config *config = &self->config;
    struct snoop_join join = {
        .owner = &port->owner,
        .version = event->version,
        .source = event->source,
        .now = self->host->now(self->host),
        .max_groups = config->max_groups,
        .max_joined = port->max_groups ? port->max_groups
                                       : config->max_joined,
    };

    if (snoop_blocks(port->filters, event->is_ipv6, event->group)) {
        count_one(&port->counters.blocked);
        return;
    }
    join.expires = join.now + config->membership;
    switch (snoop_table_join(self->table, key, &join)) {
    case SNOOP_JOINED:
        break;
    case SNOOP_PORT_FULL:
        count_one(&port->counters.by_port);
        break;
    case SNOOP_SWITCH_FULL:
    case SNOOP_NO_MEMORY:
        count_one(&port->counters.by_switch);
        break;
    }
}

static void
hear_leave(struct snoop *self, struct snoop_port *port,
           const struct snoop_key *key)
{
    bool is_fast = port->has_fast_leave ? port->fast_leave
                                        : self->config.fast_leave;

    snoop_table_leave(self->table, key, &port->owner, is_fast ? 0
                      : self->host->now(self->host) + self->config.leave);
}

static void
hear_router(struct snoop *self, const struct snoop_port *port,
            const struct snoop_event *event)
{
    struct snoop_heard heard = {
        .is_ipv6 = event->is_ipv6,
        .vlan = event->vlan,
        .port_id = event->port_id,
        .version = event->version,
        .is_hello = event->what == SNOOP_SAW_HELLO,
        .is_general = event->what == SNOOP_SAW_QUERY
            && snoop_is_zero(event->group),
        .response_ms = event->response_ms,
        .source = event->source,
        .now = self->host->now(self->host),
        .ageing = self->config.querier,
        .longest = self->config.membership,
    };

    if (port->mode != SNOOP_NEVER) {
        snoop_vlans_hear(self->vlans, &heard);
    }
}

static void
hear_one(struct snoop *self, const struct snoop_event *event)
{
    struct snoop_port *port = snoop_port_find(self, event->port_id);
    struct snoop_key key = { event->is_ipv6, event->vlan, { 0 } };

    if (!port || !snoop_is_on(self, event->is_ipv6, event->vlan)) {
        return;
    }
    memcpy(key.group, event->group, SNOOP_ADDRESS);
    switch ((enum snoop_what) event->what) {
    case SNOOP_SAW_JOIN:
        hear_join(self, port, event, &key);
        break;
    case SNOOP_SAW_LEAVE:
        hear_leave(self, port, &key);
        break;
    case SNOOP_SAW_QUERY:
    case SNOOP_SAW_HELLO:
        hear_router(self, port, event);
        break;
    }
}

void
snoop_hear(struct snoop *self)
{
    struct snoop_event event;

    /* Not for ever: others want this thread as well. */
    for (uint32_t i = 0; i < SNOOP_QUEUE; i++) {
        if (!snoop_queue_take(self->queue, &event)) {
            return;
        }
        hear_one(self, &event);
    }
    xvs_wake(self->host);
}
