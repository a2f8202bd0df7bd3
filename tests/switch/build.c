/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * switch-client's commands:
 *
 *     switch ID NAME          delete-switch ID
 *     port ID SWITCH DRIVER NAME DEVICE [MTU]      delete-port ID
 *     counters                snapshot
 *     load FILE               unload EXTENSION
 *     layout CLASS            status SWITCH PORT CLASS
 *     enable EXTENSION SWITCH [ITEM , ITEM...]     disable EXTENSION SWITCH
 *     set ITEM [, ITEM]...    partition EXTENSION SWITCH NAME
 *     method SWITCH PORT CLASS METHOD
 *
 * ITEM is OP SWITCH PORT CLASS INSTANCE [NAME=VALUE]..., PORT is "-" for the
 * switch, EXTENSION a GUID or a class of it.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "control/names.h"
#include "switch/client.h"

typedef bool (*build)(char **words, int n, struct buffer *out);

static uint32_t
number(const char *word)
{
    return (uint32_t) strtoul(word, NULL, 0);
}

static void
put(char *field, size_t size, const char *word)
{
    snprintf(field, size, "%s", word);
}

static bool
build_hello(char **words, int n, struct buffer *out)
{
    struct control_hello *hello =
        message_start(out, CONTROL_HELLO, sizeof *hello);

    (void) words;
    (void) n;
    hello->pid = (uint32_t) getpid();
    return true;
}

static bool
build_switch(char **words, int n, struct buffer *out)
{
    struct control_switch *one;

    if (n != 3) {
        return false;
    }
    one = message_start(out, CONTROL_SWITCH_CREATE, sizeof *one);
    one->switch_id = number(words[1]);
    put(one->name, sizeof one->name, words[2]);
    return true;
}

static bool
build_delete_switch(char **words, int n, struct buffer *out)
{
    struct control_switch *one;

    if (n != 2) {
        return false;
    }
    one = message_start(out, CONTROL_SWITCH_DELETE, sizeof *one);
    one->switch_id = number(words[1]);
    return true;
}

static bool
build_port(char **words, int n, struct buffer *out)
{
    struct control_port *port;

    if (n != 6 && n != 7) {
        return false;
    }
    port = message_start(out, strcmp(words[0], "update") == 0
                         ? CONTROL_PORT_UPDATE : CONTROL_PORT_CREATE,
                         sizeof *port);
    port->port_id = number(words[1]);
    port->switch_id = number(words[2]);
    port->driver = control_driver_find(words[3]);
    put(port->name, sizeof port->name, words[4]);
    put(port->device, sizeof port->device, words[5]);
    port->mtu = n == 7 ? number(words[6]) : 0;
    return true;
}

static bool
build_delete_port(char **words, int n, struct buffer *out)
{
    struct control_port *port;

    if (n != 2) {
        return false;
    }
    port = message_start(out, CONTROL_PORT_DELETE, sizeof *port);
    port->port_id = number(words[1]);
    return true;
}

static bool
build_counters(char **words, int n, struct buffer *out)
{
    struct control_switch *one =
        message_start(out, CONTROL_COUNTERS, sizeof *one);

    one->switch_id = n > 1 ? number(words[1]) : 0;
    return true;
}

static bool
build_snapshot(char **words, int n, struct buffer *out)
{
    (void) words;
    (void) n;
    message_start(out, CONTROL_SNAPSHOT, 0);
    return true;
}

static bool
build_load(char **words, int n, struct buffer *out)
{
    struct control_load *load;

    if (n != 2) {
        return false;
    }
    load = message_start(out, CONTROL_EXT_LOAD, sizeof *load);
    put(load->file, sizeof load->file, words[1]);
    return true;
}

static const struct {
    const char *name;
    build build;
} commands[] = {
    { "hello", build_hello },
    { "switch", build_switch },
    { "delete-switch", build_delete_switch },
    { "port", build_port },
    { "update", build_port },
    { "delete-port", build_delete_port },
    { "counters", build_counters },
    { "snapshot", build_snapshot },
    { "load", build_load },
    { "unload", client_build_reference },
    { "layout", client_build_layout },
    { "enable", client_build_enable },
    { "disable", client_build_reference },
    { "partition", client_build_partition },
    { "set", client_build_set },
    { "status", client_build_status },
    { "method", client_build_method },
};

bool
client_build(char **words, int n, struct buffer *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, words[0]) == 0) {
            return commands[i].build(words, n, out);
        }
    }
    return false;
}

void
client_print_snapshot(const struct control_snapshot *snapshot)
{
    const char *at = (const char *) (snapshot + 1);

    for (uint32_t i = 0; i < snapshot->n; i++) {
        const struct control_record *record = (const void *) at;
        const void *body = record + 1;

        switch (record->type) {
        case RECORD_SWITCH:
            printf("\nswitch %s",
                   ((const struct control_switch *) body)->name);
            break;
        case RECORD_PORT:
            printf("\nport %s", ((const struct control_port *) body)->name);
            break;
        case RECORD_EXTENSION:
            printf("\nextension %s",
                   ((const struct control_extension *) body)->name);
            break;
        case RECORD_ENABLED:
            printf("\nenabled %08X on %u",
                   ((const struct control_stage *) body)->extension.a,
                   ((const struct control_stage *) body)->switch_id);
            break;
        case RECORD_SETTING:
            printf("\nsetting of %u bytes",
                   ((const struct control_setting *) body)->block_size);
            break;
        default:
            printf("\nlayout");
            break;
        }
        at = control_after(body, record->size);
    }
}
