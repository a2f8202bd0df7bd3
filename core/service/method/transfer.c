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
};

static void
put_entry(struct exporter *exporter, const char *kind, struct buffer *text)
{
    char name[64];

    snprintf(name, sizeof name, "%s-%zu", kind, ++exporter->n);
    buffer_string(text);
    document_put(exporter->document, name, buffer_steal(text));
}

static void
export_setting(void *arg, struct setting *setting)
{
    struct exporter *exporter = arg;
    struct buffer text = BUFFER_INIT;
    char document[PERSIST_NAME_SIZE], entry[PERSIST_NAME_SIZE];
    const char *stored;

    config_put_string(&text, "switch", setting->vswitch->name);
    config_put_string(&text, "port",
                      setting->port ? setting->port->name : "");
    persist_setting_place(setting, document, entry);
    stored = store_get(exporter->service->store, document, entry);
    buffer_puts(&text, stored ? stored : "");
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
    const struct extension **chain = mem_array(vswitch->n_stages + 1,
                                               sizeof *chain);
    struct buffer text = BUFFER_INIT;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        chain[i] = vswitch->chain[i]->extension;
    }
    persist_write_switch(vswitch, chain, vswitch->n_stages, &text);
    put_entry(exporter, "switch", &text);
    free(chain);
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
    struct exporter exporter = { .service = call->service };
    const struct state *state = &call->service->state;
    struct vswitch *only = NULL;
    struct buffer text = BUFFER_INIT;
    struct value value;
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
    value = value_string(buffer_string(&text));
    host_answer(call, 0, "Text", &value);
    buffer_free(&text);
    document_destroy(exporter.document);
}
