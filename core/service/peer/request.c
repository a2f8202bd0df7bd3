/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Control messages from the state, errors from answers.
 */

#include <config.h>

#include "service/peer/request.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/link.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "schema/feature.h"
#include "schema/repository.h"

static void
put_name(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s", name);
}

static struct cim_class *
lookup_class(void *arg, const char *name)
{
    return repository_class(arg, name);
}

void
request_switch(struct buffer *out, uint16_t type, uint32_t id,
               const char *name)
{
    struct control_switch *body = message_start(out, type, sizeof *body);

    body->switch_id = id;
    put_name(body->name, sizeof body->name, name);
}

void
request_port(struct buffer *out, uint16_t type, const struct vport *port)
{
    struct control_port *body = message_start(out, type, sizeof *body);

    body->port_id = port->id;
    body->switch_id = port->vswitch->id;
    body->driver = port->driver;
    body->mtu = port->mtu;
    put_name(body->name, sizeof body->name, port->name);
    put_name(body->device, sizeof body->device, port->device);
    memcpy(body->mac, port->mac, sizeof body->mac);
    body->mode = port->mode;
    body->queues = port->queues;
    body->disabled = port->disabled;
    body->entry = port->entry;
}

void
request_load(struct buffer *out, const char *file)
{
    struct control_load *body = message_start(out, CONTROL_EXT_LOAD,
                                              sizeof *body);

    put_name(body->file, sizeof body->file, file);
}

void
request_extension(struct buffer *out, uint16_t type,
                  const struct xvs_guid *extension, uint32_t switch_id,
                  uint32_t timeout_ms)
{
    struct control_extension_ref *body = message_start(out, type,
                                                       sizeof *body);

    body->extension = *extension;
    body->switch_id = switch_id;
    body->timeout_ms = timeout_ms;
}

void
request_place(struct buffer *out, const struct xvs_guid *extension,
              uint32_t switch_id, uint32_t position)
{
    struct control_place *body = message_start(out, CONTROL_EXT_MOVE,
                                               sizeof *body);

    body->extension = *extension;
    body->switch_id = switch_id;
    body->position = position;
}

void
request_place_of_both(struct buffer *out, const struct xvs_guid *extension,
                      uint32_t switch_id, uint32_t position)
{
    struct control_place *body;

    request_place(out, extension, switch_id, position);
    body = (void *) (out->data + sizeof(struct control_header));
    body->together = 1;
}

void
request_partition(struct buffer *out, const struct xvs_guid *extension,
                  uint32_t switch_id, uint32_t partition,
                  uint32_t time_share, uint32_t timeout_ms)
{
    struct control_partition *body =
        message_start(out, CONTROL_EXT_PARTITION, sizeof *body);

    body->extension = *extension;
    body->switch_id = switch_id;
    body->partition = partition;
    body->time_share = time_share;
    body->timeout_ms = timeout_ms;
}

void
request_partner(struct buffer *out, const struct xvs_guid *extension,
                uint32_t switch_id, const struct xvs_guid *partner,
                uint32_t sharing)
{
    struct control_partner *body =
        message_start(out, CONTROL_EXT_PARTNER, sizeof *body);

    body->extension = *extension;
    body->switch_id = switch_id;
    if (partner) {
        body->partner = *partner;
        body->sharing = sharing;
    }
}

void
request_upgrade(struct buffer *out, const struct xvs_guid *extension,
                const char *file, uint32_t timeout_ms)
{
    struct control_upgrade *body = message_start(out, CONTROL_EXT_UPGRADE,
                                                 sizeof *body);

    body->extension = *extension;
    body->timeout_ms = timeout_ms;
    put_name(body->file, sizeof body->file, file);
}

/* ---- Layouts ------------------------------------------------------------ */

static void
start_layout(struct buffer *out, uint16_t type, const struct feature *feature)
{
    struct control_layout *body = message_start(out, type, sizeof *body);

    body->extension = feature->extension;
    body->uuid = feature->uuid;
    body->scope = feature->scope;
    body->kind = feature->kind;
}

bool
request_layout(struct buffer *out, struct repository *repository,
               struct cim_class *cls, struct error *error)
{
    const struct layout *layout = layout_of_class(cls, lookup_class,
                                                  repository, error);
    struct instance *initial;
    struct feature feature;
    size_t start, middle;
    struct control_layout *body;
    bool ok;

    if (!layout || !feature_of_class(cls, &feature, error)) {
        return false;
    }
    start_layout(out, CONTROL_LAYOUT_SET, &feature);
    start = out->size;
    layout_write(layout, out);
    middle = out->size;
    buffer_align(out, 8);
    initial = instance_create(cls);
    body = (void *) (out->data + sizeof(struct control_header));
    body->layout_size = (uint32_t) (middle - start);
    start = out->size;
    ok = block_encode(initial, layout, out, error);
    instance_destroy(initial);
    body = (void *) (out->data + sizeof(struct control_header));
    body->default_size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
    return ok;
}

void
request_layout_drop(struct buffer *out, const struct cim_class *cls)
{
    struct feature feature;

    if (feature_of_class(cls, &feature, NULL)
        && feature.kind != FEATURE_NONE) {
        start_layout(out, CONTROL_LAYOUT_DROP, &feature);
    }
}

/* ---- Settings ----------------------------------------------------------- */

void
request_settings(struct buffer *out, uint32_t timeout_ms)
{
    struct control_settings *body = message_start(out, CONTROL_SETTINGS,
                                                  sizeof *body);

    body->timeout_ms = timeout_ms;
}

