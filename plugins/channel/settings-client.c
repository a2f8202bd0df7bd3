/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: who clients are, and what they may do.
 */

#include "settings.h"

#include "vm/rules.h"
#include "xvs_channel.h"

int
setting_client(const struct change *change, const void *body)
{
    const struct xvs_view *view = &change->setting->view;
    const struct xvs_channel_client *wanted = body;
    struct channel *self = change->self;
    struct rules_client client = { .instance = change->setting->instance };
    char why[RULES_WHY];

    if (!wanted) {
        rules_remove_client(self->rules, &change->setting->instance);
        channel_sweep(self, "its client was removed");
        return XVS_SUCCESS;
    }
    client.name = xvs_channel_client_name(view, wanted);
    client.token = xvs_channel_client_token(view, wanted);
    client.fingerprint = xvs_channel_client_fingerprint(view, wanted);
    client.has_uid = xvs_present(view, XVS_CHANNEL_CLIENT_UID);
    client.uid = wanted->uid;
    client.vouches = xvs_channel_client_vouches(view, wanted);
    client.vouched = wanted->vouched;
    if (!rules_judge_client(self->rules, &client, change->known, why)) {
        return change_deny(change, "%s", why);
    }
    if (change->setting->op == XVS_VALIDATE) {
        return XVS_SUCCESS;
    }
    if (!rules_put_client(self->rules, &client)) {
        return XVS_RESOURCES;
    }
    channel_sweep(self, "its client was changed");
    return XVS_SUCCESS;
}

/* A limit in seconds that may be absent. */
static uint64_t
seconds(const struct xvs_view *view, uint32_t property, uint32_t value)
{
    return xvs_present(view, property) ? value * SECOND : 0;
}

static void
read_rule(const struct xvs_view *view, const struct xvs_channel_rule *wanted,
          struct rules_rule *rule)
{
    rule->client = xvs_channel_rule_client(view, wanted);
    rule->vm = xvs_channel_rule_vm(view, wanted);
    rule->ports = xvs_channel_rule_ports(view, wanted);
    rule->order = xvs_present(view, XVS_CHANNEL_RULE_ORDER)
        ? (uint16_t) wanted->order : 100;
    rule->connections = wanted->max_connections;
    rule->bytes_per_second = wanted->bytes_per_second;
    rule->idle = seconds(view, XVS_CHANNEL_RULE_IDLE_TIMEOUT,
                         wanted->idle_timeout);
    rule->duration = seconds(view, XVS_CHANNEL_RULE_MAX_DURATION,
                             wanted->max_duration);
}

int
setting_rule(const struct change *change, const void *body)
{
    struct channel *self = change->self;
    struct rules_rule rule = { .instance = change->setting->instance };
    char why[RULES_WHY];

    if (!body) {
        rules_remove_rule(self->rules, &change->setting->instance);
        channel_sweep(self, "the rule that allowed it was removed");
        return XVS_SUCCESS;
    }
    read_rule(&change->setting->view, body, &rule);
    if (!rules_judge_rule(self->rules, &rule, change->known, why)) {
        return change_deny(change, "%s", why);
    }
    if (change->setting->op == XVS_VALIDATE) {
        return XVS_SUCCESS;
    }
    if (!rules_put_rule(self->rules, &rule)) {
        return XVS_RESOURCES;
    }
    channel_sweep(self, "the rule that allowed it was changed");
    return XVS_SUCCESS;
}
