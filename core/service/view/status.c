/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Status objects: a class is a question, put to its extension once per
 * switch or port.  What comes back is checked like everything that an
 * extension hands over, decoded, and given its keys.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/secret.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/view/cursor.h"

/* ---- Whom to ask -------------------------------------------------------- */

static bool
enabled_anywhere(const struct state *state, const struct xvs_guid *extension)
{
    for (size_t i = 0; i < state->switches.n; i++) {
        if (state_stage_of(state->switches.items[i], extension)) {
            return true;
        }
    }
    return false;
}

bool
status_start(struct cursor *cursor, struct error *error)
{
    const struct state *state = &cursor->service->state;
    const struct extension *extension;
    struct feature feature;
    char id[GUID_TEXT_SIZE];

    if (cursor->cls->is_abstract
        || !feature_of_class(cursor->cls, &feature, NULL)
        || feature.kind != FEATURE_STATUS) {
        return true;
    }
    extension = state_extension_by_id(state, &feature.extension);
    if (!extension) {
        error_set(error, ERROR_NO_CONSUMER, "no extension answers for class "
                  "%s: %s is not installed", cursor->cls->name,
                  guid_format(&feature.extension, id));
        return error_hint(error, "install it: xvsctl ext install FILE");
    }
    if (!enabled_anywhere(state, &feature.extension)) {
        error_set(error, ERROR_NO_CONSUMER, "extension %s, which answers for "
                  "class %s, is not enabled on any switch", extension->name,
                  cursor->cls->name);
        return error_hint(error, "enable it: xvsctl ext enable %s SWITCH",
                          extension->name);
    }
    return true;
}

static bool
is_named(const char *only, const char *name)
{
    return !*only || text_equal_fold(only, name);
}

/* True when a question about this switch (and port) is wanted.  A port that
 * could not be made has no answers; only who names it is told so. */
static bool
wanted(const struct cursor *cursor, const struct vswitch *vswitch,
       const struct vport *port)
{
    struct instance_id id;
    const char *name;

    if (!cursor->path) {
        return (!port || !port->missing)
            && is_named(cursor->only_switch, vswitch->name)
            && (!port || is_named(cursor->only_port, port->name));
    }
    name = path_key(cursor->path, "Name");
    return state_parse_instance_id(name, &id)
        && strcmp(id.switch_name, vswitch->name) == 0
        && strcmp(id.port_name, port ? port->name : "") == 0;
}

/* The switch behind the position that the extension is enabled on. */
static const struct vswitch *
next_switch(struct cursor *cursor, const struct xvs_guid *extension)
{
    const struct index *switches = &cursor->service->state.switches;
    struct position *position = &cursor->position;
    struct vswitch key = { .name = position->first };

    for (size_t at = index_lower(switches, &key); at < switches->n; at++) {
        const struct vswitch *vswitch = switches->items[at];

        if (strcmp(vswitch->name, position->first) > 0
            && state_stage_of(vswitch, extension)
            && wanted(cursor, vswitch, NULL)) {
            strcpy(position->first, vswitch->name);
            return vswitch;
        }
    }
    return NULL;
}

static const struct vport *
next_port(struct cursor *cursor, const struct xvs_guid *extension)
{
    const struct index *ports = &cursor->service->state.ports;
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct vport key = { .vswitch = &vswitch, .name = position->second };

    for (size_t at = index_lower(ports, &key); at < ports->n; at++) {
        const struct vport *port = ports->items[at];

        if (ports->compare(port, &key) > 0
            && state_stage_of(port->vswitch, extension)
            && wanted(cursor, port->vswitch, port)) {
            strcpy(position->first, port->vswitch->name);
            strcpy(position->second, port->name);
            return port;
        }
    }
    return NULL;
}

/* The instance that is asked for; zero: all. */
static struct xvs_guid
wanted_instance(const struct cursor *cursor)
{
    struct instance_id id;

    state_parse_instance_id(cursor->path ? path_key(cursor->path, "Name")
                            : NULL, &id);
    return id.instance;
}

