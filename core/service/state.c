/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Switches, ports, extensions and stages.
 */

#include <config.h>

#include "service/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "service/lookup.h"
#include "service/settings.h"

static int
compare_switches(const void *a, const void *b)
{
    return strcmp(((const struct vswitch *) a)->name,
                  ((const struct vswitch *) b)->name);
}

static int
compare_ports(const void *a, const void *b)
{
    const struct vport *x = a, *y = b;
    int order = strcmp(x->vswitch->name, y->vswitch->name);

    return order ? order : strcmp(x->name, y->name);
}

static int
compare_extensions(const void *a, const void *b)
{
    return strcmp(((const struct extension *) a)->name,
                  ((const struct extension *) b)->name);
}

static int
compare_stages(const void *a, const void *b)
{
    const struct stage *x = a, *y = b;
    int order = strcmp(x->vswitch->name, y->vswitch->name);

    return order ? order : strcmp(x->extension->name, y->extension->name);
}

void
state_init(struct state *state)
{
    memset(state, 0, sizeof *state);
    state->switches.compare = compare_switches;
    state->ports.compare = compare_ports;
    state->extensions.compare = compare_extensions;
    state->stages.compare = compare_stages;
    state->settings.compare = settings_compare;
    state->lookup = lookup_create();
    state->next_switch = state->next_port = 1;
}

static void
port_destroy(struct vport *port)
{
    free(port->name);
    free(port);
}

static void
switch_destroy(struct vswitch *vswitch)
{
    free(vswitch->name);
    free(vswitch->chain);
    free(vswitch);
}

void
state_free(struct state *state)
{
    for (size_t i = 0; i < state->settings.n; i++) {
        setting_destroy(state->settings.items[i]);
    }
    for (size_t i = 0; i < state->stages.n; i++) {
        free(state->stages.items[i]);
    }
    for (size_t i = 0; i < state->ports.n; i++) {
        port_destroy(state->ports.items[i]);
    }
    for (size_t i = 0; i < state->switches.n; i++) {
        switch_destroy(state->switches.items[i]);
    }
    for (size_t i = 0; i < state->extensions.n; i++) {
        extension_destroy(state->extensions.items[i]);
    }
    index_free(&state->settings);
    index_free(&state->stages);
    index_free(&state->ports);
    index_free(&state->switches);
    index_free(&state->extensions);
    lookup_destroy(state->lookup);
}

bool
state_name_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-.";

    return *name && *name != '-' && *name != '.'
        && strlen(name) < XVS_NAME_SIZE && !name[strspn(name, allowed)];
}

/* ---- Finding ------------------------------------------------------------ */

struct vswitch *
state_switch(const struct state *state, const char *name)
{
    struct vswitch key = { .name = (char *) name };

    return index_find(&state->switches, &key);
}

struct vswitch *
state_switch_by_id(const struct state *state, uint32_t id)
{
    for (size_t i = 0; i < state->switches.n; i++) {
        struct vswitch *vswitch = state->switches.items[i];

        if (vswitch->id == id) {
            return vswitch;
        }
    }
    return NULL;
}

struct vport *
state_port(const struct state *state, const char *switch_name,
           const char *name)
{
    struct vswitch vswitch = { .name = (char *) switch_name };
    struct vport key = { .vswitch = &vswitch, .name = (char *) name };

    return index_find(&state->ports, &key);
}

struct vport *
state_port_by_id(const struct state *state, uint32_t id)
{
    for (size_t i = 0; i < state->ports.n; i++) {
        struct vport *port = state->ports.items[i];

        if (port->id == id) {
            return port;
        }
    }
    return NULL;
}

struct vport *
state_port_entering(const struct state *state, const struct vswitch *vswitch,
                    const struct xvs_guid *extension)
{
    for (size_t i = 0; i < state->ports.n; i++) {
        struct vport *port = state->ports.items[i];

        if (port->vswitch == vswitch && guid_equal(&port->entry, extension)) {
            return port;
        }
    }
    return NULL;
}

struct extension *
state_extension(const struct state *state, const char *name)
{
    struct extension key = { .name = (char *) name };

    return index_find(&state->extensions, &key);
}

struct extension *
state_extension_by_id(const struct state *state, const struct xvs_guid *id)
{
    for (size_t i = 0; i < state->extensions.n; i++) {
        struct extension *extension = state->extensions.items[i];

        if (guid_equal(&extension->id, id)) {
            return extension;
        }
    }
    return NULL;
}

struct stage *
state_stage(const struct state *state, const char *switch_name,
            const char *extension_name)
{
    struct vswitch vswitch = { .name = (char *) switch_name };
    struct extension extension = { .name = (char *) extension_name };
    struct stage key = { .vswitch = &vswitch, .extension = &extension };

    return index_find(&state->stages, &key);
}

struct stage *
state_stage_of(const struct vswitch *vswitch,
               const struct xvs_guid *extension)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        if (guid_equal(&vswitch->chain[i]->extension->id, extension)) {
            return vswitch->chain[i];
        }
    }
    return NULL;
}

/* ---- Changing ----------------------------------------------------------- */

struct vswitch *
state_add_switch(struct state *state, const char *name, uint32_t id)
{
    struct vswitch *vswitch = mem_zalloc(sizeof *vswitch);

    vswitch->name = mem_strdup(name);
    vswitch->id = id;
    index_insert(&state->switches, vswitch);
    if (id >= state->next_switch) {
        state->next_switch = id + 1;
    }
    return vswitch;
}

