/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading a snapshot.  The message was checked when it arrived.
 */

#include <config.h>

#include "service/reconcile/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "service/state.h"

static void
records_add(struct records *records, const void *item)
{
    mem_grow(&records->items, &records->capacity, records->n,
             sizeof *records->items);
    records->items[records->n++] = item;
}

static int
compare_settings(const struct control_setting *a,
                 const struct control_setting *b)
{
    int order = memcmp(&a->uuid, &b->uuid, sizeof a->uuid);

    if (order == 0) {
        order = memcmp(&a->instance, &b->instance, sizeof a->instance);
    }
    if (order == 0 && a->switch_id != b->switch_id) {
        order = a->switch_id < b->switch_id ? -1 : 1;
    }
    if (order == 0 && a->port_id != b->port_id) {
        order = a->port_id < b->port_id ? -1 : 1;
    }
    return order;
}

static int
compare_items(const void *a, const void *b)
{
    return compare_settings(*(const struct control_setting *const *) a,
                            *(const struct control_setting *const *) b);
}

static void
take_record(struct snapshot *snapshot, const struct control_record *record)
{
    const char *inside = control_after(record, sizeof *record);

    switch (record->type) {
    case RECORD_SWITCH:
        records_add(&snapshot->switches, inside);
        break;
    case RECORD_PORT:
        records_add(&snapshot->ports, inside);
        break;
    case RECORD_EXTENSION:
        records_add(&snapshot->extensions, inside);
        break;
    case RECORD_ENABLED:
        records_add(&snapshot->enabled, inside);
        break;
    case RECORD_SETTING:
        records_add(&snapshot->settings, inside);
        break;
    case RECORD_LAYOUT:
        records_add(&snapshot->layouts, inside);
        records_add(&snapshot->layout_ends, inside + record->size);
        break;
    default:
        break;
    }
}

void
snapshot_read(struct snapshot *snapshot, const struct control_header *answer)
{
    const struct control_header *copy;
    const struct control_snapshot *head;
    const char *at;

    memset(snapshot, 0, sizeof *snapshot);
    buffer_put(&snapshot->bytes, answer, answer->size);
    copy = (const void *) snapshot->bytes.data;
    head = control_body(copy);
    at = control_after(head, sizeof *head);
    for (uint32_t i = 0; i < head->n; i++) {
        const struct control_record *record = (const void *) at;

        take_record(snapshot, record);
        at += CONTROL_ALIGN(sizeof *record) + CONTROL_ALIGN(record->size);
    }
    if (snapshot->settings.n) {
        qsort(snapshot->settings.items, snapshot->settings.n,
              sizeof *snapshot->settings.items, compare_items);
    }
}

void
snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->switches.items);
    free(snapshot->ports.items);
    free(snapshot->extensions.items);
    free(snapshot->enabled.items);
    free(snapshot->settings.items);
    free(snapshot->layouts.items);
    free(snapshot->layout_ends.items);
    buffer_free(&snapshot->bytes);
}

const struct control_switch *
snapshot_switch(const struct snapshot *snapshot, uint32_t id)
{
    for (size_t i = 0; i < snapshot->switches.n; i++) {
        const struct control_switch *one = snapshot->switches.items[i];

        if (one->switch_id == id) {
            return one;
        }
    }
    return NULL;
}

const struct control_port *
snapshot_port(const struct snapshot *snapshot, uint32_t id)
{
    for (size_t i = 0; i < snapshot->ports.n; i++) {
        const struct control_port *one = snapshot->ports.items[i];

        if (one->port_id == id) {
            return one;
        }
    }
    return NULL;
}

const struct control_extension *
snapshot_extension(const struct snapshot *snapshot,
                   const struct xvs_guid *id)
{
    for (size_t i = 0; i < snapshot->extensions.n; i++) {
        const struct control_extension *one = snapshot->extensions.items[i];

        if (guid_equal(&one->id, id)) {
            return one;
        }
    }
    return NULL;
}

const struct control_stage *
snapshot_stage(const struct snapshot *snapshot, const struct stage *stage)
{
    for (size_t i = 0; i < snapshot->enabled.n; i++) {
        const struct control_stage *one = snapshot->enabled.items[i];

        if (one->switch_id == stage->vswitch->id
            && guid_equal(&one->extension, &stage->extension->id)) {
            return one;
        }
    }
    return NULL;
}

size_t
snapshot_setting(const struct snapshot *snapshot,
                 const struct setting *setting)
{
    struct control_setting key = {
        .uuid = setting->uuid, .instance = setting->instance,
        .switch_id = setting->vswitch->id,
        .port_id = setting->port ? setting->port->id : XVS_PORT_NONE,
    };
    size_t low = 0, high = snapshot->settings.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_settings(snapshot->settings.items[middle], &key);

        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return SIZE_MAX;
}
