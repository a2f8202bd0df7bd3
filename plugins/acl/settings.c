/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings: reading, judging and taking over.  A rule is judged in the same
 * way whether it is only validated or meant; the operator is told the
 * property, its value and what was expected.
 */
#include "acl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xvs_acl.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define SMALLEST_ETHERTYPE 0x0600

/* Both rule classes have the same properties in the same places. */
_Static_assert(XVS_ACL_PORT_RULE_SIZE == XVS_ACL_SWITCH_RULE_SIZE
                   && offsetof(struct xvs_acl_port_rule, destination_mac)
                          == offsetof(struct xvs_acl_switch_rule,
                                      destination_mac),
               "the two rule classes differ");

/* A setting while it is judged. */
struct judgement {
    const struct xvs_setting *setting;
    struct xvs_answer *answer;
    const struct xvs_host *host;
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
__attribute__((format(printf, 3, 4)))
static void
refuse(struct judgement *judgement, int result, const char *format, ...)
{
    char text[256];
    va_list args;

    if (judgement->result != XVS_SUCCESS) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    judgement->result = judgement->host->refuse(judgement->answer, result,
                                                text);
}

static void
read_prefix(struct judgement *judgement, const char *name, const char *text,
            struct acl_prefix *prefix)
{
    char why[128];

    if (!acl_prefix_parse(text, prefix, why, sizeof(why))) {
        refuse(judgement, XVS_NOT_ACCEPTED, "%s: \"%.50s\" %s", name, text,
               why);
    }
}

static void
read_mac(struct judgement *judgement, const char *name, const char *text,
         struct acl_mac *mac)
{
    char why[128];

    if (!acl_mac_parse(text, mac, why, sizeof(why))) {
        refuse(judgement, XVS_NOT_ACCEPTED, "%s: \"%.50s\" %s", name, text,
               why);
    }
}

/* True when the range names ports; none at all is 0 to 65535. */
static bool
read_ports(struct judgement *judgement, const char *name, uint16_t *low,
           uint16_t *high)
{
    if (*low == 0 && *high == 0) {
        *high = UINT16_MAX;
        return false;
    }
    if (*high == 0) {
        *high = *low;
    }
    if (*low > *high) {
        refuse(judgement, XVS_NOT_ACCEPTED, "%sPortHigh: %u is less than "
               "%sPortLow, %u", name, *high, name, *low);
    }
    return true;
}

static void
check_match(struct judgement *judgement, const struct acl_match *match)
{
    enum acl_family family = match->source.family;
    uint16_t wanted;

    if (family && match->destination.family
        && family != match->destination.family) {
        refuse(judgement, XVS_NOT_ACCEPTED, "DestinationPrefix: IPv%d, but "
               "SourcePrefix is IPv%d: no packet has both",
               match->destination.family, family);
    }
    family = family ? family : match->destination.family;
    wanted = family == ACL_IPV6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    if (match->ethertype && match->ethertype < SMALLEST_ETHERTYPE) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Ethertype: %u is a length: "
               "expected 0 or at least 1536", match->ethertype);
    }
    if (family && match->ethertype && match->ethertype != wanted) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Ethertype: 0x%04x, but the "
               "prefix is IPv%d: expected 0 or 0x%04x", match->ethertype,
               family, wanted);
    }
    if (match->protocol && match->ethertype
        && match->ethertype != ETHERTYPE_IPV4
        && match->ethertype != ETHERTYPE_IPV6) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Protocol: %u is a protocol of "
               "IP, but Ethertype is 0x%04x: expected 0x0800, 0x86dd or 0",
               match->protocol, match->ethertype);
    }
    if (match->has_ports && !acl_has_ports(match->protocol)) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Protocol: %u has no ports, but "
               "the rule names some: expected 6 (TCP) or 17 (UDP)",
               match->protocol);
    }
}

static void
check_rule(struct judgement *judgement, const struct acl_rule *rule)
{
    if (!xvs_present(&judgement->setting->view, XVS_ACL_PORT_RULE_ACTION)) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Action: not given: expected 1 "
               "(allow) or 2 (deny)");
    }
    if (rule->action != ACL_ALLOW && rule->action != ACL_DENY) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Action: %u: expected 1 (allow) "
               "or 2 (deny)", rule->action);
    }
    if (rule->direction < 1 || rule->direction > 3) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Direction: %u: expected 1 (in), "
               "2 (out) or 3 (both)", rule->direction);
    }
    if (rule->is_stateful && rule->action != ACL_ALLOW) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Stateful: true, but Action is "
               "deny: only what is allowed has replies");
    }
    if (rule->is_stateful && rule->match.ethertype
        && rule->match.ethertype != ETHERTYPE_IPV4
        && rule->match.ethertype != ETHERTYPE_IPV6) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Stateful: true, but Ethertype "
               "is 0x%04x: only IP has connections", rule->match.ethertype);
    }
    check_match(judgement, &rule->match);
}

