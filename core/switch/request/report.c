/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is there, and how much it did: the snapshot that a manager compares
 * its own books with, and counters.
 */

#include <config.h>

#include "switch/request/report.h"

#include <string.h>
#include <sys/uio.h>

#include "base/buffer.h"
#include "marshal/layout.h"
#include "packet/cycles.h"
#include "packet/pool.h"
#include "stage/domain/domain.h"
#include "stage/inforce.h"
#include "stage/keep/keep.h"
#include "stage/pair/pair.h"
#include "stage/plugin/description.h"
#include "stage/plugin/plugin.h"
#include "stage/process/usage.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/entries.h"
#include "switch/forward/workers.h"
#include "switch/server.h"
#include "switch/vswitch.h"

static void
record(struct buffer *out, uint32_t *n, enum control_record_type type,
       const void *body, size_t size)
{
    struct control_record head = { type, (uint32_t) size };

    buffer_put(out, &head, sizeof head);
    buffer_put(out, body, size);
    buffer_align(out, 8);
    ++*n;
}

/* A record of a fixed part and one or two variable ones. */
static void
record_parts(struct buffer *out, uint32_t *n, enum control_record_type type,
             const struct iovec *parts, size_t n_parts)
{
    struct control_record head = { type, 0 };

    for (size_t i = 0; i < n_parts; i++) {
        head.size += (uint32_t) CONTROL_ALIGN(parts[i].iov_len);
    }
    buffer_put(out, &head, sizeof head);
    for (size_t i = 0; i < n_parts; i++) {
        buffer_put(out, parts[i].iov_base, parts[i].iov_len);
        buffer_align(out, 8);
    }
    ++*n;
}

static void
report_stage(const struct stage *stage, struct buffer *out, uint32_t *n)
{
    struct control_stage enabled = {
        .extension = stage->plugin->extension.id,
        .switch_id = stage->switch_id,
        .partition = stage->partition,
        .partner = stage->partner,
        .sharing = stage->sharing,
        .time_share = stage->time_share };

    record(out, n, RECORD_ENABLED, &enabled, sizeof enabled);
    for (const struct setting *one = inforce_first(stage->settings); one;
         one = one->next) {
        const struct iovec parts[] = {
            { (void *) &one->head, sizeof one->head },
            { (void *) one->block, one->head.block_size },
        };

        record_parts(out, n, RECORD_SETTING, parts, 2);
    }
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
    for (struct stage *stage = vswitch->stages; stage; stage = stage->next) {
        report_stage(stage, out, n);
    }
}

static void
put_text(char *field, size_t size, const char *text)
{
    server_put_text(field, size, text ? text : "");
}

void
report_extension(const struct plugin *plugin, struct buffer *out)
{
    const struct plugin_scan *scan = &plugin->scan;
    size_t at = out->size;
    struct control_extension *one;

    description_put(&plugin->extension, plugin->file, out);
    one = (struct control_extension *) (void *) (out->data + at);
    one->scan = scan->result;
    one->n_findings = scan->n;
    put_text(one->finding, sizeof one->finding, scan->text);
}

static void
report_plugin(const struct plugin *plugin, struct buffer *out, uint32_t *n)
{
    BUFFER_AUTO struct buffer body = BUFFER_INIT;

    report_extension(plugin, &body);
    record(out, n, RECORD_EXTENSION, body.data, body.size);
    for (const struct feature_layout *one = plugin->layouts; one;
         one = one->next) {
        struct control_layout head = {
            .extension = plugin->extension.id,
            .uuid = one->layout->uuid,
            .scope = one->scope,
            .kind = one->kind,
            .layout_size = (uint32_t) one->wire.size,
            .default_size = (uint32_t) one->empty.size,
        };
        const struct iovec parts[] = {
            { &head, sizeof head },
            { one->wire.data, one->wire.size },
            { one->empty.data, one->empty.size },
        };

        record_parts(out, n, RECORD_LAYOUT, parts, 3);
    }
}

void
report_snapshot(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct control_snapshot *head;
    uint32_t n = 0;

    (void) message;
    request_start(request, &out, sizeof *head - sizeof head->result);
    for (const struct plugin *plugin = driver->plugins; plugin;
         plugin = plugin->next) {
        report_plugin(plugin, &out, &n);
    }
    for (const struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        report_switch(vswitch, &out, &n);
    }
    head = (void *) (out.data + sizeof(struct control_header));
    head->n = n;
    request_send(request, &out);
}

static uint64_t
port_sum(const uint64_t *first)
{
    return tally_sum(first, sizeof(struct port_counters));
}

