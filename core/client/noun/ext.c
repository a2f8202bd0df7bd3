/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl ext: extensions of the host, and where they are enabled.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/memory.h"
#include "client/command.h"
#include "client/noun/ext.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "object/instance.h"
#include "object/path.h"

#define CLASS "XVS_Extension"
#define STAGE "XVS_Stage"
#define PLUGIN_LIMIT (256u << 20)

static const char *
plugin_folder(const struct run *run)
{
    const char *folder = run_option(run, "plugin-dir");

    return folder ? folder : XVS_PLUGINDIR;
}

/* Copies the plugin into the folder, whole or not at all. */
static bool
copy_plugin(struct run *run, const char *from, const char *name)
{
    BUFFER_AUTO struct buffer data = BUFFER_INIT;
    const char *folder = plugin_folder(run);
    int fd;
    bool done;

    if (!durable_read(AT_FDCWD, from, PLUGIN_LIMIT, &data, &run->error)) {
        run->error.code = ERROR_IO;
        return false;
    }
    if (data.size < 4 || memcmp(data.data, "\177ELF", 4) != 0) {
        error_set(&run->error, ERROR_INVALID, "%s is no shared object",
                  from);
        return error_hint(&run->error, "give the .so that was built");
    }
    fd = open(folder, O_DIRECTORY | O_CLOEXEC | O_RDONLY);
    if (fd < 0) {
        error_set_errno(&run->error, errno, "plugin folder %s", folder);
        return error_hint(&run->error, "--plugin-dir FOLDER names another");
    }
    done = durable_write(fd, name, NULL, data.data, data.size, &run->error)
           || error_prefix(&run->error, "%s", folder);
    if (done && fchmodat(fd, name, 0644, 0) != 0) {
        done = error_set_errno(&run->error, errno, "%s/%s", folder, name);
    }
    close(fd);
    return done;
}

/* "dir/acl.so" is the extension "acl" until its file says otherwise. */
static char *
extension_name(const char *file)
{
    size_t length = strlen(file);

    if (length > 3 && strcmp(file + length - 3, ".so") == 0) {
        length -= 3;
    }
    return mem_strndup(file, length);
}

static bool
refuse_remote_file(struct run *run, const char *file)
{
    run_usage(run, "a file is installed on this host only");
    return error_hint(&run->error, "copy it into the plugin folder of %s, "
                      "then name %s without a folder",
                      run_option(run, "host"), file);
}

static bool
install(struct run *run)
{
    const char *word = run_word(run, 0);
    const char *slash = strrchr(word, '/');
    const char *file = slash ? slash + 1 : word;
    MEM_AUTO char *name = extension_name(file);
    struct instance *instance;
    struct path *path = NULL;
    const char *made;

    if (slash && run_option(run, "host")) {
        return refuse_remote_file(run, file);
    }
    if (slash && !copy_plugin(run, word, file)) {
        return false;
    }
    instance = objects_new(run, CLASS);
    if (!instance) {
        return false;
    }
    instance_set_string(instance, "Name", name);
    instance_set_string(instance, "File", file);
    if (!objects_create(run, instance, &path)) {
        return false;
    }
    made = path ? path_key(path, "Name") : NULL;
    run_result(run, made ? made : name, "extension %s installed",
               made ? made : name);
    path_destroy(path);
    return true;
}

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Extension", "Name" },    { "Class", "ExtensionClass" },
        { "Version", "Version" },   { "Vendor", "Vendor" },
        { "File", "File" },         { "State", "State" },
        { "Domain", "DomainScan" },
        { "Enabled on", "Switches" }, { NULL, NULL },
    };

    return objects_list(run, CLASS, columns, "Name");
}

static bool
show(struct run *run)
{
    return objects_show(run, run_path(CLASS, "Name", run_word(run, 0)),
                        "Name");
}

static bool
enable(struct run *run)
{
    static const char *const options[][2] = {
        { "position", "Position" }, { "partition", "Partition" },
        { "partner", "Partner" }, { "sharing", "Sharing" },
    };
    struct instance *instance = objects_new(run, STAGE);

    if (!instance) {
        return false;
    }
    instance_set_string(instance, "ExtensionName", run_word(run, 0));
    instance_set_string(instance, "SwitchName", run_word(run, 1));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *text = run_option(run, options[i][0]);

        if (text && !instance_set_text(instance, options[i][1], text,
                                       &run->error)) {
            instance_destroy(instance);
            return error_prefix(&run->error, "--%s", options[i][0]);
        }
    }
    if (!objects_create(run, instance, NULL)) {
        return false;
    }
    run_result(run, run_word(run, 0), "extension %s enabled on %s",
               run_word(run, 0), run_word(run, 1));
    return true;
}

