/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Filling the state from the store at the start, and from an exported
 * configuration.  A setting whose class is not registered keeps its text in
 * the store and waits for the class.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "schema/repository.h"
#include "service/config/config-text.h"
#include "service/config/persist.h"
#include "service/store/document.h"
#include "service/store/store.h"

/* ---- The whole state ---------------------------------------------------- */

/* What loading needs everywhere. */
struct loader {
    struct state *state;
    const struct store *store;
    struct repository *repository;
    struct error_list *problems;
};

static void
report(const struct loader *loader, const char *document, const char *entry,
       struct error *error)
{
    char file[128];

    snprintf(file, sizeof file, "%.100s.cfg", document);
    error_prefix(error, "entry '%s' is not in force", entry);
    error_at(error, file, 0, 0);
    error->severity = SEVERITY_ERROR;
    error_list_add(loader->problems, error);
}

typedef bool (*entry_reader)(const struct loader *loader,
                             const char *document,
                             const config_setting_t *group,
                             struct error *error);

static void
load_entry(const struct loader *loader, const char *document,
           const char *entry, const char *text, entry_reader reader)
{
    config_t config;
    struct error error;

    if (!config_parse(text, &config, &error)
        || !reader(loader, document, config_root_setting(&config), &error)) {
        report(loader, document, entry, &error);
    }
    config_destroy(&config);
}

static bool
load_host(const struct loader *loader, const char *document,
          const config_setting_t *group, struct error *error)
{
    uint64_t next_switch, next_port;

    (void) document;
    if (!config_get_number(group, "next-switch", UINT32_MAX, &next_switch,
                           error)
        || !config_get_number(group, "next-port", UINT32_MAX, &next_port,
                              error)) {
        return false;
    }
    loader->state->next_switch = (uint32_t) next_switch;
    loader->state->next_port = (uint32_t) next_port;
    return true;
}

static bool
load_extension(const struct loader *loader, const char *document,
               const config_setting_t *group, struct error *error)
{
    struct extension *extension = persist_read_extension(group, error);

    (void) document;
    if (!extension) {
        return false;
    }
    state_add_extension(loader->state, extension);
    return true;
}

static bool
load_stage(const struct loader *loader, struct vswitch *vswitch,
           const config_setting_t *group, struct error *error)
{
    struct xvs_guid id;
    struct xvs_guid partner;
    struct extension *extension;
    struct stage *stage;
    uint32_t partition, sharing, share;

    if (!persist_get_guid(group, "id", &id, error)
        || !persist_get_partition(group, &partition, error)
        || !persist_get_partner(group, &partner, &sharing, error)
        || !persist_get_time_share(group, &share, error)) {
        return false;
    }
    extension = state_extension_by_id(loader->state, &id);
    if (!extension) {
        return error_set(error, ERROR_NOT_FOUND,
                         "an extension of its chain is not installed");
    }
    stage = state_add_stage(loader->state, vswitch, extension, UINT32_MAX);
    stage->partition = (uint8_t) partition;
    stage->partner = partner;
    stage->sharing = (uint8_t) sharing;
    stage->time_share = (uint8_t) share;
    return true;
}

static bool
load_switch(const struct loader *loader, const char *document,
            const config_setting_t *group, struct error *error)
{
    const config_setting_t *stages = config_setting_get_member(group,
                                                               "stages");
    int n = stages ? config_setting_length(stages) : 0;
    struct vswitch *vswitch;
    const char *name;
    uint64_t id;

    (void) document;
    if (!persist_get_name(group, "name", &name, error)
        || !config_get_number(group, "id", UINT32_MAX, &id, error)) {
        return false;
    }
    vswitch = state_add_switch(loader->state, name, (uint32_t) id);
    for (int i = 0; i < n; i++) {
        if (!load_stage(loader, vswitch,
                        config_setting_get_elem(stages, (unsigned int) i),
                        error)) {
            return false;
        }
    }
    return true;
}

static bool
load_port(const struct loader *loader, const char *document,
          const config_setting_t *group, struct error *error)
{
    struct vport like;
    const char *name;
    struct vswitch *vswitch;

    (void) document;
    if (!persist_get_name(group, "switch", &name, error)
        || !persist_read_port(group, &like, error)) {
        return false;
    }
    vswitch = state_switch(loader->state, name);
    if (!vswitch) {
        return error_set(error, ERROR_NOT_FOUND, "its switch %s is lost",
                         name);
    }
    like.vswitch = vswitch;
    state_add_port(loader->state, &like);
    return true;
}

/* The switch (and port) whose document this is. */
static bool
owner_of_document(const struct state *state, const char *document,
                  struct vswitch **vswitch, struct vport **port)
{
    const char *at = strchr(document, '@');
    char name[XVS_NAME_SIZE];

    *port = NULL;
    if (strncmp(document, "switch-", 7) == 0) {
        *vswitch = state_switch(state, document + 7);
        return *vswitch != NULL;
    }
    if (strncmp(document, "port-", 5) != 0 || !at
        || (size_t) (at - document - 5) >= sizeof name) {
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int) (at - document - 5),
             document + 5);
    *port = state_port(state, name, at + 1);
    *vswitch = *port ? (*port)->vswitch : NULL;
    return *port != NULL;
}

