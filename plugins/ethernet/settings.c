/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings from the operator: judged whole before anything changes, and then
 * told to the switch.  A class of port settings is a part of the port's policy.
 */
#include "ethernet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xvs_ethernet.h"

/* A setting that is being judged. */
struct judgement {
    struct ethernet *self;
    const struct xvs_setting *setting;
    const struct xvs_view *view;
    struct xvs_answer *answer;
    struct ethernet_port *port; /* NULL: it is of the switch */
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
__attribute__((format(printf, 3, 4)))
static void
refuse(struct judgement *judgement, int result, const char *format, ...)
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

/* What the switch said to a policy. */
static void
take_result(struct judgement *judgement, int result)
{
    if (result == XVS_NOT_ACCEPTED) {
        refuse(judgement, result, "another extension has set the same: "
               "disable that, or take its settings back");
    } else if (result == XVS_RESOURCES) {
        refuse(judgement, XVS_NOT_ACCEPTED, "the switch has as many fixed "
               "addresses as it can hold");
    } else if (result != XVS_SUCCESS) {
        refuse(judgement, result, "the switch does not take it: is the port "
               "still there?");
    }
}

static bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* A member of the body, or its default when it is NULL. */
#define VALUE(member, FIELD, initial) \
    (xvs_present(judgement->view, FIELD) ? body->member : (initial))

/* ---- Classes of port settings ----------------------------------------------- */

static void
read_vlan(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_vlan *body = judgement->view->body;
    const char *trunk = xvs_port_vlan_trunk(judgement->view, body);
    const char *why = ethernet_read_vlans(trunk, policy->trunk);

    policy->vlan_mode = VALUE(mode, XVS_PORT_VLAN_MODE, XVS_VLAN_ACCESS);
    policy->vlan = VALUE(vlan, XVS_PORT_VLAN_VLAN, 0);
    if (why) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Trunk: \"%.60s\": %s", trunk,
               why);
    }
    if (policy->vlan_mode == XVS_VLAN_ACCESS && policy->vlan == 0) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Vlan: not given: expected 1 to "
               "4094 with Mode access");
    }
    if (policy->vlan_mode != XVS_VLAN_TRUNK && *trunk) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Trunk: \"%.60s\", but Mode is "
               "not trunk", trunk);
    }
    if (policy->vlan_mode == XVS_VLAN_HYBRID && policy->vlan) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Vlan: %u, but Mode is hybrid: "
               "expected access or trunk", policy->vlan);
    }
}

static void
read_isolation(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_isolation *body = judgement->view->body;

    if (VALUE(isolated, XVS_PORT_ISOLATION_ISOLATED, 1)) {
        policy->flags = XVS_PORT_ISOLATED;
    }
}

static void
read_learning(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_learning *body = judgement->view->body;

    policy->max_addresses =
        VALUE(max_addresses, XVS_PORT_LEARNING_MAX_ADDRESSES, 0);
    if (!VALUE(learn, XVS_PORT_LEARNING_LEARN, 1)) {
        policy->flags |= XVS_PORT_NO_LEARN;
    }
    if (VALUE(drop_unknown, XVS_PORT_LEARNING_DROP_UNKNOWN, 0)) {
        policy->flags |= XVS_PORT_SECURE;
    }
}

static void
read_flooding(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_flooding *body = judgement->view->body;

    if (!VALUE(unknown_unicast, XVS_PORT_FLOODING_UNKNOWN_UNICAST, 1)) {
        policy->flags |= XVS_PORT_NO_UNKNOWN;
    }
    if (VALUE(hairpin, XVS_PORT_FLOODING_HAIRPIN, 0)) {
        policy->flags |= XVS_PORT_HAIRPIN;
    }
}

static void
read_storm(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_storm *body = judgement->view->body;

    policy->storm[XVS_STORM_BROADCAST] = body->broadcast;
    policy->storm[XVS_STORM_MULTICAST] = body->multicast;
    policy->storm[XVS_STORM_UNKNOWN] = body->unknown_unicast;
}

static void
read_rate(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_rate *body = judgement->view->body;

    policy->in.bits = body->in_rate;
    policy->in.burst = body->in_burst;
    policy->out.bits = body->out_rate;
    policy->out.burst = body->out_burst;
    policy->guarantee.bits = body->guarantee;
    if (body->in_rate && body->guarantee > body->in_rate) {
        refuse(judgement, XVS_NOT_ACCEPTED, "Guarantee: %llu is more than "
               "InRate, %llu", (unsigned long long) body->guarantee,
               (unsigned long long) body->in_rate);
    }
}

