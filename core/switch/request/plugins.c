/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Plugin files that are known, and the layouts of their classes.  A file is
 * tried in another process; its code comes here only when a stage is inline.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/layout.h"
#include "stage/inforce.h"
#include "stage/keep/keep.h"
#include "stage/plugin/plugin.h"
#include "stage/plugin/probe.h"
#include "switch/driver.h"
#include "switch/request/report.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

/* A file that is being tried. */
struct loading {
    struct driver *driver;
    struct request *request;
    char path[PLUGIN_PATH];
};

static bool
check_unique(const struct driver *driver, const struct plugin *fresh,
             struct error *error)
{
    for (const struct plugin *old = driver->plugins; old; old = old->next) {
        if (guid_equal(&old->extension.id, &fresh->extension.id)) {
            return error_set(error, ERROR_EXISTS, "%s has the id of %s, which"
                             " is loaded from %s", fresh->file,
                             old->extension.name, old->file);
        }
        if (strcmp(old->extension.name, fresh->extension.name) == 0) {
            return error_set(error, ERROR_EXISTS, "%s and %s both call"
                             " themselves %s", fresh->file, old->file,
                             old->extension.name);
        }
    }
    return true;
}

static void
tried(void *arg, struct plugin *plugin, const struct error *error)
{
    struct loading *loading = arg;
    struct driver *driver = loading->driver;
    struct plugin **last = &driver->plugins;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct error own;

    if (plugin && !check_unique(driver, plugin, &own)) {
        plugin_unload(plugin);
        plugin = NULL;
        error = &own;
    }
    if (plugin) {
        while (*last) {
            last = &(*last)->next;
        }
        *last = plugin;
        log_info("found %s in %s", plugin->extension.name, loading->path);
        request_start(loading->request, &out, 0);
        report_extension(plugin, &out);
        request_send(loading->request, &out);
    } else {
        request_fail(loading->request, error);
    }
    free(loading);
}

static bool
check_not_loaded(const struct driver *driver, const char *file,
                 struct error *error)
{
    for (const struct plugin *old = driver->plugins; old; old = old->next) {
        if (strcmp(old->file, file) == 0) {
            return error_set(error, ERROR_EXISTS, "%s (%s) is loaded already",
                             file, old->extension.name);
        }
    }
    return true;
}

void
plugins_load(struct driver *driver, struct request *request,
             const struct control_header *message)
{
    const struct control_load *load = control_body(message);
    struct loading *loading = mem_zalloc(sizeof *loading);
    struct error error;

    loading->driver = driver;
    loading->request = request;
    if (!check_not_loaded(driver, load->file, &error)
        || !plugin_find(driver->plugin_dirs, load->file, driver->trusted,
                        loading->path, &error)
        || !probe_start(driver->loop, loading->path, tried, loading,
                        &error)) {
        free(loading);
        request_fail(request, &error);
    }
}

void
plugins_dispose(struct driver *driver, struct plugin *plugin)
{
    plugin->next = driver->replaced;
    driver->replaced = plugin;
    plugins_reap(driver);
}

void
plugins_reap(struct driver *driver)
{
    struct plugin **at = &driver->replaced;

    while (*at) {
        struct plugin *plugin = *at;

        if (plugin->n_stages) {
            at = &plugin->next;
        } else {
            *at = plugin->next;
            plugin_unload(plugin);
        }
    }
}

static struct plugin *
expect_plugin(struct driver *driver, struct request *request,
              const struct xvs_guid *id)
{
    struct plugin *plugin = driver_plugin(driver, id);
    char guid[GUID_TEXT_SIZE], text[CONTROL_TEXT];

    if (!plugin) {
        snprintf(text, sizeof text, "extension %s is not loaded",
                 guid_format(id, guid));
        request_answer(request, XVS_NO_CONSUMER, ERROR_NO_CONSUMER, NULL,
                       text);
    }
    return plugin;
}

/* Where the extension is enabled, or NULL. */
static const struct vswitch *
first_user(const struct driver *driver, const struct xvs_guid *id)
{
    for (const struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        if (stages_find(vswitch, id)) {
            return vswitch;
        }
    }
    return NULL;
}

void
plugins_unload(struct driver *driver, struct request *request,
               const struct control_header *message)
{
    const struct control_extension_ref *which = control_body(message);
    struct plugin *plugin = expect_plugin(driver, request, &which->extension);
    struct plugin **at = &driver->plugins;
    const struct vswitch *user;
    struct error error;

    if (!plugin) {
        return;
    }
    if (plugin->n_stages) {
        user = first_user(driver, &which->extension);
        error_set(&error, ERROR_IN_USE, "%s is %s%s", plugin->extension.name,
                  user ? "enabled on switch " : "not done with fini yet",
                  user ? user->name : "");
        request_fail(request, &error);
        return;
    }
    while (*at != plugin) {
        at = &(*at)->next;
    }
    *at = plugin->next;
    log_info("forgot %s", plugin->extension.name);
    keeps_forget(driver->place.keeps, 0, &plugin->extension.id);
    plugin_unload(plugin);
    request_succeed(request);
}

void
plugins_set_layout(struct driver *driver, struct request *request,
                   const struct control_header *message)
{
    const struct control_layout *head = control_body(message);
    const void *wire = control_after(head, sizeof *head);
    struct plugin *plugin = expect_plugin(driver, request, &head->extension);
    struct error error;

    if (!plugin) {
        return;
    }
    if (plugin_set_layout(plugin, head, wire,
                          control_after(wire, head->layout_size), &error)) {
        request_succeed(request);
    } else {
        request_fail(request, &error);
    }
}

/* Settings of the class that are in force. */
static uint32_t
count_settings(const struct driver *driver, const struct plugin *plugin,
               const struct xvs_guid *uuid)
{
    uint32_t n = 0;

    for (const struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        const struct stage *stage =
            stages_find(vswitch, &plugin->extension.id);

        for (const struct setting *one =
                 stage ? inforce_first(stage->settings) : NULL;
             one; one = one->next) {
            n += guid_equal(&one->head.uuid, uuid);
        }
    }
    return n;
}

void
plugins_drop_layout(struct driver *driver, struct request *request,
                    const struct control_header *message)
{
    const struct control_layout *head = control_body(message);
    struct plugin *plugin = expect_plugin(driver, request, &head->extension);
    struct feature_layout *layout;
    struct error error;
    uint32_t n;

    if (!plugin) {
        return;
    }
    layout = plugin_layout(plugin, &head->uuid);
    n = count_settings(driver, plugin, &head->uuid);
    if (!layout || n) {
        error_set(&error, layout ? ERROR_IN_USE : ERROR_NOT_FOUND,
                  layout ? "%s has %u settings of this class in force"
                         : "%s has no layout of this class (%u settings)",
                  plugin->extension.name, n);
        request_fail(request, &error);
        return;
    }
    plugin_drop_layout(plugin, layout);
    request_succeed(request);
}
