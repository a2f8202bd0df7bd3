/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl vm register: what makes a VM known is what changes it, so that who
 * looks after VMs says the same thing each time, and renews its lease by that.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "client/noun/vm.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"

/* Options that are a property each. */
static const struct {
    const char *option, *property;
} settable[] = {
    { "uuid", "Uuid" }, { "link", "Link" }, { "path", "Path" },
    { "agent-port", "AgentPort" }, { "on", "Host" }, { "lease", "Lease" },
    { "generation", "Generation" },
};

enum { N_SETTABLE = sizeof settable / sizeof *settable + 4 };

/* --alias, as often as it is given. */
static bool
set_aliases(struct run *run, struct instance *instance)
{
    struct value list;
    uint32_t n = 0;

    for (size_t i = 0; i < run->args.n_given; i++) {
        n += strcmp(run->args.given[i].option->name, "alias") == 0;
    }
    list = value_array(CIM_STRING, n);
    n = 0;
    for (size_t i = 0; i < run->args.n_given; i++) {
        if (strcmp(run->args.given[i].option->name, "alias") == 0) {
            list.items[n++] = value_string(run->args.given[i].text);
        }
    }
    return instance_set(instance, "Aliases", list, &run->error);
}

/* One option, by the names that the schema has for its values. */
static bool
set_one(struct run *run, struct instance *instance, const char *property,
        const char *text)
{
    int index = class_property_index(instance->cls, property);
    struct target target;
    struct value value;

    if (index < 0) {
        return instance_no_property(instance->cls, property, &run->error);
    }
    target = words_of_property(&instance->cls->properties[index]);
    return words_read(&target, text, cim_client_lookup, run_client(run),
                      &value, &run->error)
        && instance_set(instance, property, value, &run->error);
}

/* A text that the options contradict without saying so: it ends. */
static void
clear(struct instance *instance, const char *property,
      const char *names[N_SETTABLE], size_t *n)
{
    instance_set_string(instance, property, "");
    names[(*n)++] = property;
}

/* It runs elsewhere now, or here, or is reached in another way. */
static void
settle(struct run *run, struct instance *instance,
       const char *names[N_SETTABLE], size_t *n)
{
    const char *link = run_option(run, "link");

    if (run_option(run, "on") && !link) {
        instance_set_u64(instance, "Link", 0);
        names[(*n)++] = "Link";
        clear(instance, "Path", names, n);
    } else if (link && !run_option(run, "on")) {
        clear(instance, "Host", names, n);
        if (!run_option(run, "path") && strcmp(link, "fixed") == 0) {
            clear(instance, "Path", names, n);
        }
    }
}

/* What the options say; '*n' names of what they are. */
static bool
apply(struct run *run, struct instance *instance,
      const char *names[N_SETTABLE], size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < sizeof settable / sizeof *settable; i++) {
        const char *text = run_option(run, settable[i].option);

        if (!text) {
            continue;
        }
        if (!set_one(run, instance, settable[i].property, text)) {
            run->usage = true;
            return false;
        }
        names[(*n)++] = settable[i].property;
    }
    settle(run, instance, names, n);
    if (run_has(run, "alias")) {
        if (!set_aliases(run, instance)) {
            return false;
        }
        names[(*n)++] = "Aliases";
    }
    return true;
}

/* Known already: what is not said stays; a name that was found by its UUID or
 * an alias is not its name. */
static bool
change(struct run *run, struct instance *instance)
{
    const char *names[N_SETTABLE];
    size_t n;
    struct path *path;

    if (!apply(run, instance, names, &n)) {
        instance_destroy(instance);
        return false;
    }
    if (n == 0) {
        names[n++] = "Name";
    }
    path = path_of_instance(instance);
    if (!objects_modify(run, path, instance, names, n)) {
        return false;
    }
    run_result(run, run_word(run, 0), "VM %s changed", run_word(run, 0));
    return true;
}

bool
vm_register(struct run *run)
{
    const char *name = run_word(run, 0);
    const char *names[N_SETTABLE];
    size_t n;
    bool failed;
    struct instance *instance = vm_setting_of(run, name, &failed);

    if (failed || instance) {
        return !failed && change(run, instance);
    }
    instance = objects_new(run, VM_SETTING);
    if (!instance) {
        return false;
    }
    instance_set_string(instance, "SwitchName", VM_SWITCH);
    instance_set_string(instance, "Name", name);
    if (!apply(run, instance, names, &n)) {
        instance_destroy(instance);
        return false;
    }
    if (!objects_create(run, instance, NULL)) {
        return false;
    }
    run_result(run, name, "VM %s registered", name);
    return true;
}
