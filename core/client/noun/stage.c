/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl stage: extensions on switches, and what each does to packets.
 */

#include <config.h>

#include "client/command.h"
#include "client/objects.h"
#include "client/run.h"
#include "client/show/listing.h"

#define CLASS "XVS_Stage"

static bool
list(struct run *run)
{
    static const struct listing_column columns[] = {
        { "Switch", "SwitchName" },   { "Extension", "ExtensionName" },
        { "Position", "Position" },   { "State", "State" },
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

const struct command stage_commands[] = {
    { "list", "",
      "Lists the extensions on switches, with packets, drops and cost.", NULL,
      { WORD_NONE }, 0, 0, list },
    { "show", "EXTENSION SWITCH",
      "Shows an extension's counters on a switch, drops by reason.", NULL,
      { WORD_EXTENSION, WORD_SWITCH }, 2, 2, show },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
