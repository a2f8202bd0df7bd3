/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl port: ports of switches.
 */

#include <config.h>

#include <string.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"

#define CLASS "XVS_Port"
#define N_SETTABLE 8

/* Options and the properties they set. */
static const struct {
    const char *option;
    const char *property;
} settable[N_SETTABLE] = {
    { "driver", "Driver" },
    { "device", "Device" },
    { "mac", "MacAddress" },
    { "mtu", "Mtu" },
    { "mode", "Mode" },
    { "queues", "Queues" },
    { "enabled", "Enabled" },
    { "enter", "EntryStage" },
};

/* Sets what the options say; '*n' of 'names' were set. */
static bool
apply_options(struct run *run, struct instance *instance, const char **names,
              size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < N_SETTABLE; i++) {
        const char *text = run_option(run, settable[i].option);

        if (!text) {
            continue;
        }
        if (!instance_set_text(instance, settable[i].property, text,
                               &run->error)) {
            return error_prefix(&run->error, "--%s", settable[i].option);
        }
        names[(*n)++] = settable[i].property;
    }
    return true;
}

/* The port of the words with what the options say, and their names. */
static struct instance *
port_instance(struct run *run, const char **names, size_t *n)
{
    struct instance *instance = objects_new(run, CLASS);

    if (!instance) {
        return NULL;
    }
    instance_set_string(instance, "SwitchName", run_word(run, 0));
    instance_set_string(instance, "Name", run_word(run, 1));
    if (!apply_options(run, instance, names, n)) {
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

static bool
add(struct run *run)
{
    const char *names[N_SETTABLE];
    size_t n;
    struct instance *instance = port_instance(run, names, &n);

    if (!instance) {
        return false;
    }
    if (!objects_create(run, instance, NULL)) {
        return false;
    }
    run_result(run, run_word(run, 1), "port %s added to %s",
               run_word(run, 1), run_word(run, 0));
    return true;
}

static struct path *
port_path(const struct run *run)
{
    return run_path_pair(CLASS, "SwitchName", run_word(run, 0), "Name",
                         run_word(run, 1));
}

static bool
set(struct run *run)
{
    const char *names[N_SETTABLE];
    size_t n;
    struct instance *instance = port_instance(run, names, &n);

    if (!instance) {
        return false;
    }
    if (!n) {
        instance_destroy(instance);
        return run_usage(run, "nothing to set");
    }
    if (!objects_modify(run, port_path(run), instance, names, n)) {
        return false;
    }
    run_say(run, "port %s of %s changed", run_word(run, 1),
            run_word(run, 0));
    return true;
}

/* A listing of one switch's ports. */
struct filter {
    struct listing *listing;
    const char *switch_name;    /* or NULL: all */
};

static bool
take_port(void *arg, struct instance *instance, const struct path *path,
          struct error *error)
{
    const struct filter *filter = arg;
    const char *name = instance_text(instance, "SwitchName");

    if (!filter->switch_name
        || (name && strcmp(name, filter->switch_name) == 0)) {
        return listing_take(filter->listing, instance, path, error);
    }
    instance_destroy(instance);
    return true;
}

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Switch", "SwitchName" }, { "Port", "Name" },
        { "Driver", "Driver" },     { "Device", "Device" },
        { "MAC", "MacAddress" },    { "MTU", "Mtu" },
        { "State", "State" },       { "Received", "RxPackets" },
        { "Sent", "TxPackets" },    { "Filtered", "Filtered" },
        { NULL, NULL },
    };
    struct cim_class *cls = run_class(run, CLASS);
    struct filter filter = { NULL, run_word(run, 0) };
    bool done;

    if (!cls) {
        return false;
    }
    filter.listing = listing_begin(run, columns, "Name");
    listing_class(filter.listing, cls);
    done = cim_client_enumerate(run_client(run), CLASS, NULL, 0, take_port,
                                &filter, &run->error);
    listing_end(filter.listing);
    return done;
}

static bool
show(struct run *run)
{
    return objects_show(run, port_path(run), "Name");
}

static bool
remove_port(struct run *run)
{
    if (!objects_delete(run, port_path(run))) {
        return false;
    }
    run_say(run, "port %s of %s removed", run_word(run, 1),
            run_word(run, 0));
    return true;
}

static const struct option port_options[] = {
    { "driver", 0, "NAME", "tap (default), packet, vhost-user, xdp, pcap or"
      " pipe", WORD_DRIVER },
    { "device", 0, "IF|PATH", "interface (default: the port's name), socket"
      " or file", WORD_FREE },
    { "mode", 0, "MODE", "how the driver goes about it, see the man page",
      WORD_MODE },
    { "queues", 0, "N", "receive queues (default: the driver's choice)",
      WORD_FREE },
    { "mac", 0, "MAC", "aa:bb:cc:dd:ee:ff (default: chosen)", WORD_FREE },
    { "mtu", 0, "BYTES", "largest packet (1500)", WORD_FREE },
    { "enabled", 0, "BOOLEAN", "false: it carries nothing (true)",
      WORD_FREE },
    { "enter", 0, "EXTENSION", "its packets enter the chain there (\"\": at"
      " the first; network: behind all)", WORD_ENTRY },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command port_commands[] = {
    { "add", "SWITCH PORT", "Adds a port to a switch.", port_options,
      { WORD_SWITCH, WORD_FREE }, 2, 2, add },
    { "list", "[SWITCH]", "Lists ports with their counters.", NULL,
      { WORD_SWITCH }, 0, 1, list },
    { "show", "SWITCH PORT", "Shows all about a port.", NULL,
      { WORD_SWITCH, WORD_PORT }, 2, 2, show },
    { "set", "SWITCH PORT", "Changes a port.", port_options,
      { WORD_SWITCH, WORD_PORT }, 2, 2, set },
    { "remove", "SWITCH PORT", "Removes a port and its settings.", NULL,
      { WORD_SWITCH, WORD_PORT }, 2, 2, remove_port },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