static void
count_port(const struct vport *port, struct buffer *out)
{
    const struct port_counters *counters = &port->counters[0];
    const struct port *driver = port->port;
    struct control_port_counters one = {
        .port_id = port->id,
        .link_up = port->state == VPORT_UP && !port->made.disabled,
        .rx_packets = port_sum(&counters->rx_packets),
        .rx_bytes = port_sum(&counters->rx_bytes),
        .tx_packets = port_sum(&counters->tx_packets),
        .tx_bytes = port_sum(&counters->tx_bytes),
        .rx_dropped = port_sum(&counters->rx_dropped) + port->lost
            + (driver ? driver->lost : 0),
        .tx_dropped = port_sum(&counters->tx_dropped),
        .filtered = port_sum(&counters->filtered),
        .no_entry = tally_sum(&port->drops[0].reasons[DROP_ENTRY],
                              sizeof port->drops[0]),
        .no_buffer = tally_sum(&port->drops[0].reasons[DROP_BUFFERS],
                               sizeof port->drops[0]),
    };
    char no_entry[CONTROL_STATE];

    entries_explain(port, no_entry, sizeof no_entry);
    put_text(one.text, sizeof one.text,
             port->state == VPORT_UP && *no_entry ? no_entry
             : port->state == VPORT_UP && driver ? driver->text
             : port->text);
    buffer_put(out, &one, sizeof one);
}

static uint64_t
stage_sum(const uint64_t *first)
{
    return tally_sum(first, sizeof(struct stage_counters));
}

static uint64_t
nanoseconds(uint64_t cycles)
{
    uint64_t rate = cycles_per_us();

    return cycles / rate * 1000 + cycles % rate * 1000 / rate;
}

static void
report_kept(const struct stage *stage, struct control_health *out)
{
    const struct kept *kept = xvs_read(stage->kept);
    struct keep_status status;

    if (kept) {
        kept_status(kept, &status);
        out->kept = status.size;
        out->kept_since = status.since;
        out->kept_handovers = status.handovers;
        out->kept_undone = status.taken_back;
    }
}

static void
report_health(const struct stage *stage, struct control_health *out)
{
    struct pair *pair = xvs_read(stage->pair);
    struct domain *domain = xvs_read(stage->domain);
    struct stage_health health = { 0 };
    struct usage usage;

    if (pair) {
        pair_health(pair, &health);
    } else if (domain) {
        domain_health(domain, &health);
    }
    usage_read((pid_t) health.pid, &usage);
    out->partition = stage->partition;
    out->pid = health.pid;
    out->standby = health.standby;
    out->standby_pid = health.standby_pid;
    out->restarts = health.restarts;
    out->cpu_time = usage.cpu_time;
    out->memory = usage.memory;
    out->lost = health.lost;
    out->replayed = health.replayed;
    out->poison = health.poison;
    report_kept(stage, out);
    put_text(out->failure, sizeof out->failure, health.failure);
    put_text(out->missing, sizeof out->missing, health.missing);
}

static void
count_stage(const struct stage *stage, struct buffer *out)
{
    const struct stage_counters *counters = &stage->counters[0];
    struct control_stage_counters one = {
        .extension = stage->plugin->extension.id,
        .switch_id = stage->switch_id,
        .state = stage->failed ? 3
            : stage->stuck || stage->told_inside ? 2 : 1,
        .packets = stage_sum(&counters->packets),
        .bytes = stage_sum(&counters->bytes),
        .drops = stage_sum(&counters->drops) + stage_sum(&counters->broken),
        .broken = stage_sum(&counters->broken),
        .bursts = stage_sum(&counters->bursts),
        .time = nanoseconds(stage_sum(&counters->cycles)),
        .diverted = stage_sum(&counters->diverted),
        .away = stage->told_away,
        .over_time = stage_sum(&counters->over_time),
        .requests = stage->requests,
        .refusals = stage->refusals,
        .timeouts = stage->timeouts,
    };

    for (uint32_t i = 0; i < CHAIN_REASONS; i++) {
        one.reasons[i] = stage_sum(&counters->reasons[i]);
    }
    report_health(stage, &one.health);
    buffer_put(out, &one, sizeof one);
}

void
report_counters(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    const struct control_switch *wanted = control_body(message);
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    BUFFER_AUTO struct buffer stages = BUFFER_INIT;
    struct pool *pool = workers_pool(driver->workers);
    struct control_counters *head;
    uint32_t n_ports = 0, n_stages = 0;

    request_start(request, &out, sizeof *head - sizeof head->result);
    for (const struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        if (wanted->switch_id && wanted->switch_id != vswitch->id) {
            continue;
        }
        for (struct vport *port = vswitch->ports; port; port = port->next) {
            count_port(port, &out);
            n_ports++;
        }
        for (struct stage *one = vswitch->stages; one; one = one->next) {
            count_stage(one, &stages);
            n_stages++;
        }
    }
    buffer_put(&out, stages.data, stages.size);
    head = (void *) (out.data + sizeof(struct control_header));
    head->n_ports = n_ports;
    head->n_stages = n_stages;
    head->n_buffers = pool_size(pool);
    head->buffers_used = pool_used(pool);
    head->shortages = pool_shortages(pool);
    request_send(request, &out);
}
