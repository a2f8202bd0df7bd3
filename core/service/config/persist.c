/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing the state as entries of the store.
 */

#include <config.h>

#include "service/config/persist.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "service/config/config-text.h"
#include "service/settings.h"
#include "service/store/store.h"

static char *
switch_document(const char *name, char out[PERSIST_NAME_SIZE])
{
    snprintf(out, PERSIST_NAME_SIZE, "switch-%s", name);
    return out;
}

static char *
port_document(const struct vport *port, char out[PERSIST_NAME_SIZE])
{
    snprintf(out, PERSIST_NAME_SIZE, "port-%s@%s", port->vswitch->name,
             port->name);
    return out;
}

static void
put_guid(struct buffer *out, const char *name, const struct xvs_guid *guid)
{
    char text[GUID_TEXT_SIZE];

    config_put_string(out, name, guid_format(guid, text));
}

void
persist_setting_place(const struct setting *setting,
                      char document[PERSIST_NAME_SIZE],
                      char entry[PERSIST_NAME_SIZE])
{
    char uuid[GUID_TEXT_SIZE], text[GUID_TEXT_SIZE];

    if (setting->port) {
        port_document(setting->port, document);
    } else {
        switch_document(setting->vswitch->name, document);
    }
    snprintf(entry, PERSIST_NAME_SIZE, "setting-%s-%s",
             guid_format(&setting->uuid, uuid),
             guid_format(&setting->instance, text));
}

/* ---- Texts -------------------------------------------------------------- */

static void
write_feature(const struct xvs_feature *feature, struct buffer *out)
{
    char text[GUID_TEXT_SIZE];

    buffer_printf(out, "    { uuid = \"%s\"; hash = 0x%llXL; size = %uL; "
                  "version = %u; }", guid_format(&feature->uuid, text),
                  (unsigned long long) feature->hash, feature->size,
                  feature->version);
}

static void
write_method(const struct signature *method, struct buffer *out)
{
    char text[GUID_TEXT_SIZE];

    buffer_printf(out, "    { uuid = \"%s\";\n",
                  guid_format(&method->uuid, text));
    config_put_string(out, "name", method->name);
    config_put_string(out, "signature", method->text);
    buffer_puts(out, "    }");
}

void
persist_write_extension(const struct extension *extension, struct buffer *out)
{
    config_put_string(out, "name", extension->name);
    put_guid(out, "id", &extension->id);
    config_put_string(out, "file", extension->file);
    config_put_string(out, "vendor", extension->vendor);
    config_put_string(out, "description", extension->description);
    config_put_number(out, "version", extension->version);
    config_put_number(out, "class", extension->extension_class);
    config_put_number(out, "on-failure", extension->on_failure);
    if (extension->traits) {
        config_put_number(out, "traits", extension->traits);
    }
    buffer_puts(out, "  features = (\n");
    for (size_t i = 0; i < extension->n_features; i++) {
        write_feature(&extension->features[i], out);
        buffer_puts(out, i + 1 < extension->n_features ? ",\n" : "\n");
    }
    buffer_puts(out, "  );\n  methods = (\n");
    for (size_t i = 0; i < extension->n_methods; i++) {
        write_method(&extension->methods[i], out);
        buffer_puts(out, i + 1 < extension->n_methods ? ",\n" : "\n");
    }
    buffer_puts(out, "  );\n");
}

/* Whether the stage shares the place of another one of this chain. */
static bool
has_partner(const struct stage *const *chain, size_t n,
            const struct stage *stage)
{
    for (size_t i = 0; stage->sharing && i < n; i++) {
        if (guid_equal(&chain[i]->extension->id, &stage->partner)) {
            return true;
        }
    }
    return false;
}

void
persist_write_switch(const struct vswitch *vswitch,
                     const struct stage *const *chain, size_t n,
                     struct buffer *out)
{
    char text[GUID_TEXT_SIZE];

    config_put_string(out, "name", vswitch->name);
    config_put_number(out, "id", vswitch->id);
    buffer_puts(out, "  stages = (\n");
    for (size_t i = 0; i < n; i++) {
        const struct extension *extension = chain[i]->extension;

        buffer_puts(out, "    {\n");
        config_put_string(out, "extension", extension->name);
        config_put_string(out, "id", guid_format(&extension->id, text));
        config_put_string(out, "partition",
                          control_partition_name(chain[i]->partition));
        if (chain[i]->time_share) {
            config_put_number(out, "time-share", chain[i]->time_share);
        }
        if (has_partner(chain, n, chain[i])) {
            config_put_string(out, "partner",
                              guid_format(&chain[i]->partner, text));
            config_put_string(out, "sharing",
                              control_sharing_name(chain[i]->sharing));
        }
        buffer_puts(out, i + 1 < n ? "    },\n" : "    }\n");
    }
    buffer_puts(out, "  );\n");
}

