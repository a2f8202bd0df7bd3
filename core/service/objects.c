/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The objects of the core's own classes, made from the state.
 */

#include <config.h>

#include "service/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/cursor.h"
#include "service/internal.h"
#include "service/peer.h"

struct instance *
object_create(struct service *service, const char *class_name)
{
    return instance_create(repository_class(service->repository, class_name));
}

void
object_set_strings(struct instance *object, const char *name,
                   const char *const *texts, size_t n)
{
    struct value value = value_array(CIM_STRING, (uint32_t) n);

    for (size_t i = 0; i < n; i++) {
        value.items[i] = value_string(texts[i]);
    }
    instance_set(object, name, value, NULL);
}

static void
put_key(struct path_key *key, const char *name, const char *text)
{
    key->name = mem_strdup(name);
    key->text = mem_strdup(text);
    key->is_text = true;
}

struct path *
object_path(const char *class_name, const char *first_key, const char *first,
            const char *second_key, const char *second)
{
    struct path *path = mem_zalloc(sizeof *path);

    path->class_name = mem_strdup(class_name);
    path->n_keys = second_key ? 2 : 1;
    path->keys = mem_array(path->n_keys, sizeof *path->keys);
    put_key(&path->keys[0], first_key, first);
    if (second_key) {
        put_key(&path->keys[1], second_key, second);
    }
    return path;
}

void
object_set_reference(struct instance *object, const char *name,
                     const char *class_name, const char *first_key,
                     const char *first, const char *second_key,
                     const char *second)
{
    struct path *path = object_path(class_name, first_key, first, second_key,
                                    second);
    struct buffer text = BUFFER_INIT;
    struct value value;

    path_print(path, &text);
    value = value_string(buffer_string(&text));
    value.type = CIM_REFERENCE;
    instance_set(object, name, value, NULL);
    buffer_free(&text);
    path_destroy(path);
}

/* ---- Switches ----------------------------------------------------------- */

static struct instance *
switch_object(struct cursor *cursor, const struct vswitch *vswitch)
{
    struct instance *object = object_create(cursor->service, "XVS_Switch");
    const char **names = mem_array(vswitch->n_stages + 1, sizeof *names);
    bool up = cursor->service->peer_state != PEER_ABSENT;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        names[i] = vswitch->chain[i]->extension->name;
    }
    instance_set_string(object, "Name", vswitch->name);
    instance_set_string(object, "ElementName", vswitch->name);
    instance_set_u64(object, "SwitchId", vswitch->id);
    instance_set_string(object, "State", up ? "running" : "absent");
    instance_set_u64(object, "PortCount", vswitch->n_ports);
    object_set_strings(object, "Extensions", names, vswitch->n_stages);
    free(names);
    return object;
}

/* The first item of the index behind the position's key. */
static void *
next_item(const struct index *index, const void *key,
          struct position *position)
{
    size_t at = index_lower(index, key);

    if (position->started && at < index->n
        && index->compare(index->items[at], key) == 0) {
        at++;
    }
    position->started = true;
    return at < index->n ? index->items[at] : NULL;
}

static void
keep_names(struct position *position, const char *first, const char *second)
{
    snprintf(position->first, sizeof position->first, "%s", first);
    snprintf(position->second, sizeof position->second, "%s", second);
}

static struct instance *
switches_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct vswitch key = { .name = position->first };
    struct vswitch *vswitch = next_item(&cursor->service->state.switches,
                                        &key, position);

    if (!vswitch) {
        return NULL;
    }
    keep_names(position, vswitch->name, "");
    return switch_object(cursor, vswitch);
}

static struct instance *
switches_get(struct cursor *cursor, const struct path *path)
{
    const char *name = path_key(path, "Name");
    struct vswitch *vswitch = name
        ? state_switch(&cursor->service->state, name) : NULL;

    return vswitch ? switch_object(cursor, vswitch) : NULL;
}

/* ---- Ports -------------------------------------------------------------- */

/* The counters of the fetched answer, or NULL. */
static const struct control_counters *
fetched_counters(const struct cursor *cursor)
{
    const struct control_header *answer = (const void *) cursor->answer.data;

    return cursor->answer.size
        ? (const struct control_counters *) control_body(answer) : NULL;
}

static const struct control_port_counters *
port_counters(struct cursor *cursor, uint32_t id)
{
    const struct control_counters *all = fetched_counters(cursor);
    const struct control_port_counters *ports;
    size_t hint = cursor->position.hint;

    if (!all || all->n_ports == 0) {
        return NULL;
    }
    ports = control_after(all, sizeof *all);
    for (uint32_t i = 0; i < all->n_ports; i++) {
        uint32_t at = (uint32_t) ((hint + i) % all->n_ports);

        if (ports[at].port_id == id) {
            cursor->position.hint = at + 1;
            return &ports[at];
        }
    }
    return NULL;
}

