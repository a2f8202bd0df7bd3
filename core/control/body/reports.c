/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the switch tells of itself: events, counters, packets that it dropped
 * because they end processes, and the snapshot of all that it has.
 */

#include <config.h>

#include "control/body/body.h"

#include "control/message.h"

bool
body_event(struct body *body)
{
    const struct control_event *event = body_take(body, sizeof *event, "body");

    if (!event
        || !body_terminated(body, event->text, sizeof event->text, "text")) {
        return false;
    }
    if (event->kind < EVENT_EXTENSION || event->kind >= EVENT_END
        || event->severity > XVS_LOG_INFO) {
        return body_invalid(body, "unknown kind or severity of event");
    }
    return true;
}

static bool
check_stage(struct body *body)
{
    const struct control_stage_counters *stage =
        body_take(body, sizeof *stage, "stage");
    const struct control_health *health = stage ? &stage->health : NULL;

    if (!stage
        || !body_terminated(body, health->failure, sizeof health->failure,
                            "failure of a stage")
        || !body_terminated(body, health->missing, sizeof health->missing,
                            "list of protections")) {
        return false;
    }
    if (health->standby >= STANDBY_END) {
        return body_invalid(body, "unknown state of a standby");
    }
    return body_partition_known(body, health->partition);
}

bool
body_counters(struct body *body)
{
    const struct control_counters *head;
    const struct body_count *count =
        body_take(body, sizeof *head - sizeof head->result, "body");

    if (!count) {
        return false;
    }
    for (uint32_t i = 0; i < count->n; i++) {
        const struct control_port_counters *port =
            body_take(body, sizeof *port, "port");

        if (!port || !body_terminated(body, port->text, sizeof port->text,
                                      "state of a port")) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count->m; i++) {
        if (!check_stage(body)) {
            return false;
        }
    }
    return true;
}

bool
body_quarantine(struct body *body)
{
    return body_take(body, sizeof(struct control_quarantine), "body") != NULL;
}

bool
body_quarantined(struct body *body)
{
    const struct control_quarantined *one =
        body_take(body, sizeof *one, "body");

    if (!one || !body_terminated(body, one->why, sizeof one->why,
                                 "end of a process")) {
        return false;
    }
    if (one->egress > 1 || one->reserved[0] || one->reserved[1]
        || one->reserved[2]) {
        return body_invalid(body, "reserved field not zero");
    }
    if (one->size > QUARANTINE_FRAME) {
        return body_invalid(body, "a frame of an impossible size");
    }
    return body_take(body, one->size, "frame") != NULL;
}

static const body_check record_checks[] = {
    [RECORD_SWITCH] = body_switch,
    [RECORD_PORT] = body_port,
    [RECORD_EXTENSION] = body_extension,
    [RECORD_ENABLED] = body_stage,
    [RECORD_SETTING] = body_setting,
    [RECORD_LAYOUT] = body_layout,
};

static bool
check_record(struct body *body)
{
    const struct control_record *record =
        body_take(body, sizeof *record, "record");
    struct body inside = *body;

    if (!record) {
        return false;
    }
    if (record->type < RECORD_SWITCH || record->type > RECORD_LAYOUT) {
        return body_invalid(body, "unknown type of record");
    }
    if (!body_take(body, record->size, "record")) {
        return false;
    }
    inside.left = CONTROL_ALIGN(record->size);
    if (!record_checks[record->type](&inside)) {
        return false;
    }
    return inside.left == 0 || body_invalid(body, "a record is too long");
}

bool
body_snapshot(struct body *body)
{
    const struct body_count *count = body_take(body, sizeof *count, "body");

    for (uint32_t i = 0; count && i < count->n; i++) {
        if (!check_record(body)) {
            return false;
        }
    }
    return count && (count->m == 0
                     || body_invalid(body, "reserved field not zero"));
}
