/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Refuses what it is told to refuse, and remembers every hook that was called
 * as one letter, so that a test can see what the core did:
 *
 *     c C port created, connected    d D disconnected, deleted
 *     a u r v ADD, UPDATE, DELETE, VALIDATE accepted; x refused
 *     S P ACTIVATE, PAUSE
 *
 * A port named "no" is refused.  Frames of ethertype 0x88b5 are dropped, one of
 * 0x88b7 is the end of it.
 */

#include <stdlib.h>
#include <string.h>

#include "plugins/veto.h"

#define TRACE 256

struct veto {
    const struct xvs_host *host;
    uint32_t in_force;
    uint32_t added;
    uint32_t ports;
    uint32_t n_trace;
    char trace[TRACE];
};

static void
note(struct veto *veto, char letter)
{
    if (veto->n_trace < TRACE - 1) {
        veto->trace[veto->n_trace++] = letter;
    }
}

static int
veto_init(const struct xvs_host *host, void **self)
{
    struct veto *veto = calloc(1, sizeof *veto);

    if (!veto) {
        return XVS_RESOURCES;
    }
    veto->host = host;
    *self = veto;
    return XVS_SUCCESS;
}

static int
veto_port(void *self, enum xvs_port_event event, const struct xvs_port *port)
{
    static const char letters[] = "?cCuDd";
    struct veto *veto = self;

    if (event == XVS_PORT_CREATED && strcmp(port->name, "no") == 0) {
        return XVS_NOT_ACCEPTED;
    }
    note(veto, letters[event]);
    veto->ports += event == XVS_PORT_CREATED;
    veto->ports -= event == XVS_PORT_DELETED;
    return XVS_SUCCESS;
}

static int
veto_state(void *self, enum xvs_state state)
{
    note(self, state == XVS_ACTIVATE ? 'S' : 'P');
    return XVS_SUCCESS;
}

static int
veto_setting(void *self, const struct xvs_setting *setting,
             struct xvs_answer *answer)
{
    static const char letters[] = "?vaur";
    struct veto *veto = self;
    const struct test_veto *wanted =
        setting->op == XVS_DELETE ? NULL : test_veto_get(setting);

    veto->added += setting->op == XVS_ADD;
    if (setting->op != XVS_DELETE
        && (!wanted || wanted->refuse
            || (wanted->refuse_add && wanted->refuse_add == veto->added))) {
        note(veto, 'x');
        return veto->host->refuse(answer, XVS_NOT_ACCEPTED,
                                  "veto was told to refuse this one");
    }
    note(veto, letters[setting->op]);
    veto->in_force += setting->op == XVS_ADD;
    veto->in_force -= setting->op == XVS_DELETE;
    return XVS_SUCCESS;
}

static int
veto_status(void *self, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    struct veto *veto = self;
    struct test_veto_status_writer writer;
    _Alignas(8) char memory[512];
    struct test_veto_status *status =
        test_veto_status_start(&writer, memory, sizeof memory);

    status->in_force = veto->in_force;
    status->added = veto->added;
    status->ports = veto->ports;
    test_veto_status_set_trace(&writer, veto->trace);
    return test_veto_status_answer(&writer, veto->host, answer,
                                   &query->instance);
}

static void
veto_ingress(void *self, struct xvs_burst *burst)
{
    static volatile uintptr_t nowhere = 16;

    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        if (burst->packets[i]->ethertype == 0x88b5) {
            xvs_drop(burst->packets[i], 1);
        } else if (burst->packets[i]->ethertype == 0x88b7) {
            *(volatile int *) nowhere = 1;
        }
    }
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570001, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "veto",
    .before = "hang-setting",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = veto_init,
    .fini = free,
    .port = veto_port,
    .state = veto_state,
    .setting = veto_setting,
    .status = veto_status,
    .ingress = veto_ingress,
};
