/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What extensions enforce and answer: settings, alone and with enabling;
 * status, methods, and the objects that these answer.
 */

#include <config.h>

#include "control/body/body.h"

#include "control/message.h"

bool
body_setting(struct body *body)
{
    const struct control_setting *one =
        body_take(body, sizeof *one, "setting");

    if (!one) {
        return false;
    }
    if (one->op < XVS_VALIDATE || one->op > XVS_DELETE
        || !body_valid_scope(one->scope)) {
        return body_invalid(body, "unknown operation or scope of a setting");
    }
    if ((one->scope == XVS_SCOPE_SWITCH) != (one->port_id == XVS_PORT_NONE)) {
        return body_invalid(body, "scope and port of a setting disagree");
    }
    if (one->reserved != 0) {
        return body_invalid(body, "reserved field not zero");
    }
    return body_take(body, one->block_size, "block") != NULL;
}

static bool
check_settings_list(struct body *body, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!body_setting(body)) {
            return false;
        }
    }
    return true;
}

bool
body_settings(struct body *body)
{
    const struct control_settings *list =
        body_take(body, sizeof *list, "body");

    return list && check_settings_list(body, list->n);
}

bool
body_enable(struct body *body)
{
    const struct control_enable *enable =
        body_take(body, sizeof *enable, "body");

    if (!enable) {
        return false;
    }
    if (enable->partition >= PARTITION_END) {
        return body_invalid(body, "unknown partition");
    }
    return body_time_share(body, enable->time_share)
        && check_settings_list(body, enable->n);
}

static bool
check_results(struct body *body)
{
    uint32_t n = (uint32_t) (body->left / sizeof(uint32_t));
    const uint32_t *results = body_take(body, body->left, "results");

    for (uint32_t i = 0; results && i < n; i++) {
        if (results[i] > XVS_PROVIDER_FAILED) {
            return body_invalid(body, "unknown result");
        }
    }
    return results != NULL;
}

bool
body_enabled(struct body *body)
{
    return body_place(body) && check_results(body);
}

bool
body_status(struct body *body)
{
    const struct control_status *status =
        body_take(body, sizeof *status, "body");

    return status
        && (status->reserved == 0
            || body_invalid(body, "reserved field not zero"));
}

bool
body_method(struct body *body)
{
    const struct control_method *call = body_take(body, sizeof *call, "body");

    return call && body_named(body, call->name, sizeof call->name, "method")
        && body_take(body, call->block_size, "parameters")
        && body_take(body, call->in_layout_size, "layout of the in parameters")
        && body_take(body, call->out_layout_size,
                     "layout of the out parameters");
}

bool
body_objects(struct body *body)
{
    const struct body_count *count = body_take(body, sizeof *count, "body");

    for (uint32_t i = 0; count && i < count->n; i++) {
        const struct control_object *one =
            body_take(body, sizeof *one, "object");

        if (!one || !body_take(body, one->block_size, "block")) {
            return false;
        }
    }
    return count && (count->m == 0
                     || body_invalid(body, "reserved field not zero"));
}
