/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Making, changing and removing ports.  MTU, address and entry are changed
 * while frames flow; a port gets another driver or interface by removing it and
 * making it again under its number, with its settings.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "object/path.h"
#include "service/change/change.h"
#include "service/change/port-wish.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/settings.h"

/* A port on its way in, out or over. */
struct change {
    struct wish wish;
    char *switch_name;
    char *name;
    struct vport like;      /* as it will be */
};

/* ---- Settings of a port ------------------------------------------------- */

/* Collects settings into a list message. */
struct collector {
    struct service *service;
    struct buffer *out;
    const struct vport *port;
    struct error *error;
    bool ok;
};

static void
collect(void *arg, struct setting *setting)
{
    struct collector *collector = arg;

    if (collector->ok && setting->port == collector->port
        && setting_follows_port(setting)) {
        collector->ok = request_add_setting(collector->out, XVS_ADD, setting,
                                            setting->held->instance,
                                            collector->service->repository,
                                            collector->error);
    }
}

/* Starts a list message with all settings that go with a port. */
static bool
settings_message(struct service *service, struct buffer *out,
                 const struct vport *port, struct error *error)
{
    struct collector collector = { service, out, port, error, true };

    request_settings(out, service->timeout_ms);
    settings_each(&service->state, port->vswitch, NULL, collect, &collector);
    return collector.ok;
}

/* ---- Preparing ---------------------------------------------------------- */

/* Where it enters the chain: at an extension of its switch, behind them, or at
 * none. */
static bool
read_entry(const struct state *state, struct change *change,
           struct error *error)
{
    const char *name = instance_text(change->wish.instance, "EntryStage");
    struct vport *like = &change->like;
    const struct extension *extension;

    if (!wish_names(&change->wish, "EntryStage")) {
        return true;
    }
    memset(&like->entry, 0, sizeof like->entry);
    if (!name || !*name) {
        return true;
    }
    if (strcasecmp(name, CONTROL_ENTRY_NETWORK) == 0) {
        like->entry = control_entry_network;
        return true;
    }
    extension = state_extension(state, name);
    if (!extension) {
        error_set(error, ERROR_NOT_FOUND, "EntryStage is '%s': there is no "
                  "such extension", name);
        return error_hint(error, "xvsctl ext list shows what is");
    }
    if (!state_stage_of(like->vswitch, &extension->id)) {
        error_set(error, ERROR_NOT_FOUND, "EntryStage is '%s': it is not "
                  "enabled on switch %s", name, like->vswitch->name);
        return error_hint(error, "enable it first: xvsctl ext enable %s %s",
                          name, like->vswitch->name);
    }
    like->entry = extension->id;
    return true;
}

static bool
read_wish(const struct state *state, struct change *change,
          struct error *error)
{
    return port_wish_read(&change->wish, change->name, &change->like, error)
        && read_entry(state, change, error);
}

static bool
prepare_create(struct plan *plan, struct change *change, struct error *error)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    if (!state_name_valid(change->name)) {
        error_set(error, ERROR_INVALID, "'%s' is no name for a port",
                  change->name);
        return error_hint(error, "letters, digits, '_', '-' and '.', at most "
                          "%d", XVS_NAME_SIZE - 1);
    }
    change->like.vswitch = state_switch(&service->state,
                                        change->switch_name);
    if (!change->like.vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                         change->switch_name);
    }
    if (strcmp(change->switch_name, CONTROL_SWITCH_HOST) == 0) {
        error_set(error, ERROR_INVALID, "switch %s stands for the host itself"
                  " and has no ports", change->switch_name);
        return error_hint(error, "make another one for them: xvsctl switch"
                          " add NAME");
    }
    if (state_port(&service->state, change->switch_name, change->name)) {
        return error_set(error, ERROR_EXISTS, "switch %s has a port %s "
                         "already", change->switch_name, change->name);
    }
    if (!read_wish(&service->state, change, error)) {
        return false;
    }
    change->like.name = change->name;
    change->like.id = service->state.next_port++;
    request_port(&forward, CONTROL_PORT_CREATE, &change->like);
    request_port(&back, CONTROL_PORT_DELETE, &change->like);
    plan_step(plan, &forward, &back, NULL);
    persist_host(plan_change(plan), service->state.next_switch,
                 service->state.next_port);
    persist_port(plan_change(plan), &change->like);
    return true;
}

/*
 * Two steps, "port out" and "port in", where each undoes the other; the
 * settings follow the port when it comes (back) in.
 */
static bool
steps_out(struct plan *plan, const struct vport *port, struct error *error)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;
    struct buffer settings = BUFFER_INIT;

    /* Undone last first: the port, then its settings. */
    if (!settings_message(service, &settings, port, error)) {
        buffer_free(&settings);
        return false;
    }
    if (request_count(&settings)) {
        plan_step(plan, &forward, &settings, NULL);
    }
    buffer_free(&settings);
    request_port(&forward, CONTROL_PORT_DELETE, port);
    request_port(&back, CONTROL_PORT_CREATE, port);
    plan_tolerate(plan, plan_step(plan, &forward, &back, NULL),
                  ERROR_NOT_FOUND);
    return true;
}

