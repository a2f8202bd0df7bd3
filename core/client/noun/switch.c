/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl switch: virtual switches.
 */

#include <config.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"
#include "object/instance.h"

#define CLASS "XVS_Switch"

static bool
add(struct run *run)
{
    const char *name = run_word(run, 0);
    struct instance *instance = objects_new(run, CLASS);

    if (!instance) {
        return false;
    }
    instance_set_string(instance, "Name", name);
    if (!objects_create(run, instance, NULL)) {
        return false;
    }
    run_result(run, name, "switch %s added", name);
    return true;
}

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Switch", "Name" },     { "State", "State" },
        { "Ports", "PortCount" }, { "Extensions", "Extensions" },
        { NULL, NULL },
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
remove_switch(struct run *run)
{
    const char *name = run_word(run, 0);

    if (!objects_delete(run, run_path(CLASS, "Name", name))) {
        return false;
    }
    run_say(run, "switch %s removed", name);
    return true;
}

const struct command switch_commands[] = {
    { "add", "SWITCH", "Makes a switch.", NULL, { WORD_FREE }, 1, 1, add },
    { "list", "", "Lists the switches.", NULL, { WORD_NONE }, 0, 0, list },
    { "show", "SWITCH", "Shows all about a switch.", NULL, { WORD_SWITCH },
      1, 1, show },
    { "remove", "SWITCH", "Removes a switch without ports.", NULL,
      { WORD_SWITCH }, 1, 1, remove_switch },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
