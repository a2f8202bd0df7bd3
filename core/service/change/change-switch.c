/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Making and removing switches.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/names.h"
#include "object/path.h"
#include "service/change/change.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/view/objects.h"

/* A switch on its way in or out. */
struct change {
    struct wish wish;
    char *name;
    uint32_t id;            /* of a new one */
};

static bool
prepare_create(struct plan *plan, struct change *change, struct error *error)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;
    struct vswitch like = { .name = change->name };

    if (!state_name_valid(change->name)) {
        error_set(error, ERROR_INVALID, "'%s' is no name for a switch",
                  change->name);
        return error_hint(error, "letters, digits, '_', '-' and '.', at most "
                          "%d", XVS_NAME_SIZE - 1);
    }
    if (state_switch(&service->state, change->name)) {
        return error_set(error, ERROR_EXISTS, "switch %s is there already",
                         change->name);
    }
    change->id = service->state.next_switch++;
    like.id = change->id;
    request_switch(&forward, CONTROL_SWITCH_CREATE, change->id,
                   change->name);
    request_switch(&back, CONTROL_SWITCH_DELETE, change->id, change->name);
    plan_step(plan, &forward, &back, NULL);
    persist_host(plan_change(plan), service->state.next_switch,
                 service->state.next_port);
    persist_switch(plan_change(plan), &like, NULL, 0);
    return true;
}

static bool
prepare_delete(struct plan *plan, struct change *change, struct error *error)
{
    struct service *service = plan_service(plan);
    struct vswitch *vswitch = state_switch(&service->state, change->name);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    if (!vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                         change->name);
    }
    if (vswitch->n_ports) {
        error_set(error, ERROR_IN_USE, "switch %s still has %u port%s",
                  change->name, vswitch->n_ports,
                  vswitch->n_ports == 1 ? "" : "s");
        return error_hint(error, "remove them first: xvsctl port remove %s "
                          "PORT", change->name);
    }
    if (vswitch->n_stages) {
        error_set(error, ERROR_IN_USE, "extension %s is still enabled on "
                  "switch %s", vswitch->chain[0]->extension->name,
                  change->name);
        return error_hint(error, "disable it first: xvsctl ext disable %s %s",
                          vswitch->chain[0]->extension->name, change->name);
    }
    request_switch(&forward, CONTROL_SWITCH_DELETE, vswitch->id,
                   vswitch->name);
    request_switch(&back, CONTROL_SWITCH_CREATE, vswitch->id, vswitch->name);
    plan_tolerate(plan, plan_step(plan, &forward, &back, NULL),
                  ERROR_NOT_FOUND);
    persist_drop_switch(plan_change(plan), vswitch->name);
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct change *change = context;

    if (!change->wish.path) {
        return prepare_create(plan, change, error);
    }
    if (change->wish.instance) {
        return error_set(error, ERROR_UNSUPPORTED, "a switch has nothing "
                         "that can be changed but its ports and extensions");
    }
    return prepare_delete(plan, change, error);
}

static void
apply(struct plan *plan, void *context)
{
    struct change *change = context;
    struct state *state = &plan_service(plan)->state;

    if (change->wish.path) {
        state_remove_switch(state, state_switch(state, change->name));
    } else {
        state_add_switch(state, change->name, change->id);
    }
    change_tell(plan_service(plan), wish_kind(&change->wish), change->name,
                NULL, NULL, "switch %s", change->name);
}

static void
finish(void *context, const struct error *error)
{
    struct change *change = context;

    wish_finish_object(&change->wish, error, "XVS_Switch", "Name",
                       change->name, NULL, NULL);
    free(change->name);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

static void
begin(struct service *service, struct change *change)
{
    struct plan *plan = plan_create(service, &kind, change);

    plan_lock(plan, false, "host");
    plan_lock(plan, true, "switch/%s", change->name);
    plan_start(plan);
}

void
change_switch(struct service *service, struct wish *wish)
{
    struct change *change = mem_zalloc(sizeof *change);

    change->wish = *wish;
    change->name = wish_name(wish, "Name");
    begin(service, change);
}

void
change_switch_host(struct service *service, service_done done, void *arg)
{
    struct change *change = mem_zalloc(sizeof *change);

    change->wish = (struct wish) { .done = done, .arg = arg };
    change->name = mem_strdup(CONTROL_SWITCH_HOST);
    begin(service, change);
}