void
state_remove_switch(struct state *state, struct vswitch *vswitch)
{
    settings_remove_of(state, vswitch, NULL);
    index_remove(&state->switches, vswitch);
    switch_destroy(vswitch);
}

struct vport *
state_add_port(struct state *state, const struct vport *like)
{
    struct vport *port = mem_dup(like, sizeof *like);

    port->name = mem_strdup(like->name);
    index_insert(&state->ports, port);
    port->vswitch->n_ports++;
    if (port->id >= state->next_port) {
        state->next_port = port->id + 1;
    }
    return port;
}

void
state_remove_port(struct state *state, struct vport *port)
{
    settings_remove_of(state, port->vswitch, port);
    index_remove(&state->ports, port);
    port->vswitch->n_ports--;
    port_destroy(port);
}

void
extension_destroy(struct extension *extension)
{
    if (!extension) {
        return;
    }
    for (size_t i = 0; i < extension->n_methods; i++) {
        free(extension->methods[i].name);
        free(extension->methods[i].text);
    }
    for (size_t i = 0; i < extension->n_reasons; i++) {
        free(extension->reasons[i]);
    }
    free(extension->reasons);
    free(extension->finding);
    free(extension->methods);
    free(extension->features);
    free(extension->name);
    free(extension->file);
    free(extension->vendor);
    free(extension->description);
    free(extension);
}

void
extension_take(struct extension *extension, struct extension *from)
{
    struct extension old = *extension;

    *extension = *from;
    *from = old;
    /* Its names are what it is known by. */
    from->name = extension->name;
    from->file = extension->file;
    extension->name = old.name;
    extension->file = old.file;
}

void
extension_upgrade(struct extension *extension, struct extension *from)
{
    char *file = from->file;

    from->file = extension->file;
    extension->file = file;
    extension_take(extension, from);
}

void
extension_take_reasons(struct extension *extension, struct extension *from)
{
    char **reasons = extension->reasons;
    char *finding = extension->finding;
    size_t n = extension->n_reasons;

    extension->reasons = from->reasons;
    extension->n_reasons = from->n_reasons;
    from->reasons = reasons;
    from->n_reasons = n;
    extension->scan = from->scan;
    extension->n_findings = from->n_findings;
    extension->finding = from->finding;
    from->finding = finding;
}

void
state_add_extension(struct state *state, struct extension *extension)
{
    index_insert(&state->extensions, extension);
}

void
state_remove_extension(struct state *state, struct extension *extension)
{
    index_remove(&state->extensions, extension);
    extension_destroy(extension);
}

/* Where a stage of that class and position comes in the chain: classes in
 * the order of their numbers. */
static size_t
chain_place(const struct vswitch *vswitch, const struct extension *extension,
            uint32_t position)
{
    uint32_t seen = 0;
    size_t i;

    for (i = 0; i < vswitch->n_stages; i++) {
        unsigned int other = vswitch->chain[i]->extension->extension_class;

        if (other > extension->extension_class) {
            break;
        }
        if (other == extension->extension_class && seen++ == position) {
            break;
        }
    }
    return i;
}

struct stage *
state_add_stage(struct state *state, struct vswitch *vswitch,
                struct extension *extension, uint32_t position)
{
    struct stage *stage = mem_zalloc(sizeof *stage);
    size_t at = chain_place(vswitch, extension, position);
    struct stage **chain = mem_array(vswitch->n_stages + 1, sizeof *chain);

    if (vswitch->n_stages) {
        memcpy(chain, vswitch->chain, at * sizeof *chain);
        memcpy(chain + at + 1, vswitch->chain + at,
               (vswitch->n_stages - at) * sizeof *chain);
    }
    chain[at] = stage;
    free(vswitch->chain);
    vswitch->chain = chain;
    vswitch->n_stages++;
    stage->vswitch = vswitch;
    stage->extension = extension;
    stage->partition = PARTITION_INLINE;
    index_insert(&state->stages, stage);
    return stage;
}

void
state_remove_stage(struct state *state, struct stage *stage)
{
    struct vswitch *vswitch = stage->vswitch;
    size_t i = 0;

    while (vswitch->chain[i] != stage) {
        i++;
    }
    vswitch->n_stages--;
    memmove(&vswitch->chain[i], &vswitch->chain[i + 1],
            (vswitch->n_stages - i) * sizeof *vswitch->chain);
    index_remove(&state->stages, stage);
    free(stage);
}

struct stage *
state_stage_first(const struct stage *stage)
{
    return stage->sharing ? state_stage_of(stage->vswitch, &stage->partner)
        : NULL;
}

struct stage *
state_stage_second(const struct stage *stage)
{
    const struct vswitch *vswitch = stage->vswitch;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        if (state_stage_first(vswitch->chain[i]) == stage) {
            return vswitch->chain[i];
        }
    }
    return NULL;
}

uint32_t
state_stage_position(const struct stage *stage)
{
    const struct vswitch *vswitch = stage->vswitch;
    uint32_t position = 0;

    for (size_t i = 0; vswitch->chain[i] != stage; i++) {
        position += vswitch->chain[i]->extension->extension_class
            == stage->extension->extension_class;
    }
    return position;
}
