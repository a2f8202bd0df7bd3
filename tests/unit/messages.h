/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MESSAGES_H
#define XVS_TESTS_MESSAGES_H

/*
 * One good control message of each kind, for tests of what refuses bad ones.
 */

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "control/link.h"
#include "control/message.h"

#define MESSAGES 45

static inline void
messages_finish(struct buffer *out)
{
    struct control_header *header;

    buffer_align(out, 8);
    header = (void *) out->data;
    header->size = (uint32_t) out->size;
    if (header->type != CONTROL_EVENT) {
        header->number = 7;
    }
}

static inline void
messages_setting(struct buffer *out)
{
    struct control_setting setting = { .op = XVS_ADD,
                                       .scope = XVS_SCOPE_SWITCH,
                                       .switch_id = 1,
                                       .port_id = XVS_PORT_NONE,
                                       .block_size = 13 };

    buffer_put(out, &setting, sizeof setting);
    buffer_put(out, "thirteenbytes", 13);
    buffer_align(out, 8);
}

static inline void
messages_extension(struct buffer *out)
{
    struct control_extension one = { .extension_class = XVS_CLASS_FILTER,
                                     .on_failure = XVS_FAIL_OPEN,
                                     .n_features = 1, .n_methods = 1,
                                     .n_reasons = 1,
                                     .name = "acl", .file = "acl.so" };
    struct xvs_feature feature = { .size = 8 };
    struct control_signature method = { .name = "Reset", .signature = "l" };
    struct control_reason reason = { .name = "no rule" };

    buffer_put(out, &one, sizeof one);
    buffer_put(out, &feature, sizeof feature);
    buffer_put(out, &method, sizeof method);
    buffer_put(out, &reason, sizeof reason);
}

static inline void
messages_layout(struct buffer *out)
{
    struct control_layout layout = { .scope = XVS_SCOPE_PORT, .kind = 1,
                                     .layout_size = 5, .default_size = 9 };

    buffer_put(out, &layout, sizeof layout);
    buffer_put(out, "12345\0\0\0", 8);
    buffer_put(out, "123456789\0\0\0\0\0\0", 16);
}

static inline void
messages_objects(struct buffer *out)
{
    uint32_t counts[2] = { 2, 0 };
    struct control_object object = { .block_size = 3 };

    buffer_put(out, counts, sizeof counts);
    for (int i = 0; i < 2; i++) {
        buffer_put(out, &object, sizeof object);
        buffer_put(out, "abc\0\0\0\0", 8);
    }
}

static inline void
messages_record(struct buffer *out, uint32_t type, struct buffer *body)
{
    struct control_record record = { type, (uint32_t) body->size };

    buffer_put(out, &record, sizeof record);
    buffer_put(out, body->data, body->size);
    buffer_align(out, 8);
    body->size = 0;
}

static inline void
messages_snapshot(struct buffer *out)
{
    struct control_switch one = { .switch_id = 1, .name = "lan" };
    struct control_port port = { .port_id = 2, .switch_id = 1,
                                 .driver = DRIVER_TAP, .name = "a",
                                 .device = "tap0" };
    struct control_stage enabled = { .switch_id = 1,
                                     .partition = PARTITION_PROCESS,
                                     .partner = { .a = 1 },
                                     .sharing = SHARING_FAILOVER };
    struct buffer body = BUFFER_INIT;
    uint32_t counts[2] = { 6, 0 };

    buffer_put(out, counts, sizeof counts);
    messages_extension(&body);
    messages_record(out, RECORD_EXTENSION, &body);
    messages_layout(&body);
    messages_record(out, RECORD_LAYOUT, &body);
    buffer_put(&body, &one, sizeof one);
    messages_record(out, RECORD_SWITCH, &body);
    buffer_put(&body, &port, sizeof port);
    messages_record(out, RECORD_PORT, &body);
    buffer_put(&body, &enabled, sizeof enabled);
    messages_record(out, RECORD_ENABLED, &body);
    messages_setting(&body);
    messages_record(out, RECORD_SETTING, &body);
    buffer_free(&body);
}

