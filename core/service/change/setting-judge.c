/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Judging settings.
 */

#include <config.h>

#include "service/change/setting-judge.h"

#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/secret.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/settings.h"

static bool
no_setting(const char *id, struct error *error)
{
    struct instance_id parts;

    if (!state_parse_instance_id(id, &parts)) {
        error_set(error, ERROR_NOT_FOUND, "'%s' is no InstanceID of a "
                  "setting", id);
        return error_hint(error, "it looks like xvs:SWITCH\\UUID\\INSTANCE "
                          "or xvs:SWITCH\\PORT\\UUID\\INSTANCE");
    }
    return error_set(error, ERROR_NOT_FOUND, "there is no setting %s", id);
}

/* The object under its class as it is registered now. */
static bool
judge_class(struct service *service, struct item *item,
            struct feature *feature, struct error *error)
{
    struct cim_class *cls = repository_class(service->repository,
                                             item->instance->cls->name);

    if (!cls) {
        return error_set(error, ERROR_NO_CLASS, "there is no class %s",
                         item->instance->cls->name);
    }
    if (cls != item->instance->cls) {
        struct instance *recast = instance_recast(item->instance, cls, error);

        if (!recast) {
            return false;
        }
        instance_destroy(item->instance);
        item->instance = recast;
    }
    memset(feature, 0, sizeof *feature);
    if (!feature_of_class(cls, feature, error)
        && feature->kind != FEATURE_NONE) {
        return false;
    }
    if (feature->kind != FEATURE_SETTING || cls->is_abstract) {
        return error_set(error, ERROR_INVALID, "class %s is not a setting",
                         cls->name);
    }
    item->setting.uuid = feature->uuid;
    item->setting.extension = feature->extension;
    item->setting.version = feature->version;
    return true;
}

/* Switch and port that the object names, in words or by its InstanceID. */
static bool
place_names(const struct item *item, const struct instance_id *id,
            const char **switch_name, const char **port_name,
            struct error *error)
{
    const char *sw = instance_text(item->instance, "SwitchName");
    const char *port = instance_text(item->instance, "PortName");

    if (id && sw && strcmp(sw, id->switch_name) != 0) {
        return error_set(error, ERROR_INVALID, "SwitchName is '%s', but "
                         "InstanceID says '%s'", sw, id->switch_name);
    }
    if (id && port && strcmp(port, id->port_name) != 0) {
        return error_set(error, ERROR_INVALID, "PortName is '%s', but "
                         "InstanceID says '%s'", port, id->port_name);
    }
    *switch_name = id ? id->switch_name : sw;
    *port_name = id && *id->port_name ? id->port_name : port;
    if (!*switch_name) {
        error_set(error, ERROR_INVALID, "%s needs a SwitchName: the switch "
                  "that it belongs to", item->instance->cls->name);
        return false;
    }
    return true;
}

static bool
judge_place(struct service *service, struct item *item,
            const struct feature *feature, const struct instance_id *id,
            struct error *error)
{
    const struct state *state = &service->state;
    const char *switch_name = NULL, *port_name = NULL;

    if (!place_names(item, id, &switch_name, &port_name, error)) {
        return false;
    }
    item->setting.vswitch = state_switch(state, switch_name);
    if (!item->setting.vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "there is no switch %s",
                         switch_name);
    }
    if (feature->scope == XVS_SCOPE_SWITCH) {
        return !port_name
            || error_set(error, ERROR_INVALID, "%s belongs to a switch, not "
                         "to a port", item->instance->cls->name);
    }
    if (!port_name) {
        return error_set(error, ERROR_INVALID, "%s needs a PortName: the "
                         "port that it belongs to",
                         item->instance->cls->name);
    }
    item->setting.port = state_port(state, switch_name, port_name);
    if (!item->setting.port) {
        return error_set(error, ERROR_NOT_FOUND, "switch %s has no port %s",
                         switch_name, port_name);
    }
    if (item->setting.port->missing) {
        error_set(error, ERROR_NO_CONSUMER, "port %s of switch %s is absent: "
                  "it could not be made", port_name, switch_name);
        return error_hint(error, "it comes back with interface %s",
                          item->setting.port->device);
    }
    return true;
}

/* Somebody must be there to take it; else it is never stored. */
static bool
judge_consumer(struct service *service, const struct item *item,
               const struct feature *feature, struct error *error)
{
    const struct extension *extension =
        state_extension_by_id(&service->state, &feature->extension);
    const char *name = item->setting.vswitch->name;
    char id[GUID_TEXT_SIZE];

    if (!extension) {
        error_set(error, ERROR_NO_CONSUMER, "nobody takes settings of class "
                  "%s (%s): extension %s is not installed",
                  item->instance->cls->name, feature->display_name,
                  guid_format(&feature->extension, id));
        return error_hint(error, "install it: xvsctl ext install FILE");
    }
    if (!state_stage_of(item->setting.vswitch, &feature->extension)) {
        error_set(error, ERROR_NO_CONSUMER, "nobody takes settings of class "
                  "%s: extension %s is not enabled on switch %s",
                  item->instance->cls->name, extension->name, name);
        return error_hint(error, "enable it: xvsctl ext enable %s %s",
                          extension->name, name);
    }
    return extension_accepts(extension, item->instance->cls, feature, error);
}

/* ---- New or known ------------------------------------------------------- */

