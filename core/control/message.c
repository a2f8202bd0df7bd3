/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A control message as a whole: how it is begun, where it ends in its packet,
 * and the check that it passes before anyone looks inside.  A table says per
 * type which check (control/body/) the body of a request and of an answer has
 * to pass.
 */

#include <config.h>

#include "control/message.h"

#include "base/buffer.h"
#include "base/error.h"
#include "control/body/body.h"

/* How the body of each message is made; an answer's after its result. */
static const struct {
    const char *name;
    body_check request;
    body_check answer;
} types[] = {
    [CONTROL_HELLO] = { "HELLO", body_hello, body_hello },
    [CONTROL_SNAPSHOT] = { "SNAPSHOT", body_nothing, body_snapshot },
    [CONTROL_SWITCH_CREATE] = { "SWITCH_CREATE", body_switch, body_nothing },
    [CONTROL_SWITCH_DELETE] = { "SWITCH_DELETE", body_switch_id,
                                body_nothing },
    [CONTROL_PORT_CREATE] = { "PORT_CREATE", body_port, body_nothing },
    [CONTROL_PORT_DELETE] = { "PORT_DELETE", body_port_id, body_nothing },
    [CONTROL_EXT_LOAD] = { "EXT_LOAD", body_load, body_extension },
    [CONTROL_EXT_UNLOAD] = { "EXT_UNLOAD", body_reference, body_nothing },
    [CONTROL_LAYOUT_SET] = { "LAYOUT_SET", body_layout, body_nothing },
    [CONTROL_LAYOUT_DROP] = { "LAYOUT_DROP", body_layout_id, body_nothing },
    [CONTROL_EXT_ENABLE] = { "EXT_ENABLE", body_enable, body_enabled },
    [CONTROL_EXT_DISABLE] = { "EXT_DISABLE", body_reference, body_nothing },
    [CONTROL_SETTINGS] = { "SETTINGS", body_settings, body_nothing },
    [CONTROL_STATUS] = { "STATUS", body_status, body_objects },
    [CONTROL_METHOD] = { "METHOD", body_method, body_objects },
    [CONTROL_COUNTERS] = { "COUNTERS", body_switch_id, body_counters },
    [CONTROL_PORT_UPDATE] = { "PORT_UPDATE", body_port, body_nothing },
    [CONTROL_EVENT] = { "EVENT", body_event, NULL },
    [CONTROL_EXT_MOVE] = { "EXT_MOVE", body_place, body_place },
    [CONTROL_EXT_UPGRADE] = { "EXT_UPGRADE", body_upgrade, body_extension },
    [CONTROL_CAPTURE_START] = { "CAPTURE_START", body_capture, body_session },
    [CONTROL_CAPTURE_READ] = { "CAPTURE_READ", body_session, body_captured },
    [CONTROL_CAPTURE_STOP] = { "CAPTURE_STOP", body_session, body_captured },
    [CONTROL_EXT_PARTITION] = { "EXT_PARTITION", body_partition,
                                body_nothing },
    [CONTROL_EXT_PARTNER] = { "EXT_PARTNER", body_partner, body_nothing },
    [CONTROL_QUARANTINE] = { "QUARANTINE", body_quarantine,
                             body_quarantined },
};

#define N_TYPES (sizeof types / sizeof types[0])

void *
message_start(struct buffer *out, uint16_t type, size_t size)
{
    struct control_header *header;

    out->size = 0;
    buffer_extend(out, sizeof *header + CONTROL_ALIGN(size));
    header = (struct control_header *) (void *) out->data;
    header->magic = CONTROL_MAGIC;
    header->version = CONTROL_VERSION;
    header->type = type;
    return header + 1;
}

struct control_result *
message_answer(struct buffer *out, const struct control_header *request,
               size_t size)
{
    struct control_result *result = message_start(
        out, (uint16_t) (request->type | CONTROL_ANSWER),
        sizeof *result + CONTROL_ALIGN(size));

    ((struct control_header *) (void *) out->data)->number = request->number;
    result->index = UINT32_MAX;
    return result;
}

