/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The configuration as one text: made of the entries of the state files, in
 * a document of the same form and with the same checksum.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "service/config/config-name.h"
#include "service/config/config-text.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/method/host-methods.h"
#include "service/settings.h"
#include "service/store/document.h"
#include "service/store/store.h"

/* A document that is being filled. */
struct exporter {
    struct service *service;
    struct document *document;
    size_t n;               /* entries so far, for their names */
    struct value left_out;  /* "InstanceID.Property" of each secret value */
};

static void
put_entry(struct exporter *exporter, const char *kind, struct buffer *text)
{
    char name[64];

    snprintf(name, sizeof name, "%s-%zu", kind, ++exporter->n);
    buffer_string(text);
    document_put(exporter->document, name, buffer_steal(text));
}

/* Names the secrets of an entry in 'out', and counts them. */
static void
name_secrets(struct exporter *exporter, const struct setting *setting,
             const char *stored, struct buffer *out)
{
    config_t config;
    const config_setting_t *secrets;
    char id[INSTANCE_ID_SIZE], name[CONFIG_NAME_SIZE];
    const char *comma = "";

    state_instance_id(setting->vswitch->name,
                      setting->port ? setting->port->name : NULL,
                      &setting->uuid, &setting->instance, id);
    secrets = config_parse(stored, &config, NULL)
        ? config_lookup(&config, "secrets") : NULL;
    buffer_puts(out, "  left-out = (");
    for (int i = 0; secrets && i < config_setting_length(secrets); i++) {
        const config_setting_t *one =
            config_setting_get_elem(secrets, (unsigned int) i);

        if (config_name_unescape(config_setting_name(one), name)) {
            MEM_AUTO char *full = mem_printf("%s.%s", id, name);

            buffer_printf(out, "%s \"%s\"", comma, name);
            value_append(&exporter->left_out, value_string(full));
            comma = ",";
        }
    }
    buffer_puts(out, " );\n");
    config_destroy(&config);
}

/* The entry without what is secret in it, which is its last group. */
static void
put_shown(struct exporter *exporter, const struct setting *setting,
          const char *stored, struct buffer *out)
{
    const char *secrets = strstr(stored, "\n" CONFIG_SECRETS);

    if (!secrets) {
        buffer_puts(out, stored);
        return;
    }
    buffer_put(out, stored, (size_t) (secrets + 1 - stored));
    name_secrets(exporter, setting, stored, out);
}

static void
export_setting(void *arg, struct setting *setting)
{
    struct exporter *exporter = arg;
    BUFFER_AUTO struct buffer mine = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    char document[PERSIST_NAME_SIZE], entry[PERSIST_NAME_SIZE];
    const char *stored;

    config_put_string(&text, "switch", setting->vswitch->name);
    config_put_string(&text, "port",
                      setting->port ? setting->port->name : "");
    persist_setting_place(setting, document, entry);
    stored = store_get(exporter->service->store, document, entry);
    if (setting->held) {
        /* Its class as it is now knows what is secret. */
        persist_write_setting(setting, setting->held->instance, &mine);
        stored = buffer_string(&mine);
    }
    put_shown(exporter, setting, stored ? stored : "", &text);
    put_entry(exporter, "setting", &text);
}

static void
export_extensions(struct exporter *exporter, const struct vswitch *only)
{
    const struct state *state = &exporter->service->state;

    for (size_t i = 0; i < state->extensions.n; i++) {
        const struct extension *extension = state->extensions.items[i];
        struct buffer text = BUFFER_INIT;

        if (!only || state_stage_of(only, &extension->id)) {
            persist_write_extension(extension, &text);
            put_entry(exporter, "extension", &text);
        }
    }
}

static void
export_switch(struct exporter *exporter, const struct vswitch *vswitch)
{
    const struct state *state = &exporter->service->state;
    struct buffer text = BUFFER_INIT;

    persist_write_switch(vswitch,
                         (const struct stage *const *) vswitch->chain,
                         vswitch->n_stages, &text);
    put_entry(exporter, "switch", &text);
    for (size_t i = 0; i < state->ports.n; i++) {
        const struct vport *port = state->ports.items[i];

        if (port->vswitch == vswitch) {
            persist_write_port(port, &text);
            put_entry(exporter, "port", &text);
        }
    }
    settings_each(state, vswitch, NULL, export_setting, exporter);
}

void
transfer_export(const struct host_call *call, const char *switch_name)
{
    static const char *const names[] = { "Text", "LeftOut", NULL };
    struct exporter exporter = {
        .service = call->service, .left_out = value_array(CIM_STRING, 0),
    };
    const struct state *state = &call->service->state;
    struct vswitch *only = NULL;
    struct buffer text = BUFFER_INIT;
    struct error error;

    if (switch_name && *switch_name) {
        only = state_switch(state, switch_name);
        if (!only) {
            error_set(&error, ERROR_NOT_FOUND, "there is no switch %s",
                      switch_name);
            host_refuse(call, &error);
            return;
        }
    }
    exporter.document = document_create();
    config_put_number(&text, "version", 1);
    config_put_string(&text, "host", call->service->host_name);
    config_put_string(&text, "switch", only ? only->name : "");
    document_put(exporter.document, "export", buffer_steal(&text));
    export_extensions(&exporter, only);
    for (size_t i = 0; i < state->switches.n; i++) {
        if (!only || state->switches.items[i] == only) {
            export_switch(&exporter, state->switches.items[i]);
        }
    }
    document_write(exporter.document, 1, &text);
    host_answer_all(call, 0, names, (struct value[]) {
        value_string(buffer_string(&text)), exporter.left_out });
    buffer_free(&text);
    document_destroy(exporter.document);
}
