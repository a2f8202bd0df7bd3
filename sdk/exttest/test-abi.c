/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The file and its descriptor.
 */

#include <config.h>

#include "exttest.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/text.h"
#include "rig.h"
#include "stage/plugin/description.h"
#include "stage/plugin/plugin.h"
#include "subject.h"

/* The descriptor as the plugin has it; NULL after a failure. */
static const struct xvs_extension *
open_descriptor(struct trial *trial)
{
    const struct xvs_extension *extension;
    void *handle;

    trial_step(trial, "dlopen");
    handle = dlopen(trial->subject->path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        trial_fail(trial, "the loader refuses it: %s", dlerror());
        return NULL;
    }
    extension = dlsym(handle, XVS_SYMBOL_NAME);
    if (!extension) {
        trial_fail(trial, "it has no symbol " XVS_SYMBOL_NAME "; define it"
                   " with XVS_EXTENSION");
    }
    return extension;
}

static void
test_symbol(struct trial *trial)
{
    open_descriptor(trial);
}

static void
test_load(struct trial *trial)
{
    const struct plugin *plugin = rig_plugin(trial->rig);

    if (!plugin) {
        trial_fail(trial, "the switch does not know it after loading it");
        return;
    }
    trial_note(trial, "%s %u.%u of %s", plugin->extension.name,
               plugin->extension.version >> 8,
               plugin->extension.version & 0xff, plugin->extension.vendor);
}

/* Members that each version of the contract has put behind the others. */
static uint32_t
least_size(uint16_t api_version)
{
    return api_version >= 0x0104 ? sizeof(struct xvs_extension)
        : api_version >= 0x0103 ? offsetof(struct xvs_extension, ready)
        : api_version >= 0x0101 ? offsetof(struct xvs_extension, traits)
        : offsetof(struct xvs_extension, reasons);
}

static void
test_size(struct trial *trial)
{
    const struct xvs_extension *extension = open_descriptor(trial);

    if (!extension) {
        return;
    }
    if (extension->size < least_size(extension->api_version)) {
        trial_fail(trial, "size is %u, but version %u.%u of the contract has"
                   " %u bytes; set both with XVS_EXTENSION_HEAD",
                   extension->size, extension->api_version >> 8,
                   extension->api_version & 0xff,
                   least_size(extension->api_version));
    }
    if (extension->reserved) {
        trial_fail(trial, "reserved is %u, not 0", extension->reserved);
    }
    if (extension->version == 0) {
        trial_fail(trial, "version is 0: nobody can tell whether a file is"
                   " newer");
    }
}

static bool
is_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char) name[i]) && name[i] != '-'
            && name[i] != '_' && name[i] != '.') {
            return false;
        }
    }
    return length > 0 && length < XVS_NAME_SIZE;
}

/* "a, b" */
static void
check_wishes(struct trial *trial, const char *what, const char *list,
             const char *name)
{
    while (list && *list) {
        size_t length;

        list += strspn(list, " ,");
        length = strcspn(list, " ,");
        if (length && !is_name(list, length)) {
            trial_fail(trial, "%s: '%.*s' is not a name", what, (int) length,
                       list);
        }
        if (length == strlen(name) && strncmp(list, name, length) == 0) {
            trial_fail(trial, "%s: it names itself", what);
        }
        list += length;
    }
}

static void
test_names(struct trial *trial)
{
    const struct xvs_extension *extension =
        &rig_plugin(trial->rig)->extension;

    if (!is_name(extension->name, strlen(extension->name))) {
        trial_fail(trial, "name '%s': letters, digits, '-', '_' and '.' are"
                   " what an operator can type", extension->name);
    }
    if (!extension->vendor || !extension->vendor[0]) {
        trial_fail(trial, "vendor is empty: whom does an operator ask?");
    }
    if (!extension->description || !extension->description[0]) {
        trial_fail(trial, "description is empty");
    }
    check_wishes(trial, "before", extension->before, extension->name);
    check_wishes(trial, "after", extension->after, extension->name);
}

