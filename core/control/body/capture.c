/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sessions that look at packets, and their records.
 */

#include <config.h>

#include "control/body/body.h"

#include "control/message.h"

bool
body_capture(struct body *body)
{
    const struct control_capture *capture =
        body_take(body, sizeof *capture, "body");

    if (!capture) {
        return false;
    }
    if (capture->flags & ~CAPTURE_FOLLOW) {
        return body_invalid(body, "unknown flags of a capture");
    }
    if (capture->n_points > CAPTURE_POINTS
        || capture->n_instructions > CAPTURE_PROGRAM) {
        return body_invalid(body, "too many points, or a filter too long");
    }
    for (uint32_t i = 0; i < capture->n_points; i++) {
        const struct control_point *one =
            body_take(body, sizeof *one, "point");

        if (!one) {
            return false;
        }
        if (one->mask == 0 || one->mask >> TAP_POINTS || one->reserved) {
            return body_invalid(body, "unknown point of a capture");
        }
    }
    return body_take(body, capture->n_instructions
                             * sizeof(struct control_instruction), "filter");
}

bool
body_session(struct body *body)
{
    const struct control_session *one = body_take(body, sizeof *one, "body");

    return one && (one->session != 0
                   || body_invalid(body, "session number 0 is not allowed"));
}

static bool
check_tap(struct body *body)
{
    const struct control_tap *one = body_take(body, sizeof *one, "record");

    if (!one) {
        return false;
    }
    if (one->point >= TAP_POINTS || one->fate >= FATE_END || one->reserved) {
        return body_invalid(body, "unknown point or fate of a packet");
    }
    if (one->size > one->length) {
        return body_invalid(body, "a record has more bytes than its packet");
    }
    return body_take(body, one->size, "frame") != NULL;
}

bool
body_captured(struct body *body)
{
    const struct control_captured *captured =
        body_take(body, sizeof *captured, "body");

    if (!captured) {
        return false;
    }
    if (captured->ended > 1 || captured->size != body->left) {
        return body_invalid(body, "the records' size is wrong");
    }
    while (body->left) {
        if (!check_tap(body)) {
            return false;
        }
    }
    return true;
}
