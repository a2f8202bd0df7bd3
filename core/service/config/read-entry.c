/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading entries of state files and of exported configurations, which may
 * come from strangers.  A setting whose class is not registered is read
 * without its object.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/config/config-text.h"
#include "service/config/persist.h"

bool
persist_get_guid(const config_setting_t *group, const char *name,
                 struct xvs_guid *guid, struct error *error)
{
    const char *text;

    if (!config_get_string(group, name, &text, error)) {
        return false;
    }
    return guid_parse(text, guid)
        || error_set(error, ERROR_INVALID, "'%s' is no GUID", name);
}

bool
persist_get_name(const config_setting_t *group, const char *name,
                 const char **text, struct error *error)
{
    return config_get_string(group, name, text, error)
        && (state_name_valid(*text)
            || error_set(error, ERROR_INVALID, "'%s' is no valid name",
                         name));
}

bool
persist_get_partition(const config_setting_t *group, uint32_t *partition,
                      struct error *error)
{
    const char *text;

    *partition = PARTITION_INLINE;
    if (!config_setting_get_member(group, "partition")) {
        return true;
    }
    if (!config_get_string(group, "partition", &text, error)) {
        return false;
    }
    *partition = control_partition_find(text);
    return *partition
        || error_set(error, ERROR_INVALID, "there is no partition '%s'",
                     text);
}

bool
persist_get_partner(const config_setting_t *group, struct xvs_guid *partner,
                    uint32_t *sharing, struct error *error)
{
    const char *text;

    *partner = (struct xvs_guid) { 0 };
    *sharing = SHARING_NONE;
    if (!config_setting_get_member(group, "sharing")) {
        return true;
    }
    if (!config_get_string(group, "sharing", &text, error)
        || !persist_get_guid(group, "partner", partner, error)) {
        return false;
    }
    *sharing = control_sharing_find(text);
    return *sharing
        || error_set(error, ERROR_INVALID, "there is no sharing '%s'", text);
}

bool
persist_get_time_share(const config_setting_t *group, uint32_t *percent,
                       struct error *error)
{
    uint64_t number = 0;

    if (config_setting_get_member(group, "time-share")
        && !config_get_number(group, "time-share", 100, &number, error)) {
        return false;
    }
    *percent = (uint32_t) number;
    return true;
}

/* ---- Extensions --------------------------------------------------------- */

static bool
read_feature(const config_setting_t *group, struct xvs_feature *feature,
             struct error *error)
{
    uint64_t hash, size, version;

    if (!persist_get_guid(group, "uuid", &feature->uuid, error)
        || !config_get_number(group, "hash", UINT64_MAX, &hash, error)
        || !config_get_number(group, "size", UINT32_MAX, &size, error)
        || !config_get_number(group, "version", UINT16_MAX, &version,
                              error)) {
        return false;
    }
    feature->hash = hash;
    feature->size = (uint32_t) size;
    feature->version = (uint16_t) version;
    return true;
}

static bool
read_features(const config_setting_t *list, struct extension *extension,
              struct error *error)
{
    int n = list ? config_setting_length(list) : 0;

    extension->features = mem_array((size_t) n + 1,
                                    sizeof *extension->features);
    for (int i = 0; i < n; i++) {
        if (!read_feature(config_setting_get_elem(list, (unsigned int) i),
                          &extension->features[i], error)) {
            return false;
        }
        extension->n_features++;
    }
    return true;
}

static bool
read_methods(const config_setting_t *list, struct extension *extension,
             struct error *error)
{
    int n = list ? config_setting_length(list) : 0;

    extension->methods = mem_array((size_t) n + 1,
                                   sizeof *extension->methods);
    for (int i = 0; i < n; i++) {
        const config_setting_t *group =
            config_setting_get_elem(list, (unsigned int) i);
        struct signature *method = &extension->methods[i];
        const char *name, *text;

        if (!persist_get_guid(group, "uuid", &method->uuid, error)
            || !config_get_string(group, "name", &name, error)
            || !config_get_string(group, "signature", &text, error)) {
            return false;
        }
        method->name = mem_strdup(name);
        method->text = mem_strdup(text);
        extension->n_methods++;
    }
    return true;
}

static bool
read_extension(const config_setting_t *group, struct extension *extension,
               struct error *error)
{
    const char *name, *file, *vendor, *description;
    uint64_t version, class_number, on_failure, traits = 0;