static void
read_mirror(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_mirror *body = judgement->view->body;
    const char *name = xvs_mirror_target_port(judgement->view, body);
    const struct ethernet_port *target =
        ethernet_port_named(judgement->self, name);

    policy->mirror_directions = VALUE(direction, XVS_MIRROR_DIRECTION, 3);
    policy->mirror_vlan = VALUE(vlan, XVS_MIRROR_VLAN, 0);
    if (!*name) {
        refuse(judgement, XVS_NOT_ACCEPTED, "TargetPort: not given: expected "
               "the name of another port of the switch");
    } else if (target == judgement->port) {
        refuse(judgement, XVS_NOT_ACCEPTED, "TargetPort: \"%s\" is the port "
               "itself: expected another port of the switch", name);
    } else if (!target) {
        refuse(judgement, XVS_NOT_ACCEPTED, "TargetPort: the switch has no "
               "port \"%.63s\"", name);
    } else {
        policy->mirror_port = target->id;
    }
}

/* In order of the bits of ethernet_port.has. */
static const struct class {
    struct xvs_guid uuid;
    uint32_t part;              /* XVS_POLICY_... */
    uint32_t size;
    void (*read)(struct judgement *judgement, struct xvs_port_policy *policy);
} classes[] = {
    { XVS_PORT_VLAN_UUID, XVS_POLICY_VLAN, XVS_PORT_VLAN_SIZE, read_vlan },
    { XVS_PORT_ISOLATION_UUID, XVS_POLICY_ISOLATION, XVS_PORT_ISOLATION_SIZE,
      read_isolation },
    { XVS_PORT_LEARNING_UUID, XVS_POLICY_LEARNING, XVS_PORT_LEARNING_SIZE,
      read_learning },
    { XVS_PORT_FLOODING_UUID, XVS_POLICY_FLOOD, XVS_PORT_FLOODING_SIZE,
      read_flooding },
    { XVS_PORT_STORM_UUID, XVS_POLICY_STORM, XVS_PORT_STORM_SIZE,
      read_storm },
    { XVS_PORT_RATE_UUID, XVS_POLICY_RATE, XVS_PORT_RATE_SIZE, read_rate },
    { XVS_MIRROR_UUID, XVS_POLICY_MIRROR, XVS_MIRROR_SIZE, read_mirror },
};

#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))
_Static_assert(N_CLASSES <= ETHERNET_CLASSES, "room for them");

/* ---- Mirrors ------------------------------------------------------------------ */

/* Whether some port's mirror wants the target for itself. */
static bool
is_exclusive_target(const struct ethernet *self, uint32_t id)
{
    for (const struct ethernet_port *port = self->ports; port;
         port = port->next) {
        if (port->is_exclusive && port->target_id == id) {
            return true;
        }
    }
    return false;
}

static void
set_target(const struct ethernet *self, uint32_t id)
{
    const struct xvs_port_policy only = { .size = sizeof(only),
                                          .flags = XVS_PORT_MIRROR_ONLY };

    if (id != XVS_PORT_NONE) {
        self->switching->port_policy(
            self->host, id, XVS_POLICY_TARGET,
            is_exclusive_target(self, id) ? &only : NULL);
    }
}

/* The port's mirror goes to 'id' from now on; XVS_PORT_NONE: nowhere. */
static void
note_target(struct ethernet *self, struct ethernet_port *port, uint32_t id)
{
    uint32_t old = port->target_id;

    port->target_id = id;
    if (old != id) {
        set_target(self, old);
    }
    set_target(self, id);
}

bool
ethernet_aim_mirrors(struct ethernet *self)
{
    bool all = true;

    for (struct ethernet_port *port = self->ports; port; port = port->next) {
        const struct ethernet_port *target =
            *port->target ? ethernet_port_named(self, port->target) : NULL;

        if (!*port->target || (target && target->id == port->target_id)) {
            continue;
        }
        port->mirror.mirror_port = target ? target->id : 0;
        if (target && self->switching
            && self->switching->port_policy(self->host, port->id,
                                            XVS_POLICY_MIRROR, &port->mirror)
               == XVS_SUCCESS) {
            note_target(self, port, target->id);
        } else {
            all = false;
        }
    }
    return all;
}