void
request_enable(struct buffer *out, const struct xvs_guid *extension,
               uint32_t switch_id, uint32_t position, uint32_t partition,
               uint32_t time_share, uint32_t timeout_ms)
{
    struct control_enable *body = message_start(out, CONTROL_EXT_ENABLE,
                                                sizeof *body);

    body->extension = *extension;
    body->switch_id = switch_id;
    body->position = position;
    body->partition = partition;
    body->time_share = time_share;
    body->timeout_ms = timeout_ms;
}

/* The count in the fixed body of a list of settings. */
static uint32_t *
list_count(const struct buffer *out)
{
    const struct control_header *header = (const void *) out->data;
    char *body = out->data + sizeof *header;

    if (header->type == CONTROL_EXT_ENABLE) {
        return &((struct control_enable *) (void *) body)->n;
    }
    return &((struct control_settings *) (void *) body)->n;
}

uint32_t
request_count(const struct buffer *out)
{
    return out->size ? *list_count(out) : 0;
}

bool
request_add_setting(struct buffer *out, uint32_t op,
                    const struct setting *setting,
                    const struct instance *instance,
                    struct repository *repository, struct error *error)
{
    size_t at = buffer_extend(out, sizeof(struct control_setting)), start;
    struct control_setting *one = (void *) (out->data + at);
    const struct layout *layout;

    one->op = op;
    one->scope = setting->port ? XVS_SCOPE_PORT : XVS_SCOPE_SWITCH;
    one->switch_id = setting->vswitch->id;
    one->port_id = setting->port ? setting->port->id : XVS_PORT_NONE;
    one->extension = setting->extension;
    one->uuid = setting->uuid;
    one->instance = setting->instance;
    one->version = setting->version;
    start = out->size;
    if (instance && op != XVS_DELETE) {
        layout = layout_of_class(instance->cls, lookup_class, repository,
                                 error);
        if (!layout || !block_encode(instance, layout, out, error)) {
            return false;
        }
    }
    one = (void *) (out->data + at);
    one->block_size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
    ++*list_count(out);
    return true;
}

/* ---- Answers ------------------------------------------------------------ */

const struct control_result *
answer_result(const struct control_header *answer)
{
    return control_body(answer);
}

/* What a result means when the peer gave no code of its own. */
static enum error_code
result_code(uint32_t result)
{
    switch (result) {
    case XVS_NOT_ACCEPTED:
        return ERROR_REFUSED;
    case XVS_NO_CONSUMER:
    case XVS_NOT_SUPPORTED:
        return ERROR_NO_CONSUMER;
    case XVS_TIMED_OUT:
        return ERROR_TIMEOUT;
    case XVS_PROVIDER_FAILED:
        return ERROR_PROVIDER;
    case XVS_RESOURCES:
        return ERROR_BUSY;
    case XVS_INVALID_PARAMETER:
        return ERROR_INVALID;
    default:
        return ERROR_FAILED;
    }
}

bool
answer_ok(const struct control_header *answer, struct error *error)
{
    const struct control_result *result;
    enum error_code code;
    const char *text;

    if (!answer) {
        error_set(error, ERROR_BUSY, "xvs-switch is not running");
        return error_hint(error, "it gets everything that is in force when "
                          "it comes back; then try again");
    }
    if (answer->result == XVS_SUCCESS) {
        return true;
    }
    result = answer_result(answer);
    code = result->code ? (enum error_code) result->code
        : result_code(answer->result);
    text = *result->text ? result->text : "refused without a reason";
    if (*result->extension && !strstr(text, result->extension)) {
        return error_set(error, code, "extension %s: %s", result->extension,
                         text);
    }
    return error_set(error, code, "%s", text);
}

struct extension *
extension_of_control(const struct control_extension *one)
{
    struct extension *extension = mem_zalloc(sizeof *extension);
    const char *at = control_after(one, sizeof *one);

    extension->id = one->id;
    extension->name = mem_strdup(one->name);
    extension->file = mem_strdup(one->file);
    extension->vendor = mem_strdup(one->vendor);
    extension->description = mem_strdup(one->description);
    extension->version = one->version;
    extension->scan = (uint8_t) one->scan;
    extension->n_findings = one->n_findings;
    extension->finding = mem_strdup(one->finding);
    extension->extension_class = (uint8_t) one->extension_class;
    extension->on_failure = (uint8_t) one->on_failure;
    extension->traits = one->traits;
    extension->n_features = one->n_features;
    extension->features = mem_array((size_t) one->n_features + 1,
                                    sizeof *extension->features);
    for (uint32_t i = 0; i < one->n_features; i++) {
        memcpy(&extension->features[i], at, sizeof(struct xvs_feature));
        at = control_after(at, sizeof(struct xvs_feature));
    }
    extension->n_methods = one->n_methods;
    extension->methods = mem_array((size_t) one->n_methods + 1,
                                   sizeof *extension->methods);
    for (uint32_t i = 0; i < one->n_methods; i++) {
        const struct control_signature *method = (const void *) at;

        extension->methods[i].uuid = method->uuid;
        extension->methods[i].name = mem_strdup(method->name);
        extension->methods[i].text = mem_strdup(method->signature);
        at = control_after(at, sizeof *method);
    }
    extension->n_reasons = one->n_reasons;
    extension->reasons = mem_array((size_t) one->n_reasons + 1,
                                   sizeof *extension->reasons);
    for (uint32_t i = 0; i < one->n_reasons; i++) {
        const struct control_reason *reason = (const void *) at;

        extension->reasons[i] = mem_strdup(reason->name);
        at = control_after(at, sizeof *reason);
    }
    return extension;
}
