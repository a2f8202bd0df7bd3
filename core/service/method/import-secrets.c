/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * An exported text says which secret values it had to leave out.  Whoever
 * imports it has to give each of them again: a setting without its key would
 * be another setting.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "schema/value.h"
#include "service/config/config-text.h"
#include "service/config/persist.h"
#include "service/method/host-methods.h"
#include "service/store/document.h"

/* Whom to tell. */
struct teller {
    struct state *wanted;
    void (*tell)(void *arg, const char *problem);
    void *arg;
};

static void tell(const struct teller *teller, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(const struct teller *teller, const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    teller->tell(teller->arg, text);
}

/* ---- Given -------------------------------------------------------------- */

static void
give(const struct teller *teller, const char *id, const char *name,
     const char *value)
{
    struct setting *setting = NULL;
    const struct property *property;
    struct instance_id parts;
    struct error error;

    if (state_parse_instance_id(id, &parts)) {
        setting = state_setting_of_id(teller->wanted, &parts);
    }
    if (!setting || !setting->held) {
        tell(teller, "a secret is given for %.200s, which is no setting of "
             "the text", id);
        return;
    }
    property = class_property(setting->held->instance->cls, name);
    if (!property || !property->is_secret) {
        tell(teller, "a secret is given for %.200s.%.60s, but class %s has "
             "no Secret property of that name", id, name,
             setting->held->instance->cls->name);
    } else if (!instance_set_text(setting->held->instance, name, value,
                                  &error)) {
        tell(teller, "%.200s: %s", id, error.text);
    }
}

static void
give_all(const struct teller *teller, const struct value *given)
{
    for (uint32_t i = 0; given && !given->is_null && i < given->n; i++) {
        MEM_AUTO char *text = given->items[i].is_null ? NULL
            : mem_strdup(given->items[i].s);
        char *value = text ? strchr(text, '=') : NULL;
        char *name = NULL;

        if (value) {
            *value++ = 0;
            name = strrchr(text, '.');
        }
        if (!name) {
            /* Not repeated: it may be the secret itself. */
            tell(teller, "secret %u is not of the form "
                 "InstanceID.Property=value", i + 1);
            continue;
        }
        *name++ = 0;
        give(teller, text, name, value);
    }
}

/* ---- Missing ------------------------------------------------------------ */

/* Says which of the names that the setting's entry left out has no value. */
static void
missing_of(const struct teller *teller, const config_setting_t *names,
           const struct setting *setting)
{
    const struct instance *instance = setting->held->instance;

    for (int i = 0; i < config_setting_length(names); i++) {
        const char *name =
            config_setting_get_string_elem(names, i);
        const struct value *value = name ? instance_get(instance, name)
                                         : NULL;

        if (value && value->is_null) {
            tell(teller, "%s.%s is secret and not in the text",
                 instance_text(instance, "InstanceID"), name);
        }
    }
}

static void
missing_in_entry(const struct teller *teller, const config_setting_t *group)
{
    const config_setting_t *names = config_setting_get_member(group,
                                                              "left-out");
    const char *switch_name = "", *port_name = "";
    struct xvs_guid uuid, instance;
    struct vswitch *vswitch;
    struct vport *port;
    struct setting *setting;

    if (!names
        || !config_get_string(group, "switch", &switch_name, NULL)
        || !config_get_string(group, "port", &port_name, NULL)
        || !persist_get_guid(group, "uuid", &uuid, NULL)
        || !persist_get_guid(group, "instance", &instance, NULL)) {
        return;
    }
    vswitch = state_switch(teller->wanted, switch_name);
    port = *port_name ? state_port(teller->wanted, switch_name, port_name)
                      : NULL;
    setting = vswitch ? state_setting(teller->wanted, &uuid, vswitch, port,
                                      &instance) : NULL;
    if (setting && setting->held) {
        missing_of(teller, names, setting);
    }
}

void
import_secrets(const struct document *document, struct state *wanted,
               const struct value *given,
               void (*call)(void *arg, const char *problem), void *arg)
{
    const struct teller teller = { wanted, call, arg };
    size_t at = 0;
    const char *entry;
    void *text;

    give_all(&teller, given);
    while (map_next(document->entries, &at, &entry, &text)) {
        config_t config;

        if (text_starts_with(entry, "setting-")) {
            if (config_parse(text, &config, NULL)) {
                missing_in_entry(&teller, config_root_setting(&config));
            }
            config_destroy(&config);
        }
    }
}