static void
test_guid(struct trial *trial)
{
    const struct xvs_guid *id = &rig_plugin(trial->rig)->extension.id;
    char text[GUID_TEXT_SIZE];

    if ((id->d[0] & 0xc0) != 0x80 || id->c >> 12 < 1 || id->c >> 12 > 8) {
        trial_fail(trial, "id %s is no UUID of RFC 9562, so that nothing"
                   " makes it unique; take one from uuidgen",
                   guid_format(id, text));
    }
}

static void
test_reasons(struct trial *trial)
{
    const struct xvs_extension *extension =
        &rig_plugin(trial->rig)->extension;

    for (uint32_t i = 0; i < extension->n_reasons; i++) {
        const char *reason = extension->reasons[i];

        for (uint32_t j = 0; reason && reason[0] && j < i; j++) {
            if (extension->reasons[j]
                && strcmp(extension->reasons[j], reason) == 0) {
                trial_fail(trial, "reasons %u and %u are both '%s'", j, i,
                           reason);
            }
        }
    }
    trial_note(trial, "%u reasons", extension->n_reasons);
}

/* Whether the schema has a class of that kind for it. */
static bool
has_class(const struct trial *trial, enum feature_kind kind)
{
    const struct subject *subject = trial->subject;

    for (uint32_t i = 0; i < subject->n_features; i++) {
        if (subject->features[i].feature.kind == kind
            && guid_equal(&subject->features[i].feature.extension,
                          &trial->rig->id)) {
            return true;
        }
    }
    return false;
}

static void
test_hooks(struct trial *trial)
{
    const struct plugin *plugin = rig_plugin(trial->rig);
    uint32_t hooks = plugin->hooks;
    uint32_t traits = plugin->extension.traits;

    if (has_class(trial, FEATURE_SETTING)
        && !(hooks & (HOOK_SETTING | HOOK_OID))) {
        trial_fail(trial, "its schema has settings, and it has no hook"
                   " 'setting'");
    }
    if (has_class(trial, FEATURE_STATUS)
        && !(hooks & (HOOK_STATUS | HOOK_OID))) {
        trial_fail(trial, "its schema has status classes, and it has no hook"
                   " 'status'");
    }
    if (traits & XVS_TRAIT_EGRESS && !(hooks & HOOK_EGRESS)) {
        trial_fail(trial, "XVS_TRAIT_EGRESS, and it has no hook 'egress'");
    }
    if (traits && plugin->extension.extension_class == XVS_CLASS_CAPTURE
        && traits & ~(uint32_t) XVS_TRAIT_WIRE) {
        trial_fail(trial, "traits of one that changes frames, in a class"
                   " that may not");
    }
    if (hooks & HOOK_FINI && !(hooks & HOOK_INIT)) {
        trial_fail(trial, "fini without init would get no 'self'");
    }
}

/* The code that is loaded says the same as the one that was tried. */
static void
test_same(struct trial *trial)
{
    struct error error;

    if (!rig_enable(trial->rig, 1, &error)) {
        trial_fail(trial, "it is not enabled: %s", error.text);
    }
}

static const struct test tests[] = {
    TEST("abi.symbol", "A plugin is found by one exported symbol;"
      " without it a file is no plugin.", test_symbol, NEEDS_FILE),
    TEST("abi.load", "The host tries a plugin in a process of its own before"
      " it takes it: constructors, descriptor, init and fini.", test_load,
      NEEDS_PLUGIN),
    TEST("abi.size", "The descriptor grows at its end, so its size and version"
      " say what the host may read.", test_size, NEEDS_FILE),
    SLOW("abi.names", "Operators type the name, and see who made it.",
      test_names, NEEDS_PLUGIN, 0),
    SLOW("abi.guid", "Settings find their extension by its id, which must be"
      " nobody else's.", test_guid, NEEDS_PLUGIN, 0),
    SLOW("abi.reasons", "Drops are counted by reason; two of one name cannot be"
      " told apart.", test_reasons, NEEDS_PLUGIN, 0),
    TEST("abi.hooks", "A class without its hook, or a trait without its, is a"
      " promise that nobody keeps.", test_hooks, NEEDS_PLUGIN),
    TEST("abi.same", "What runs must be what was tried: a descriptor that"
      " changes from process to process is refused.", test_same, NEEDS_RIG),
};

GROUP(abi, "the file and its descriptor", tests);
