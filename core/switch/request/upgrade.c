/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Another file of an extension takes the place of the one in use, while
 * packets flow:
 *
 *     the file is tried, and must be the same extension
 *     -> a handover (handover.h) on each switch where it is enabled
 *     -> the old file is unloaded
 *
 * Until successors take over everything can be taken back, and is when one of
 * them refuses anything.
 */

#include <config.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/layout.h"
#include "stage/plugin/plugin.h"
#include "stage/plugin/probe.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/request/handover.h"
#include "switch/request/report.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct upgrading {
    struct operation operation;
    struct operation_use use;           /* of all switches */
    struct handover handover;
    struct request *request;
    struct control_upgrade wanted;
    struct plugin *old, *fresh;
    char path[PLUGIN_PATH];
};

_Static_assert(offsetof(struct upgrading, operation) == 0, "start() casts");

/* ---- The end ------------------------------------------------------------ */

static void
finish(struct upgrading *upgrading)
{
    operation_end(&upgrading->operation);
    free(upgrading);
}

static void
give_up(struct upgrading *upgrading, const struct error *error)
{
    request_fail(upgrading->request, error);
    plugin_unload(upgrading->fresh);
    finish(upgrading);
}

/* The successors take over: the new file is the extension now. */
static void
accepted(void *arg)
{
    struct upgrading *upgrading = arg;
    struct plugin **at = &upgrading->operation.driver->plugins;

    while (*at != upgrading->old) {
        at = &(*at)->next;
    }
    upgrading->fresh->next = upgrading->old->next;
    *at = upgrading->fresh;
    upgrading->old->next = NULL;
    log_info("upgraded %s from %s to %s", upgrading->fresh->extension.name,
             upgrading->old->file, upgrading->path);
}

static void
done(void *arg)
{
    struct upgrading *upgrading = arg;
    struct driver *driver = upgrading->operation.driver;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (upgrading->handover.failed) {
        plugins_dispose(driver, upgrading->fresh);
        extensions_answer(upgrading->request, &upgrading->handover.failure,
                          NULL, UINT32_MAX);
    } else {
        plugins_dispose(driver, upgrading->old);
        request_start(upgrading->request, &out, 0);
        report_extension(upgrading->fresh, &out);
        request_send(upgrading->request, &out);
    }
    finish(upgrading);
}

/* A successor for each stage, in the partition where it is. */
static void
make_all(struct upgrading *upgrading)
{
    struct handover *handover = &upgrading->handover;

    *handover = (struct handover) {
        .driver = upgrading->operation.driver,
        .timeout_ms = upgrading->wanted.timeout_ms,
        .accepted = accepted, .done = done, .arg = upgrading };
    for (struct vswitch *vswitch = handover->driver->switches; vswitch;
         vswitch = vswitch->next) {
        struct stage *old = stages_find(vswitch, &upgrading->wanted.extension);

        if (old && !handover_add(handover, vswitch, old, upgrading->fresh,
                                 old->partition, old->time_share)) {
            break;
        }
    }
    handover_start(handover);
}

/* ---- The file ----------------------------------------------------------- */

static bool
check_identity(const struct plugin *old, const struct plugin *fresh,
               struct error *error)
{
    const struct xvs_extension *was = &old->extension, *is =
        &fresh->extension;

    if (plugin_is_same(fresh, old)) {
        error_set(error, ERROR_EXISTS, "%s is what runs already",
                  fresh->file);
        return error_hint(error, "install the new version under another"
                                 " name, or replace the file (not its"
                                 " contents) first");
    }
    if (!guid_equal(&was->id, &is->id) || strcmp(was->name, is->name) != 0) {
        return error_set(error, ERROR_INVALID, "%s is extension %s, and not"
                         " another version of %s%s", fresh->file, is->name,
                         was->name, strcmp(was->name, is->name) == 0
                         ? " (its id differs)" : "");
    }
    if (was->extension_class != is->extension_class) {
        error_set(error, ERROR_INVALID, "%s makes %s an extension of another"
                  " class", fresh->file, was->name);
        return error_hint(error, "disable and remove %s, then install %s",
                          was->name, fresh->file);
    }
    return true;
}

/* The new file must know all classes that the old one has layouts of. */
static bool
copy_layouts(const struct plugin *old, struct plugin *fresh,
             struct error *error)
{
    for (const struct feature_layout *one = old->layouts; one;
         one = one->next) {
        const struct control_layout head = {
            .extension = old->extension.id,
            .uuid = one->layout->uuid,
            .scope = one->scope,
            .kind = one->kind,
            .layout_size = (uint32_t) one->wire.size,
            .default_size = (uint32_t) one->empty.size,
        };

        if (!plugin_set_layout(fresh, &head, one->wire.data, one->empty.data,
                               error)) {
            return false;
        }
    }
    return true;
}

static void
tried(void *arg, struct plugin *plugin, const struct error *error)
{
    struct upgrading *upgrading = arg;
    struct error own;

    if (error) {
        give_up(upgrading, error);
        return;
    }
    upgrading->fresh = plugin;
    if (!check_identity(upgrading->old, upgrading->fresh, &own)
        || !copy_layouts(upgrading->old, upgrading->fresh, &own)) {
        give_up(upgrading, &own);
        return;
    }
    make_all(upgrading);
}

static void
start(struct operation *operation)
{
    struct upgrading *upgrading = (struct upgrading *) (void *) operation;
    struct driver *driver = operation->driver;
    char guid[GUID_TEXT_SIZE];
    struct error error;

    upgrading->old = driver_plugin(driver, &upgrading->wanted.extension);
    if (!upgrading->old) {
        error_set(&error, ERROR_NO_CONSUMER, "extension %s is not loaded",
                  guid_format(&upgrading->wanted.extension, guid));
        give_up(upgrading, &error);
    } else if (!plugin_find(driver->plugin_dirs, upgrading->wanted.file,
                            driver->trusted, upgrading->path, &error)
               || !probe_start(driver->loop, upgrading->path, tried,
                               upgrading, &error)) {
        give_up(upgrading, &error);
    }
}

void
extensions_upgrade(struct driver *driver, struct request *request,
                   const struct control_header *message)
{
    struct upgrading *upgrading = mem_zalloc(sizeof *upgrading);

    upgrading->request = request;
    upgrading->wanted =
        *(const struct control_upgrade *) control_body(message);
    upgrading->use.whole = true;
    upgrading->operation.start = start;
    upgrading->operation.uses = &upgrading->use;
    upgrading->operation.n_uses = 1;
    operation_queue(driver, &upgrading->operation);
}
