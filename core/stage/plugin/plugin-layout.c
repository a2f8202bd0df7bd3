/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The layouts of a plugin's classes, as the manager describes them.
 */

#include <config.h>

#include "stage/plugin/plugin.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"

void
feature_layout_unref(struct feature_layout *layout)
{
    if (layout && --layout->refs == 0) {
        layout_destroy(layout->layout);
        buffer_free(&layout->wire);
        buffer_free(&layout->empty);
        free(layout);
    }
}

/* True when it is the class that the plugin was compiled with. */
static bool
agree(const struct plugin *plugin, const struct layout *layout,
      const struct xvs_guid *uuid, struct error *error)
{
    const struct xvs_feature *feature = plugin_feature(plugin, uuid);
    char text[GUID_TEXT_SIZE];

    if (!guid_equal(&layout->uuid, uuid)) {
        return error_set(error, ERROR_INVALID,
                         "a layout and its message name different classes");
    }
    if (!feature) {
        return error_set(error, ERROR_VERSION, "%s (%s) was not built for"
                         " class %s", plugin->extension.name, plugin->file,
                         guid_format(uuid, text));
    }
    if (feature->hash != layout->hash || layout->n_parts == 0
        || feature->size != layout->parts[0].size) {
        error_set(error, ERROR_VERSION, "%s (%s) was built against another"
                  " version of class %s (it has hash %016lx and %u bytes, the"
                  " registered schema %016lx and %u)", plugin->extension.name,
                  plugin->file, guid_format(uuid, text),
                  (unsigned long) feature->hash, feature->size,
                  (unsigned long) layout->hash,
                  layout->n_parts ? layout->parts[0].size : 0);
        return error_hint(error, "register the schema that came with the"
                                 " plugin, or rebuild it with xvs-mofc"
                                 " header");
    }
    return true;
}

static void
insert(struct plugin *plugin, struct feature_layout *layout)
{
    struct feature_layout *old =
        plugin_layout(plugin, &layout->layout->uuid);
    struct feature_layout **last = &plugin->layouts;

    if (old) {
        plugin_drop_layout(plugin, old);
    }
    while (*last) {
        last = &(*last)->next;
    }
    *last = layout;
}

bool
plugin_set_layout(struct plugin *plugin, const struct control_layout *head,
                  const void *wire, const void *empty, struct error *error)
{
    struct layout *layout = layout_read(wire, head->layout_size, error);
    struct feature_layout *one;

    if (!layout) {
        return false;
    }
    if (!agree(plugin, layout, &head->uuid, error)
        || !block_check(empty, head->default_size, layout, error)) {
        layout_destroy(layout);
        return false;
    }
    one = mem_zalloc(sizeof *one);
    one->refs = 1;
    one->scope = head->scope;
    one->kind = head->kind;
    one->layout = layout;
    buffer_put(&one->wire, wire, head->layout_size);
    buffer_put(&one->empty, empty, head->default_size);
    insert(plugin, one);
    return true;
}

struct feature_layout *
plugin_layout(const struct plugin *plugin, const struct xvs_guid *uuid)
{
    struct feature_layout *layout = plugin->layouts;

    while (layout && !guid_equal(&layout->layout->uuid, uuid)) {
        layout = layout->next;
    }
    return layout;
}

void
plugin_drop_layout(struct plugin *plugin, struct feature_layout *layout)
{
    struct feature_layout **at = &plugin->layouts;

    while (*at != layout) {
        at = &(*at)->next;
    }
    *at = layout->next;
    layout->next = NULL;
    feature_layout_unref(layout);
}
