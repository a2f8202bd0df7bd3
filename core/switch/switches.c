/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Creating and deleting switches.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "switch/driver.h"
#include "switch/server.h"
#include "switch/vswitch.h"

void
switches_create(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    const struct control_switch *wanted = control_body(message);
    struct vswitch **at = &driver->switches;
    struct error error;

    for (; *at; at = &(*at)->next) {
        if ((*at)->id == wanted->switch_id
            || strcmp((*at)->name, wanted->name) == 0) {
            error_set(&error, ERROR_EXISTS,
                      "there is a switch %s with number %u already",
                      (*at)->name, (*at)->id);
            request_fail(request, &error);
            return;
        }
    }
    *at = vswitch_create(wanted->switch_id, wanted->name);
    request_succeed(request);
}

void
switches_delete(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    const struct control_switch *wanted = control_body(message);
    struct vswitch **at = &driver->switches;
    struct vswitch *vswitch;
    struct error error;

    while (*at && (*at)->id != wanted->switch_id) {
        at = &(*at)->next;
    }
    vswitch = *at;
    if (!vswitch) {
        error_set(&error, ERROR_NOT_FOUND, "there is no switch number %u",
                  wanted->switch_id);
        request_fail(request, &error);
        return;
    }
    if (vswitch->ports || vswitch->stages) {
        error_set(&error, ERROR_IN_USE, "switch %s still has %s",
                  vswitch->name, vswitch->ports ? "ports" : "extensions");
        request_fail(request, &error);
        return;
    }
    *at = vswitch->next;
    vswitch_retire(vswitch);
    request_succeed(request);
}
