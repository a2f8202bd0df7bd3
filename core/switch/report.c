/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is there, and how much it did: the snapshot that a manager compares
 * its own books with, and counters.
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "switch/driver.h"
#include "switch/server.h"
#include "switch/vswitch.h"

/* Appends a record; its body may get more pieces with record_more(). */
static void
record(struct buffer *out, uint32_t *n, enum control_record_type type,
       const void *body, size_t size)
{
    struct control_record head = { type, (uint32_t) size };

    buffer_align(out, 8);
    buffer_put(out, &head, sizeof head);
    buffer_put(out, body, size);
    buffer_align(out, 8);
    ++*n;
}

static void
report_switch(const struct vswitch *vswitch, struct buffer *out, uint32_t *n)
{
    struct control_switch one = { .switch_id = vswitch->id };

    memcpy(one.name, vswitch->name, sizeof one.name);
    record(out, n, RECORD_SWITCH, &one, sizeof one);
    for (struct vport *port = vswitch->ports; port; port = port->next) {
        record(out, n, RECORD_PORT, &port->made, sizeof port->made);
    }
}

void
report_snapshot(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    uint32_t n = 0;

    (void) message;
    request_start(request, &out, 8);
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        report_switch(vswitch, &out, &n);
    }
    ((struct control_snapshot *) (void *) (out.data
        + sizeof(struct control_header)))->n = n;
    request_send(request, &out);
}

static uint64_t
read_counter(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void
count_port(const struct vport *port, struct buffer *out)
{
    const struct port_counters *counters = &port->counters;
    struct control_port_counters one = {
        .port_id = port->id,
        .link_up = port->state == VPORT_UP,
        .rx_packets = read_counter(&counters->rx_packets),
        .rx_bytes = read_counter(&counters->rx_bytes),
        .tx_packets = read_counter(&counters->tx_packets),
        .tx_bytes = read_counter(&counters->tx_bytes),
        .rx_dropped = read_counter(&counters->rx_dropped),
        .tx_dropped = read_counter(&counters->tx_dropped),
        .filtered = read_counter(&counters->filtered),
    };

    buffer_put(out, &one, sizeof one);
}

void
report_counters(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    const struct control_switch *wanted = control_body(message);
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct control_counters *head;
    uint32_t n_ports = 0;

    request_start(request, &out, 8);
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        if (wanted->switch_id && wanted->switch_id != vswitch->id) {
            continue;
        }
        for (struct vport *port = vswitch->ports; port; port = port->next) {
            count_port(port, &out);
            n_ports++;
        }
    }
    head = (void *) (out.data + sizeof(struct control_header));
    head->n_ports = n_ports;
    request_send(request, &out);
}
