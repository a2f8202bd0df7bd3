/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl vm: VMs behind the management channel, which are settings of the
 * extension channel on the switch "host".
 */

#include <config.h>

#include "client/noun/vm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/command.h"
#include "client/invocation.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/wql.h"
#include "schema/feature.h"

#define PROGRAM "xvs-connect"

struct cim_class *
vm_class(struct run *run, const char *name)
{
    struct cim_class *cls = run_class(run, name);

    if (!cls && run->error.code != ERROR_DENIED && run_client(run)
        && !cim_client_is_unreachable(run_client(run))) {
        error_set(&run->error, ERROR_NOT_FOUND, "the management channel is"
                  " not set up on this host");
        error_hint(&run->error, "xvsctl schema add xvs_channel.mof; xvsctl"
                   " ext install channel.so; xvsctl ext enable channel "
                   VM_SWITCH);
    }
    return cls;
}

/* ---- Finding ------------------------------------------------------------ */

/* A search for a VM by a name of it. */
struct search {
    const char *host;           /* "": any */
    struct instance *here;      /* has the name of this host; or NULL */
    struct instance *found;
    size_t n;
};

/* Whose Host it is; a VM of this host needs none. */
static const char *
host_of(const struct search *search, const struct instance *instance)
{
    const char *host = instance_text(instance, "Host");

    return (!host || !*host) && search->here
        ? instance_text(search->here, "Host") : host;
}

static bool
take_vm(void *arg, struct instance *instance, const struct path *path,
        struct error *error)
{
    struct search *search = arg;
    const char *host = host_of(search, instance);
    bool same = !*search->host
        || (host && text_equal_fold(host, search->host));

    (void) path;
    (void) error;
    if (same && search->n++ == 0) {
        search->found = instance;
    } else {
        instance_destroy(instance);
    }
    return true;
}

static bool
take_here(void *arg, struct instance *instance, const struct path *path,
          struct error *error)
{
    struct search *search = arg;

    (void) path;
    (void) error;
    instance_destroy(search->here);
    search->here = instance;
    return true;
}

/* The setting that names this host, or what is without it. */
static bool
find_here(struct run *run, struct search *search)
{
    struct cim_class *cls = vm_class(run, VM_HOST_SETTING);

    if (!cls || !cim_client_query(run_client(run), "SELECT * FROM "
                                  VM_HOST_SETTING, take_here, search,
                                  &run->error)) {
        return false;
    }
    if (!search->here) {
        search->here = instance_create(cls);
    }
    return true;
}

/* By its Name, or by any of its names; the server has them in an index. */
static bool
ask(struct run *run, const char *name, bool name_only, struct search *search)
{
    static const char *const properties[] = { "Name", "Uuid", "Aliases" };
    BUFFER_AUTO struct buffer query = BUFFER_INIT;

    buffer_puts(&query, "SELECT * FROM " VM_SETTING " WHERE ");
    for (size_t i = 0; i < (name_only ? 1 : 3); i++) {
        buffer_printf(&query, "%s%s = ", i ? " OR " : "", properties[i]);
        wql_put_text(&query, name);
    }
    return cim_client_query(run_client(run), buffer_string(&query), take_vm,
                            search, &run->error);
}

static struct instance *
find(struct run *run, const char *name, bool name_only, bool *failed)
{
    const char *colon = strchr(name, ':');
    MEM_AUTO char *host = mem_strndup(name, colon ? (size_t) (colon - name)
                                                  : 0);
    struct search search = { .host = host };

    *failed = !vm_class(run, VM_SETTING)
        || (colon && !find_here(run, &search))
        || !ask(run, colon ? colon + 1 : name, name_only, &search);
    instance_destroy(search.here);
    if (!*failed && search.n > 1) {
        error_set(&run->error, ERROR_INVALID, "%zu VMs are called %s",
                  search.n, name);
        error_hint(&run->error, "give the UUID, or HOST:%s", name);
        *failed = true;
    }
    if (*failed) {
        instance_destroy(search.found);
        return NULL;
    }
    return search.found;
}

struct instance *
vm_setting(struct run *run, const char *name)
{
    bool failed;
    struct instance *found = find(run, name, false, &failed);

    if (!found && !failed) {
        error_set(&run->error, ERROR_NOT_FOUND, "there is no VM %s", name);
        error_hint(&run->error, "xvsctl vm list shows them; vm register makes"
                   " one known");
    }
    return found;
}

