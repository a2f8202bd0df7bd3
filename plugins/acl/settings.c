/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings: taking over what the operator wants.  Whether a rule is one is
 * judged in judge.c.
 */
#include "acl.h"

#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "xvs_acl.h"

static bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * Takes over a rule that was judged; 'port' is NULL for one of the switch,
 * 'old' for a new one.
 */
static void
put_rule(struct acl *self, struct judgement *judgement,
         struct acl_port *port, struct acl_rule *old,
         const struct acl_rule *judged)
{
    struct acl_rule *rule = acl_rule_create(judged);
    struct acl_counter *counter = old ? old->counter : acl_counter_create();

    if (rule) {
        rule->counter = counter;
    }
    if (!rule || !counter || !acl_change(self, port, old, rule)) {
        if (!old) {
            free(counter);
        }
        free(rule);
        refuse(judgement, XVS_RESOURCES, "no memory for another rule");
        return;
    }
    if (old) {
        self->host->retire(self->host, old, free);
    }
}

static void
delete_rule(struct acl *self, struct judgement *judgement,
            struct acl_port *port, struct acl_rule *rule)
{
    if (!rule) {
        refuse(judgement, XVS_INVALID_PARAMETER, "no such rule");
        return;
    }
    if (!acl_change(self, port, rule, NULL)) {
        refuse(judgement, XVS_RESOURCES, "no memory to change the rules");
        return;
    }
    self->host->retire(self->host, rule->counter, free);
    self->host->retire(self->host, rule, free);
}

/* Is there room for one more? */
static void
check_number(const struct acl *self, struct judgement *judgement,
             const struct acl_book *book)
{
    const char *whose = book == &self->book ? "switch" : "port";

    if (book->n_rules >= ACL_MAX_RULES) {
        refuse(judgement, XVS_NOT_ACCEPTED, "the %s has %u rules already, "
               "which is the limit: replace rules that differ only in an "
               "address or a port by one with a prefix or a range", whose,
               ACL_MAX_RULES);
    }
    if (self->n_rules >= ACL_MAX_ALL_RULES) {
        refuse(judgement, XVS_NOT_ACCEPTED, "the switch and its ports have "
               "%u rules together, which is the limit: make rules that many "
               "ports have rules of the switch", ACL_MAX_ALL_RULES);
    }
}

static void
rule_setting(struct acl *self, struct judgement *judgement,
             struct acl_port *port)
{
    const struct xvs_setting *setting = judgement->setting;
    const struct acl_book *book = acl_book_of(self, port);
    struct acl_rule *old = acl_book_find(book, &setting->instance);
    struct acl_rule rule = { 0 };

    if (setting->op == XVS_DELETE) {
        delete_rule(self, judgement, port, old);
        return;
    }
    if (setting->view.size < sizeof(struct xvs_acl_port_rule)) {
        refuse(judgement, XVS_INVALID_LENGTH, "the rule is cut short");
        return;
    }
    judge_rule(judgement, &rule);
    if (!old) {
        check_number(self, judgement, book);
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_rule(self, judgement, port, old, &rule);
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
    if (!acl_publish(self, port, port->book.view)) {
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
