/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings from the operator: judged whole before anything changes, and then
 * told to the switch.  Fixed addresses and the switch's own are here; what a
 * port has one of is in policies.c.
 */
#include "judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "xvs_ethernet.h"

void
eth_deny(struct judgement *judgement, int result, const char *format, ...)
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

void
eth_result(struct judgement *judgement, int result)
{
    if (result == XVS_NOT_ACCEPTED) {
        eth_deny(judgement, result, "another extension has set the same: "
                 "disable that, or take its settings back");
    } else if (result == XVS_RESOURCES) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "the switch has as many fixed "
                 "addresses as it can hold");
    } else if (result != XVS_SUCCESS) {
        eth_deny(judgement, result, "the switch does not take it: is the port "
                 "still there?");
    }
}

/* ---- Fixed addresses --------------------------------------------------- */

static struct ethernet_static **
find_static(struct ethernet_port *port, const struct xvs_guid *instance)
{
    struct ethernet_static **link = &port->statics;

    while (*link && !is_guid(&(*link)->instance, instance)) {
        link = &(*link)->next;
    }
    return link;
}

/* The port that has the address fixed, by another setting than this. */
static const struct ethernet_port *
owner_of(const struct judgement *judgement, const struct ethernet_static *one)
{
    for (const struct ethernet_port *port = judgement->self->ports; port;
         port = port->next) {
        for (const struct ethernet_static *other = port->statics; other;
             other = other->next) {
            if (memcmp(other->mac, one->mac, sizeof(one->mac)) == 0
                && other->vlan == one->vlan
                && !is_guid(&other->instance, &one->instance)) {
                return port;
            }
        }
    }
    return NULL;
}

static void
read_static(struct judgement *judgement, struct ethernet_static *fresh)
{
    const struct xvs_static_address *body = judgement->view->body;
    const char *text = xvs_static_address_mac_address(judgement->view, body);
    const char *why = ethernet_read_mac(text, fresh->mac);
    const struct ethernet_port *owner;

    fresh->instance = judgement->setting->instance;
    fresh->vlan = VALUE(vlan, XVS_STATIC_ADDRESS_VLAN, 0);
    if (why) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "MacAddress: \"%.30s\": %s",
                 text, why);
        return;
    }
    owner = owner_of(judgement, fresh);
    if (owner) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "MacAddress: %s is fixed at "
                 "port %s already", text, owner->name);
    }
}

static int
tell_address(const struct judgement *judgement,
             const struct ethernet_static *one, uint32_t port_id)
{
    const struct ethernet *self = judgement->self;

    return self->switching->address(self->host, one->mac, one->vlan, port_id);
}

static void
put_static(struct judgement *judgement, struct ethernet_static **link,
           const struct ethernet_static *fresh)
{
    struct ethernet_static *one = *link ? *link : calloc(1, sizeof(*one));
    bool is_other = *link && (memcmp((*link)->mac, fresh->mac, 6) != 0
                              || (*link)->vlan != fresh->vlan);

    if (!one) {
        eth_deny(judgement, XVS_RESOURCES, "no memory for another address");
        return;
    }
    eth_result(judgement, tell_address(judgement, fresh,
                                        judgement->port->id));
    if (judgement->result != XVS_SUCCESS) {
        if (!*link) {
            free(one);
        }
        return;
    }
    if (is_other) {
        tell_address(judgement, one, XVS_PORT_NONE);
    }
    one->instance = fresh->instance;
    one->vlan = fresh->vlan;
    memcpy(one->mac, fresh->mac, sizeof(one->mac));
    *link = one;
}