static inline void
messages_capture(struct buffer *out)
{
    struct control_capture *one =
        message_start(out, CONTROL_CAPTURE_START, sizeof *one);
    struct control_point point = { .mask = 1u << TAP_RX };
    /* ldh [12]; jeq #0x800, 0, 1; ret #65535; ret #0 */
    static const struct control_instruction program[] = {
        { 0x28, 0, 0, 12 }, { 0x15, 0, 1, 0x800 }, { 0x06, 0, 0, 65535 },
        { 0x06, 0, 0, 0 },
    };

    one->switch_id = 1;
    one->port_id = XVS_PORT_NONE;
    one->n_points = 1;
    one->n_instructions = 4;
    buffer_put(out, &point, sizeof point);
    buffer_put(out, program, sizeof program);
}

static inline void
messages_captured(struct buffer *out)
{
    struct control_tap record = { .length = 60, .size = 5,
                                  .point = TAP_TX, .fate = FATE_SENT };
    struct control_captured one = { .records = 1,
                                    .size = sizeof record + 8 };

    buffer_put(out, &one, sizeof one);
    buffer_put(out, &record, sizeof record);
    buffer_put(out, "fiver\0\0", 8);
}

static inline void
messages_make_request(uint16_t type, struct buffer *out)
{
    switch (type) {
    case CONTROL_HELLO:
        message_start(out, type, sizeof(struct control_hello));
        break;
    case CONTROL_SNAPSHOT:
        message_start(out, type, 0);
        break;
    case CONTROL_SWITCH_CREATE: {
        struct control_switch *one = message_start(out, type, sizeof *one);

        one->switch_id = 1;
        strcpy(one->name, "lan");
        break;
    }
    case CONTROL_PORT_UPDATE:
    case CONTROL_PORT_CREATE: {
        struct control_port *port = message_start(out, type, sizeof *port);

        port->port_id = 2;
        port->switch_id = 1;
        port->driver = DRIVER_PACKET;
        strcpy(port->name, "a");
        strcpy(port->device, "veth0");
        break;
    }
    case CONTROL_PORT_DELETE:
        message_start(out, type, sizeof(struct control_port));
        break;
    case CONTROL_EXT_LOAD:
        strcpy(message_start(out, type, sizeof(struct control_load)),
               "acl.so");
        break;
    case CONTROL_LAYOUT_SET:
        message_start(out, type, 0);
        messages_layout(out);
        break;
    case CONTROL_LAYOUT_DROP:
        message_start(out, type, sizeof(struct control_layout));
        break;
    case CONTROL_EXT_ENABLE: {
        struct control_enable *one = message_start(out, type, sizeof *one);

        one->n = 1;
        one->partition = PARTITION_COPY;
        messages_setting(out);
        break;
    }
    case CONTROL_SETTINGS: {
        struct control_settings *one = message_start(out, type, sizeof *one);

        one->n = 2;
        messages_setting(out);
        messages_setting(out);
        break;
    }
    case CONTROL_STATUS:
        message_start(out, type, sizeof(struct control_status));
        break;
    case CONTROL_METHOD: {
        struct control_method *one = message_start(out, type, sizeof *one);

        strcpy(one->name, "Reset");
        one->block_size = 4;
        one->in_layout_size = 8;
        one->out_layout_size = 3;
        buffer_extend(out, 24);
        break;
    }
    case CONTROL_EVENT: {
        struct control_event *one = message_start(out, type, sizeof *one);

        one->kind = EVENT_STUCK;
        break;
    }
    case CONTROL_EXT_MOVE:
        message_start(out, type, sizeof(struct control_place));
        break;
    case CONTROL_EXT_PARTITION: {
        struct control_partition *one = message_start(out, type, sizeof *one);

        one->partition = PARTITION_PROCESS;
        break;
    }
    case CONTROL_EXT_PARTNER: {
        struct control_partner *one = message_start(out, type, sizeof *one);

        one->partner.a = 1;
        one->sharing = SHARING_AGGREGATE;
        break;
    }
    case CONTROL_EXT_UPGRADE: {
        struct control_upgrade *one = message_start(out, type, sizeof *one);

        strcpy(one->file, "acl-2.so");
        break;
    }
    case CONTROL_CAPTURE_START:
        messages_capture(out);
        break;
    case CONTROL_CAPTURE_READ:
    case CONTROL_CAPTURE_STOP: {
        struct control_session *one = message_start(out, type, sizeof *one);

        one->session = 1;
        break;
    }
    case CONTROL_QUARANTINE:
        message_start(out, type, sizeof(struct control_quarantine));
        break;
    case CONTROL_SWITCH_DELETE:
    case CONTROL_COUNTERS:
        message_start(out, type, sizeof(struct control_switch));
        break;
    default:
        message_start(out, type, sizeof(struct control_extension_ref));
        break;
    }
}

