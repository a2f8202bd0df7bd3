/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Finding, loading and unloading plugin files; descriptor.c judges what is
 * inside, and layouts are kept here.
 */

#include <config.h>

#include "stage/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "stage/descriptor.h"

static bool
judge_file(const char *path, const struct stat *status, uid_t trusted,
           struct error *error)
{
    if (!S_ISREG(status->st_mode)) {
        return error_set(error, ERROR_DENIED, "%s is not a regular file",
                         path);
    }
    if (status->st_uid != 0 && status->st_uid != geteuid()
        && status->st_uid != trusted) {
        return error_set(error, ERROR_DENIED, "%s belongs to user %u, who is"
                         " neither root nor the user of xvs-switch", path,
                         (unsigned int) status->st_uid);
    }
    if (status->st_mode & S_IWOTH) {
        return error_set(error, ERROR_DENIED, "%s can be written by everyone",
                         path);
    }
    return true;
}

/* Whoever may write a folder may exchange the files in it. */
static bool
judge_folder(const char *folder, struct error *error)
{
    struct stat status;

    if (stat(folder, &status) != 0) {
        return error_set_errno(error, errno, "%s", folder);
    }
    if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX)) {
        return error_set(error, ERROR_DENIED, "the plugin folder %s can be"
                         " written by everyone", folder);
    }
    return true;
}

bool
plugin_find(const char *const *folders, const char *file, uid_t trusted,
            char path[PLUGIN_PATH], struct error *error)
{
    struct stat status;

    for (const char *const *folder = folders; *folder; folder++) {
        if (snprintf(path, PLUGIN_PATH, "%s/%s", *folder, file)
            >= PLUGIN_PATH) {
            continue;
        }
        if (lstat(path, &status) == 0) {
            return judge_file(path, &status, trusted, error)
                && judge_folder(*folder, error);
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            return error_set_errno(error, errno, "%s", path);
        }
    }
    error_set(error, ERROR_NOT_FOUND, "there is no plugin file %s in %s%s",
              file, folders[0], folders[1] ? " and the other folders" : "");
    return error_hint(error, "copy it there, or start xvs-switch with"
                             " --plugin-dir");
}

/*
 * dlopen() gives back what it has when a name was used before, also when the
 * file has been replaced.  So that an upgrade can come under the same name,
 * each load spells the path in its own way, with more slashes; the loader
 * then looks at the file itself and takes the same one (and only that) for the
 * same.
 */
static void *
open_afresh(const char *path)
{
    static unsigned int n_loads;
    const char *slash = strrchr(path, '/');
    char spelled[PLUGIN_PATH + 256];

    if (!slash) {
        return dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    snprintf(spelled, sizeof spelled, "%.*s%.*s%s", (int) (slash - path),
             path, (int) (n_loads++ % 64) + 1,
             "////////////////////////////////////////////////////////////////",
             slash + 1);
    return dlopen(spelled, RTLD_NOW | RTLD_LOCAL);
}

struct plugin *
plugin_load(const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    const struct xvs_extension *theirs;
    struct plugin *plugin = mem_zalloc(sizeof *plugin);

    snprintf(plugin->file, sizeof plugin->file, "%s", file);
    plugin->path = mem_strdup(path);
    plugin->handle = open_afresh(path);
    if (!plugin->handle) {
        error_set(error, ERROR_INVALID, "%s cannot be loaded: %s", file,
                  dlerror());
        free(plugin->path);
        free(plugin);
        return NULL;
    }
    theirs = dlsym(plugin->handle, XVS_SYMBOL_NAME);
    if (!theirs) {
        error_set(error, ERROR_INVALID, "%s is not an xvs plugin: it has no"
                  " symbol " XVS_SYMBOL_NAME, file);
    }
    if (!theirs
        || !descriptor_copy(theirs, file, &plugin->extension, error)) {
        plugin_unload(plugin);
        return NULL;
    }
    return plugin;
}

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

void
plugin_unload(struct plugin *plugin)
{
    if (!plugin) {
        return;
    }
    while (plugin->layouts) {
        plugin_drop_layout(plugin, plugin->layouts);
    }
    dlclose(plugin->handle);
    free(plugin->path);
    free(plugin);
}

const struct xvs_feature *
plugin_feature(const struct plugin *plugin, const struct xvs_guid *uuid)
{
    const struct xvs_extension *extension = &plugin->extension;

    for (uint32_t i = 0; i < extension->n_features; i++) {
        if (guid_equal(&extension->features[i].uuid, uuid)) {
            return &extension->features[i];
        }
    }
    return NULL;
}

const struct xvs_method *
plugin_method(const struct plugin *plugin, const struct xvs_guid *uuid,
              const char *name)
{
    const struct xvs_extension *extension = &plugin->extension;

    for (uint32_t i = 0; i < extension->n_methods; i++) {
        const struct xvs_method *method = &extension->methods[i];

        if (guid_equal(&method->uuid, uuid)
            && strcmp(method->name, name) == 0) {
            return method;
        }
    }
    return NULL;
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