static const char *
link_name(const struct cursor *cursor, const struct vport *port,
          const struct control_port_counters *counters)
{
    if (cursor->service->peer_state == PEER_ABSENT) {
        return "absent";
    }
    if (port->link == LINK_GONE) {
        return "gone";
    }
    if (counters) {
        return counters->link_up ? "up" : "down";
    }
    return port->link == LINK_UP ? "up" : "down";
}

static void
fill_port_counters(struct instance *object,
                   const struct control_port_counters *counters)
{
    instance_set_u64(object, "RxPackets", counters->rx_packets);
    instance_set_u64(object, "RxBytes", counters->rx_bytes);
    instance_set_u64(object, "RxDropped", counters->rx_dropped);
    instance_set_u64(object, "TxPackets", counters->tx_packets);
    instance_set_u64(object, "TxBytes", counters->tx_bytes);
    instance_set_u64(object, "TxDropped", counters->tx_dropped);
    instance_set_u64(object, "Filtered", counters->filtered);
}

static struct instance *
port_object(struct cursor *cursor, const struct vport *port)
{
    static const uint8_t none[6];
    struct instance *object = object_create(cursor->service, "XVS_Port");
    const struct control_port_counters *counters =
        port_counters(cursor, port->id);
    char mac[18];

    instance_set_string(object, "SwitchName", port->vswitch->name);
    instance_set_string(object, "Name", port->name);
    instance_set_string(object, "ElementName", port->name);
    instance_set_u64(object, "PortId", port->id);
    instance_set_string(object, "Driver",
                        port->driver == DRIVER_TAP ? "tap" : "packet");
    instance_set_string(object, "Device", port->device);
    if (memcmp(port->mac, none, sizeof none) != 0) {
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x",
                 port->mac[0], port->mac[1], port->mac[2], port->mac[3],
                 port->mac[4], port->mac[5]);
        instance_set_string(object, "MacAddress", mac);
    }
    instance_set_u64(object, "Mtu", port->mtu);
    instance_set_string(object, "State", link_name(cursor, port, counters));
    if (counters) {
        fill_port_counters(object, counters);
    }
    return object;
}

static struct vport *
next_port(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct vport key = { .vswitch = &vswitch, .name = position->second };
    struct vport *port = next_item(&cursor->service->state.ports, &key,
                                   position);

    if (port) {
        keep_names(position, port->vswitch->name, port->name);
    }
    return port;
}

static struct instance *
ports_next(struct cursor *cursor)
{
    struct vport *port = next_port(cursor);

    return port ? port_object(cursor, port) : NULL;
}

static struct instance *
ports_get(struct cursor *cursor, const struct path *path)
{
    const char *switch_name = path_key(path, "SwitchName");
    const char *name = path_key(path, "Name");
    struct vport *port = switch_name && name
        ? state_port(&cursor->service->state, switch_name, name) : NULL;

    return port ? port_object(cursor, port) : NULL;
}

/* ---- Extensions --------------------------------------------------------- */

static const char *const class_names[] = {
    "", "capture", "filter", "forward", "service",
};
static const char *const failure_names[] = { "", "open", "closed", "hold" };
static const char *const extension_states[] = {
    "absent", "installed", "missing", "failed",
};

/* Names of the classes that the plugin was built against. */
static void
fill_features(struct service *service, const struct extension *extension,
              struct instance *object)
{
    const char **names = mem_array(extension->n_features + 1, sizeof *names);
    char (*texts)[GUID_TEXT_SIZE] = mem_array(extension->n_features + 1,
                                              sizeof *texts);

    for (size_t i = 0; i < extension->n_features; i++) {
        const struct xvs_guid *uuid = &extension->features[i].uuid;
        struct cim_class *cls = repository_feature(service->repository, uuid);

        names[i] = cls ? cls->name : guid_format(uuid, texts[i]);
    }
    object_set_strings(object, "Features", names, extension->n_features);
    free(names);
    free(texts);
}

static void
fill_switches(struct service *service, const struct extension *extension,
              struct instance *object)
{
    const struct index *stages = &service->state.stages;
    const char **names = mem_array(stages->n + 1, sizeof *names);
    size_t n = 0;

    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *stage = stages->items[i];

        if (stage->extension == extension) {
            names[n++] = stage->vswitch->name;
        }
    }
    object_set_strings(object, "Switches", names, n);
    free(names);
}