static void
static_setting(struct judgement *judgement)
{
    const struct xvs_setting *setting = judgement->setting;
    struct ethernet_static **link =
        find_static(judgement->port, &setting->instance);
    struct ethernet_static *old = *link, fresh = { 0 };

    if (setting->op == XVS_DELETE) {
        if (!old) {
            eth_deny(judgement, XVS_INVALID_PARAMETER, "no such address");
            return;
        }
        tell_address(judgement, old, XVS_PORT_NONE);
        *link = old->next;
        free(old);
        return;
    }
    if (setting->view.size < XVS_STATIC_ADDRESS_SIZE) {
        eth_deny(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    read_static(judgement, &fresh);
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_static(judgement, link, &fresh);
    }
}

/* ---- The switch --------------------------------------------------------- */

#define SWITCH_PARTS (XVS_SWITCH_AGEING | XVS_SWITCH_LOOP)

static void
read_switch(const struct judgement *judgement,
            struct xvs_switch_policy *policy)
{
    const struct xvs_switch_ethernet *body = judgement->view->body;

    policy->ageing = VALUE(ageing, XVS_SWITCH_ETHERNET_AGEING, 300);
    policy->loop_seconds = VALUE(loop_block, XVS_SWITCH_ETHERNET_LOOP_BLOCK,
                                 30);
    policy->loop_moves = VALUE(loop_moves, XVS_SWITCH_ETHERNET_LOOP_MOVES,
                               32);
    if (!VALUE(loop_protection, XVS_SWITCH_ETHERNET_LOOP_PROTECTION, 1)) {
        policy->loop_moves = 0;
    }
}

static void
switch_setting(struct judgement *judgement)
{
    struct ethernet *self = judgement->self;
    const struct xvs_setting *setting = judgement->setting;
    struct xvs_switch_policy policy = { .size = sizeof(policy) };
    bool goes = setting->op == XVS_DELETE;
    bool same = self->has_settings
        && is_guid(&self->settings, &setting->instance);

    if (goes ? !same : self->has_settings && !same) {
        eth_deny(judgement, goes ? XVS_INVALID_PARAMETER : XVS_NOT_ACCEPTED,
                 goes ? "no such settings" : "the switch has such settings "
                 "already: change those");
    } else if (!goes && setting->view.size < XVS_SWITCH_ETHERNET_SIZE) {
        eth_deny(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
    }
    if (judgement->result != XVS_SUCCESS || setting->op == XVS_VALIDATE) {
        return;
    }
    if (!goes) {
        read_switch(judgement, &policy);
    }
    eth_result(judgement,
                self->switching->switch_policy(self->host, SWITCH_PARTS,
                                               goes ? NULL : &policy));
    if (judgement->result == XVS_SUCCESS) {
        self->has_settings = !goes;
        self->settings = setting->instance;
    }
}

static void
dispatch(struct judgement *judgement)
{
    static const struct xvs_guid of_switch = XVS_SWITCH_ETHERNET_UUID;
    static const struct xvs_guid address = XVS_STATIC_ADDRESS_UUID;
    const struct xvs_guid *uuid = &judgement->setting->uuid;
    int index;

    /* All classes are of one major version, which DELETE does not tell. */
    if (judgement->setting->op != XVS_DELETE
        && judgement->setting->version >> 8 != XVS_SWITCH_ETHERNET_VERSION >> 8) {
        judgement->result = XVS_NOT_SUPPORTED;
        return;
    }
    if (!judgement->port && is_guid(uuid, &of_switch)) {
        switch_setting(judgement);
        return;
    }
    if (judgement->port && is_guid(uuid, &address)) {
        static_setting(judgement);
        return;
    }
    index = judgement->port ? eth_class_of(uuid) : -1;
    if (index >= 0) {
        eth_port_setting(judgement, (uint32_t) index);
    } else {
        judgement->result = XVS_NOT_SUPPORTED;
    }
}

int
ethernet_setting(void *arg, const struct xvs_setting *setting,
                 struct xvs_answer *answer)
{
    struct ethernet *self = arg;
    struct judgement judgement = { self, setting, &setting->view, answer,
                                   NULL, XVS_SUCCESS };

    if (setting->scope == XVS_SCOPE_PORT) {
        judgement.port = ethernet_port_find(self, setting->port_id);
        if (!judgement.port) {
            eth_deny(&judgement, XVS_INVALID_PARAMETER, "no such port");
            return judgement.result;
        }
    }
    if (!self->switching) {
        eth_deny(&judgement, XVS_NOT_ACCEPTED, "there is no switch here");
        return judgement.result;
    }
    dispatch(&judgement);
    return judgement.result;
}