struct instance *
vm_setting_of(struct run *run, const char *name, bool *failed)
{
    return find(run, name, true, failed);
}

static void
add_key(struct path *path, const char *name, const char *text)
{
    path_add_key(path, name, mem_strdup(text), true);
}

/* Its status has the same instance, of the status's class. */
static struct path *
status_path(const struct cim_class *cls, const struct instance *setting)
{
    const char *instance = strrchr(instance_text(setting, "InstanceID"),
                                   '\\');
    struct path *path = mem_zalloc(sizeof *path);
    char class_id[GUID_TEXT_SIZE];
    struct feature feature;

    feature_of_class(cls, &feature, NULL);
    path->class_name = mem_strdup(VM_STATUS);
    add_key(path, "SystemCreationClassName", "XVS_Switch");
    add_key(path, "SystemName", VM_SWITCH);
    add_key(path, "CreationClassName", VM_STATUS);
    path_add_key(path, "Name",
                 mem_printf("xvs:" VM_SWITCH "\\%s%s",
                            guid_format(&feature.uuid, class_id), instance),
                 true);
    return path;
}

struct instance *
vm_status(struct run *run, const char *name)
{
    struct instance *setting = vm_setting(run, name), *status = NULL;
    struct cim_class *cls = setting ? vm_class(run, VM_STATUS) : NULL;

    if (cls) {
        status = objects_get(run, status_path(cls, setting));
    }
    if (cls && !status && run->error.code == ERROR_NOT_FOUND) {
        error_set(&run->error, ERROR_NOT_FOUND, "VM %s is not known to the"
                  " extension: its setting is %s", name,
                  instance_text(setting, "SettingState"));
        error_hint(&run->error, "xvsctl ext enable channel " VM_SWITCH);
    }
    instance_destroy(setting);
    return status;
}

/* ---- Verbs -------------------------------------------------------------- */

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "VM", "Vm" },             { "Host", "Host" },
        { "Link", "Link" },         { "State", "State" },
        { "Streams", "Streams" },   { "Opened", "Opened" },
        { "Up", "BytesUp" },        { "Down", "BytesDown" },
        { "Agent", "Agent" },       { "Reason", "Reason" },
        { NULL, NULL },
    };

    return vm_class(run, VM_STATUS)
        && objects_list(run, VM_STATUS, columns, "Vm");
}

static bool
show(struct run *run)
{
    struct instance *instance = vm_status(run, run_word(run, 0));

    if (!instance) {
        return false;
    }
    listing_show(run, instance, "Vm");
    instance_destroy(instance);
    return true;
}

static bool
forget(struct run *run)
{
    for (size_t i = 0; run_word(run, i); i++) {
        const char *name = run_word(run, i);
        struct instance *instance = vm_setting(run, name);
        struct path *path = instance ? path_of_instance(instance) : NULL;

        instance_destroy(instance);
        if (!path || !objects_delete(run, path)) {
            return false;
        }
        run_result(run, name, "VM %s forgotten", name);
    }
    return true;
}

/* By the extension's method, which changes no setting. */
static bool
renew_one(struct run *run, const char *name)
{
    struct cim_class *cls = vm_class(run, VM_SETTING);
    struct path *path = run_path(VM_SETTING, "SystemName", VM_SWITCH);
    struct invocation call;
    bool done = cls && invocation_begin(&call, run, cls, "Renew");

    if (done) {
        invocation_set(&call, "Name", value_string(name));
        done = invocation_run(&call, path);
        invocation_end(&call);
    }
    path_destroy(path);
    return done;
}

static bool
renew(struct run *run)
{
    for (size_t i = 0; run_word(run, i); i++) {
        if (!renew_one(run, run_word(run, i))) {
            return false;
        }
        run_result(run, run_word(run, i), "lease of VM %s renewed",
                   run_word(run, i));
    }
    return true;
}