static struct instance *
extension_object(struct cursor *cursor, const struct extension *extension)
{
    struct instance *object = object_create(cursor->service, "XVS_Extension");
    char text[GUID_TEXT_SIZE], version[16];

    snprintf(version, sizeof version, "%u.%u", extension->version >> 8,
             extension->version & 0xff);
    instance_set_string(object, "Name", extension->name);
    instance_set_string(object, "ElementName", extension->name);
    instance_set_string(object, "Description", extension->description);
    instance_set_string(object, "ExtensionId",
                        guid_format(&extension->id, text));
    instance_set_string(object, "File", extension->file);
    instance_set_string(object, "Vendor", extension->vendor);
    instance_set_string(object, "Version", version);
    instance_set_string(object, "ExtensionClass",
                        class_names[extension->extension_class]);
    instance_set_string(object, "OnFailure",
                        failure_names[extension->on_failure]);
    instance_set_string(object, "State", extension_states[extension->state]);
    fill_features(cursor->service, extension, object);
    fill_switches(cursor->service, extension, object);
    return object;
}

static struct instance *
extensions_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct extension key = { .name = position->first };
    struct extension *extension =
        next_item(&cursor->service->state.extensions, &key, position);

    if (!extension) {
        return NULL;
    }
    keep_names(position, extension->name, "");
    return extension_object(cursor, extension);
}

static struct instance *
extensions_get(struct cursor *cursor, const struct path *path)
{
    const char *name = path_key(path, "Name");
    struct extension *extension = name
        ? state_extension(&cursor->service->state, name) : NULL;

    return extension ? extension_object(cursor, extension) : NULL;
}

/* ---- Stages ------------------------------------------------------------- */

static const char *const stage_states[] = {
    "absent", "running", "stuck", "failed",
};

static const struct control_stage_counters *
stage_counters(const struct cursor *cursor, const struct stage *stage)
{
    const struct control_counters *all = fetched_counters(cursor);
    const char *at;

    if (!all) {
        return NULL;
    }
    at = control_after(all, sizeof *all);
    at += all->n_ports * sizeof(struct control_port_counters);
    for (uint32_t i = 0; i < all->n_stages; i++) {
        const struct control_stage_counters *one =
            (const struct control_stage_counters *) (const void *) at + i;

        if (one->switch_id == stage->vswitch->id
            && guid_equal(&one->extension, &stage->extension->id)) {
            return one;
        }
    }
    return NULL;
}

static struct instance *
stage_object(struct cursor *cursor, const struct stage *stage)
{
    struct instance *object = object_create(cursor->service, "XVS_Stage");
    const struct control_stage_counters *counters =
        stage_counters(cursor, stage);
    unsigned int state = stage->state;

    instance_set_string(object, "SwitchName", stage->vswitch->name);
    instance_set_string(object, "ExtensionName", stage->extension->name);
    instance_set_u64(object, "Position", state_stage_position(stage));
    if (counters) {
        state = counters->state <= STAGE_FAILED ? counters->state : state;
        instance_set_u64(object, "Packets", counters->packets);
        instance_set_u64(object, "Bytes", counters->bytes);
        instance_set_u64(object, "Drops", counters->drops);
        instance_set_u64(object, "Requests", counters->requests);
        instance_set_u64(object, "Refusals", counters->refusals);
        instance_set_u64(object, "Timeouts", counters->timeouts);
    }
    if (cursor->service->peer_state == PEER_ABSENT) {
        state = STAGE_ABSENT;
    }
    instance_set_string(object, "State", stage_states[state]);
    return object;
}

static struct stage *
next_stage(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct extension extension = { .name = position->second };
    struct stage key = { .vswitch = &vswitch, .extension = &extension };
    struct stage *stage = next_item(&cursor->service->state.stages, &key,
                                    position);

    if (stage) {
        keep_names(position, stage->vswitch->name, stage->extension->name);
    }
    return stage;
}

static struct instance *
stages_next(struct cursor *cursor)
{
    struct stage *stage = next_stage(cursor);

    return stage ? stage_object(cursor, stage) : NULL;
}

static struct instance *
stages_get(struct cursor *cursor, const struct path *path)
{
    const char *switch_name = path_key(path, "SwitchName");
    const char *name = path_key(path, "ExtensionName");
    struct stage *stage = switch_name && name
        ? state_stage(&cursor->service->state, switch_name, name) : NULL;

    return stage ? stage_object(cursor, stage) : NULL;
}

const struct source sources_core[] = {
    { .class_name = "XVS_Switch", .next = switches_next,
      .get = switches_get },
    { .class_name = "XVS_Port", .next = ports_next, .get = ports_get,
      .counters = true },
    { .class_name = "XVS_Extension", .next = extensions_next,
      .get = extensions_get },
    { .class_name = "XVS_Stage", .next = stages_next, .get = stages_get,
      .counters = true },
    { .class_name = NULL },
};
