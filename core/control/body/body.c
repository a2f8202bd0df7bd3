/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Walking a body piece by piece, and the checks of texts that all kinds
 * share; see body.h.
 */

#include <config.h>

#include "control/body/body.h"

#include <string.h>

#include "base/error.h"
#include "control/message.h"

const void *
body_take(struct body *body, size_t size, const char *what)
{
    const void *piece = body->at;

    if (size > body->left || CONTROL_ALIGN(size) > body->left) {
        error_set(body->error, ERROR_SYNTAX,
                  "control message %s is too short for its %s (%zu bytes"
                  " left, %zu needed)",
                  body->name, what, body->left, size);
        return NULL;
    }
    body->at += CONTROL_ALIGN(size);
    body->left -= CONTROL_ALIGN(size);
    return piece;
}

bool
body_invalid(struct body *body, const char *what)
{
    return error_set(body->error, ERROR_INVALID, "control message %s: %s",
                     body->name, what);
}

bool
body_terminated(struct body *body, const char *text, size_t size,
                const char *what)
{
    if (!memchr(text, 0, size)) {
        return error_set(body->error, ERROR_INVALID,
                         "control message %s: the %s is not terminated",
                         body->name, what);
    }
    return true;
}

bool
body_named(struct body *body, const char *text, size_t size, const char *what)
{
    if (!body_terminated(body, text, size, what)) {
        return false;
    }
    for (size_t i = 0; i == 0 || text[i]; i++) {
        if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f) {
            return error_set(body->error, ERROR_INVALID,
                             "control message %s: the %s is empty or has"
                             " control characters", body->name, what);
        }
    }
    return true;
}

bool
body_plain_file(struct body *body, const char *text, size_t size)
{
    if (!body_named(body, text, size, "file name")) {
        return false;
    }
    if (strchr(text, '/') || text[0] == '.') {
        return body_invalid(body, "the file name must be plain: no '/', no"
                                  " dot in front");
    }
    return true;
}

bool
body_nothing(struct body *body)
{
    (void) body;
    return true;
}

bool
body_valid_scope(uint32_t scope)
{
    return scope == XVS_SCOPE_PORT || scope == XVS_SCOPE_SWITCH;
}