/* Names the setting's object and enters it. */
static bool
enter_setting(const struct loader *loader, struct setting *setting,
              struct vswitch *vswitch, struct vport *port)
{
    setting->vswitch = vswitch;
    setting->port = port;
    if (setting->held) {
        struct instance *instance = setting->held->instance;

        free(setting->held);
        setting->held = NULL;
        setting_set_instance(setting, instance);
    }
    state_add_setting(loader->state, setting);
    return true;
}

static bool
load_setting(const struct loader *loader, const char *document,
             const config_setting_t *group, struct error *error)
{
    struct vswitch *vswitch;
    struct vport *port;
    const char *class_name;
    struct setting *setting;

    if (!owner_of_document(loader->state, document, &vswitch, &port)) {
        return error_set(error, ERROR_NOT_FOUND, "its %s is lost",
                         *document == 's' ? "switch" : "port");
    }
    setting = persist_read_setting(group, loader->repository, &class_name,
                                   error);
    if (!setting) {
        return false;
    }
    return enter_setting(loader, setting, vswitch, port);
}

/* Entries whose name begins with 'prefix', in documents that do so too. */
static void
load_entries(const struct loader *loader, const char *document_prefix,
             const char *prefix, entry_reader reader)
{
    size_t at = 0;
    const char *document;

    while (store_next_document(loader->store, &at, &document)) {
        const char *entry, *text;
        size_t inner = 0;

        if (!text_starts_with(document, document_prefix)) {
            continue;
        }
        while (store_next_entry(loader->store, document, &inner, &entry,
                                &text)) {
            if (text_starts_with(entry, prefix)) {
                load_entry(loader, document, entry, text, reader);
            }
        }
    }
}

void
persist_load(struct state *state, const struct store *store,
             struct repository *repository, struct error_list *problems)
{
    const struct loader loader = { state, store, repository, problems };

    load_entries(&loader, PERSIST_HOST, "host", load_host);
    load_entries(&loader, PERSIST_HOST, "extension-", load_extension);
    load_entries(&loader, "switch-", "switch", load_switch);
    load_entries(&loader, "port-", "port", load_port);
    load_entries(&loader, "", "setting-", load_setting);
}

size_t
persist_revive(struct state *state, const struct store *store,
               struct repository *repository)
{
    size_t n = 0;

    for (size_t i = 0; i < state->settings.n; i++) {
        struct setting *setting = state->settings.items[i];
        char document[PERSIST_NAME_SIZE], entry[PERSIST_NAME_SIZE];
        const char *text;
        config_t config;

        if (setting->held) {
            continue;
        }
        persist_setting_place(setting, document, entry);
        text = store_get(store, document, entry);
        if (text && config_parse(text, &config, NULL)
            && persist_read_object(config_root_setting(&config), setting,
                                   repository, NULL)
            && setting->held) {
            struct instance *instance = setting->held->instance;

            free(setting->held);
            setting->held = NULL;
            state_set_instance(state, setting, instance);
            n++;
        }
        if (text) {
            config_destroy(&config);
        }
    }
    return n;
}

/* ---- An exported configuration ------------------------------------------ */

/* A setting that says itself where it belongs. */
static bool
load_exported(const struct loader *loader, const char *document,
              const config_setting_t *group, struct error *error)
{
    const char *switch_name, *port_name, *class_name;
    struct vswitch *vswitch;
    struct vport *port = NULL;
    struct setting *setting;

    (void) document;
    if (!config_get_string(group, "switch", &switch_name, error)
        || !config_get_string(group, "port", &port_name, error)) {
        return false;
    }
    vswitch = state_switch(loader->state, switch_name);
    if (*port_name) {
        port = state_port(loader->state, switch_name, port_name);
    }
    if (!vswitch || (*port_name && !port)) {
        return error_set(error, ERROR_NOT_FOUND, "its switch or port is not "
                         "in the text");
    }
    setting = persist_read_setting(group, loader->repository, &class_name,
                                   error);
    if (setting && !setting->held) {
        error_set(error, ERROR_NO_CLASS, "class %s is not registered",
                  class_name);
        free(setting);
        return false;
    }
    return setting && enter_setting(loader, setting, vswitch, port);
}

static void
load_part(const struct loader *loader, const struct document *document,
          const char *prefix, entry_reader reader)
{
    size_t at = 0;
    const char *entry;
    void *text;

    while (map_next(document->entries, &at, &entry, &text)) {
        config_t config;
        struct error error;

        if (!text_starts_with(entry, prefix)) {
            continue;
        }
        if (!config_parse(text, &config, &error)
            || !reader(loader, "", config_root_setting(&config), &error)) {
            error_list_add(loader->problems, &error);
        }
        config_destroy(&config);
    }
}

void
persist_load_document(struct state *state, const struct document *document,
                      struct repository *repository,
                      struct error_list *problems)
{
    const struct loader loader = { state, NULL, repository, problems };

    load_part(&loader, document, "extension-", load_extension);
    load_part(&loader, document, "switch-", load_switch);
    load_part(&loader, document, "port-", load_port);
    load_part(&loader, document, "setting-", load_exported);
}