static inline void
messages_make_answer(uint16_t type, struct buffer *out)
{
    struct control_header request = { .type = type, .number = 7 };
    struct control_stage_counters stage = {
        .health = { .partition = PARTITION_PROCESS, .pid = 9,
                    .failure = "acl crashed", .missing = "landlock" } };
    uint32_t counts[2] = { 1, 1 };

    message_answer(out, &request, 0);
    switch (type) {
    case CONTROL_HELLO:
        buffer_extend(out, sizeof(struct control_hello));
        break;
    case CONTROL_SNAPSHOT:
        messages_snapshot(out);
        break;
    case CONTROL_EXT_LOAD:
    case CONTROL_EXT_UPGRADE:
        messages_extension(out);
        break;
    case CONTROL_EXT_MOVE:
        buffer_extend(out, sizeof(struct control_place));
        break;
    case CONTROL_CAPTURE_START: {
        struct control_session session = { .session = 1 };

        buffer_put(out, &session, sizeof session);
        break;
    }
    case CONTROL_CAPTURE_READ:
    case CONTROL_CAPTURE_STOP:
        messages_captured(out);
        break;
    case CONTROL_QUARANTINE: {
        struct control_quarantined packet = { .number = 1, .size = 60,
                                              .why = "acl crashed" };

        buffer_put(out, &packet, sizeof packet);
        buffer_extend(out, 64);
        break;
    }
    case CONTROL_EXT_ENABLE:
        buffer_extend(out, sizeof(struct control_place));
        buffer_put(out, counts, sizeof counts);
        break;
    case CONTROL_STATUS:
    case CONTROL_METHOD:
        messages_objects(out);
        break;
    case CONTROL_COUNTERS:
        buffer_put(out, counts, sizeof counts);
        buffer_extend(out, 16);     /* of the packet buffers */
        buffer_extend(out, sizeof(struct control_port_counters));
        buffer_put(out, &stage, sizeof stage);
        break;
    default:
        break;
    }
}

/* Message number 'index' of MESSAGES into 'out'. */
static inline void
messages_make(unsigned int index, struct buffer *out)
{
    static const uint16_t answers[] = {
        CONTROL_HELLO, CONTROL_SNAPSHOT, CONTROL_SWITCH_CREATE,
        CONTROL_EXT_LOAD, CONTROL_EXT_UNLOAD, CONTROL_LAYOUT_SET,
        CONTROL_EXT_ENABLE, CONTROL_SETTINGS, CONTROL_STATUS,
        CONTROL_METHOD, CONTROL_COUNTERS, CONTROL_PORT_CREATE,
        CONTROL_EXT_MOVE, CONTROL_EXT_UPGRADE, CONTROL_CAPTURE_START,
        CONTROL_CAPTURE_READ, CONTROL_CAPTURE_STOP, CONTROL_EXT_PARTITION,
        CONTROL_QUARANTINE,
    };

    out->size = 0;
    if (index < CONTROL_TYPES - 1) {
        messages_make_request((uint16_t) (index + 1), out);
    } else {
        messages_make_answer(answers[index - (CONTROL_TYPES - 1)], out);
    }
    messages_finish(out);
}

#endif
