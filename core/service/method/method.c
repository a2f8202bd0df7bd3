/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Calling methods.  A vendor's method travels as a block of parameters with
 * the layouts of what goes in and comes out, so that xvs-switch can check
 * both and call the C function without a schema.
 */

#include <config.h>


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "marshal/signature.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/method/host-methods.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"

/* A vendor's method on its way. */
struct call {
    struct service *service;
    struct cim_class *cls;          /* keeps 'method' alive */
    const struct method *method;
    struct layout *in, *out;
    service_invoked done;
    void *arg;
};

/* Where a call goes. */
struct target {
    struct feature feature;         /* of the class that declares it */
    const struct extension *extension;
    const struct vswitch *vswitch;
    const struct vport *port;
    struct xvs_guid instance;
};

static void
call_destroy(struct call *call)
{
    class_unref(call->cls);
    layout_destroy(call->in);
    layout_destroy(call->out);
    free(call);
}

/* ---- Finding the target ------------------------------------------------- */

static bool
find_extension(struct service *service, const struct call *call,
               struct target *target, struct error *error)
{
    struct cim_class *origin = repository_class(service->repository,
                                                call->method->origin);
    char id[GUID_TEXT_SIZE];

    memset(target, 0, sizeof *target);
    if (!origin || !feature_of_class(origin, &target->feature, NULL)
        || target->feature.kind == FEATURE_NONE) {
        return error_set(error, ERROR_UNSUPPORTED, "nobody implements "
                         "methods of class %s", call->cls->name);
    }
    target->extension = state_extension_by_id(&service->state,
                                              &target->feature.extension);
    if (!target->extension) {
        return error_set(error, ERROR_NO_CONSUMER, "extension %s, which has "
                         "the methods of class %s, is not installed",
                         guid_format(&target->feature.extension, id),
                         call->cls->name);
    }
    return true;
}

/* A call of the class itself: fine when there is one switch to go to. */
static bool
find_only_switch(struct service *service, struct target *target,
                 struct error *error)
{
    const struct index *stages = &service->state.stages;

    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *stage = stages->items[i];

        if (stage->extension != target->extension) {
            continue;
        }
        if (target->vswitch) {
            error_set(error, ERROR_INVALID, "extension %s is enabled on more "
                      "than one switch", target->extension->name);
            return error_hint(error, "call the method of an object, which "
                              "says on which switch");
        }
        target->vswitch = stage->vswitch;
    }
    return target->vswitch
        || error_set(error, ERROR_NO_CONSUMER, "extension %s is not enabled "
                     "on any switch", target->extension->name);
}

static bool
find_named(struct service *service, const struct instance_id *id,
           struct target *target, struct error *error)
{
    target->instance = id->instance;
    target->vswitch = state_switch(&service->state, id->switch_name);
    if (!target->vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                         id->switch_name);
    }
    if (!*id->port_name) {
        return true;
    }
    target->port = state_port(&service->state, id->switch_name,
                              id->port_name);
    return target->port
        || error_set(error, ERROR_NOT_FOUND, "switch %s has no port %s",
                     id->switch_name, id->port_name);
}

static bool
find_place(struct service *service, const struct path *path,
           struct target *target, struct error *error)
{
    const char *name = path_key(path, "InstanceID");
    const char *system = path_key(path, "SystemName");
    struct instance_id id;

    name = name ? name : path_key(path, "Name");
    if (name && state_parse_instance_id(name, &id)) {
        if (!find_named(service, &id, target, error)) {
            return false;
        }
    } else if (system) {
        target->vswitch = state_switch(&service->state, system);
        if (!target->vswitch) {
            return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                             system);
        }
    } else if (!find_only_switch(service, target, error)) {
        return false;
    }
    return state_stage_of(target->vswitch, &target->extension->id)
        || error_set(error, ERROR_NO_CONSUMER, "extension %s is not enabled "
                     "on switch %s", target->extension->name,
                     target->vswitch->name);
}

/* The plugin's function must be what the schema says. */
static bool
check_signature(const struct call *call, const struct target *target,
                struct error *error)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const struct extension *extension = target->extension;

    if (!method_signature(call->method, &text, error)) {
        return false;
    }
    for (size_t i = 0; i < extension->n_methods; i++) {
        const struct signature *one = &extension->methods[i];

        if (!guid_equal(&one->uuid, &target->feature.uuid)
            || !text_equal_fold(one->name, call->method->name)) {
            continue;
        }
        return strcmp(one->text, buffer_string(&text)) == 0
            || error_set(error, ERROR_VERSION, "extension %s has a method %s "
                         "with other parameters ('%s', the schema says "
                         "'%s')", extension->name, one->name, one->text,
                         text.data);
    }
    return error_set(error, ERROR_NO_METHOD, "extension %s has no method %s",
                     extension->name, call->method->name);
}

/* ---- Asking ------------------------------------------------------------- */

static void
put_layout(struct buffer *out, const struct layout *layout, uint32_t *size)
{
    size_t start = out->size;

    layout_write(layout, out);
    *size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
}

