/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings that a port has one of.  Each class is a part of the port's policy
 * in the switch.
 */
#include "judgement.h"

#include "xvs_ethernet.h"

static void
read_vlan(struct judgement *judgement, struct xvs_port_policy *policy)
{
    const struct xvs_port_vlan *body = judgement->view->body;
    const char *trunk = xvs_port_vlan_trunk(judgement->view, body);
    const char *why = ethernet_read_vlans(trunk, policy->trunk);

    policy->vlan_mode = VALUE(mode, XVS_PORT_VLAN_MODE, XVS_VLAN_ACCESS);
    policy->vlan = VALUE(vlan, XVS_PORT_VLAN_VLAN, 0);
    if (why) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "Trunk: \"%.60s\": %s", trunk,
                 why);
    }
    if (policy->vlan_mode == XVS_VLAN_ACCESS && policy->vlan == 0) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "Vlan: not given: expected 1 to "
                 "4094 with Mode access");
    }
    if (policy->vlan_mode != XVS_VLAN_TRUNK && *trunk) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "Trunk: \"%.60s\", but Mode is "
                 "not trunk", trunk);
    }
    if (policy->vlan_mode == XVS_VLAN_HYBRID && policy->vlan) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "Vlan: %u, but Mode is hybrid: "
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
        eth_deny(judgement, XVS_NOT_ACCEPTED, "Guarantee: %llu is more than "
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
        eth_deny(judgement, XVS_NOT_ACCEPTED, "TargetPort: not given: "
                 "expected the name of another port of the switch");
    } else if (target == judgement->port) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "TargetPort: \"%s\" is the port "
                 "itself: expected another port of the switch", name);
    } else if (!target) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "TargetPort: the switch has no "
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

int
eth_class_of(const struct xvs_guid *uuid)
{
    for (uint32_t i = 0; i < N_CLASSES; i++) {
        if (is_guid(uuid, &classes[i].uuid)) {
            return (int) i;
        }
    }
    return -1;
}

static void
put(struct judgement *judgement, uint32_t index,
    const struct xvs_port_policy *policy)
{
    struct ethernet *self = judgement->self;
    struct ethernet_port *port = judgement->port;

    eth_result(judgement,
                self->switching->port_policy(self->host, port->id,
                                             classes[index].part, policy));
    if (judgement->result != XVS_SUCCESS) {
        return;
    }
    port->has = policy ? port->has | 1u << index : port->has & ~(1u << index);
    port->instances[index] = judgement->setting->instance;
    if (classes[index].part == XVS_POLICY_MIRROR) {
        eth_keep_mirror(judgement, policy);
    }
}

void
eth_port_setting(struct judgement *judgement, uint32_t index)
{
    const struct xvs_setting *setting = judgement->setting;
    struct ethernet_port *port = judgement->port;
    struct xvs_port_policy policy = { .size = sizeof(policy) };
    bool has = port->has >> index & 1;
    bool same = has && is_guid(&port->instances[index], &setting->instance);

    if (setting->op == XVS_DELETE) {
        if (!same) {
            eth_deny(judgement, XVS_INVALID_PARAMETER, "no such settings");
            return;
        }
        put(judgement, index, NULL);
        return;
    }
    if (setting->view.size < classes[index].size) {
        eth_deny(judgement, XVS_INVALID_LENGTH, "the settings are cut short");
        return;
    }
    classes[index].read(judgement, &policy);
    if (has && !same) {
        eth_deny(judgement, XVS_NOT_ACCEPTED, "the port has such settings "
                 "already: change those");
    }
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_VALIDATE) {
        put(judgement, index, &policy);
    }
}
