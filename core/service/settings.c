/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings in the state.
 */

#include <config.h>

#include "service/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/secret.h"
#include "service/lookup.h"

int
settings_compare(const void *a, const void *b)
{
    const struct setting *x = a, *y = b;
    int order = memcmp(&x->uuid, &y->uuid, sizeof x->uuid);

    if (order == 0 && x->vswitch != y->vswitch) {
        order = strcmp(x->vswitch->name, y->vswitch->name);
    }
    if (order == 0 && x->port != y->port) {
        order = strcmp(x->port ? x->port->name : "",
                       y->port ? y->port->name : "");
    }
    return order ? order
        : memcmp(&x->instance, &y->instance, sizeof x->instance);
}

struct held *
held_ref(struct held *held)
{
    held->references++;
    return held;
}

void
held_unref(struct held *held)
{
    if (held && --held->references == 0) {
        instance_destroy(held->instance);
        instance_destroy(held->shown);
        free(held);
    }
}

void
setting_destroy(struct setting *setting)
{
    if (setting) {
        held_unref(setting->held);
        free(setting);
    }
}

const char *
setting_state_name(enum setting_state state)
{
    static const char *const names[] = { "parked", "in-force", "refused" };

    return names[state];
}

bool
setting_core_property(const char *name)
{
    return text_equal_fold(name, "InstanceID")
        || text_equal_fold(name, "SwitchName")
        || text_equal_fold(name, "PortName")
        || text_equal_fold(name, "SettingState");
}

void
setting_fill(const struct setting *setting, struct instance *instance)
{
    char id[INSTANCE_ID_SIZE];
    const char *port = setting->port ? setting->port->name : NULL;

    instance_set_string(instance, "InstanceID",
                        state_instance_id(setting->vswitch->name, port,
                                          &setting->uuid, &setting->instance,
                                          id));
    instance_set_string(instance, "SwitchName", setting->vswitch->name);
    if (port) {
        instance_set_string(instance, "PortName", port);
    }
    instance_set_string(instance, "SettingState",
                        setting_state_name(setting->state));
}

void
setting_set_instance(struct setting *setting, struct instance *instance)
{
    struct held *held = NULL;

    if (instance) {
        held = mem_zalloc(sizeof *held);
        held->references = 1;
        held->instance = instance;
        setting_fill(setting, instance);
        if (secret_class(instance->cls)) {
            held->shown = instance_copy(instance);
            secret_strip(held->shown);
        }
    }
    held_unref(setting->held);
    setting->held = held;
}

const struct instance *
held_shown(const struct held *held)
{
    return held->shown ? held->shown : held->instance;
}

void
setting_set_state(struct setting *setting, enum setting_state state)
{
    if (setting->state == state) {
        return;
    }
    setting->state = (uint8_t) state;
    if (setting->held && setting->held->references > 1) {
        setting_set_instance(setting,
                             instance_copy(setting->held->instance));
    } else if (setting->held) {
        instance_set_string(setting->held->instance, "SettingState",
                            setting_state_name(state));
        if (setting->held->shown) {
            instance_set_string(setting->held->shown, "SettingState",
                                setting_state_name(state));
        }
    }
}

bool
setting_follows_port(const struct setting *setting)
{
    const struct stage *stage;

    if (!setting->held || !setting->port) {
        return false;
    }
    if (!setting->port->missing) {
        return setting->state == SETTING_IN_FORCE;
    }
    stage = state_stage_of(setting->vswitch, &setting->extension);
    return stage && stage->state == STAGE_RUNNING;
}

void
state_add_setting(struct state *state, struct setting *setting)
{
    if (index_insert(&state->settings, setting)) {
        lookup_enter(state->lookup, setting);
    }
}

void
state_set_instance(struct state *state, struct setting *setting,
                   struct instance *instance)
{
    lookup_leave(state->lookup, setting);
    setting_set_instance(setting, instance);
    lookup_enter(state->lookup, setting);
}

void
state_remove_setting(struct state *state, struct setting *setting)
{
    index_remove(&state->settings, setting);
    lookup_leave(state->lookup, setting);
    setting_destroy(setting);
}