void
persist_write_port(const struct vport *port, struct buffer *out)
{
    char mac[18];

    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", port->mac[0],
             port->mac[1], port->mac[2], port->mac[3], port->mac[4],
             port->mac[5]);
    config_put_string(out, "switch", port->vswitch->name);
    config_put_string(out, "name", port->name);
    config_put_number(out, "id", port->id);
    config_put_string(out, "driver", control_driver_name(port->driver));
    config_put_string(out, "device", port->device);
    config_put_string(out, "mode", control_mode_name(port->mode));
    config_put_number(out, "queues", port->queues);
    config_put_string(out, "mac", mac);
    config_put_number(out, "mtu", port->mtu);
    config_put_number(out, "disabled", port->disabled);
    if (!guid_is_zero(&port->entry)) {
        put_guid(out, "entry", &port->entry);
    }
}

void
persist_write_setting(const struct setting *setting,
                      const struct instance *instance, struct buffer *out)
{
    config_put_string(out, "class", instance->cls->name);
    put_guid(out, "uuid", &setting->uuid);
    put_guid(out, "extension", &setting->extension);
    config_put_number(out, "version", setting->version);
    put_guid(out, "instance", &setting->instance);
    config_put_values(out, instance, setting_core_property);
}

/* ---- Operations --------------------------------------------------------- */

void
persist_host(struct store_change *change, uint32_t next_switch,
             uint32_t next_port)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    config_put_number(&text, "next-switch", next_switch);
    config_put_number(&text, "next-port", next_port);
    store_put(change, PERSIST_HOST, "host", buffer_string(&text));
}

static char *
extension_entry(const struct extension *extension,
                char out[PERSIST_NAME_SIZE])
{
    char text[GUID_TEXT_SIZE];

    snprintf(out, PERSIST_NAME_SIZE, "extension-%s",
             guid_format(&extension->id, text));
    return out;
}

void
persist_extension(struct store_change *change,
                  const struct extension *extension)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char entry[PERSIST_NAME_SIZE];

    persist_write_extension(extension, &text);
    store_put(change, PERSIST_HOST, extension_entry(extension, entry),
              buffer_string(&text));
}

void
persist_drop_extension(struct store_change *change,
                       const struct extension *extension)
{
    char entry[PERSIST_NAME_SIZE];

    store_delete(change, PERSIST_HOST, extension_entry(extension, entry));
}

void
persist_switch(struct store_change *change, const struct vswitch *vswitch,
               const struct stage *const *chain, size_t n)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char document[PERSIST_NAME_SIZE];

    persist_write_switch(vswitch, chain, n, &text);
    store_put(change, switch_document(vswitch->name, document), "switch",
              buffer_string(&text));
}

void
persist_drop_switch(struct store_change *change, const char *name)
{
    char document[PERSIST_NAME_SIZE];

    store_drop(change, switch_document(name, document));
}

void
persist_port(struct store_change *change, const struct vport *port)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char document[PERSIST_NAME_SIZE];

    persist_write_port(port, &text);
    store_put(change, port_document(port, document), "port",
              buffer_string(&text));
}

void
persist_drop_port(struct store_change *change, const struct vport *port)
{
    char document[PERSIST_NAME_SIZE];

    store_drop(change, port_document(port, document));
}

void
persist_setting(struct store_change *change, const struct setting *setting,
                const struct instance *instance)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char document[PERSIST_NAME_SIZE], entry[PERSIST_NAME_SIZE];

    persist_write_setting(setting,
                          instance ? instance : setting->held->instance,
                          &text);
    persist_setting_place(setting, document, entry);
    store_put(change, document, entry, buffer_string(&text));
}

void
persist_drop_setting(struct store_change *change,
                     const struct setting *setting)
{
    char document[PERSIST_NAME_SIZE], entry[PERSIST_NAME_SIZE];

    persist_setting_place(setting, document, entry);
    store_delete(change, document, entry);
}