    if (!config_get_string(group, "name", &name, error)
        || !config_get_string(group, "file", &file, error)
        || !config_get_string(group, "vendor", &vendor, error)
        || !config_get_string(group, "description", &description, error)
        || !persist_get_guid(group, "id", &extension->id, error)
        || !config_get_number(group, "version", UINT16_MAX, &version, error)
        || !config_get_number(group, "class", XVS_CLASS_SERVICE,
                              &class_number, error)
        || !config_get_number(group, "on-failure", XVS_FAIL_HOLD,
                              &on_failure, error)
        || (config_setting_get_member(group, "traits")
            && !config_get_number(group, "traits", UINT32_MAX, &traits,
                                  error))) {
        return false;
    }
    if (strlen(name) >= XVS_NAME_SIZE || strlen(file) >= 256) {
        return error_set(error, ERROR_LIMIT, "a name is too long");
    }
    extension->name = mem_strdup(name);
    extension->file = mem_strdup(file);
    extension->vendor = mem_strdup(vendor);
    extension->description = mem_strdup(description);
    extension->version = (uint16_t) version;
    extension->extension_class = (uint8_t) class_number;
    extension->on_failure = (uint8_t) on_failure;
    extension->traits = (uint32_t) traits;
    return read_features(config_setting_get_member(group, "features"),
                         extension, error)
        && read_methods(config_setting_get_member(group, "methods"),
                        extension, error);
}

struct extension *
persist_read_extension(const config_setting_t *group, struct error *error)
{
    struct extension *extension = mem_zalloc(sizeof *extension);

    if (!read_extension(group, extension, error)) {
        extension_destroy(extension);
        return NULL;
    }
    return extension;
}

/* ---- Ports and settings ------------------------------------------------- */

bool
persist_read_port(const config_setting_t *group, struct vport *like,
                  struct error *error)
{
    const char *name, *driver, *device, *mac, *mode = "";
    uint64_t id, mtu, queues = 0, disabled = 0;

    memset(like, 0, sizeof *like);
    if (!persist_get_name(group, "name", &name, error)
        || !config_get_string(group, "driver", &driver, error)
        || !config_get_string(group, "device", &device, error)
        || !config_get_string(group, "mac", &mac, error)
        || !config_get_number(group, "id", UINT32_MAX - 1, &id, error)
        || !config_get_number(group, "mtu", UINT32_MAX, &mtu, error)
        || !config_get_string(group, "mode", &mode, error)
        || !config_get_number(group, "queues", CONTROL_QUEUES, &queues,
                              error)
        || (config_setting_get_member(group, "disabled")
            && !config_get_number(group, "disabled", 1, &disabled,
                                  error))
        || (config_setting_get_member(group, "entry")
            && !persist_get_guid(group, "entry", &like->entry, error))) {
        return false;
    }
    if (strlen(device) >= sizeof like->device
        || sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &like->mac[0],
                  &like->mac[1], &like->mac[2], &like->mac[3], &like->mac[4],
                  &like->mac[5]) != 6) {
        return error_set(error, ERROR_INVALID, "port %s: 'device' or 'mac' "
                         "is not valid", name);
    }
    like->name = (char *) name;
    like->id = (uint32_t) id;
    like->mtu = (uint32_t) mtu;
    like->driver = (uint8_t) control_driver_find(driver);
    like->mode = (uint8_t) control_mode_find(mode);
    like->queues = (uint8_t) queues;
    like->disabled = disabled != 0;
    memcpy(like->device, device, strlen(device));
    return (like->driver && control_driver_has_mode(like->driver, like->mode))
        || error_set(error, ERROR_INVALID, "port %s: no driver '%s' with mode"
                     " '%s'", name, driver, mode);
}

static struct cim_class *
lookup_class(void *arg, const char *name)
{
    return repository_class(arg, name);
}

/* The setting's object, when its class is registered under its UUID. */
bool
persist_read_object(const config_setting_t *group, struct setting *setting,
                    struct repository *repository, struct error *error)
{
    struct cim_class *cls = repository_feature(repository, &setting->uuid);
    struct feature feature;
    struct instance *instance;

    if (!cls || !feature_of_class(cls, &feature, NULL)
        || feature.kind != FEATURE_SETTING) {
        return true;
    }
    instance = instance_create(cls);
    if (!config_get_values(group, instance,
                           setting->version == feature.version, NULL,
                           lookup_class, repository, error)) {
        instance_destroy(instance);
        return error_prefix(error, "a setting of class %s", cls->name);
    }
    setting->extension = feature.extension;
    setting->version = feature.version;
    setting->held = mem_zalloc(sizeof *setting->held);
    setting->held->references = 1;
    setting->held->instance = instance;
    return true;
}

struct setting *
persist_read_setting(const config_setting_t *group,
                     struct repository *repository, const char **class_name,
                     struct error *error)
{
    struct setting *setting = mem_zalloc(sizeof *setting);
    uint64_t version;

    if (!config_get_string(group, "class", class_name, error)
        || !persist_get_guid(group, "uuid", &setting->uuid, error)
        || !persist_get_guid(group, "extension", &setting->extension, error)
        || !persist_get_guid(group, "instance", &setting->instance, error)
        || !config_get_number(group, "version", UINT16_MAX, &version,
                              error)) {
        free(setting);
        return NULL;
    }
    setting->version = (uint16_t) version;
    if (!persist_read_object(group, setting, repository, error)) {
        free(setting);
        return NULL;
    }
    return setting;
}