/* Puts the next question; false when there is none left. */
static bool
ask_next(struct cursor *cursor, const struct feature *feature)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct vswitch *vswitch;
    const struct vport *port = NULL;
    struct control_status *body;

    if (feature->scope == XVS_SCOPE_PORT) {
        port = next_port(cursor, &feature->extension);
        vswitch = port ? port->vswitch : NULL;
    } else {
        vswitch = next_switch(cursor, &feature->extension);
    }
    if (!vswitch) {
        return false;
    }
    body = message_start(&message, CONTROL_STATUS, sizeof *body);
    body->extension = feature->extension;
    body->uuid = feature->uuid;
    body->instance = wanted_instance(cursor);
    body->switch_id = vswitch->id;
    body->port_id = port ? port->id : XVS_PORT_NONE;
    body->version = feature->version;
    body->timeout_ms = cursor->service->timeout_ms;
    cursor_ask(cursor, &message, false);
    return true;
}

/* ---- What was answered -------------------------------------------------- */

static void
fill_keys(struct cursor *cursor, struct instance *object,
          const struct feature *feature, const struct xvs_guid *instance)
{
    const struct position *position = &cursor->position;
    const char *port = feature->scope == XVS_SCOPE_PORT ? position->second
        : NULL;
    char name[INSTANCE_ID_SIZE];

    instance_set_string(object, "SystemCreationClassName", "XVS_Switch");
    instance_set_string(object, "SystemName", position->first);
    instance_set_string(object, "CreationClassName", object->cls->name);
    instance_set_string(object, "Name",
                        state_instance_id(position->first, port,
                                          &feature->uuid, instance, name));
    if (port) {
        instance_set_string(object, "PortName", port);
    }
}

static struct instance *
decode(struct cursor *cursor, const struct control_object *one,
       const struct feature *feature)
{
    struct repository *repository = cursor->service->repository;
    struct cim_class *cls = cursor->classes[cursor->at];
    const void *block = control_after(one, sizeof *one);
    const struct extension *extension;
    const struct layout *layout;
    struct instance *object = NULL;
    struct error error;

    layout = layout_of_class(cls, service_lookup, repository, &error);
    if (layout && block_check(block, one->block_size, layout, &error)) {
        object = block_decode(block, one->block_size, cls, layout,
                              service_lookup, repository, &error);
    }
    if (!object) {
        extension = state_extension_by_id(&cursor->service->state,
                                          &feature->extension);
        error.code = ERROR_PROVIDER;
        error_prefix(&error, "extension %s answered wrongly for class %s",
                     extension ? extension->name : "?", cls->name);
        cursor_fail(cursor, &error);
        return NULL;
    }
    secret_strip(object);
    fill_keys(cursor, object, feature, &one->instance);
    return object;
}

/* The next object in the answer, which was checked as a message. */
static struct instance *
next_answered(struct cursor *cursor, const struct feature *feature)
{
    const struct control_object *one =
        (const void *) (cursor->answer.data + cursor->answer_at);

    cursor->answer_left--;
    cursor->answer_at += CONTROL_ALIGN(sizeof *one)
        + CONTROL_ALIGN(one->block_size);
    return decode(cursor, one, feature);
}

/* A new answer has come: where its objects begin. */
static void
open_answer(struct cursor *cursor)
{
    const struct control_header *header = (const void *) cursor->answer.data;
    const struct control_objects *objects = control_body(header);

    cursor->answered = false;
    cursor->answer_left = objects->n;
    cursor->answer_at = sizeof *header + sizeof *objects;
}

struct instance *
status_next(struct cursor *cursor)
{
    struct feature feature;

    if (!feature_of_class(cursor->classes[cursor->at], &feature, NULL)) {
        return NULL;
    }
    while (!cursor->failed) {
        if (cursor->answered && cursor->answer.size) {
            open_answer(cursor);
        }
        if (cursor->answer_left) {
            return next_answered(cursor, &feature);
        }
        if (!cursor->asked && !ask_next(cursor, &feature)) {
            return NULL;
        }
        if (!cursor->answered && !cursor->failed) {
            cursor->waiting = true;
            return NULL;
        }
    }
    return NULL;
}