static void
keep_mirror(struct judgement *judgement, const struct xvs_port_policy *policy)
{
    const struct xvs_mirror *body = judgement->view->body;
    struct ethernet_port *port = judgement->port;

    if (!policy) {
        port->is_exclusive = false;
        port->target[0] = '\0';
        note_target(judgement->self, port, XVS_PORT_NONE);
        return;
    }
    port->mirror = *policy;
    port->is_exclusive = VALUE(exclusive, XVS_MIRROR_EXCLUSIVE, 1);
    snprintf(port->target, sizeof(port->target), "%s",
             xvs_mirror_target_port(judgement->view, body));
    note_target(judgement->self, port, policy->mirror_port);
}

/* ---- Settings that a port has one of ------------------------------------------- */

static void
put(struct judgement *judgement, uint32_t index,
    const struct xvs_port_policy *policy)
{
    struct ethernet *self = judgement->self;
    struct ethernet_port *port = judgement->port;

    take_result(judgement,
                self->switching->port_policy(self->host, port->id,
                                             classes[index].part, policy));
    if (judgement->result != XVS_SUCCESS) {
        return;
    }
    port->has = policy ? port->has | 1u << index : port->has & ~(1u << index);
    port->instances[index] = judgement->setting->instance;
    if (classes[index].part == XVS_POLICY_MIRROR) {
        keep_mirror(judgement, policy);
    }
}

static void
port_setting(struct judgement *judgement, uint32_t index)
{
    const struct xvs_setting *setting = judgement->setting;
    struct ethernet_port *port = judgement->port;
    struct xvs_port_policy policy = { .size = sizeof(policy) };
    bool has = port->has >> index & 1;
    bool same = has && is_guid(&port->instances[index], &setting->instance);

    if (setting->op == XVS_DELETE) {
        if (!same) {
            refuse(judgement, XVS_INVALID_PARAMETER, "no such settings");
            return;
        }
        put(judgement, index, NULL);
        return;
    }
    if (setting->view.size < classes[index].size) {
        refuse(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    classes[index].read(judgement, &policy);
    if (has && !same) {
        refuse(judgement, XVS_NOT_ACCEPTED, "the port has such settings "
               "already: change those");
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put(judgement, index, &policy);
    }
}

/* ---- Fixed addresses ------------------------------------------------------------ */

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
        refuse(judgement, XVS_NOT_ACCEPTED, "MacAddress: \"%.30s\": %s", text,
               why);
        return;
    }
    owner = owner_of(judgement, fresh);
    if (owner) {
        refuse(judgement, XVS_NOT_ACCEPTED, "MacAddress: %s is fixed at port "
               "%s already", text, owner->name);
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
        refuse(judgement, XVS_RESOURCES, "no memory for another address");
        return;
    }
    take_result(judgement, tell_address(judgement, fresh,
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
            refuse(judgement, XVS_INVALID_PARAMETER, "no such address");
            return;
        }
        tell_address(judgement, old, XVS_PORT_NONE);
        *link = old->next;
        free(old);
        return;
    }
    if (setting->view.size < XVS_STATIC_ADDRESS_SIZE) {
        refuse(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    read_static(judgement, &fresh);
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put_static(judgement, link, &fresh);
    }
}

/* ---- The switch ------------------------------------------------------------------ */

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
        refuse(judgement, goes ? XVS_INVALID_PARAMETER : XVS_NOT_ACCEPTED,
               goes ? "no such settings" : "the switch has such settings "
               "already: change those");
    } else if (!goes && setting->view.size < XVS_SWITCH_ETHERNET_SIZE) {
        refuse(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
    }
    if (judgement->result != XVS_SUCCESS || setting->op == XVS_VALIDATE) {
        return;
    }
    if (!goes) {
        read_switch(judgement, &policy);
    }
    take_result(judgement,
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

    if (!judgement->port && is_guid(uuid, &of_switch)) {
        switch_setting(judgement);
        return;
    }
    if (judgement->port && is_guid(uuid, &address)) {
        static_setting(judgement);
        return;
    }
    for (uint32_t i = 0; judgement->port && i < N_CLASSES; i++) {
        if (is_guid(uuid, &classes[i].uuid)) {
            port_setting(judgement, i);
            return;
        }
    }
    judgement->result = XVS_NOT_SUPPORTED;
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
            refuse(&judgement, XVS_INVALID_PARAMETER, "no such port");
            return judgement.result;
        }
    }
    if (!self->switching) {
        refuse(&judgement, XVS_NOT_ACCEPTED, "there is no switch here");
        return judgement.result;
    }
    dispatch(&judgement);
    return judgement.result;
}