/* A number of the body, or its default when it is NULL. */
#define NUMBER(member, FIELD, initial) \
    (xvs_present(view, XVS_ACL_PORT_RULE_##FIELD) ? body->member : (initial))

static void
read_rule(struct judgement *judgement, struct acl_rule *rule)
{
    const struct xvs_view *view = &judgement->setting->view;
    const struct xvs_acl_port_rule *body = view->body;
    struct acl_match *match = &rule->match;

    rule->instance = judgement->setting->instance;
    rule->is_switch = judgement->setting->scope == XVS_SCOPE_SWITCH;
    rule->priority = NUMBER(priority, PRIORITY, 1000);
    rule->direction = NUMBER(direction, DIRECTION, 3);
    rule->action = NUMBER(action, ACTION, 0);
    rule->is_stateful = NUMBER(stateful, STATEFUL, 0);
    rule->idle_seconds = NUMBER(idle_timeout, IDLE_TIMEOUT, 0);
    match->protocol = NUMBER(protocol, PROTOCOL, 0);
    match->ethertype = NUMBER(ethertype, ETHERTYPE, 0);
    match->source_low = NUMBER(source_port_low, SOURCE_PORT_LOW, 0);
    match->source_high = NUMBER(source_port_high, SOURCE_PORT_HIGH, 0);
    match->destination_low = NUMBER(destination_port_low,
                                    DESTINATION_PORT_LOW, 0);
    match->destination_high = NUMBER(destination_port_high,
                                     DESTINATION_PORT_HIGH, 0);
    match->has_ports = read_ports(judgement, "Source", &match->source_low,
                                  &match->source_high);
    match->has_ports |= read_ports(judgement, "Destination",
                                   &match->destination_low,
                                   &match->destination_high);
    read_prefix(judgement, "SourcePrefix",
                xvs_acl_port_rule_source_prefix(view, body),
                &match->source);
    read_prefix(judgement, "DestinationPrefix",
                xvs_acl_port_rule_destination_prefix(view, body),
                &match->destination);
    read_mac(judgement, "SourceMac",
             xvs_acl_port_rule_source_mac(view, body), &match->source_mac);
    read_mac(judgement, "DestinationMac",
             xvs_acl_port_rule_destination_mac(view, body),
             &match->destination_mac);
    check_rule(judgement, rule);
}

static bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static struct acl_rule **
find_rule(struct acl_rule **list, const struct xvs_guid *instance)
{
    while (*list && !is_guid(&(*list)->instance, instance)) {
        list = &(*list)->next;
    }
    return list;
}

/* Takes over a rule that was judged; 'port' is NULL for one of the switch. */
static void
put_rule(struct acl *self, struct judgement *judgement,
         struct acl_port *port, struct acl_rule **list,
         const struct acl_rule *fresh)
{
    struct acl_rule **link = find_rule(list, &fresh->instance);
    struct acl_rule *old = *link;
    struct acl_rule *rule = malloc(sizeof(*rule));

    if (!rule) {
        refuse(judgement, XVS_RESOURCES, "no memory for another rule");
        return;
    }
    *rule = *fresh;
    rule->next = old ? old->next : NULL;
    rule->counter = old ? old->counter : acl_counter_create();
    *link = rule;
    if (!rule->counter || !acl_publish(self, port)) {
        *link = old;
        if (!old) {
            free(rule->counter);
        }
        free(rule);
        refuse(judgement, XVS_RESOURCES, "no memory for another rule");
        return;
    }
    free(old);
}

static void
delete_rule(struct acl *self, struct judgement *judgement,
            struct acl_port *port, struct acl_rule **list)
{
    struct acl_rule **link = find_rule(list, &judgement->setting->instance);
    struct acl_rule *rule = *link;

    if (!rule) {
        refuse(judgement, XVS_INVALID_PARAMETER, "no such rule");
        return;
    }
    *link = rule->next;
    if (!acl_publish(self, port)) {
        *link = rule;
        refuse(judgement, XVS_RESOURCES, "no memory to change the rules");
        return;
    }
    self->host->retire(self->host, rule->counter, free);
    free(rule);
}

static void
rule_setting(struct acl *self, struct judgement *judgement,
             struct acl_port *port)
{
    const struct xvs_setting *setting = judgement->setting;
    struct acl_rule **list = port ? &port->rules : &self->switch_rules;
    struct acl_rule rule = { 0 };

    if (setting->op == XVS_DELETE) {
        delete_rule(self, judgement, port, list);
        return;
    }
    if (setting->view.size < sizeof(struct xvs_acl_port_rule)) {
        refuse(judgement, XVS_INVALID_LENGTH, "the rule is cut short");
        return;
    }
    read_rule(judgement, &rule);
    if (!*find_rule(list, &setting->instance)
        && acl_rules_count(*list) >= ACL_MAX_RULES) {
        refuse(judgement, XVS_NOT_ACCEPTED, "there are %u rules already, "
               "which is the limit", ACL_MAX_RULES);
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_rule(self, judgement, port, list, &rule);
    }
}

/* The policy of a port: what 'settings' says, or the defaults (NULL). */
static void
put_policy(struct acl *self, struct judgement *judgement,
           struct acl_port *port, const struct xvs_acl_port_settings *policy)
{
    uint8_t old_action = port->default_action;
    uint32_t old_max = port->max_connections;

    port->default_action = policy ? policy->default_action : ACL_ALLOW;
    port->max_connections = policy ? policy->max_connections
                                   : ACL_DEFAULT_MAX_CONNECTIONS;
    if (!acl_publish(self, port)) {
        port->default_action = old_action;
        port->max_connections = old_max;
        refuse(judgement, XVS_RESOURCES, "no memory to change the policy");
        return;
    }
    port->has_settings = policy != NULL;
    port->settings = judgement->setting->instance;
}

static void
check_policy(struct judgement *judgement, const struct acl_port *port,
             struct xvs_acl_port_settings *policy)
{
    const struct xvs_setting *setting = judgement->setting;

    if (!xvs_present(&setting->view,
                     XVS_ACL_PORT_SETTINGS_DEFAULT_ACTION)) {
        policy->default_action = ACL_ALLOW;
    }
    if (!xvs_present(&setting->view,
                     XVS_ACL_PORT_SETTINGS_MAX_CONNECTIONS)) {
        policy->max_connections = ACL_DEFAULT_MAX_CONNECTIONS;
    }
    if (policy->default_action != ACL_ALLOW
        && policy->default_action != ACL_DENY) {
        refuse(judgement, XVS_NOT_ACCEPTED, "DefaultAction: %u: expected 1 "
               "(allow) or 2 (deny)", policy->default_action);
    }
    if (policy->max_connections < 1
        || policy->max_connections > ACL_CONNECTIONS) {
        refuse(judgement, XVS_NOT_ACCEPTED, "MaxConnections: %u: expected 1 "
               "to %u", policy->max_connections, ACL_CONNECTIONS);
    }
    if (port->has_settings
        && !is_guid(&port->settings, &setting->instance)) {
        refuse(judgement, XVS_NOT_ACCEPTED, "the port has such settings "
               "already: change those");
    }
}

static void
policy_setting(struct acl *self, struct judgement *judgement,
               struct acl_port *port)
{
    const struct xvs_setting *setting = judgement->setting;
    struct xvs_acl_port_settings policy;

    if (setting->op == XVS_DELETE) {
        if (!port->has_settings
            || !is_guid(&port->settings, &setting->instance)) {
            refuse(judgement, XVS_INVALID_PARAMETER, "no such settings");
            return;
        }
        put_policy(self, judgement, port, NULL);
        return;
    }
    if (setting->view.size < sizeof(policy)) {
        refuse(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    memcpy(&policy, setting->view.body, sizeof(policy));
    check_policy(judgement, port, &policy);
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_policy(self, judgement, port, &policy);
    }
}

int
acl_setting(void *arg, const struct xvs_setting *setting,
            struct xvs_answer *answer)
{
    static const struct xvs_guid port_rule = XVS_ACL_PORT_RULE_UUID;
    static const struct xvs_guid switch_rule = XVS_ACL_SWITCH_RULE_UUID;
    static const struct xvs_guid port_policy = XVS_ACL_PORT_SETTINGS_UUID;
    struct acl *self = arg;
    struct judgement judgement = { setting, answer, self->host, XVS_SUCCESS };
    struct acl_port *port = NULL;

    if (setting->scope == XVS_SCOPE_PORT) {
        port = acl_port_find(self, setting->port_id);
        if (!port) {
            refuse(&judgement, XVS_INVALID_PARAMETER, "no such port");
            return judgement.result;
        }
    }
    if (is_guid(&setting->uuid, port ? &port_rule : &switch_rule)) {
        rule_setting(self, &judgement, port);
    } else if (port && is_guid(&setting->uuid, &port_policy)) {
        policy_setting(self, &judgement, port);
    } else {
        return XVS_NOT_SUPPORTED;
    }
    return judgement.result;
}
