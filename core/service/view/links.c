/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The objects that tie others together or describe the host itself:
 * schemas, events, the host, associations, and what WBEM clients look for
 * before anything else.
 */

#include <config.h>

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
#include "service/internal.h"
#include "service/view/cursor.h"
#include "service/view/objects.h"

/* ---- Schemas ------------------------------------------------------------ */

/* A growing list of names without repetition. */
struct names {
    char **items;
    size_t n, capacity;
};

static void
names_add(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return;
        }
    }
    mem_grow(&names->items, &names->capacity, names->n,
             sizeof *names->items);
    names->items[names->n++] = mem_strdup(name);
}

static void
names_set(struct names *names, struct instance *object, const char *property)
{
    object_set_strings(object, property, (const char *const *) names->items,
                       names->n);
    for (size_t i = 0; i < names->n; i++) {
        free(names->items[i]);
    }
    free(names->items);
}

static void
fill_schema_classes(struct service *service, const char *name,
                    struct instance *object)
{
    struct names classes = { 0 }, extensions = { 0 };
    struct cim_class *const *all;
    size_t n = repository_classes(service->repository, &all);

    for (size_t i = 0; i < n; i++) {
        const char *schema = repository_schema_of(service->repository,
                                                  all[i]);
        struct feature feature;
        char text[GUID_TEXT_SIZE];

        if (!schema || strcmp(schema, name) != 0) {
            continue;
        }
        names_add(&classes, all[i]->name);
        if (feature_of_class(all[i], &feature, NULL)
            && feature.kind != FEATURE_NONE) {
            names_add(&extensions, guid_format(&feature.extension, text));
        }
    }
    names_set(&classes, object, "Classes");
    names_set(&extensions, object, "ExtensionIds");
}

static struct instance *
schema_object(struct service *service, const char *name)
{
    struct instance *object = object_create(service, "XVS_Schema");
    size_t size;
    const char *text = repository_text(service->repository, name, &size);

    instance_set_string(object, "Name", name);
    instance_set_string(object, "ElementName", name);
    if (text) {
        MEM_AUTO char *copy = mem_strndup(text, size);

        /* A text that XML cannot carry (UTF-16) is not shown. */
        if (text_is_utf8(text, size)) {
            instance_set_string(object, "Text", copy);
        }
    }
    fill_schema_classes(service, name, object);
    return object;
}

/* The schema after the one that was shown last, by name. */
static struct instance *
schemas_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    const char *const *names;
    size_t n = repository_schemas(cursor->service->repository, &names);
    const char *best = NULL;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], position->first) > 0
            && (!best || strcmp(names[i], best) < 0)) {
            best = names[i];
        }
    }
    if (!best) {
        return NULL;
    }
    snprintf(position->first, sizeof position->first, "%s", best);
    return schema_object(cursor->service, best);
}

static struct instance *
schemas_get(struct cursor *cursor, const struct path *path)
{
    const char *name = path_key(path, "Name");
    const char *const *names;
    size_t n = repository_schemas(cursor->service->repository, &names);

    for (size_t i = 0; name && i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return schema_object(cursor->service, name);
        }
    }
    return NULL;
}

/* ---- Events and the host ------------------------------------------------ */

static struct instance *
events_source_next(struct cursor *cursor)
{
    return events_next(cursor->service, &cursor->sequence);
}

/* True the first time: for classes with one object. */
static bool
only_once(struct cursor *cursor)
{
    return cursor->position.number++ == 0;
}

static struct instance *
host_next(struct cursor *cursor)
{
    struct service *service = cursor->service;
    const struct control_counters *counters = object_counters(cursor);
    struct instance *object;

    if (!only_once(cursor)) {
        return NULL;
    }
    object = object_create(service, "XVS_Host");
    instance_set_string(object, "Name", service->host_name);
    instance_set_string(object, "ElementName", service->host_name);
    instance_set_string(object, "Version", PACKAGE_VERSION);
    instance_set_string(object, "SwitchState",
                        service->peer_state == PEER_RUNNING ? "running"
                        : "absent");
    instance_set_u64(object, "SchemaGeneration",
                     repository_generation(service->repository));
    if (counters) {
        instance_set_u64(object, "PacketBuffers", counters->n_buffers);
        instance_set_u64(object, "PacketBuffersUsed", counters->buffers_used);
        instance_set_u64(object, "PacketShortages", counters->shortages);
    }
    return object;
}

