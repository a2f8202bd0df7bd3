/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters as objects, and the method that resets them.
 */
#include "acl.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "xvs_acl.h"

#define GUID_TEXT 37

/* Both classes of rule status have the same properties. */
_Static_assert(XVS_ACL_RULE_STATUS_SIZE == XVS_ACL_SWITCH_RULE_STATUS_SIZE
                   && offsetof(struct xvs_acl_rule_status, last_hit)
                          == offsetof(struct xvs_acl_switch_rule_status,
                                      last_hit),
               "the two classes of rule status differ");

static void
guid_text(const struct xvs_guid *guid, char text[GUID_TEXT])
{
    const uint8_t *d = guid->d;

    snprintf(text, GUID_TEXT,
             "%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
             (unsigned int) guid->a, guid->b, guid->c, d[0], d[1], d[2],
             d[3], d[4], d[5], d[6], d[7]);
}

/* Wall clock time of a moment on the monotonic clock. */
static struct xvs_datetime
datetime_of(const struct acl *self, uint64_t moment)
{
    struct xvs_datetime datetime = { 0, 0, 0, 0, 0 };
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t age = (int64_t) (self->host->now(self->host) - moment);

    datetime.microseconds = (int64_t) wall.tv_sec * 1000000
                            + wall.tv_nsec / 1000 - age / 1000;
    return datetime;
}

static int
answer_rule(const struct acl *self, const struct acl_rule *rule,
            struct xvs_answer *answer)
{
    struct acl_count count = acl_counter_read(rule->counter);
    struct xvs_acl_rule_status_writer writer;
    char memory[XVS_ACL_RULE_STATUS_SIZE + 64] __attribute__((aligned(8)));
    struct xvs_acl_rule_status *status =
        xvs_acl_rule_status_start(&writer, memory, sizeof(memory));
    char text[GUID_TEXT];

    if (!status) {
        return XVS_RESOURCES;
    }
    guid_text(&rule->instance, text);
    xvs_acl_rule_status_set_rule_instance(&writer, text);
    status->action = rule->action;
    status->packets = count.packets;
    status->bytes = count.bytes;
    if (count.last) {
        status->last_hit = datetime_of(self, count.last);
    } else {
        xvs_acl_rule_status_null(&writer, XVS_ACL_RULE_STATUS_LAST_HIT);
    }
    return xvs_acl_rule_status_answer(&writer, self->host, answer,
                                      &rule->instance);
}

static int
answer_rules(const struct acl *self, const struct acl_book *book,
             const struct xvs_query *query, struct xvs_answer *answer)
{
    const struct acl_rule *rule = NULL;
    int result = XVS_SUCCESS;

    while (result == XVS_SUCCESS && (rule = acl_book_next(book, rule))) {
        if (xvs_asks_for(query, &rule->instance)) {
            result = answer_rule(self, rule, answer);
        }
    }
    return result;
}

/* There is one such object per port; its instance is the class's own GUID. */
static int
answer_port(const struct acl *self, struct acl_port *port,
            const struct xvs_query *query, struct xvs_answer *answer)
{
    struct acl_count allowed = acl_counter_read(port->allowed);
    struct acl_count blocked = acl_counter_read(port->blocked);
    struct xvs_acl_port_status status = {
        .allowed_packets = allowed.packets,
        .allowed_bytes = allowed.bytes,
        .blocked_packets = blocked.packets,
        .blocked_bytes = blocked.bytes,
        .blocked_connections = port->n_blocked_connections,
        .connections_refused = port->n_refused_connections,
        .connections = port->n_open,
        .rules = port->book.n_rules + self->book.n_rules,
    };
    struct xvs_view view = { &status, sizeof(status), 0, NULL };

    if (!xvs_asks_for(query, &query->uuid)) {
        return XVS_SUCCESS;
    }
    return self->host->answer(answer, &query->uuid, &view);
}

int
acl_status(void *arg, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    struct acl *self = arg;
    struct acl_port *port;

    if (query->scope == XVS_SCOPE_SWITCH) {
        if (xvs_acl_switch_rule_status_is(query)) {
            return answer_rules(self, &self->book, query, answer);
        }
        return XVS_NOT_SUPPORTED;
    }
    port = acl_port_find(self, query->port_id);
    if (!port) {
        return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                  "no such port");
    }
    if (xvs_acl_rule_status_is(query)) {
        return answer_rules(self, &port->book, query, answer);
    }
    if (xvs_acl_port_status_is(query)) {
        return answer_port(self, port, query, answer);
    }
    return XVS_NOT_SUPPORTED;
}

static bool
is_of_port(void *arg, uint32_t serial, bool has_expired)
{
    struct acl_port *port = arg;

    (void) has_expired;
    if (serial != port->serial) {
        return false;
    }
    atomic_fetch_sub_explicit(&port->n_open, 1, memory_order_relaxed);
    return true;
}

uint32_t
xvs_acl_port_status_reset_counters(void *arg, struct xvs_call *call,
                                   uint8_t include_connections,
                                   uint32_t *cleared)
{
    struct acl *self = arg;
    struct acl_port *port = acl_port_find(self, call->port_id);

    *cleared = 0;
    if (!port) {
        return (uint32_t) self->host->refuse(
            call->answer, XVS_INVALID_PARAMETER, "no such port");
    }
    for (const struct acl_rule *rule = acl_book_next(&port->book, NULL);
         rule; rule = acl_book_next(&port->book, rule)) {
        acl_counter_reset(rule->counter);
        ++*cleared;
    }
    acl_counter_reset(port->allowed);
    acl_counter_reset(port->blocked);
    atomic_store(&port->n_blocked_connections, 0);
    atomic_store(&port->n_refused_connections, 0);
    if (include_connections) {
        acl_connections_sweep(self->connections, 0, is_of_port, port);
    }
    return XVS_SUCCESS;
}
