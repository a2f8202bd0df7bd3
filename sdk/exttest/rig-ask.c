/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The manager's requests, one function for each; see rig.h.
 */

#include <config.h>

#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "stage/plugin/plugin.h"
#include "subject.h"

bool
rig_switch(struct rig *rig, uint32_t switch_id, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_switch *head =
        message_start(&message, CONTROL_SWITCH_CREATE, sizeof *head);

    head->switch_id = switch_id;
    snprintf(head->name, sizeof head->name, "switch-%u", switch_id);
    return rig_ask(rig, &message, error);
}

bool
rig_port(struct rig *rig, uint32_t switch_id, uint32_t port_id,
         struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_port *head =
        message_start(&message, CONTROL_PORT_CREATE, sizeof *head);

    head->port_id = port_id;
    head->switch_id = switch_id;
    head->driver = DRIVER_PIPE;
    snprintf(head->name, sizeof head->name, "port-%u", port_id);
    snprintf(head->device, sizeof head->device, "%s/%u",
             rig->subject->work, port_id);
    return rig_ask(rig, &message, error);
}

bool
rig_port_delete(struct rig *rig, uint32_t port_id, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_port *head =
        message_start(&message, CONTROL_PORT_DELETE, sizeof *head);

    head->port_id = port_id;
    return rig_ask(rig, &message, error);
}

/* Appends the object's block; false with an error. */
static bool
put_block(const struct subject_feature *feature,
          const struct instance *object, struct buffer *out, uint32_t *size,
          struct error *error)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;

    if (!block_encode(object, feature->layout, &block, error)) {
        return false;
    }
    *size = (uint32_t) block.size;
    buffer_put(out, block.data, block.size);
    buffer_align(out, 8);
    return true;
}

static bool
set_layout(struct rig *rig, const struct subject_feature *feature,
           struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct instance *object = instance_create(feature->cls);
    struct control_layout head = { .extension = feature->feature.extension,
                                   .uuid = feature->feature.uuid,
                                   .scope = feature->feature.scope,
                                   .kind = feature->feature.kind };
    size_t start;
    bool good;

    message_start(&message, CONTROL_LAYOUT_SET, sizeof head);
    start = message.size;
    layout_write(feature->layout, &message);
    head.layout_size = (uint32_t) (message.size - start);
    buffer_align(&message, 8);
    good = put_block(feature, object, &message, &head.default_size, error);
    instance_destroy(object);
    memcpy(message.data + sizeof(struct control_header), &head, sizeof head);
    return good && rig_ask(rig, &message, error);
}

bool
rig_load_schema(struct rig *rig, struct error *error)
{
    for (uint32_t i = 0; i < rig->subject->n_features; i++) {
        const struct subject_feature *feature = &rig->subject->features[i];

        if (memcmp(&feature->feature.extension, &rig->id, sizeof rig->id) == 0
            && !set_layout(rig, feature, error)) {
            return false;
        }
    }
    return true;
}

bool
rig_load_file(struct rig *rig, struct error *error)
{
    return rig_load(rig, rig->subject->file, error);
}

bool
rig_upgrade(struct rig *rig, const char *file, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_upgrade *head =
        message_start(&message, CONTROL_EXT_UPGRADE, sizeof *head);

    head->extension = rig->id;
    snprintf(head->file, sizeof head->file, "%s", file);
    return rig_ask(rig, &message, error);
}

bool
rig_load(struct rig *rig, const char *file, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_load *head =
        message_start(&message, CONTROL_EXT_LOAD, sizeof *head);
    const struct control_extension *extension;

    snprintf(head->file, sizeof head->file, "%s", file);
    if (!rig_ask(rig, &message, error)) {
        return false;
    }
    extension = control_after(rig->answer.data,
                              sizeof(struct control_result));
    rig->id = extension->id;
    if (extension->traits & XVS_TRAIT_SOCKETS) {
        rig->partition = PARTITION_PROCESS;     /* it runs nowhere else */
    }
    return true;
}

/* EXT_UNLOAD or EXT_DISABLE. */
static void
send_reference(struct rig *rig, enum control_type type, uint32_t switch_id)
{
    struct buffer message = BUFFER_INIT;
    struct control_extension_ref *head =
        message_start(&message, type, sizeof *head);

    head->extension = rig->id;
    head->switch_id = switch_id;
    rig_send(rig, &message);
}

bool
rig_unload(struct rig *rig, struct error *error)
{
    send_reference(rig, CONTROL_EXT_UNLOAD, 0);
    return rig_await(rig, error);
}

bool
rig_disable(struct rig *rig, uint32_t switch_id, struct error *error)
{
    send_reference(rig, CONTROL_EXT_DISABLE, switch_id);
    return rig_await(rig, error);
}

bool
rig_disable_all(struct rig *rig, struct error *error)
{
    for (uint32_t i = 1; i <= RIG_SWITCHES; i++) {
        send_reference(rig, CONTROL_EXT_DISABLE, i);
    }
    return rig_await(rig, error);
}

static void
send_enable(struct rig *rig, uint32_t switch_id)
{
    const struct plugin *plugin = rig_plugin(rig);
    struct buffer message = BUFFER_INIT;
    struct control_enable *head =
        message_start(&message, CONTROL_EXT_ENABLE, sizeof *head);

    head->extension = rig->id;
    head->switch_id = switch_id;
    head->position = UINT32_MAX;
    /* One with sockets has no other. */
    head->partition = plugin && plugin->extension.traits & XVS_TRAIT_SOCKETS
        ? PARTITION_PROCESS : rig->partition;
    rig_send(rig, &message);
}

bool
rig_enable(struct rig *rig, uint32_t switch_id, struct error *error)
{
    send_enable(rig, switch_id);
    return rig_await(rig, error);
}

bool
rig_enable_all(struct rig *rig, struct error *error)
{
    for (uint32_t i = 1; i <= RIG_SWITCHES; i++) {
        send_enable(rig, i);
    }
    return rig_await(rig, error);
}

bool
rig_set(struct rig *rig, const struct subject_feature *feature, uint32_t op,
        uint32_t number, const struct instance *object, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct control_settings list = { .n = 1 };
    struct control_setting head = {
        .op = op, .scope = feature->feature.scope, .switch_id = 1,
        .port_id = feature->feature.scope == XVS_SCOPE_PORT
            ? 11 : XVS_PORT_NONE,
        .extension = rig->id, .uuid = feature->feature.uuid,
        .instance = { .a = number + 1, .d = { 0x80 } },
        .version = feature->feature.version };
    size_t at;

    message_start(&message, CONTROL_SETTINGS, 0);
    buffer_put(&message, &list, sizeof list);
    at = buffer_extend(&message, sizeof head);
    if (object
        && !put_block(feature, object, &message, &head.block_size, error)) {
        rig->result = XVS_INVALID_PARAMETER;
        return false;
    }
    memcpy(message.data + at, &head, sizeof head);
    return rig_ask(rig, &message, error);
}

bool
rig_status(struct rig *rig, const struct subject_feature *feature,
           uint32_t port_id, struct error *error)
{
    struct buffer message = BUFFER_INIT;
    struct control_status *head =
        message_start(&message, CONTROL_STATUS, sizeof *head);

    head->extension = rig->id;
    head->uuid = feature->feature.uuid;
    head->version = feature->feature.version;
    head->switch_id = 1;
    head->port_id = feature->feature.scope == XVS_SCOPE_PORT
        ? port_id : XVS_PORT_NONE;
    return rig_ask(rig, &message, error);
}
