/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings: reading, judging and taking over.  One is judged in the same way
 * whether it is only validated or meant; the operator is told the property,
 * its value and what was expected.
 */
#include "guard.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xvs_guard.h"

/* The port's class is the switch's, and more. */
_Static_assert(offsetof(struct xvs_guard_switch_settings, arp_rate)
                   == offsetof(struct xvs_guard_port_settings, arp_rate)
                   && offsetof(struct xvs_guard_switch_settings,
                               dhcp_snooping)
                          == offsetof(struct xvs_guard_port_settings,
                                      dhcp_snooping)
                   && (int) XVS_GUARD_SWITCH_SETTINGS_ARP_RATE
                          == (int) XVS_GUARD_PORT_SETTINGS_ARP_RATE
                   && XVS_GUARD_SWITCH_SETTINGS_ARP_RATE
                          == GUARD_PROPERTIES - 1,
               "the two classes of settings differ");

/* A setting while it is judged. */
struct judgement {
    struct guard *self;
    const struct xvs_setting *setting;
    struct xvs_answer *answer;
    struct guard_port *port;    /* NULL: it is of the switch */
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
__attribute__((format(printf, 3, 4)))
static void
deny(struct judgement *judgement, int result, const char *format, ...)
{
    const struct xvs_host *host = judgement->self->host;
    char text[256];
    va_list args;

    if (judgement->result != XVS_SUCCESS) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    judgement->result = host->refuse(judgement->answer, result, text);
}

static bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* ---- Of a port or of the switch ----------------------------------------- */

static void
read_values(const struct judgement *judgement, struct guard_values *values)
{
    const struct xvs_view *view = &judgement->setting->view;
    const struct xvs_guard_switch_settings *body = view->body;

    values->are_set = true;
    values->instance = judgement->setting->instance;
    values->of[GUARD_IS_MODE] = body->mode;
    values->of[GUARD_IS_TRUSTED] = body->trusted;
    values->of[GUARD_IS_MACS] = body->check_macs;
    values->of[GUARD_IS_ADDRESSES] = body->check_addresses;
    values->of[GUARD_IS_DHCP] = body->block_dhcp_server;
    values->of[GUARD_IS_ROUTER] = body->block_router_advertisement;
    values->of[GUARD_IS_REDIRECTS] = body->block_redirects;
    values->of[GUARD_IS_SNOOPING] = body->dhcp_snooping;
    values->of[GUARD_IS_ARP_RATE] = body->arp_rate;
    for (uint32_t i = 0; i < GUARD_PROPERTIES; i++) {
        values->given |= xvs_present(view, i) ? 1u << i : 0;
    }
}

static void
read_macs(struct judgement *judgement, struct guard_values *values)
{
    const struct xvs_view *view = &judgement->setting->view;
    const char *text = xvs_guard_port_settings_allowed_macs(view, view->body);
    const char *why = guard_read_macs(text, values->macs, &values->n_macs);

    if (why) {
        deny(judgement, XVS_NOT_ACCEPTED, "AllowedMacs: \"%.60s\" %s", text,
             why);
    }
}

static void
check_values(struct judgement *judgement, const struct guard_values *values)
{
    uint32_t mode = values->of[GUARD_IS_MODE];

    if (values->given >> GUARD_IS_MODE & 1
        && mode != XVS_GUARD_SWITCH_SETTINGS_MODE_ENFORCE
        && mode != XVS_GUARD_SWITCH_SETTINGS_MODE_AUDIT) {
        deny(judgement, XVS_NOT_ACCEPTED, "Mode: %u: expected 1 (enforce) or "
             "2 (audit)", mode);
    }
}

static void
put_values(struct judgement *judgement, struct guard_values *values,
           const struct guard_values *fresh)
{
    struct guard_values old = *values;

    *values = *fresh;
    if (!guard_publish(judgement->self, judgement->port)) {
        *values = old;
        deny(judgement, XVS_RESOURCES, "no memory to change the settings");
    }
}

static void
values_setting(struct judgement *judgement, struct guard_values *values,
               uint32_t size)
{
    const struct xvs_setting *setting = judgement->setting;
    struct guard_values fresh = { 0 };
    bool same = values->are_set
        && is_guid(&values->instance, &setting->instance);

    if (setting->op == XVS_DELETE) {
        if (!same) {
            deny(judgement, XVS_INVALID_PARAMETER, "no such settings");
            return;
        }
        put_values(judgement, values, &fresh);
        return;
    }
    if (setting->view.size < size) {
        deny(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    read_values(judgement, &fresh);
    check_values(judgement, &fresh);
    if (judgement->port) {
        read_macs(judgement, &fresh);
    }
    if (values->are_set && !same) {
        deny(judgement, XVS_NOT_ACCEPTED, "the %s has such settings already: "
             "change those", judgement->port ? "port" : "switch");
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_values(judgement, values, &fresh);
    }
}

/* ---- Addresses of a port ------------------------------------------------ */

static struct guard_address **
find_address(struct guard_port *port, const struct xvs_guid *instance)
{
    struct guard_address **link = &port->addresses;

    while (*link && !is_guid(&(*link)->instance, instance)) {
        link = &(*link)->next;
    }
    return link;
}

/* The list with 'fresh' instead of '*link', which may be NULL, or without. */
static void
put_address(struct judgement *judgement, struct guard_address **link,
            const struct guard_address *fresh)
{
    struct guard_port *port = judgement->port;
    struct guard_address *old = *link, *one = NULL;

    if (fresh) {
        one = malloc(sizeof(*one));
        if (!one) {
            deny(judgement, XVS_RESOURCES, "no memory for another address");
            return;
        }
        *one = *fresh;
        one->next = old ? old->next : NULL;
    }
    *link = one ? one : old->next;
    if (!guard_publish(judgement->self, port)) {
        *link = old;
        free(one);
        deny(judgement, XVS_RESOURCES, "no memory to change the addresses");
        return;
    }
    port->n_addresses += (fresh && !old) - (uint32_t) (!fresh);
    free(old);
}

static void
address_setting(struct judgement *judgement)
{
    const struct xvs_setting *setting = judgement->setting;
    const struct xvs_view *view = &setting->view;
    struct guard_address **link =
        find_address(judgement->port, &setting->instance);
    struct guard_address fresh = { .instance = setting->instance };
    const char *text, *why;

    if (setting->op == XVS_DELETE) {
        if (!*link) {
            deny(judgement, XVS_INVALID_PARAMETER, "no such address");
            return;
        }
        put_address(judgement, link, NULL);
        return;
    }
    if (view->size < XVS_GUARD_ADDRESS_SIZE) {
        deny(judgement, XVS_INVALID_LENGTH, "the address is cut short");
        return;
    }
    text = xvs_guard_address_address(view, view->body);
    why = guard_read_address(text, &fresh);
    if (!*text) {
        deny(judgement, XVS_NOT_ACCEPTED, "Address: not given: expected an "
             "IPv4 or IPv6 address, or a prefix");
    } else if (why) {
        deny(judgement, XVS_NOT_ACCEPTED, "Address: \"%.50s\" %s", text, why);
    } else if (!*link && judgement->port->n_addresses >= GUARD_ADDRESSES) {
        deny(judgement, XVS_NOT_ACCEPTED, "the port has %u addresses already, "
             "which is the limit: take a prefix instead", GUARD_ADDRESSES);
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_address(judgement, link, &fresh);
    }
}

int
guard_setting(void *arg, const struct xvs_setting *setting,
              struct xvs_answer *answer)
{
    static const struct xvs_guid of_switch = XVS_GUARD_SWITCH_SETTINGS_UUID;
    static const struct xvs_guid of_port = XVS_GUARD_PORT_SETTINGS_UUID;
    static const struct xvs_guid address = XVS_GUARD_ADDRESS_UUID;
    struct guard *self = arg;
    struct judgement judgement = { self, setting, answer, NULL,
                                   XVS_SUCCESS };

    if (setting->scope == XVS_SCOPE_SWITCH) {
        if (!is_guid(&setting->uuid, &of_switch)) {
            return XVS_NOT_SUPPORTED;
        }
        values_setting(&judgement, &self->values,
                       XVS_GUARD_SWITCH_SETTINGS_SIZE);
        return judgement.result;
    }
    judgement.port = guard_port_find(self, setting->port_id);
    if (!judgement.port) {
        deny(&judgement, XVS_INVALID_PARAMETER, "no such port");
    } else if (is_guid(&setting->uuid, &of_port)) {
        values_setting(&judgement, &judgement.port->values,
                       XVS_GUARD_PORT_SETTINGS_SIZE);
    } else if (is_guid(&setting->uuid, &address)) {
        address_setting(&judgement);
    } else {
        judgement.result = XVS_NOT_SUPPORTED;
    }
    return judgement.result;
}
