/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Two lists, fetched anew for a number that is not in them, but not more
 * often than once in a second.
 */

#include <config.h>

#include "client/tap/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "control/message.h"
#include "object/instance.h"

#define FETCH_MS 1000

struct port {
    uint32_t id;
    char *name;
};

struct extension {
    struct xvs_guid id;
    char *name;
    char **reasons;             /* "" where there is none */
    uint32_t n_reasons;
};

struct names {
    struct run *run;
    struct port *ports;
    size_t n_ports, ports_capacity;
    struct extension *extensions;
    size_t n_extensions, extensions_capacity;
    uint64_t fetched_ms;        /* 0: never */
    char text[GUID_TEXT_SIZE + 16];     /* for what has no name */
};

struct names *
names_create(struct run *run)
{
    struct names *names = mem_zalloc(sizeof *names);

    names->run = run;
    return names;
}

static void
clear(struct names *names)
{
    for (size_t i = 0; i < names->n_ports; i++) {
        free(names->ports[i].name);
    }
    for (size_t i = 0; i < names->n_extensions; i++) {
        struct extension *one = &names->extensions[i];

        for (uint32_t k = 0; k < one->n_reasons; k++) {
            free(one->reasons[k]);
        }
        free(one->reasons);
        free(one->name);
    }
    names->n_ports = names->n_extensions = 0;
}

void
names_destroy(struct names *names)
{
    clear(names);
    free(names->ports);
    free(names->extensions);
    free(names);
}

static char *
copy_text(const struct instance *instance, const char *property)
{
    const char *text = instance_text(instance, property);

    return mem_strdup(text ? text : "?");
}

static bool
take_port(void *arg, struct instance *instance, const struct path *path,
          struct error *error)
{
    struct names *names = arg;

    (void) path;
    (void) error;
    mem_grow(&names->ports, &names->ports_capacity, names->n_ports,
             sizeof *names->ports);
    names->ports[names->n_ports++] = (struct port) {
        (uint32_t) instance_u64(instance, "PortId"),
        copy_text(instance, "Name") };
    instance_destroy(instance);
    return true;
}

static bool
take_extension(void *arg, struct instance *instance, const struct path *path,
               struct error *error)
{
    struct names *names = arg;
    const char *id = instance_text(instance, "ExtensionId");
    const struct value *reasons = instance_get(instance, "DropReasons");
    struct extension one = { .name = copy_text(instance, "Name") };

    (void) path;
    (void) error;
    if (id) {
        guid_parse(id, &one.id);
    }
    if (reasons && !reasons->is_null) {
        one.n_reasons = reasons->n;
        one.reasons = mem_array(reasons->n + 1u, sizeof *one.reasons);
    }
    for (uint32_t i = 0; i < one.n_reasons; i++) {
        one.reasons[i] = mem_strdup(reasons->items[i].is_null
                                    ? "" : reasons->items[i].s);
    }
    mem_grow(&names->extensions, &names->extensions_capacity,
             names->n_extensions, sizeof *names->extensions);
    names->extensions[names->n_extensions++] = one;
    instance_destroy(instance);
    return true;
}

/* True when there may be something new. */
static bool
fetch(struct names *names)
{
    struct cim_client *client = run_client(names->run);
    uint64_t now = loop_now_ms();
    struct error ignored;

    if (!client
        || (names->fetched_ms && now - names->fetched_ms < FETCH_MS)) {
        return false;
    }
    names->fetched_ms = now;
    clear(names);
    cim_client_enumerate(client, "XVS_Port", NULL, 0, take_port, names,
                         &ignored);
    cim_client_enumerate(client, "XVS_Extension", NULL, 0, take_extension,
                         names, &ignored);
    return true;
}

const char *
names_port(struct names *names, uint32_t id)
{
    do {
        for (size_t i = 0; i < names->n_ports; i++) {
            if (names->ports[i].id == id) {
                return names->ports[i].name;
            }
        }
    } while (id != XVS_PORT_NONE && fetch(names));
    snprintf(names->text, sizeof names->text, "port %u", id);
    return id == XVS_PORT_NONE ? "nowhere" : names->text;
}