void
settings_remove_of(struct state *state, const struct vswitch *vswitch,
                   const struct vport *port)
{
    struct index *index = &state->settings;
    size_t kept = 0;

    for (size_t i = 0; i < index->n; i++) {
        struct setting *setting = index->items[i];

        if (setting->vswitch == vswitch && (!port || setting->port == port)) {
            lookup_leave(state->lookup, setting);
            setting_destroy(setting);
        } else {
            index->items[kept++] = setting;
        }
    }
    index->n = kept;
    index->changes++;
}

void
settings_each(const struct state *state, const struct vswitch *vswitch,
              const struct xvs_guid *extension, setting_call call, void *arg)
{
    for (size_t i = 0; i < state->settings.n; i++) {
        struct setting *setting = state->settings.items[i];

        if ((!vswitch || setting->vswitch == vswitch)
            && (!extension || guid_equal(&setting->extension, extension))) {
            call(arg, setting);
        }
    }
}

size_t
settings_count(const struct state *state, const struct xvs_guid *uuid,
               const struct setting **first)
{
    struct vswitch none = { .name = (char *) "" };
    struct setting key = { .uuid = *uuid, .vswitch = &none };
    size_t at = index_lower(&state->settings, &key), n = 0;

    while (at + n < state->settings.n) {
        const struct setting *setting = state->settings.items[at + n];

        if (!guid_equal(&setting->uuid, uuid)) {
            break;
        }
        if (n == 0 && first) {
            *first = setting;
        }
        n++;
    }
    return n;
}

struct setting *
state_setting(const struct state *state, const struct xvs_guid *uuid,
              const struct vswitch *vswitch, const struct vport *port,
              const struct xvs_guid *instance)
{
    struct setting key = {
        .uuid = *uuid, .instance = *instance,
        .vswitch = (struct vswitch *) vswitch, .port = (struct vport *) port,
    };

    return index_find(&state->settings, &key);
}

/* ---- Names -------------------------------------------------------------- */

char *
state_instance_id(const char *switch_name, const char *port_name,
                  const struct xvs_guid *uuid,
                  const struct xvs_guid *instance,
                  char out[INSTANCE_ID_SIZE])
{
    char class_id[GUID_TEXT_SIZE], instance_id[GUID_TEXT_SIZE];

    guid_format(uuid, class_id);
    guid_format(instance, instance_id);
    if (port_name) {
        snprintf(out, INSTANCE_ID_SIZE, "xvs:%s\\%s\\%s\\%s", switch_name,
                 port_name, class_id, instance_id);
    } else {
        snprintf(out, INSTANCE_ID_SIZE, "xvs:%s\\%s\\%s", switch_name,
                 class_id, instance_id);
    }
    return out;
}

/* Copies the part of '*text' before the next backslash and skips it. */
static bool
take_part(const char **text, char *out, size_t size)
{
    size_t length = strcspn(*text, "\\");

    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, *text, length);
    out[length] = 0;
    *text += length + ((*text)[length] == '\\');
    return true;
}

bool
state_parse_instance_id(const char *text, struct instance_id *id)
{
    char parts[4][XVS_NAME_SIZE];
    size_t n = 0;

    memset(id, 0, sizeof *id);
    if (!text || strncmp(text, "xvs:", 4) != 0) {
        return false;
    }
    text += 4;
    while (n < 4 && *text) {
        if (!take_part(&text, parts[n], sizeof parts[n])) {
            return false;
        }
        n++;
    }
    if (n < 3 || *text) {
        return false;
    }
    strcpy(id->switch_name, parts[0]);
    if (n == 4) {
        strcpy(id->port_name, parts[1]);
    }
    return guid_parse(parts[n - 2], &id->uuid)
        && guid_parse(parts[n - 1], &id->instance);
}

struct setting *
state_setting_of_id(const struct state *state, const struct instance_id *id)
{
    struct vswitch *vswitch = state_switch(state, id->switch_name);
    struct vport *port = NULL;

    if (vswitch && *id->port_name) {
        port = state_port(state, id->switch_name, id->port_name);
        vswitch = port ? vswitch : NULL;
    }
    if (!vswitch) {
        return NULL;
    }
    return state_setting(state, &id->uuid, vswitch, port, &id->instance);
}
