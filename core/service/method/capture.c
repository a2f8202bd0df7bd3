/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The methods of XVS_Switch: sessions that record packets.  xvsd keeps
 * nothing of them; it turns names into numbers and passes records on.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/value.h"
#include "service/internal.h"
#include "service/method/capture-points.h"
#include "service/method/host-methods.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"

/* ---- Answers ------------------------------------------------------------ */

static const void *
rest_of(const struct control_header *answer)
{
    return control_after(answer_result(answer),
                         sizeof(struct control_result));
}

static void
started(void *arg, const struct control_header *answer)
{
    struct host_call *call = arg;
    struct error error;
    struct value session;

    if (answer_ok(answer, &error)) {
        const struct control_session *one = rest_of(answer);

        session = value_u64(CIM_UINT32, one->session);
        host_answer(call, 0, "Session", &session);
    } else {
        host_refuse(call, &error);
    }
    free(call);
}

/* Answers of both ReadCapture and StopCapture. */
static void
captured(void *arg, const struct control_header *answer)
{
    static const char *const names[] = {
        "Count", "Lost", "Ended", "Records", NULL,
    };
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct host_call *call = arg;
    struct error error;

    if (answer_ok(answer, &error)) {
        const struct control_captured *one = rest_of(answer);

        base64_put(&text, control_after(one, sizeof *one), one->size);
        host_answer_all(call, 0, names, (struct value[]) {
            value_u64(CIM_UINT64, one->records),
            value_u64(CIM_UINT64, one->lost),
            value_boolean(one->ended),
            value_string(buffer_string(&text)) });
    } else {
        host_refuse(call, &error);
    }
    free(call);
}

/* ---- Requests ----------------------------------------------------------- */

static uint64_t
number(const struct host_call *call, const struct value *in, size_t n_in,
       const char *name)
{
    const struct value *value = host_value(call, in, n_in, name);

    return value ? value->u : 0;
}

static bool
put_points(struct buffer *out, const struct vswitch *vswitch,
           const struct value *names, uint32_t *n, struct error *error)
{
    struct control_point point = { .mask = 1u << TAP_RX | 1u << TAP_TX };

    if (!names || names->n == 0) {
        buffer_put(out, &point, sizeof point);
        *n = 1;
        return true;
    }
    if (names->n > CAPTURE_POINTS) {
        return error_set(error, ERROR_INVALID, "there can be %u points at "
                         "once, not %u", CAPTURE_POINTS, names->n);
    }
    for (uint32_t i = 0; i < names->n; i++) {
        const struct value *name = &names->items[i];

        if (!capture_point(vswitch, name->is_null ? "" : name->s, &point,
                           error)) {
            return false;
        }
        buffer_put(out, &point, sizeof point);
    }
    *n = names->n;
    return true;
}

static bool
put_filter(struct buffer *out, const struct value *filter, uint32_t *n,
           struct error *error)
{
    *n = filter ? filter->n : 0;
    if (*n > CAPTURE_PROGRAM) {
        return error_set(error, ERROR_INVALID, "the filter has %u "
                         "instructions; there can be %u", *n,
                         CAPTURE_PROGRAM);
    }
    for (uint32_t i = 0; i < *n; i++) {
        uint64_t word = filter->items[i].is_null ? 0 : filter->items[i].u;
        struct control_instruction one = {
            .code = (uint16_t) (word >> 48),
            .jump_true = (uint8_t) (word >> 40),
            .jump_false = (uint8_t) (word >> 32),
            .operand = (uint32_t) word };

        buffer_put(out, &one, sizeof one);
    }
    buffer_align(out, 8);
    return true;
}

static bool
put_capture(const struct host_call *call, const struct vswitch *vswitch,
            const struct value *in, size_t n_in, struct buffer *out,
            struct error *error)
{
    const char *name = host_text(call, in, n_in, "PortName");
    const struct vport *port = name
        ? state_port(&call->service->state, vswitch->name, name) : NULL;
    struct control_capture body = {
        .switch_id = vswitch->id,
        .port_id = port ? port->id : XVS_PORT_NONE,
        .snap = (uint32_t) number(call, in, n_in, "SnapLength"),
        .flags = number(call, in, n_in, "Follow") ? CAPTURE_FOLLOW : 0,
        .limit = number(call, in, n_in, "Limit"),
    };

    if (name && !port) {
        return error_set(error, ERROR_NOT_FOUND, "switch %s has no port %s",
                         vswitch->name, name);
    }
    message_start(out, CONTROL_CAPTURE_START, sizeof body);
    if (!put_points(out, vswitch, host_value(call, in, n_in, "Points"),
                    &body.n_points, error)
        || !put_filter(out, host_value(call, in, n_in, "Filter"),
                       &body.n_instructions, error)) {
        return false;
    }
    memcpy(out->data + sizeof(struct control_header), &body, sizeof body);
    return true;
}

static bool
put_session(const struct host_call *call, const struct value *in,
            size_t n_in, uint16_t type, struct buffer *out,
            struct error *error)
{
    struct control_session *body = message_start(out, type, sizeof *body);

    body->session = (uint32_t) number(call, in, n_in, "Session");
    body->wait_ms = (uint32_t) number(call, in, n_in, "Wait");
    return body->session != 0
        || error_set(error, ERROR_INVALID, "Session is missing: the number "
                     "that StartCapture gave");
}

static const struct {
    const char *name;
    uint16_t type;
    link_answer on_answer;
} methods[] = {
    { "StartCapture", CONTROL_CAPTURE_START, started },
    { "ReadCapture", CONTROL_CAPTURE_READ, captured },
    { "StopCapture", CONTROL_CAPTURE_STOP, captured },
};

void
capture_method(const struct host_call *call, const struct path *path,
               const struct value *in, size_t n_in)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const char *name = path_key(path, "Name");
    const struct vswitch *vswitch =
        name ? state_switch(&call->service->state, name) : NULL;
    struct error error;
    size_t i = 0;
    bool ok;

    while (i < 2 && !text_equal_fold(methods[i].name, call->method->name)) {
        i++;
    }
    if (!vswitch) {
        error_set(&error, ERROR_NOT_FOUND, "there is no switch %s",
                  name ? name : "without a name");
        host_refuse(call, &error);
        return;
    }
    ok = i == 0 ? put_capture(call, vswitch, in, n_in, &message, &error)
        : put_session(call, in, n_in, methods[i].type, &message, &error);
    if (ok) {
        peer_request(call->service->peer, &message, methods[i].on_answer,
                     mem_dup(call, sizeof *call));
    } else {
        host_refuse(call, &error);
    }
}
