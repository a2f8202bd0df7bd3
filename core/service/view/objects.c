/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The objects of the core's own classes, made from the state.
 */

#include <config.h>

#include "service/view/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/quarantine/quarantine.h"
#include "service/view/cursor.h"

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

void
object_set_numbers(struct instance *object, const char *name,
                   const uint64_t *numbers, size_t n)
{
    struct value value = value_array(CIM_UINT64, (uint32_t) n);

    for (size_t i = 0; i < n; i++) {
        value.items[i] = value_u64(CIM_UINT64, numbers[i]);
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

void *
object_next_item(const struct index *index, const void *key,
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

void
object_keep_names(struct position *position, const char *first,
                  const char *second)
{
    snprintf(position->first, sizeof position->first, "%s", first);
    snprintf(position->second, sizeof position->second, "%s", second);
}

static struct instance *
switches_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct vswitch key = { .name = position->first };
    struct vswitch *vswitch =
        object_next_item(&cursor->service->state.switches, &key, position);

    if (!vswitch) {
        return NULL;
    }
    object_keep_names(position, vswitch->name, "");
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

const struct control_counters *
object_counters(const struct cursor *cursor)
{
    const struct control_header *answer = (const void *) cursor->answer.data;

    return cursor->answer.size
        ? (const struct control_counters *) control_body(answer) : NULL;
}

static const struct control_port_counters *
port_counters(struct cursor *cursor, uint32_t id)
{
    const struct control_counters *all = object_counters(cursor);
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
    if (cursor->service->peer_state == PEER_ABSENT || port->missing) {
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

/* What there is to say about it, beside its name. */
static void
set_link_text(const struct cursor *cursor, const struct vport *port,
              const struct control_port_counters *counters,
              struct instance *object)
{
    const char *text = counters ? counters->text : "";

    if (cursor->service->peer_state == PEER_ABSENT) {
        text = "xvs-switch is not there";
    } else if (port->missing) {
        text = port->why;
    }
    if (*text) {
        instance_set_string(object, "StateText", text);
    }
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
    instance_set_u64(object, "DroppedNoEntry", counters->no_entry);
    instance_set_u64(object, "DroppedNoBuffer", counters->no_buffer);
}

/* The name of the extension where the port enters; of one that is lost, what
 * is known of it. */
static void
set_entry(const struct cursor *cursor, const struct vport *port,
          struct instance *object)
{
    const struct extension *extension =
        state_extension_by_id(&cursor->service->state, &port->entry);
    char id[GUID_TEXT_SIZE];

    if (guid_equal(&port->entry, &control_entry_network)) {
        instance_set_string(object, "EntryStage", CONTROL_ENTRY_NETWORK);
    } else if (!guid_is_zero(&port->entry)) {
        instance_set_string(object, "EntryStage", extension ? extension->name
                            : guid_format(&port->entry, id));
    }
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
    instance_set_string(object, "Driver", control_driver_name(port->driver));
    instance_set_string(object, "Device", port->device);
    if (port->mode) {
        instance_set_string(object, "Mode", control_mode_name(port->mode));
    }
    if (port->queues) {
        instance_set_u64(object, "Queues", port->queues);
    }
    if (memcmp(port->mac, none, sizeof none) != 0) {
        snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x",
                 port->mac[0], port->mac[1], port->mac[2], port->mac[3],
                 port->mac[4], port->mac[5]);
        instance_set_string(object, "MacAddress", mac);
    }
    instance_set_u64(object, "Mtu", port->mtu);
    instance_set(object, "Enabled", value_boolean(!port->disabled), NULL);
    set_entry(cursor, port, object);
    instance_set_string(object, "State", link_name(cursor, port, counters));
    set_link_text(cursor, port, counters, object);
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
    struct vport *port = object_next_item(&cursor->service->state.ports,
                                          &key, position);

    if (port) {
        object_keep_names(position, port->vswitch->name, port->name);
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

const struct source sources_core[] = {
    { .class_name = "XVS_Switch", .next = switches_next,
      .get = switches_get },
    { .class_name = "XVS_Port", .next = ports_next, .get = ports_get,
      .counters = COUNTERS_ALL },
    { .class_name = "XVS_Extension", .next = extensions_next,
      .get = extensions_get },
    { .class_name = "XVS_Stage", .next = stages_next, .get = stages_get,
      .counters = COUNTERS_ALL },
    { .class_name = "XVS_QuarantinedPacket", .next = quarantine_next,
      .get = quarantine_get },
    { .class_name = NULL },
};
