/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings that a port may have several of: groups that it is in whatever is
 * reported, and filters of groups that guests may join.
 */
#include "judgement.h"

#include <stdlib.h>

#include "xvs_snoop.h"

static struct snoop_rule **
find(struct snoop_port *port, const struct xvs_guid *instance)
{
    struct snoop_rule **link = &port->rules;

    while (*link && !is_guid(&(*link)->instance, instance)) {
        link = &(*link)->next;
    }
    return link;
}

/* Whether both say something about the same groups. */
static bool
is_same(const struct snoop_rule *a, const struct snoop_rule *b)
{
    if (a->is_filter != b->is_filter) {
        return false;
    }
    return a->is_filter
        ? a->filter.is_ipv6 == b->filter.is_ipv6
              && a->filter.length == b->filter.length
              && memcmp(a->filter.group, b->filter.group, SNOOP_ADDRESS) == 0
        : snoop_key_equal(&a->key, &b->key);
}

/* ---- Judging ------------------------------------------------------------ */

static void
read_group(struct judgement *judgement, struct snoop_rule *fresh)
{
    const struct xvs_snoop_static_group *body = judgement->view->body;
    const char *text, *why;

    if (judgement->setting->view.size < XVS_SNOOP_STATIC_GROUP_SIZE) {
        snoop_deny(judgement, XVS_INVALID_LENGTH,
                   "the settings are cut short");
        return;
    }
    text = xvs_snoop_static_group_group(judgement->view, body);
    why = snoop_read_group(text, &fresh->key.is_ipv6, fresh->key.group);
    fresh->key.vlan = VALUE(vlan, XVS_SNOOP_STATIC_GROUP_VLAN, 0);
    if (why) {
        snoop_deny(judgement, XVS_NOT_ACCEPTED, "Group: \"%.50s\" %s", text,
                   why);
    }
}

static void
read_filter(struct judgement *judgement, struct snoop_rule *fresh)
{
    const struct xvs_snoop_group_filter *body = judgement->view->body;
    const char *text, *why;

    if (judgement->setting->view.size < XVS_SNOOP_GROUP_FILTER_SIZE) {
        snoop_deny(judgement, XVS_INVALID_LENGTH,
                   "the settings are cut short");
        return;
    }
    text = xvs_snoop_group_filter_groups(judgement->view, body);
    why = snoop_read_prefix(text, &fresh->filter);
    fresh->filter.blocks =
        VALUE(action, XVS_SNOOP_GROUP_FILTER_ACTION,
              XVS_SNOOP_GROUP_FILTER_ACTION_BLOCK)
        == XVS_SNOOP_GROUP_FILTER_ACTION_BLOCK;
    if (why) {
        snoop_deny(judgement, XVS_NOT_ACCEPTED, "Groups: \"%.50s\" %s", text,
                   why);
    }
}

/* Against the port's other settings of the kind. */
static void
compare(struct judgement *judgement, const struct snoop_rule *fresh)
{
    uint32_t n = 0;

    for (const struct snoop_rule *rule = judgement->port->rules; rule;
         rule = rule->next) {
        if (is_guid(&rule->instance, &fresh->instance)) {
            continue;
        }
        n += rule->is_filter == fresh->is_filter;
        if (is_same(rule, fresh)) {
            snoop_deny(judgement, XVS_NOT_ACCEPTED, fresh->is_filter
                       ? "Groups: the port has a filter for exactly these "
                         "already: change that"
                       : "Group: the port is in that group already");
        }
    }
    if (n >= SNOOP_MAX_FILTERS) {
        snoop_deny(judgement, XVS_NOT_ACCEPTED, "the port has %u of these, "
                   "which is as many as there can be", n);
    }
}

/* ---- Taking over -------------------------------------------------------- */

/* Memberships that a filter blocks. */
static bool
is_blocked(void *arg, const struct snoop_key *key,
           const struct snoop_member *member)
{
    const struct snoop_port *port = arg;

    return member->owner == &port->owner
        && snoop_blocks(port->filters, key->is_ipv6, key->group);
}

/* The rules have changed.  False: no memory. */
static bool
apply_filters(struct judgement *judgement)
{
    struct snoop *self = judgement->self;

    if (!snoop_publish_filters(self, judgement->port)) {
        return false;
    }
    snoop_table_sift(self->table, is_blocked, judgement->port);
    return true;
}

/* Takes it out; it must be made known that filters have changed. */
static void
remove_rule(struct judgement *judgement, struct snoop_rule **link)
{
    struct snoop_rule *rule = *link;

    *link = rule->next;
    if (rule->is_filter && !apply_filters(judgement)) {
        rule->next = *link;
        *link = rule;
        snoop_deny(judgement, XVS_RESOURCES, "no memory to change filters");
        return;
    }
    if (!rule->is_filter) {
        snoop_table_set(judgement->self->table, &rule->key,
                        &judgement->port->owner, false);
    }
    free(rule);
}

static void
put_rule(struct judgement *judgement, struct snoop_rule **link,
         const struct snoop_rule *fresh)
{
    struct snoop_rule *rule = *link ? *link : calloc(1, sizeof(*rule)), old;
    bool is_new = !*link;

    if (!rule || (!fresh->is_filter
                  && !snoop_table_set(judgement->self->table, &fresh->key,
                                      &judgement->port->owner, true))) {
        if (is_new) {
            free(rule);
        }
        snoop_deny(judgement, XVS_RESOURCES, "no room for another group");
        return;
    }
    old = *rule;
    *rule = *fresh;
    rule->next = old.next;
    *link = rule;
    if (fresh->is_filter && !apply_filters(judgement)) {
        *rule = old;
        if (is_new) {
            *link = NULL;
            free(rule);
        }
        snoop_deny(judgement, XVS_RESOURCES, "no memory for another filter");
    } else if (!fresh->is_filter && !is_new && !is_same(&old, fresh)) {
        snoop_table_set(judgement->self->table, &old.key,
                        &judgement->port->owner, false);
    }
}

void
snoop_rule_setting(struct judgement *judgement, bool is_filter)
{
    const struct xvs_setting *setting = judgement->setting;
    struct snoop_rule **link = find(judgement->port, &setting->instance);
    struct snoop_rule fresh = { .is_filter = is_filter };

    fresh.instance = setting->instance;
    if (setting->op == XVS_DELETE) {
        if (*link && (*link)->is_filter == is_filter) {
            remove_rule(judgement, link);
        } else {
            snoop_deny(judgement, XVS_INVALID_PARAMETER, is_filter
                       ? "no such filter" : "no such group");
        }
        return;
    }
    if (is_filter) {
        read_filter(judgement, &fresh);
    } else {
        read_group(judgement, &fresh);
    }
    if (judgement->result == XVS_SUCCESS) {
        compare(judgement, &fresh);
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_rule(judgement, link, &fresh);
    }
}
