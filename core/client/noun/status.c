/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl status, version and help.
 */

#include <config.h>

#include <stdio.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "client/show/table.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"

#define HOST "XVS_Host"

/* The parts of a status, in the order shown. */
static const struct part {
    const char *key;            /* in JSON */
    const char *class_name;
    struct listing_column columns[8];
} parts[] = {
    { "host", HOST,
      { { "Host", "Name" }, { "Version", "Version" },
        { "Switch program", "SwitchState" },
        { "Packet buffers", "PacketBuffers" },
        { "Used", "PacketBuffersUsed" }, { NULL, NULL } } },
    { "switches", "XVS_Switch",
      { { "Switch", "Name" }, { "State", "State" }, { "Ports", "PortCount" },
        { "Extensions", "Extensions" }, { NULL, NULL } } },
    { "extensions", "XVS_Extension",
      { { "Extension", "Name" }, { "Version", "Version" },
        { "State", "State" }, { "Enabled on", "Switches" },
        { NULL, NULL } } },
    { "stages", "XVS_Stage",
      { { "Switch", "SwitchName" }, { "Extension", "ExtensionName" },
        { "State", "State" }, { "Packets", "Packets" }, { "Drops", "Drops" },
        { "Refusals", "Refusals" }, { "Timeouts", "Timeouts" },
        { NULL, NULL } } },
};

static bool
status(struct run *run)
{
    bool is_json = run->form == RUN_JSON;
    size_t n = sizeof parts / sizeof *parts;

    for (size_t i = 0; i < n; i++) {
        if (is_json) {
            printf("%s\"%s\": ", i ? ", " : "{", parts[i].key);
        } else if (i && run->form == RUN_TABLE) {
            putchar('\n');
        }
        if (!objects_list(run, parts[i].class_name, parts[i].columns,
                          "Name")) {
            return false;
        }
    }
    if (is_json) {
        puts("}");
    }
    return true;
}

static bool
print_version(void *arg, struct instance *instance, const struct path *path,
              struct error *error)
{
    const struct run *run = arg;
    const char *version = instance_text(instance, "Version");
    const char *name = instance_text(instance, "Name");

    (void) path;
    (void) error;
    if (run->form == RUN_JSON) {
        listing_show(arg, instance, NULL);
    } else {
        fputs("xvsd ", stdout);
        text_put_safe(stdout, version ? version : "?");
        fputs(" on ", stdout);
        text_put_safe(stdout, name ? name : "?");
        putchar('\n');
    }
    instance_destroy(instance);
    return true;
}

static bool
version(struct run *run)
{
    struct cim_client *client = run_client(run);

    if (!client) {
        return false;
    }
    run_say(run, "xvsctl %s", PACKAGE_VERSION);
    return cim_client_enumerate(client, HOST, NULL, 0, print_version, run,
                                &run->error);
}

static bool
help(struct run *run)
{
    const char *name = run_word(run, 0);
    const char *verb = run_word(run, 1);
    const struct noun *noun = name ? command_noun(name) : NULL;
    const struct command *command = noun && verb ? command_verb(noun, verb)
                                                 : NULL;

    if (name && !noun) {
        return run_usage(run, "there is no noun '%s'", name);
    }
    if (verb && !command) {
        return run_usage(run, "%s has no verb '%s'", name, verb);
    }
    command_help(noun, command);
    return true;
}

const struct command status_commands[] = {
    { "", "", "Shows host, switches, extensions and their counters.", NULL,
      { WORD_NONE }, 0, 0, status },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};

const struct command version_commands[] = {
    { "", "", "Shows the versions of this command and of the server.", NULL,
      { WORD_NONE }, 0, 0, version },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};

const struct command help_commands[] = {
    { "", "[NOUN [VERB]]", "Says how a command is used.", NULL,
      { WORD_NOUN }, 0, 2, help },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