static bool
move(struct run *run)
{
    static const char *const names[] = { "Position" };
    struct instance *instance = objects_new(run, STAGE);

    if (!instance) {
        return false;
    }
    if (!instance_set_text(instance, "Position", run_word(run, 2),
                           &run->error)) {
        instance_destroy(instance);
        return false;
    }
    if (!objects_modify(run, run_path_pair(STAGE, "SwitchName",
                                           run_word(run, 1), "ExtensionName",
                                           run_word(run, 0)),
                        instance, names, 1)) {
        return false;
    }
    run_say(run, "extension %s moved on %s", run_word(run, 0),
            run_word(run, 1));
    return true;
}

/* Without a file: what is in the plugin folder under its name by now. */
static bool
upgrade(struct run *run)
{
    static const char *const names[] = { "File" };
    const char *name = run_word(run, 0), *word = run_word(run, 1);
    const char *slash = word ? strrchr(word, '/') : NULL;
    const char *file = slash ? slash + 1 : word;
    struct instance *instance;

    if (slash && run_option(run, "host")) {
        return refuse_remote_file(run, file);
    }
    if (slash && !copy_plugin(run, word, file)) {
        return false;
    }
    instance = objects_new(run, CLASS);
    if (!instance) {
        return false;
    }
    if (file) {
        instance_set_string(instance, "File", file);
    }
    if (!objects_modify(run, run_path(CLASS, "Name", name), instance, names,
                        1)) {
        return false;
    }
    run_say(run, "extension %s upgraded", name);
    return true;
}

static bool
disable(struct run *run)
{
    if (!objects_delete(run, run_path_pair(STAGE, "SwitchName",
                                           run_word(run, 1), "ExtensionName",
                                           run_word(run, 0)))) {
        return false;
    }
    run_say(run, "extension %s disabled on %s", run_word(run, 0),
            run_word(run, 1));
    return true;
}

/* Removes the plugin's file after the extension is gone. */
static bool
purge(struct run *run, const char *file)
{
    MEM_AUTO char *path = mem_printf("%s/%s", plugin_folder(run), file);

    if (strchr(file, '/')) {
        return error_set(&run->error, ERROR_INVALID,
                         "'%s' is not in the plugin folder", file);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return error_set_errno(&run->error, errno, "cannot remove %s", path);
    }
    run_say(run, "%s removed", path);
    return true;
}

static bool
remove_extension(struct run *run)
{
    const char *name = run_word(run, 0);
    MEM_AUTO char *file = NULL;

    if (run_has(run, "purge")) {
        struct instance *instance =
            objects_get(run, run_path(CLASS, "Name", name));
        const char *text = instance ? instance_text(instance, "File") : NULL;

        if (!instance) {
            return false;
        }
        file = text ? mem_strdup(text) : NULL;
        instance_destroy(instance);
    }
    if (!objects_delete(run, run_path(CLASS, "Name", name))) {
        return false;
    }
    run_say(run, "extension %s removed", name);
    return !file || purge(run, file);
}

static const struct option install_options[] = {
    { "plugin-dir", 0, "FOLDER", "where plugins are", WORD_FOLDER },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option enable_options[] = {
    { "position", 0, "N", "place among the extensions of its class",
      WORD_FREE },
    { "partition", 0, "NAME", "where it runs: inline (default), process,"
      " copy or domain", WORD_PARTITION },
    { "partner", 0, "EXTENSION", "whose place it holds too", WORD_EXTENSION },
    { "sharing", 0, "HOW", "failover (default) or aggregate", WORD_SHARING },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option remove_options[] = {
    { "purge", 0, NULL, "remove its file too", WORD_NONE },
    { "plugin-dir", 0, "FOLDER", "where plugins are", WORD_FOLDER },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command ext_commands[] = {
    { "install", "FILE|NAME.so",
      "Installs a plugin: a path is copied into the plugin folder first.",
      install_options, { WORD_FILE }, 1, 1, install },
    { "list", "", "Lists the extensions that are installed.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "EXTENSION", "Shows all about an extension.", NULL,
      { WORD_EXTENSION }, 1, 1, show },
    { "enable", "EXTENSION SWITCH", "Puts an extension into a switch.",
      enable_options, { WORD_EXTENSION, WORD_SWITCH }, 2, 2, enable },
    { "disable", "EXTENSION SWITCH",
      "Takes an extension out of a switch; its settings are kept.", NULL,
      { WORD_EXTENSION, WORD_SWITCH }, 2, 2, disable },
    { "move", "EXTENSION SWITCH POSITION",
      "Gives an extension another place among those of its class.", NULL,
      { WORD_EXTENSION, WORD_SWITCH, WORD_FREE }, 3, 3, move },
    { "upgrade", "EXTENSION [FILE|NAME.so]",
      "Puts a new version in its place while packets flow.",
      install_options, { WORD_EXTENSION, WORD_FILE }, 1, 2, upgrade },
    { "scan", "FILE...",
      "Says what keeps plugin files of this host out of a domain.", NULL,
      { WORD_FILE }, 1, ANY_NUMBER, ext_scan },
    { "remove", "EXTENSION", "Uninstalls an extension.", remove_options,
      { WORD_EXTENSION }, 1, 1, remove_extension },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
