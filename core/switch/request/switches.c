/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Creating and deleting switches.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/stage.h"
#include "switch/captures.h"
#include "stage/keep/keep.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/vswitch.h"

struct change {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_switch wanted;
};

static void
create(struct driver *driver, struct request *request,
       const struct control_switch *wanted)
{
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
    *at = vswitch_create(driver->loop, wanted->switch_id, wanted->name);
    request_succeed(request);
}

/* Stages that were abandoned may still ask for their switch. */
static void
forget_site(struct driver *driver, const struct vswitch *vswitch)
{
    for (struct stage *stage = driver->leaving; stage; stage = stage->next) {
        if (stage->site == vswitch) {
            (void) xvs_publish(stage->site, NULL);
        }
    }
}

static void
delete(struct driver *driver, struct request *request,
       const struct control_switch *wanted)
{
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
    captures_end(driver, vswitch);
    forget_site(driver, vswitch);
    keeps_forget(driver->place.keeps, vswitch->id, NULL);
    vswitch_retire(vswitch);
    request_succeed(request);
}

static void
start(struct operation *operation)
{
    struct change *change = (struct change *) (void *) operation;

    delete(operation->driver, change->request, &change->wanted);
    operation_end(operation);
    free(change);
}

_Static_assert(offsetof(struct change, operation) == 0, "start() casts");

void
switches_create(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    create(driver, request, control_body(message));
}

void
switches_delete(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    struct change *change = mem_zalloc(sizeof *change);

    change->request = request;
    change->wanted = *(const struct control_switch *) control_body(message);
    change->use = (struct operation_use) {
        .switch_id = change->wanted.switch_id, .whole = true };
    change->operation.start = start;
    change->operation.uses = &change->use;
    change->operation.n_uses = 1;
    operation_queue(driver, &change->operation);
}