/* Values alone: the interface stays, also one that a guest has.  What has no
 * interface of the host can be enabled and disabled only. */
static bool
can_update(const struct change *change, const struct vport *port)
{
    return !port->missing && change->like.driver == port->driver
        && change->like.mode == port->mode
        && change->like.queues == port->queues
        && (control_driver_has_interface(port->driver)
            || (change->like.mtu == port->mtu
                && memcmp(change->like.mac, port->mac, sizeof port->mac)
                    == 0))
        && strcmp(change->like.device, port->device) == 0;
}

static void
step_update(struct plan *plan, const struct vport *port,
            const struct vport *like)
{
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    request_port(&forward, CONTROL_PORT_UPDATE, like);
    request_port(&back, CONTROL_PORT_UPDATE, port);
    plan_step(plan, &forward, &back, NULL);
    persist_port(plan_change(plan), like);
}

static bool
prepare_modify(struct plan *plan, struct change *change, struct vport *port,
               struct error *error)
{
    struct service *service = plan_service(plan);
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    change->like = *port;
    if (!read_wish(&service->state, change, error)) {
        return false;
    }
    if (can_update(change, port)) {
        step_update(plan, port, &change->like);
        return true;
    }
    if (!port->missing && !steps_out(plan, port, error)) {
        return false;
    }
    request_port(&forward, CONTROL_PORT_CREATE, &change->like);
    request_port(&back, CONTROL_PORT_DELETE, &change->like);
    plan_step(plan, &forward, &back, NULL);
    if (!settings_message(service, &forward, port, error)) {
        buffer_free(&forward);
        return false;
    }
    if (request_count(&forward)) {
        plan_step(plan, &forward, NULL, NULL);
    }
    buffer_free(&forward);
    persist_port(plan_change(plan), &change->like);
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct change *change = context;
    struct vport *port;

    if (!change->wish.path) {
        return prepare_create(plan, change, error);
    }
    port = state_port(&plan_service(plan)->state, change->switch_name,
                      change->name);
    if (!port) {
        return error_set(error, ERROR_NOT_FOUND, "switch %s has no port %s",
                         change->switch_name, change->name);
    }
    if (change->wish.instance) {
        return prepare_modify(plan, change, port, error);
    }
    persist_drop_port(plan_change(plan), port);
    return port->missing || steps_out(plan, port, error);
}

/* ---- Applying ----------------------------------------------------------- */

/* The settings of a missing port have been taken, all of them. */
static void
take_setting(void *arg, struct setting *setting)
{
    if (setting->port == arg && setting_follows_port(setting)) {
        setting_set_state(setting, SETTING_IN_FORCE);
    }
}

static void
modify_port(struct state *state, struct change *change, struct vport *port)
{
    if (!can_update(change, port)) {
        port->link = LINK_UNKNOWN;
    }
    port->driver = change->like.driver;
    port->mtu = change->like.mtu;
    port->mode = change->like.mode;
    port->queues = change->like.queues;
    port->disabled = change->like.disabled;
    port->entry = change->like.entry;
    memcpy(port->mac, change->like.mac, sizeof port->mac);
    memcpy(port->device, change->like.device, sizeof port->device);
    if (port->missing) {
        settings_each(state, port->vswitch, NULL, take_setting, port);
        port->missing = false;
    }
}

static void
apply(struct plan *plan, void *context)
{
    struct change *change = context;
    struct state *state = &plan_service(plan)->state;
    struct vport *port = state_port(state, change->switch_name,
                                    change->name);

    if (!port) {
        state_add_port(state, &change->like);
    } else if (change->wish.instance) {
        modify_port(state, change, port);
    } else {
        state_remove_port(state, port);
    }
    change_tell(plan_service(plan), wish_kind(&change->wish),
                change->switch_name, change->name, NULL,
                "port %s of switch %s", change->name, change->switch_name);
}

static void
finish(void *context, const struct error *error)
{
    struct change *change = context;

    wish_finish_object(&change->wish, error, "XVS_Port", "SwitchName",
                       change->switch_name, "Name", change->name);
    free(change->switch_name);
    free(change->name);
    free(change);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

void
change_port(struct service *service, struct wish *wish)
{
    struct change *change = mem_zalloc(sizeof *change);
    struct plan *plan;

    change->wish = *wish;
    change->switch_name = wish_name(wish, "SwitchName");
    change->name = wish_name(wish, "Name");
    plan = plan_create(service, &kind, change);
    plan_lock(plan, false, "host");
    plan_lock(plan, false, "switch/%s", change->switch_name);
    /* Enabling an extension tells it of all ports. */
    plan_lock(plan, false, "chain/%s", change->switch_name);
    plan_lock(plan, true, "port/%s/%s", change->switch_name, change->name);
    plan_start(plan);
}