/* ---- Associations ------------------------------------------------------- */

static struct instance *
switch_port_next(struct cursor *cursor)
{
    const struct index *ports = &cursor->service->state.ports;
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct vport key = { .vswitch = &vswitch, .name = position->second };
    size_t at = index_lower(ports, &key);
    const struct vport *port;
    struct instance *object;

    if (at < ports->n && ports->compare(ports->items[at], &key) == 0) {
        at++;
    }
    if (at >= ports->n) {
        return NULL;
    }
    port = ports->items[at];
    snprintf(position->first, sizeof position->first, "%s",
             port->vswitch->name);
    snprintf(position->second, sizeof position->second, "%s", port->name);
    object = object_create(cursor->service, "XVS_SwitchPort");
    object_set_reference(object, "Antecedent", "XVS_Switch", "Name",
                         port->vswitch->name, NULL, NULL);
    object_set_reference(object, "Dependent", "XVS_Port", "SwitchName",
                         port->vswitch->name, "Name", port->name);
    return object;
}

/* The stage behind the position's. */
static const struct stage *
next_stage(struct cursor *cursor)
{
    const struct index *stages = &cursor->service->state.stages;
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct extension extension = { .name = position->second };
    struct stage key = { .vswitch = &vswitch, .extension = &extension };
    size_t at = index_lower(stages, &key);
    const struct stage *stage;

    if (at < stages->n && stages->compare(stages->items[at], &key) == 0) {
        at++;
    }
    if (at >= stages->n) {
        return NULL;
    }
    stage = stages->items[at];
    snprintf(position->first, sizeof position->first, "%s",
             stage->vswitch->name);
    snprintf(position->second, sizeof position->second, "%s",
             stage->extension->name);
    return stage;
}

static void
set_stage(struct instance *object, const struct stage *stage)
{
    object_set_reference(object, "Dependent", "XVS_Stage", "SwitchName",
                         stage->vswitch->name, "ExtensionName",
                         stage->extension->name);
}

static struct instance *
switch_stage_next(struct cursor *cursor)
{
    const struct stage *stage = next_stage(cursor);
    struct instance *object;

    if (!stage) {
        return NULL;
    }
    object = object_create(cursor->service, "XVS_SwitchStage");
    object_set_reference(object, "Antecedent", "XVS_Switch", "Name",
                         stage->vswitch->name, NULL, NULL);
    set_stage(object, stage);
    return object;
}

static struct instance *
stage_extension_next(struct cursor *cursor)
{
    const struct stage *stage = next_stage(cursor);
    struct instance *object;

    if (!stage) {
        return NULL;
    }
    object = object_create(cursor->service, "XVS_StageExtension");
    object_set_reference(object, "Antecedent", "XVS_Extension", "Name",
                         stage->extension->name, NULL, NULL);
    set_stage(object, stage);
    return object;
}

/* Walks all settings, by their place in the index: short of a change in
 * between, each once. */
static struct instance *
element_setting_next(struct cursor *cursor)
{
    const struct index *settings = &cursor->service->state.settings;
    struct position *position = &cursor->position;
    const struct setting *setting = NULL;
    struct instance *object;

    while (position->number < settings->n && !setting) {
        setting = settings->items[position->number++];
        setting = setting->held ? setting : NULL;
    }
    if (!setting) {
        return NULL;
    }
    object = object_create(cursor->service, "XVS_ElementSettingData");
    if (setting->port) {
        object_set_reference(object, "ManagedElement", "XVS_Port",
                             "SwitchName", setting->vswitch->name, "Name",
                             setting->port->name);
    } else {
        object_set_reference(object, "ManagedElement", "XVS_Switch", "Name",
                             setting->vswitch->name, NULL, NULL);
    }
    object_set_reference(object, "SettingData",
                         setting->held->instance->cls->name, "InstanceID",
                         instance_text(setting->held->instance,
                                       "InstanceID"), NULL, NULL);
    return object;
}

