/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl stage: extensions on switches, and what each does to packets.
 */

#include <config.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "object/instance.h"

#define CLASS "XVS_Stage"

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Switch", "SwitchName" },   { "Extension", "ExtensionName" },
        { "Position", "Position" },   { "Partition", "Partition" },
        { "Partner", "Partner" },     { "Sharing", "Sharing" },
        { "State", "State" },
        { "Packets", "Packets" },     { "Drops", "Drops" },
        { "ns/packet", "PacketCost" }, { NULL, NULL },
    };

    return objects_list(run, CLASS, columns, "ExtensionName");
}

static bool
show(struct run *run)
{
    return objects_show(run, run_path_pair(CLASS, "SwitchName",
                                           run_word(run, 1), "ExtensionName",
                                           run_word(run, 0)),
                        "ExtensionName");
}

/* Sets what the option says, if it was given, and notes the property. */
static bool
apply_option(struct run *run, struct instance *instance, const char *option,
             const char *property, const char **names, size_t *n)
{
    const char *text = run_option(run, option);

    if (text) {
        if (!instance_set_text(instance, property, text, &run->error)) {
            return error_prefix(&run->error, "--%s", option);
        }
        names[(*n)++] = property;
    }
    return true;
}

static bool
set(struct run *run)
{
    struct instance *instance = objects_new(run, CLASS);
    const char *names[5];
    size_t n = 0;

    if (!instance) {
        return false;
    }
    if (!apply_option(run, instance, "partition", "Partition", names, &n)
        || !apply_option(run, instance, "position", "Position", names, &n)
        || !apply_option(run, instance, "partner", "Partner", names, &n)
        || !apply_option(run, instance, "sharing", "Sharing", names, &n)
        || !apply_option(run, instance, "time-share", "TimeShare", names,
                         &n)) {
        instance_destroy(instance);
        return false;
    }
    if (!n) {
        instance_destroy(instance);
        return run_usage(run, "nothing to set");
    }
    if (!objects_modify(run, run_path_pair(CLASS, "SwitchName",
                                           run_word(run, 1), "ExtensionName",
                                           run_word(run, 0)),
                        instance, names, n)) {
        return false;
    }
    run_say(run, "stage %s of %s changed", run_word(run, 0),
            run_word(run, 1));
    return true;
}

static const struct option set_options[] = {
    { "partition", 0, "NAME", "where it runs: inline, process, copy or"
      " domain",
      WORD_PARTITION },
    { "position", 0, "N", "place among the extensions of its class",
      WORD_FREE },
    { "partner", 0, "EXTENSION", "whose place it holds too, or \"\"",
      WORD_EXTENSION },
    { "sharing", 0, "HOW", "failover or aggregate", WORD_SHARING },
    { "time-share", 0, "PERCENT", "of each worker's time for its hooks; 0:"
      " no limit", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command stage_commands[] = {
    { "list", "",
      "Lists the extensions on switches, with packets, drops and cost.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "EXTENSION SWITCH",
      "Shows an extension's counters on a switch, drops by reason.", NULL,
      { WORD_EXTENSION, WORD_SWITCH }, 2, 2, show },
    { "set", "EXTENSION SWITCH",
      "Changes where an extension runs, its place and its share of time,"
      " while packets flow.",
      set_options, { WORD_EXTENSION, WORD_SWITCH }, 2, 2, set },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
