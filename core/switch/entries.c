/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See entries.h.
 */

#include <config.h>

#include "switch/entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "stage/chain/chain.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/forward/entry.h"
#include "switch/forward/table.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

static const struct xvs_guid none;

bool
entries_judge(const struct vswitch *vswitch,
              const struct control_port *wanted, struct error *error)
{
    for (const struct stage *stage = vswitch->stages; stage;
         stage = stage->next) {
        const struct plugin *plugin = stage->plugin;

        if (guid_equal(&plugin->extension.id, &wanted->entry)
            && !(plugin->hooks & (HOOK_INGRESS | HOOK_EGRESS))) {
            return error_set(error, ERROR_INVALID, "extension %s has no "
                             "packet hook: no port can enter there",
                             plugin->extension.name);
        }
    }
    return true;
}

static void
release(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct port_entry, grace) == 0, "release() frees it");

static void
replace(struct vport *port, struct port_entry *entry)
{
    struct port_entry *old = xvs_publish(port->entry, entry);

    if (old) {
        grace_defer(&old->grace, release);
    }
}

void
entries_begin(struct vport *port)
{
    if (guid_is_zero(&port->made.entry)) {
        return;
    }
    port->entry = mem_zalloc(sizeof *port->entry);
    port->entry->id = port->made.entry;
    __atomic_or_fetch(&port->special, VPORT_ENTRY, __ATOMIC_RELEASE);
}

void
entries_change(struct vport *port)
{
    const struct port_entry *old = port->entry;
    struct xvs_guid before = old ? old->id : none;
    struct port_entry *entry;

    if (guid_equal(&before, &port->made.entry)) {
        return;
    }
    entry = mem_zalloc(sizeof *entry);
    entry->id = port->made.entry;
    entry->before = before;
    entry->since = port->vswitch->serial + 1;
    replace(port, entry);
    __atomic_or_fetch(&port->special, VPORT_ENTRY, __ATOMIC_RELEASE);
    vswitch_publish_chain(port->vswitch);
    entries_tidy(port->vswitch);
}

void
entries_end(struct vport *port)
{
    free(port->entry);
    port->entry = NULL;
}

void
entries_tidy(struct vswitch *vswitch)
{
    if (vswitch->old_chains) {
        return;
    }
    for (struct vport *port = vswitch->ports; port; port = port->next) {
        if (port->entry && guid_is_zero(&port->entry->id)) {
            __atomic_and_fetch(&port->special, ~VPORT_ENTRY,
                               __ATOMIC_RELEASE);
            replace(port, NULL);
        }
    }
}

void
entries_explain(const struct vport *port, char *text, size_t size)
{
    const struct xvs_guid *id = &port->made.entry;
    const struct plugin *plugin;
    char guid[GUID_TEXT_SIZE];

    *text = 0;
    if (guid_is_zero(id)
        || chain_find(port->vswitch->path.chain, id) != CHAIN_NOWHERE) {
        return;
    }
    plugin = driver_plugin(port->driver, id);
    snprintf(text, size, "it enters at extension %s, which is not in the "
             "chain now: its packets are dropped",
             plugin ? plugin->extension.name : guid_format(id, guid));
}