static bool
services(struct run *run)
{
    struct instance *instance = vm_status(run, run_word(run, 0));
    const char *text = instance ? instance_text(instance, "Services") : NULL;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (!instance) {
        return false;
    }
    if (run->form == RUN_JSON) {
        buffer_printf(&out, "[%s]\n", text ? text : "");
    } else {
        for (const char *at = text; at && *at;) {
            size_t n = strcspn(at, ",");

            buffer_printf(&out, "%.*s\n", (int) n, at);
            at += n + (at[n] == ',');
        }
    }
    fputs(buffer_string(&out), stdout);
    if (!out.size) {
        run_say(run, "VM %s does not say which ports it serves",
                run_word(run, 0));
    }
    instance_destroy(instance);
    return true;
}

/* ---- Connecting --------------------------------------------------------- */

/* Where clients come to: a unix socket if there is one. */
struct entrance {
    char *place;                /* or NULL */
    bool is_local;
};

static bool
take_listener(void *arg, struct instance *instance, const struct path *path,
              struct error *error)
{
    struct entrance *entrance = arg;
    const char *place = instance_text(instance, "Listener");
    const struct value *open = instance_get(instance, "Open");
    bool is_local = place && *place == '/';

    (void) path;
    (void) error;
    if (place && open && !open->is_null && open->u
        && (!entrance->place || (is_local && !entrance->is_local))) {
        free(entrance->place);
        entrance->is_local = is_local;
        entrance->place = is_local ? mem_printf("unix:%s", place)
            : *place == ':' ? mem_printf("127.0.0.1%s", place)
            : mem_strdup(place);
    }
    instance_destroy(instance);
    return true;
}

static bool
connect_vm(struct run *run)
{
    struct entrance entrance = { NULL, false };
    MEM_AUTO char *option = NULL;

    if (run_option(run, "host")) {
        return run_usage(run, "vm connect is for VMs of this host's proxy;"
                         " for others use " PROGRAM);
    }
    if (!vm_class(run, VM_LISTENER)
        || !cim_client_enumerate(run_client(run), VM_LISTENER, NULL, 0,
                                 take_listener, &entrance, &run->error)) {
        free(entrance.place);
        return false;
    }
    if (!entrance.place) {
        error_set(&run->error, ERROR_NOT_FOUND, "no listener of the"
                  " management channel is open on this host");
        return error_hint(&run->error, "xvsctl feature add"
                          " XVS_ChannelListener " VM_SWITCH
                          " Path=/run/xvs/channel.sock");
    }
    option = mem_printf("--proxy=%s", entrance.place);
    free(entrance.place);
    fflush(stdout);
    execlp(PROGRAM, PROGRAM, option, run_word(run, 0), run_word(run, 1),
           (char *) NULL);
    error_set_errno(&run->error, errno, "cannot start " PROGRAM);
    return error_hint(&run->error, "it is a program of the package of xvs for"
                      " clients");
}

static const struct option register_options[] = {
    { "uuid", 'u', "UUID", "another name, that stays when it moves",
      WORD_FREE },
    { "alias", 'a', "NAME", "one more name; may be repeated", WORD_FREE },
    { "link", 'l', "KIND", "how it is reached: agent, agent-vsock, vsock or"
      " fixed", WORD_LINK },
    { "path", 'p', "PATH", "unix socket of its agent or hybrid vsock",
      WORD_FILE },
    { "agent-port", 0, "PORT", "vsock port of its agent (1024)", WORD_FREE },
    { "on", 0, "HOST", "another host that runs it, instead of --link",
      WORD_FREE },
    { "lease", 0, "SECONDS", "forgotten when it is not renewed for so long",
      WORD_FREE },
    { "generation", 0, "NUMBER", "greater with each move", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command vm_commands[] = {
    { "list", "", "Lists VMs behind the management channel.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "VM", "Shows what a VM does, and how it is reached.", NULL,
      { WORD_VM }, 1, 1, show },
    { "register", "VM", "Makes a VM known, or changes what is known.",
      register_options, { WORD_VM }, 1, 1, vm_register },
    { "forget", "VM...", "Ends conversations with VMs and forgets them.",
      NULL, { WORD_VM }, 1, ANY_NUMBER, forget },
    { "renew", "VM...", "Begins the lease of VMs again.", NULL, { WORD_VM },
      1, ANY_NUMBER, renew },
    { "connect", "VM PORT", "Connects standard input and output with a VM.",
      NULL, { WORD_VM, WORD_FREE }, 2, 2, connect_vm },
    { "services", "VM", "Lists the ports that a VM says it serves.", NULL,
      { WORD_VM }, 1, 1, services },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