static const struct extension *
find_extension(struct names *names, const struct xvs_guid *id)
{
    do {
        for (size_t i = 0; i < names->n_extensions; i++) {
            if (guid_equal(&names->extensions[i].id, id)) {
                return &names->extensions[i];
            }
        }
    } while (fetch(names));
    return NULL;
}

const char *
names_extension(struct names *names, const struct control_tap *record)
{
    const struct extension *one = find_extension(names, &record->extension);

    return one ? one->name : guid_format(&record->extension, names->text);
}

const char *
names_reason(struct names *names, const struct control_tap *record)
{
    const struct extension *one = find_extension(names, &record->extension);

    if (one && record->reason < one->n_reasons
        && *one->reasons[record->reason]) {
        return one->reasons[record->reason];
    }
    snprintf(names->text, sizeof names->text, "reason %u", record->reason);
    return names->text;
}

uint32_t
names_port_of(const struct control_tap *record)
{
    return record->point >= TAP_EGRESS_BEFORE ? record->out_port
                                              : record->in_port;
}

void
names_put_point(struct names *names, const struct control_tap *record,
                struct buffer *out)
{
    static const char *const plain[TAP_POINTS] = {
        [TAP_RX] = "rx", [TAP_FORWARD] = "forward", [TAP_TX] = "tx",
    };
    static const char *const hooks[TAP_POINTS] = {
        [TAP_INGRESS_BEFORE] = ":ingress:before",
        [TAP_INGRESS_AFTER] = ":ingress:after",
        [TAP_EGRESS_BEFORE] = ":egress:before",
        [TAP_EGRESS_AFTER] = ":egress:after",
    };

    if (record->point >= TAP_POINTS) {
        buffer_printf(out, "point %u", record->point);
    } else if (plain[record->point]) {
        buffer_puts(out, plain[record->point]);
    } else {
        buffer_puts(out, names_extension(names, record));
        buffer_puts(out, hooks[record->point]);
    }
}

void
names_put_fate(struct names *names, const struct control_tap *record,
               struct buffer *out)
{
    static const char *const words[FATE_END] = {
        [FATE_PASSED] = "passed",
        [FATE_DROPPED] = "dropped: ",
        [FATE_BROKEN] = "dropped: it left the frame outside of its buffer",
        [FATE_LEARNED] = "goes where its address was learned",
        [FATE_FLOODED] = "goes to all ports",
        [FATE_CHOSEN] = "goes where a forwarder wants it",
        [FATE_NO_WAY] = "dropped: there is no way for it",
        [FATE_SENT] = "sent",
        [FATE_REFUSED] = "dropped: the port did not take it",
        [FATE_NO_PORT] = "dropped: the port's interface is gone",
        [FATE_POLICY] = "dropped: ",
        [FATE_QUEUED] = "waits in a queue of the port",
    };
    static const char *const policies[POLICY_END] = {
        [POLICY_UNKNOWN] = "the port's policy",
        [POLICY_VLAN] = "its VLAN", [POLICY_ISOLATION] = "isolated ports",
        [POLICY_BROADCAST] = "too much broadcast",
        [POLICY_MULTICAST] = "too much multicast",
        [POLICY_FLOOD] = "too much to unknown addresses",
        [POLICY_RATE_IN] = "the rate limit of its port",
        [POLICY_RATE_OUT] = "the rate limit of the port it goes to",
        [POLICY_ADDRESSES] = "too many addresses at its port",
        [POLICY_SPOOFED] = "its address belongs to another port",
        [POLICY_LOOP] = "a loop", [POLICY_MEMBERS] = "nobody wants its group",
        [POLICY_ENTRY] = "the stage where the port enters is not there",
        [POLICY_QUEUES] = "no room in the queues of the port it goes to",
        [POLICY_BUFFERS] = "no buffer for a copy of it",
    };

    buffer_puts(out, record->fate < FATE_END ? words[record->fate] : "?");
    if (record->fate == FATE_DROPPED) {
        buffer_puts(out, names_reason(names, record));
    } else if (record->fate == FATE_POLICY) {
        buffer_puts(out, record->reason < POLICY_END
                    ? policies[record->reason] : "?");
    }
}
