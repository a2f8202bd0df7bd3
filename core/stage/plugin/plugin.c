/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Finding, opening and unloading plugin files; descriptor.c judges what is
 * inside, description.c what others say of it.
 */

#include <config.h>

#include "stage/plugin/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "stage/plugin/descriptor.h"

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

/* The file's code and descriptor, which is copied and judged; NULL with an
 * error. */
static void *
open_file(const char *path, const char *file, struct xvs_extension *extension,
          struct error *error)
{
    void *handle = open_afresh(path);
    const struct xvs_extension *theirs;

    if (!handle) {
        error_set(error, ERROR_INVALID, "%s cannot be loaded: %s", file,
                  dlerror());
        return NULL;
    }
    theirs = dlsym(handle, XVS_SYMBOL_NAME);
    if (!theirs) {
        error_set(error, ERROR_INVALID, "%s is not an xvs plugin: it has no"
                  " symbol " XVS_SYMBOL_NAME, file);
    }
    if (!theirs || !descriptor_copy(theirs, file, extension, error)) {
        dlclose(handle);
        return NULL;
    }
    return handle;
}

static struct plugin *
make(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct plugin *plugin = mem_zalloc(sizeof *plugin);

    plugin->path = mem_strdup(path);
    snprintf(plugin->file, sizeof plugin->file, "%s",
             slash ? slash + 1 : path);
    return plugin;
}

struct plugin *
plugin_load(const char *path, struct error *error)
{
    struct plugin *plugin = make(path);

    plugin->handle = open_file(path, plugin->file, &plugin->extension, error);
    if (!plugin->handle) {
        plugin_unload(plugin);
        return NULL;
    }
    plugin->hooks = description_hooks(&plugin->extension);
    return plugin;
}

/* ---- Described, and opened later ---------------------------------------- */

bool
plugin_mark(const char *path, struct plugin_mark *mark, struct error *error)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return error_set_errno(error, errno, "%s", path);
    }
    *mark = (struct plugin_mark) { status.st_dev, status.st_ino,
                                   status.st_size, status.st_mtim };
    return true;
}

struct plugin *
plugin_described(const char *path, const struct plugin_mark *mark,
                 const void *bytes, size_t size, struct error *error)
{
    struct plugin *plugin = make(path);

    plugin->mark = *mark;
    if (!description_read(&plugin->description, bytes, size, plugin->file,
                          error)) {
        plugin_unload(plugin);
        return NULL;
    }
    plugin->extension = plugin->description.extension;
    plugin->hooks = plugin->description.hooks;
    plugin_scan(path, &plugin->scan);
    return plugin;
}

static bool
is_same_inode(const struct plugin_mark *one, const struct plugin_mark *other)
{
    return one->device == other->device && one->inode == other->inode;
}

static bool
is_unchanged(const struct plugin_mark *one, const struct plugin_mark *other)
{
    return is_same_inode(one, other) && one->size == other->size
        && one->changed.tv_sec == other->changed.tv_sec
        && one->changed.tv_nsec == other->changed.tv_nsec;
}

/* The inode of an opened file is not free for another. */
bool
plugin_is_same(const struct plugin *one, const struct plugin *other)
{
    return one->handle || other->handle
        ? is_same_inode(&one->mark, &other->mark)
        : is_unchanged(&one->mark, &other->mark);
}

static bool
refuse_other(const struct plugin *plugin, struct error *error)
{
    error_set(error, ERROR_INVALID, "%s is not the file any more that was"
              " tried when %s was installed", plugin->file,
              plugin->extension.name);
    return error_hint(error, "take the new one with: xvsctl ext upgrade %s",
                      plugin->extension.name);
}

/* Functions only: others may read the rest at the same time.  'opened' has
 * them all, or none and no methods. */
static void
take_functions(struct plugin *plugin, const struct xvs_extension *opened)
{
    struct xvs_extension *ours = &plugin->extension;

    ours->init = opened->init;
    ours->fini = opened->fini;
    ours->port = opened->port;
    ours->state = opened->state;
    ours->setting = opened->setting;
    ours->status = opened->status;
    ours->oid = opened->oid;
    ours->timer = opened->timer;
    ours->ingress = opened->ingress;
    ours->egress = opened->egress;
    ours->ready = opened->ready;
    for (uint32_t i = 0; i < ours->n_methods; i++) {
        plugin->description.methods[i].function =
            opened->methods ? opened->methods[i].function : NULL;
    }
}

bool
plugin_is_there(const struct plugin *plugin, struct error *error)
{
    struct plugin_mark mark;

    return plugin_mark(plugin->path, &mark, error)
        && (is_unchanged(&mark, &plugin->mark)
            || refuse_other(plugin, error));
}

bool
plugin_open(struct plugin *plugin, struct error *error)
{
    struct xvs_extension opened;
    void *handle;

    if (plugin->handle) {
        plugin->n_opened++;
        return true;
    }
    if (!plugin_is_there(plugin, error)) {
        return false;
    }
    handle = open_file(plugin->path, plugin->file, &opened, error);
    if (!handle) {
        return false;
    }
    if (!description_fits(&plugin->description, &opened, plugin->file)) {
        dlclose(handle);
        return error_set(error, ERROR_INVALID, "%s says something else of"
                         " itself here than where it was tried",
                         plugin->file);
    }
    plugin->handle = handle;
    plugin->n_opened = 1;
    take_functions(plugin, &opened);
    log_info("loaded %s from %s", plugin->extension.name, plugin->path);
    return true;
}

void
plugin_close(struct plugin *plugin)
{
    const struct xvs_extension none = { .size = 0 };

    if (--plugin->n_opened == 0) {
        take_functions(plugin, &none);
        dlclose(plugin->handle);
        plugin->handle = NULL;
        log_info("unloaded %s", plugin->extension.name);
    }
}

/* ---- The end, and what it knows ----------------------------------------- */

void
plugin_unload(struct plugin *plugin)
{
    if (!plugin) {
        return;
    }
    while (plugin->layouts) {
        plugin_drop_layout(plugin, plugin->layouts);
    }
    if (plugin->handle) {
        dlclose(plugin->handle);
    }
    description_free(&plugin->description);
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
