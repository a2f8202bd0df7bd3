/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings from the operator: judged whole before anything changes, and then
 * told to the switch.  When it does not take them at one port, all is as
 * before.
 */
#include "judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xvs_qos.h"

void
qos_deny(struct judgement *judgement, int result, const char *format, ...)
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

/* ---- In force ----------------------------------------------------------- */

const struct qos_settings *
qos_effective(const struct qos *self, const struct qos_port *port,
              enum qos_kind kind)
{
    return port->of[kind] ? port->of[kind] : self->of[kind];
}

int
qos_apply(struct qos *self, struct qos_port *port, enum qos_kind kind)
{
    const struct qos_settings *settings = qos_effective(self, port, kind);
    int result;

    if (!settings && !port->in_force[kind]) {
        return XVS_SUCCESS;
    }
    result = self->switching->port_policy(self->host, port->id,
                                          qos_classes[kind].part,
                                          settings ? &settings->policy
                                                   : NULL);
    if (result == XVS_SUCCESS) {
        port->in_force[kind] = settings != NULL;
    }
    return result;
}

static void
deny_at(struct judgement *judgement, const struct qos_port *port,
        enum qos_kind kind, int result)
{
    if (result == XVS_NOT_SUPPORTED) {
        qos_deny(judgement, XVS_NOT_ACCEPTED, "this switch has no queues and "
                 "marks nothing: it is of an older version");
    } else if (result != XVS_NOT_ACCEPTED) {
        qos_deny(judgement, result, "the switch does not take it at port %s: "
                 "is that still there?", port->name);
    } else if (kind == QOS_LIMIT) {
        qos_deny(judgement, result, "another extension limits frames to many "
                 "at port %s (ethernet does so by XVS_PortStorm): take those "
                 "settings back", port->name);
    } else {
        qos_deny(judgement, result, "another extension has set the same at "
                 "port %s: disable that, or take its settings back",
                 port->name);
    }
}

/* Tells what is in force now at one port, or at all without settings of their
 * own; false: it was refused somewhere. */
static bool
apply_all(struct judgement *judgement, enum qos_kind kind)
{
    struct qos *self = judgement->self;
    int result = XVS_SUCCESS;

    if (judgement->port) {
        result = qos_apply(self, judgement->port, kind);
        if (result != XVS_SUCCESS) {
            deny_at(judgement, judgement->port, kind, result);
        }
        return result == XVS_SUCCESS;
    }
    for (struct qos_port *port = self->ports; port; port = port->next) {
        if (port->of[kind]) {
            continue;
        }
        result = qos_apply(self, port, kind);
        if (result == XVS_INVALID_PARAMETER) {
            /* The switch does not have it yet: it gets them later. */
            self->host->timer(self->host, QOS_TELL_MS);
        } else if (result != XVS_SUCCESS) {
            deny_at(judgement, port, kind, result);
            return false;
        }
    }
    return true;
}

/* ---- Settings ----------------------------------------------------------- */

/* Puts 'fresh', or nothing, in the place of 'at'. */
static void
replace(struct judgement *judgement, enum qos_kind kind,
        struct qos_settings **at, struct qos_settings *fresh)
{
    struct qos_settings *old = *at;
    struct judgement silent = *judgement;

    *at = fresh;
    if (apply_all(judgement, kind)) {
        free(old);
        return;
    }
    *at = old;
    /* What was in force was accepted before. */
    apply_all(&silent, kind);
    free(fresh);
}

static void
check_single(struct judgement *judgement, const struct qos_settings *old,
             uint32_t size)
{
    const struct xvs_setting *setting = judgement->setting;
    bool goes = setting->op == XVS_DELETE;
    bool same = old && is_guid(&old->instance, &setting->instance);

    if (goes ? !same : old && !same) {
        qos_deny(judgement, goes ? XVS_INVALID_PARAMETER : XVS_NOT_ACCEPTED,
                 goes ? "no such settings"
                      : "there are such settings already: change those");
    } else if (!goes && setting->view.size < size) {
        qos_deny(judgement, XVS_INVALID_LENGTH,
                 "the settings are cut short");
    }
}

static void
take_setting(struct judgement *judgement, enum qos_kind kind)
{
    const struct xvs_setting *setting = judgement->setting;
    struct qos_settings **at = judgement->port ? &judgement->port->of[kind]
                                               : &judgement->self->of[kind];
    struct xvs_port_policy policy = { .size = sizeof(policy) };
    struct qos_settings *fresh = NULL;

    check_single(judgement, *at, qos_classes[kind].size);
    if (judgement->result == XVS_SUCCESS && setting->op != XVS_DELETE) {
        qos_classes[kind].read(judgement, &policy);
    }
    if (judgement->result != XVS_SUCCESS || setting->op == XVS_VALIDATE) {
        return;
    }
    if (setting->op != XVS_DELETE) {
        fresh = calloc(1, sizeof(*fresh));
        if (!fresh) {
            qos_deny(judgement, XVS_RESOURCES, "no memory for the settings");
            return;
        }
        fresh->instance = setting->instance;
        fresh->policy = policy;
    }
    replace(judgement, kind, at, fresh);
}

static void
dispatch(struct judgement *judgement)
{
    const struct xvs_guid *uuid = &judgement->setting->uuid;

    /* All classes are of one major version, which DELETE does not tell. */
    if (judgement->setting->op != XVS_DELETE
        && judgement->setting->version >> 8 != XVS_SWITCH_QUEUES_VERSION >> 8) {
        judgement->result = XVS_NOT_SUPPORTED;
        return;
    }
    for (uint32_t i = 0; i < QOS_KINDS; i++) {
        if (is_guid(uuid, judgement->port ? &qos_classes[i].of_port
                                          : &qos_classes[i].of_switch)) {
            take_setting(judgement, (enum qos_kind) i);
            return;
        }
    }
    judgement->result = XVS_NOT_SUPPORTED;
}

int
qos_setting(void *arg, const struct xvs_setting *setting,
            struct xvs_answer *answer)
{
    struct qos *self = arg;
    struct judgement judgement = { self, setting, &setting->view, answer,
                                   NULL, XVS_SUCCESS };

    if (setting->scope == XVS_SCOPE_PORT) {
        judgement.port = qos_port_find(self, setting->port_id);
        if (!judgement.port) {
            qos_deny(&judgement, XVS_INVALID_PARAMETER, "no such port");
            return judgement.result;
        }
    }
    if (!self->switching) {
        qos_deny(&judgement, XVS_NOT_ACCEPTED, "there is no switch here");
        return judgement.result;
    }
    dispatch(&judgement);
    return judgement.result;
}