/* The in parameters alone, in order, as values without copies. */
static struct value *
in_values(const struct method *method, const struct value *in, size_t n_in,
          uint32_t *n)
{
    struct value *values = mem_array(method->n_parameters + 1,
                                     sizeof *values);

    *n = 0;
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        if (parameter->in) {
            values[(*n)++] = i < n_in ? in[i]
                : value_null(parameter->type, parameter->is_array);
        }
    }
    return values;
}

static bool
call_message(struct call *call, const struct target *target,
             const struct value *in, size_t n_in, struct buffer *out,
             struct error *error)
{
    struct control_method head = {
        .extension = target->extension->id, .uuid = target->feature.uuid,
        .instance = target->instance, .switch_id = target->vswitch->id,
        .port_id = target->port ? target->port->id : XVS_PORT_NONE,
        .timeout_ms = call->service->timeout_ms,
    };
    uint32_t n;
    struct value *values = in_values(call->method, in, n_in, &n);
    size_t start;
    bool ok;

    snprintf(head.name, sizeof head.name, "%s", call->method->name);
    message_start(out, CONTROL_METHOD, sizeof head);
    start = out->size;
    ok = block_encode_values(values, n, call->in, out, error);
    free(values);
    head.block_size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
    put_layout(out, call->in, &head.in_layout_size);
    put_layout(out, call->out, &head.out_layout_size);
    memcpy(out->data + sizeof(struct control_header), &head, sizeof head);
    return ok;
}

/* ---- Being answered ----------------------------------------------------- */

/* Spreads the return value and the outs over the method's parameters. */
static void
call_tell(struct call *call, struct value *values)
{
    const struct method *method = call->method;
    struct value nothing = value_null(CIM_NONE, false);
    struct value *out = mem_array(method->n_parameters + 1, sizeof *out);
    size_t at = method->type == CIM_NONE ? 0 : 1;

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        out[i] = parameter->out ? values[at++]
            : value_null(parameter->type, parameter->is_array);
    }
    call->done(call->arg, NULL,
               method->type == CIM_NONE ? &nothing : &values[0], out,
               method->n_parameters);
    free(out);
}

static uint32_t
count_out(const struct method *method)
{
    uint32_t n = method->type == CIM_NONE ? 0 : 1;

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        n += method->parameters[i].out;
    }
    return n;
}

static bool
call_decode(struct call *call, const struct control_header *answer,
            struct value *values, uint32_t n, struct error *error)
{
    const struct control_objects *objects = control_body(answer);
    const struct control_object *one = control_after(objects,
                                                     sizeof *objects);
    const void *block;

    if (objects->n != 1) {
        return error_set(error, ERROR_PROVIDER, "method %s was answered "
                         "without its results", call->method->name);
    }
    block = control_after(one, sizeof *one);
    return block_check(block, one->block_size, call->out, error)
        && block_decode_values(block, one->block_size, call->out, values, n,
                               service_lookup, call->service->repository,
                               error);
}

static void
call_answered(void *arg, const struct control_header *answer)
{
    struct call *call = arg;
    uint32_t n = count_out(call->method);
    struct value *values = mem_array(n + 1, sizeof *values);
    struct error error;

    if (answer_ok(answer, &error)
        && call_decode(call, answer, values, n, &error)) {
        call_tell(call, values);
        for (uint32_t i = 0; i < n; i++) {
            value_clear(&values[i]);
        }
    } else {
        call->done(call->arg, &error, NULL, NULL, 0);
    }
    free(values);
    call_destroy(call);
}

static bool
call_send(struct call *call, const struct path *path, const struct value *in,
          size_t n_in, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct service *service = call->service;
    struct target target;

    call->in = layout_of_parameters(call->method, false, service_lookup,
                                    service->repository, error);
    if (!call->in || !find_extension(service, call, &target, error)
        || !find_place(service, path, &target, error)
        || !check_signature(call, &target, error)) {
        return false;
    }
    call->out = layout_of_parameters(call->method, true, service_lookup,
                                     service->repository, error);
    if (!call->out
        || !call_message(call, &target, in, n_in, &message, error)) {
        return false;
    }
    peer_request(service->peer, &message, call_answered, call);
    return true;
}

void
service_invoke(struct service *service, const struct path *path,
               const char *name, const struct value *in, size_t n_in,
               service_invoked done, void *arg)
{
    struct cim_class *cls = repository_class(service->repository,
                                             path->class_name);
    const struct method *method = cls ? class_method(cls, name) : NULL;
    struct error error;
    struct call *call;

    if (!method) {
        error_set(&error, cls ? ERROR_NO_METHOD : ERROR_NO_CLASS,
                  cls ? "class %s has no method %s"
                  : "there is no class %s", path->class_name, name);
        done(arg, &error, NULL, NULL, 0);
        return;
    }
    if (class_is_a(cls, "XVS_Host")) {
        struct host_call host = { service, method, done, arg };

        host_method(&host, in, n_in);
        return;
    }
    if (class_is_a(cls, "XVS_Switch")) {
        struct host_call host = { service, method, done, arg };

        capture_method(&host, path, in, n_in);
        return;
    }
    call = mem_zalloc(sizeof *call);
    call->service = service;
    call->cls = class_ref(cls);
    call->method = method;
    call->done = done;
    call->arg = arg;
    if (!call_send(call, path, in, n_in, &error)) {
        done(arg, &error, NULL, NULL, 0);
        call_destroy(call);
    }
}
