/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading and judging a rule: see judge.h.
 */
#include "judge.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <xvs/extension.h>

#include "rules.h"
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

void
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

void
judge_rule(struct judgement *judgement, struct acl_rule *rule)
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