/* The setting with the values that are to be changed. */
static bool
merge(const struct settings_request *request, struct item *item,
      struct error *error)
{
    struct instance *merged = instance_copy(item->old->held->instance);

    for (size_t i = 0; i < request->n_names; i++) {
        const struct value *value = instance_get(item->instance,
                                                 request->names[i]);
        struct value copy;

        if (!value) {
            instance_destroy(merged);
            return instance_no_property(item->instance->cls,
                                        request->names[i], error);
        }
        value_copy(&copy, value);
        if (!setting_core_property(request->names[i])
            && !instance_set(merged, request->names[i], copy, error)) {
            instance_destroy(merged);
            return false;
        }
    }
    instance_destroy(item->instance);
    item->instance = merged;
    return true;
}

static bool
judge_known(const struct settings_request *request, const char *text,
            struct item *item, struct error *error)
{
    if (request->mode == SETTINGS_CREATE) {
        return error_set(error, ERROR_EXISTS, "setting %s is there already",
                         text);
    }
    if (!item->old->held) {
        return error_set(error, ERROR_NO_CLASS, "the class of setting %s is "
                         "not registered", text);
    }
    item->op = XVS_UPDATE;
    if (request->names) {
        return merge(request, item, error);
    }
    secret_keep(item->instance, item->old->held->instance);
    return true;
}

/* Which setting it is: 'id' gets the parts when it has a name already. */
static bool
judge_identity(struct service *service,
               const struct settings_request *request, const char *text,
               struct item *item, struct instance_id *id,
               struct error *error)
{
    if (!text) {
        guid_random(&item->setting.instance);
        item->op = XVS_ADD;
        return true;
    }
    if (!state_parse_instance_id(text, id)) {
        return no_setting(text, error);
    }
    if (!guid_equal(&id->uuid, &item->setting.uuid)) {
        return error_set(error, ERROR_INVALID, "InstanceID %s is of another "
                         "class than %s", text, item->instance->cls->name);
    }
    item->setting.instance = id->instance;
    item->old = state_setting_of_id(&service->state, id);
    item->op = XVS_ADD;
    if (item->old) {
        return judge_known(request, text, item, error);
    }
    return request->mode != SETTINGS_MODIFY || no_setting(text, error);
}

static bool
same_place(const struct setting *a, const struct setting *b)
{
    return guid_equal(&a->uuid, &b->uuid) && a->vswitch == b->vswitch
        && a->port == b->port;
}

/* True when the place has one of the class, or the request had one. */
static bool
place_taken(struct service *service, const struct item *item,
            struct map *seen)
{
    const struct index *settings = &service->state.settings;
    struct setting key = item->setting;
    char place[INSTANCE_ID_SIZE];
    size_t at;

    memset(&key.instance, 0, sizeof key.instance);
    at = index_lower(settings, &key);
    state_instance_id(item->setting.vswitch->name,
                      item->setting.port ? item->setting.port->name : NULL,
                      &item->setting.uuid, &key.instance, place);
    return map_put(seen, place, seen)
        || (at < settings->n
            && same_place(settings->items[at], &item->setting));
}

/* Against those that exist and those that come in the same request. */
static bool
judge_others(struct service *service, const struct feature *feature,
             const struct item *item, struct map *seen, struct error *error)
{
    if (map_put(seen, item->id, seen)) {
        return error_set(error, ERROR_INVALID, "setting %s is given twice",
                         item->id);
    }
    if (feature->singleton && item->op == XVS_ADD
        && place_taken(service, item, seen)) {
        error_set(error, ERROR_EXISTS, "%s is there already, and there can "
                  "be one only", item->instance->cls->name);
        return error_hint(error, "change it: xvsctl feature set");
    }
    return true;
}

bool
judge_setting(struct service *service, const struct settings_request *request,
              const char *id, struct item *item, struct map *seen,
              struct error *error)
{
    struct instance_id parts = { .switch_name = "" };
    struct feature feature;
    const char *text = id;

    if (!judge_class(service, item, &feature, error)) {
        return false;
    }
    if (!text && request->mode != SETTINGS_MODIFY) {
        text = instance_text(item->instance, "InstanceID");
    }
    if (!judge_identity(service, request, text, item, &parts, error)
        || !judge_place(service, item, &feature, text ? &parts : NULL, error)
        || !judge_consumer(service, item, &feature, error)
        || !instance_check(item->instance, error)
        || !secret_check(item->instance, error)) {
        return false;
    }
    item->setting.state = SETTING_IN_FORCE;
    item->send = true;
    state_instance_id(item->setting.vswitch->name,
                      item->setting.port ? item->setting.port->name : NULL,
                      &item->setting.uuid, &item->setting.instance, item->id);
    return judge_others(service, &feature, item, seen, error);
}

bool
judge_removal(struct service *service, const char *id, struct item *item,
              struct error *error)
{
    struct instance_id parts;

    if (state_parse_instance_id(id, &parts)) {
        item->old = state_setting_of_id(&service->state, &parts);
    }
    if (!item->old) {
        return no_setting(id, error);
    }
    item->setting = *item->old;
    item->setting.held = NULL;
    item->op = XVS_DELETE;
    item->send = item->old->state == SETTING_IN_FORCE;
    memcpy(item->id, id, strlen(id) < sizeof item->id ? strlen(id)
           : sizeof item->id - 1);
    return true;
}