/* ---- Discovery ---------------------------------------------------------- */

static const char *const name_spaces[] = {
    "root", "root/xvs", "root/interop", "interop", "root/virtualization/v2",
    "root/cimv2",
};
#define N_NAME_SPACES (sizeof name_spaces / sizeof *name_spaces)

static struct instance *
name_spaces_next(struct cursor *cursor)
{
    size_t i = cursor->position.number++;
    struct instance *object;

    if (i >= N_NAME_SPACES) {
        return NULL;
    }
    object = object_create(cursor->service, "CIM_Namespace");
    instance_set_string(object, "SystemCreationClassName", "XVS_Host");
    instance_set_string(object, "SystemName", cursor->service->host_name);
    instance_set_string(object, "ObjectManagerCreationClassName",
                        "CIM_ObjectManager");
    instance_set_string(object, "ObjectManagerName", "xvsd");
    instance_set_string(object, "CreationClassName", "CIM_Namespace");
    instance_set_string(object, "Name", name_spaces[i]);
    return object;
}

static struct instance *
old_name_spaces_next(struct cursor *cursor)
{
    size_t i = cursor->position.number++;
    struct instance *object;

    if (i >= N_NAME_SPACES) {
        return NULL;
    }
    object = object_create(cursor->service, "__Namespace");
    instance_set_string(object, "Name", name_spaces[i]);
    return object;
}

static struct instance *
manager_next(struct cursor *cursor)
{
    struct instance *object;

    if (!only_once(cursor)) {
        return NULL;
    }
    object = object_create(cursor->service, "CIM_ObjectManager");
    instance_set_string(object, "SystemCreationClassName", "XVS_Host");
    instance_set_string(object, "SystemName", cursor->service->host_name);
    instance_set_string(object, "CreationClassName", "CIM_ObjectManager");
    instance_set_string(object, "Name", "xvsd");
    instance_set_string(object, "ElementName", "xvsd");
    instance_set_string(object, "Description",
                        "xvsd Version " PACKAGE_VERSION);
    return object;
}

static struct instance *
profile_next(struct cursor *cursor)
{
    struct value types = value_array(CIM_UINT16, 1);
    struct instance *object;

    if (!only_once(cursor)) {
        value_clear(&types);
        return NULL;
    }
    object = object_create(cursor->service, "CIM_RegisteredProfile");
    instance_set_string(object, "InstanceID", "xvs:Virtual Switch");
    instance_set_u64(object, "RegisteredOrganization", 1);
    instance_set_string(object, "RegisteredName", "xvs Virtual Switch");
    instance_set_string(object, "RegisteredVersion", PACKAGE_VERSION);
    types.items[0] = value_u64(CIM_UINT16, 2);
    instance_set(object, "AdvertiseTypes", types, NULL);
    return object;
}

const struct source sources_links[] = {
    { .class_name = "XVS_Schema", .next = schemas_next, .get = schemas_get },
    { .class_name = "XVS_Event", .next = events_source_next },
    { .class_name = "XVS_Host", .next = host_next,
      .counters = COUNTERS_HOST },
    { .class_name = "XVS_SwitchPort", .next = switch_port_next },
    { .class_name = "XVS_SwitchStage", .next = switch_stage_next },
    { .class_name = "XVS_StageExtension", .next = stage_extension_next },
    { .class_name = "XVS_ElementSettingData", .next = element_setting_next },
    { .class_name = "CIM_Namespace", .next = name_spaces_next },
    { .class_name = "__Namespace", .next = old_name_spaces_next },
    { .class_name = "CIM_ObjectManager", .next = manager_next },
    { .class_name = "CIM_RegisteredProfile", .next = profile_next },
    { .class_name = NULL },
};
