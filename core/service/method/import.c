/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Applying an exported configuration.  The text becomes a state of its own
 * beside the real one; the two are compared, everything that is missing is
 * collected, and only if nothing is, one plan makes all of it or nothing.
 */

#include <config.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "control/message.h"
#include "object/instance.h"
#include "schema/value.h"
#include "service/change/change.h"
#include "service/change/enabling.h"
#include "service/change/partner.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/method/host-methods.h"
#include "service/peer/request.h"
#include "service/settings.h"
#include "service/store/document.h"

/* An import on its way. */
struct import {
    struct host_call call;
    struct document *document;
    char *rename;               /* the switch's new name, or NULL */
    bool check;                 /* judge only */
    struct value secrets;       /* what the text left out; may be NULL */
    struct state state;         /* what the text describes */
    struct map *problems;       /* texts, each once, in order */
};

static void
add_problem(void *arg, const char *text)
{
    struct import *import = arg;

    map_put(import->problems, text, import);
}

/* ---- Reading ------------------------------------------------------------ */

static bool
rename_switch(struct import *import, struct error *error)
{
    struct vswitch *vswitch;

    if (!import->rename) {
        return true;
    }
    if (import->state.switches.n != 1) {
        return error_set(error, ERROR_INVALID, "the text has %zu switches; "
                         "a new name can be given only when it has one",
                         import->state.switches.n);
    }
    vswitch = import->state.switches.items[0];
    free(vswitch->name);
    vswitch->name = mem_strdup(import->rename);
    return true;
}

static bool
read_text(struct import *import, struct error *error)
{
    struct service *service = import->call.service;
    struct error_list errors = { 0 };

    if (!map_get(import->document->entries, "export")) {
        return error_set(error, ERROR_SYNTAX, "this is no exported "
                         "configuration: it has no entry 'export'");
    }
    persist_load_document(&import->state, import->document,
                          service->repository, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        add_problem(import, errors.items[i].text);
    }
    error_list_clear(&errors);
    import_secrets(import->document, &import->state, &import->secrets,
                   add_problem, import);
    return rename_switch(import, error);
}

/* ---- Preparing ---------------------------------------------------------- */

static bool
check_all_taken(struct plan *plan, void *context,
                const struct control_header *answer, size_t step,
                struct error *error)
{
    size_t n;
    const uint32_t *results = enable_results(answer, &n);

    (void) plan;
    (void) context;
    (void) step;
    for (size_t i = 0; i < n; i++) {
        if (results[i] != XVS_SUCCESS) {
            return error_set(error, ERROR_REFUSED, "setting %zu of the "
                             "extension was refused", i + 1);
        }
    }
    return true;
}

static void
step_switch(struct plan *plan, struct vswitch *vswitch)
{
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    vswitch->id = plan_service(plan)->state.next_switch++;
    request_switch(&forward, CONTROL_SWITCH_CREATE, vswitch->id,
                   vswitch->name);
    request_switch(&back, CONTROL_SWITCH_DELETE, vswitch->id, vswitch->name);
    plan_step(plan, &forward, &back, NULL);
}

static void
step_port(struct plan *plan, struct vport *port)
{
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

    port->id = plan_service(plan)->state.next_port++;
    request_port(&forward, CONTROL_PORT_CREATE, port);
    request_port(&back, CONTROL_PORT_DELETE, port);
    plan_step(plan, &forward, &back, NULL);
    persist_port(plan_change(plan), port);
}

/* The stages of the text, with the extensions of this host. */
static void
store_chain(struct plan *plan, struct vswitch *vswitch, size_t n)
{
    struct state *state = &plan_service(plan)->state;
    struct stage *stages = mem_array(n + 1, sizeof *stages);
    const struct stage **chain = mem_array(n + 1, sizeof *chain);

    for (size_t i = 0; i < n; i++) {
        stages[i] = *vswitch->chain[i];
        stages[i].extension =
            state_extension_by_id(state, &stages[i].extension->id);
        chain[i] = &stages[i];
    }
    persist_switch(plan_change(plan), vswitch, chain, n);
    free(chain);
    free(stages);
}

/* All stages of the switch are enabled. */
static void
steps_partners(struct plan *plan, const struct vswitch *vswitch)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *stage = vswitch->chain[i];
        const struct partner_wish wish = { true, stage->sharing,
                                           stage->partner };

        if (stage->sharing) {
            partner_step(plan, vswitch, stage->extension, NULL, &wish);
        }
    }
}

static bool
steps_chain(struct plan *plan, struct import *import,
            struct vswitch *vswitch, struct error *error)
{
    struct service *service = plan_service(plan);
    bool ok = true;

    for (size_t i = 0; ok && i < vswitch->n_stages; i++) {
        const struct stage *stage = vswitch->chain[i];
        const struct extension *extension =
            state_extension_by_id(&service->state, &stage->extension->id);
        const struct enable_place place = { UINT32_MAX, stage->partition,
                                            stage->time_share };
        struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;

        ok = steps_layouts(plan, extension, error)
            && enable_message(service, &import->state, &forward, vswitch,
                              extension, &place, error);
        if (ok) {
            request_extension(&back, CONTROL_EXT_DISABLE, &extension->id,
                              vswitch->id, service->timeout_ms);
            plan_step(plan, &forward, &back, check_all_taken);
        }
        buffer_free(&forward);
    }
    steps_partners(plan, vswitch);
    store_chain(plan, vswitch, ok ? vswitch->n_stages : 0);
    return ok;
}

static void
store_setting(void *arg, struct setting *setting)
{
    persist_setting(plan_change(arg), setting, NULL);
}

