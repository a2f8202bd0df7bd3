/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl status (is everything well?), version and help.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "client/command.h"
#include "client/host/findings.h"
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

/* The tables; members of an object in JSON. */
static bool
show_parts(struct run *run)
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
    return true;
}

struct totals {
    unsigned int switches, ports, up, stages;
};

static bool
count_port(void *arg, struct instance *port, const struct path *path,
           struct error *error)
{
    struct totals *totals = arg;
    const char *state = instance_text(port, "State");

    (void) path;
    (void) error;
    totals->ports++;
    totals->up += state && strcmp(state, "up") == 0;
    instance_destroy(port);
    return true;
}

static bool
count(void *arg, const struct path *path, struct error *error)
{
    (void) path;
    (void) error;
    ++*(unsigned int *) arg;
    return true;
}

/* One line about what there is. */
static bool
print_totals(struct run *run)
{
    static const char *const names[] = { "State" };
    struct cim_client *client = run_client(run);
    struct totals totals = { 0, 0, 0, 0 };

    if (!cim_client_paths(client, "XVS_Switch", count, &totals.switches,
                          &run->error)
        || !cim_client_paths(client, "XVS_Stage", count, &totals.stages,
                             &run->error)
        || !cim_client_enumerate(client, "XVS_Port", names, 1, count_port,
                                 &totals, &run->error)) {
        return false;
    }
    printf("switches %u, ports %u (%u up), stages %u\n", totals.switches,
           totals.ports, totals.up, totals.stages);
    return true;
}

static void
print_findings(struct run *run, const struct findings *findings, bool well)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    if (run->form == RUN_JSON) {
        findings_json(findings, &out);
        printf(", \"well\": %s, \"findings\": %s}\n",
               well ? "true" : "false", buffer_string(&out));
    } else if (run->form == RUN_TABLE) {
        findings_print(findings, FINDING_NOTE);
        puts(well ? "All is well." : "Not all is well.");
    }
}

static bool
status(struct run *run)
{
    struct findings findings = { NULL, 0, 0 };
    bool all = run->form != RUN_TABLE || run_has(run, "all");
    bool done = health_find(run, &findings);
    bool well = !findings_count(&findings, FINDING_WARNING);

    done = done && (all ? show_parts(run) : print_totals(run));
    if (done) {
        if (all && run->form == RUN_TABLE) {
            putchar('\n');
        }
        print_findings(run, &findings, well);
        run->session->kept_status = well ? RUN_OK : RUN_FAILED;
    }
    findings_clear(&findings);
    return done;
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

static const struct option status_options[] = {
    { "all", 'a', NULL, "show switches, extensions and stages too",
      WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command status_commands[] = {
    { "", "", "Says whether everything is well, and what is not (exit 1).",
      status_options, { WORD_NONE }, 0, 0, status },
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