size_t
control_first(const void *packet, size_t size)
{
    const struct control_header *header = packet;

    return size >= sizeof *header && header->size >= sizeof *header
        && header->size < size && header->size % 8 == 0 ? header->size : size;
}

const char *
control_type_name(unsigned int type)
{
    type &= ~CONTROL_ANSWER;
    return type > 0 && type < N_TYPES ? types[type].name : "unknown";
}

static bool
check_header(const struct control_header *header, size_t size,
             struct error *error)
{
    unsigned int type;

    if (size < sizeof *header || header->magic != CONTROL_MAGIC) {
        return error_set(error, ERROR_SYNTAX,
                         "not a control message (%zu bytes)", size);
    }
    if (header->version != CONTROL_VERSION) {
        return error_set(error, ERROR_VERSION,
                         "the peer speaks version %u of the control protocol,"
                         " this program version %u", header->version,
                         CONTROL_VERSION);
    }
    type = header->type & ~CONTROL_ANSWER;
    if (type == 0 || type >= N_TYPES) {
        return error_set(error, ERROR_UNSUPPORTED,
                         "unknown control message type %u", type);
    }
    if (header->size != size || size % 8 != 0 || size > CONTROL_LIMIT
        || header->reserved != 0) {
        return error_set(error, ERROR_SYNTAX,
                         "control message %s says %u bytes and has %zu",
                         types[type].name, header->size, size);
    }
    return true;
}

/* The number is 0 in events only, the result only in answers. */
static bool
check_numbers(const struct control_header *header, struct body *body)
{
    bool answer = header->type & CONTROL_ANSWER;
    bool event = header->type == CONTROL_EVENT;

    if ((header->number == 0) != event) {
        return body_invalid(body, "wrong request number");
    }
    if (answer ? header->result > XVS_PROVIDER_FAILED : header->result != 0) {
        return body_invalid(body, "wrong result field");
    }
    return true;
}

static bool
check_result(struct body *body)
{
    const struct control_result *result =
        body_take(body, sizeof *result, "result");

    if (!result
        || !body_terminated(body, result->extension, sizeof result->extension,
                            "extension")
        || !body_terminated(body, result->text, sizeof result->text, "text")) {
        return false;
    }
    return result->code <= ERROR_IO
        || body_invalid(body, "unknown error code");
}

static bool
check_answer(const struct control_header *header, struct body *body)
{
    body_check inside = types[header->type & ~CONTROL_ANSWER].answer;

    if (!inside) {
        return body_invalid(body, "an event has no answer");
    }
    if (!check_result(body)) {
        return false;
    }
    /* A refusal may end here. */
    if (header->result != XVS_SUCCESS && body->left == 0) {
        return true;
    }
    return inside(body);
}

bool
control_check(const void *message, size_t size, struct error *error)
{
    const struct control_header *header = message;
    struct body body = { .error = error };
    bool good;

    if (!check_header(header, size, error)) {
        return false;
    }
    body.at = (const char *) message + sizeof *header;
    body.left = size - sizeof *header;
    body.name = control_type_name(header->type);
    if (!check_numbers(header, &body)) {
        return false;
    }
    if (header->type & CONTROL_ANSWER) {
        good = check_answer(header, &body);
    } else {
        good = types[header->type].request(&body);
    }
    if (good && body.left != 0) {
        return error_set(error, ERROR_SYNTAX,
                         "control message %s has %zu bytes too many",
                         body.name, body.left);
    }
    return good;
}

bool
control_check_extension(const void *bytes, size_t size, struct error *error)
{
    struct body body = { .at = bytes, .left = size & ~(size_t) 7,
                         .name = "EXT_LOAD", .error = error };

    return body_extension(&body)
        && (body.left == 0 || body_invalid(&body, "bytes too many"));
}