static bool
prepare_steps(struct plan *plan, struct import *import, struct error *error)
{
    struct state *wanted = &import->state;

    for (size_t i = 0; i < wanted->switches.n; i++) {
        step_switch(plan, wanted->switches.items[i]);
    }
    for (size_t i = 0; i < wanted->ports.n; i++) {
        step_port(plan, wanted->ports.items[i]);
    }
    for (size_t i = 0; i < wanted->switches.n; i++) {
        if (!steps_chain(plan, import, wanted->switches.items[i], error)) {
            return false;
        }
    }
    settings_each(wanted, NULL, NULL, store_setting, plan);
    persist_host(plan_change(plan), plan_service(plan)->state.next_switch,
                 plan_service(plan)->state.next_port);
    return true;
}

static bool
prepare(struct plan *plan, void *context, struct error *error)
{
    struct import *import = context;

    if (!read_text(import, error)) {
        return false;
    }
    import_judge(plan_service(plan), &import->state, add_problem, import);
    return map_count(import->problems) || import->check
        || prepare_steps(plan, import, error);
}

/* ---- Applying ----------------------------------------------------------- */

static void
apply_setting(void *arg, struct setting *wanted)
{
    struct service *service = arg;
    struct setting *setting = mem_dup(wanted, sizeof *wanted);
    struct instance *instance = instance_copy(wanted->held->instance);
    struct stage *stage;

    setting->held = NULL;
    setting->vswitch = state_switch(&service->state, wanted->vswitch->name);
    if (wanted->port) {
        setting->port = state_port(&service->state, wanted->vswitch->name,
                                   wanted->port->name);
    }
    stage = state_stage_of(setting->vswitch, &setting->extension);
    setting->state = stage ? SETTING_IN_FORCE : SETTING_PARKED;
    setting_set_instance(setting, instance);
    state_add_setting(&service->state, setting);
}

static void
count_setting(void *arg, struct setting *setting)
{
    (void) setting;
    ++*(size_t *) arg;
}

static void
apply_switch(struct service *service, const struct vswitch *wanted)
{
    struct state *state = &service->state;
    struct vswitch *vswitch = state_add_switch(state, wanted->name,
                                               wanted->id);

    for (size_t i = 0; i < wanted->n_stages; i++) {
        const struct extension *like = wanted->chain[i]->extension;
        struct stage *stage =
            state_add_stage(state, vswitch,
                            state_extension_by_id(state, &like->id),
                            UINT32_MAX);

        stage->state = STAGE_RUNNING;
        stage->partition = wanted->chain[i]->partition;
        stage->partner = wanted->chain[i]->partner;
        stage->sharing = wanted->chain[i]->sharing;
        stage->time_share = wanted->chain[i]->time_share;
    }
}

static void
tell_switch(const struct import *import, const struct vswitch *wanted)
{
    struct service *service = import->call.service;
    size_t n = 0;

    settings_each(&import->state, wanted, NULL, count_setting, &n);
    change_tell(service, "created", wanted->name, NULL, NULL, "switch %s, "
                "from a configuration, with %u ports, %zu extensions, %zu "
                "settings", wanted->name, wanted->n_ports, wanted->n_stages,
                n);
}

static void
apply(struct plan *plan, void *context)
{
    struct import *import = context;
    struct service *service = plan_service(plan);

    if (map_count(import->problems) || import->check) {
        return;
    }
    for (size_t i = 0; i < import->state.switches.n; i++) {
        apply_switch(service, import->state.switches.items[i]);
    }
    for (size_t i = 0; i < import->state.ports.n; i++) {
        struct vport like = *(struct vport *) import->state.ports.items[i];

        like.vswitch = state_switch(&service->state, like.vswitch->name);
        state_add_port(&service->state, &like);
    }
    settings_each(&import->state, NULL, NULL, apply_setting, service);
    for (size_t i = 0; i < import->state.switches.n; i++) {
        tell_switch(import, import->state.switches.items[i]);
    }
}

static void
finish(void *context, const struct error *error)
{
    struct import *import = context;
    size_t at = 0, n = 0;
    const char *text;
    void *unused;

    if (error) {
        host_refuse(&import->call, error);
    } else {
        struct value value =
            value_array(CIM_STRING, (uint32_t) map_count(import->problems));

        while (map_next(import->problems, &at, &text, &unused)) {
            value.items[n++] = value_string(text);
        }
        host_answer(&import->call, n ? 1 : 0, "Problems", &value);
    }
    state_free(&import->state);
    map_destroy(import->problems, NULL);
    document_destroy(import->document);
    value_clear(&import->secrets);
    free(import->rename);
    free(import);
}

static const struct plan_kind kind = {
    .prepare = prepare, .apply = apply, .finish = finish,
};

void
transfer_import(const struct host_call *call, const char *text, size_t size,
                const char *switch_name, const struct value *secrets,
                bool check)
{
    struct error error;
    struct document *document = document_read("configuration", text, size,
                                              &error);
    struct import *import;
    struct plan *plan;

    if (!document) {
        host_refuse(call, &error);
        return;
    }
    import = mem_zalloc(sizeof *import);
    import->call = *call;
    import->document = document;
    import->check = check;
    import->rename = switch_name && *switch_name ? mem_strdup(switch_name)
        : NULL;
    import->problems = map_create(false);
    import->secrets = value_null(CIM_STRING, true);
    if (secrets) {
        value_copy(&import->secrets, secrets);
    }
    state_init(&import->state);
    plan = plan_create(call->service, &kind, import);
    plan_lock(plan, true, "host");
    plan_start(plan);
}
