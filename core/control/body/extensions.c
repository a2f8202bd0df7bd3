/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Extensions: their files, what they say of themselves, their layouts, and
 * their places on a switch.
 */

#include <config.h>

#include "control/body/body.h"

#include "control/message.h"

bool
body_load(struct body *body)
{
    const struct control_load *load = body_take(body, sizeof *load, "body");

    return load && body_plain_file(body, load->file, sizeof load->file);
}

bool
body_reference(struct body *body)
{
    return body_take(body, sizeof(struct control_extension_ref),
                     "body") != NULL;
}

static bool
check_signatures(struct body *body, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct control_signature *one =
            body_take(body, sizeof *one, "method");

        if (!one || !body_named(body, one->name, sizeof one->name, "method")
            || !body_terminated(body, one->signature, sizeof one->signature,
                                "signature")) {
            return false;
        }
    }
    return true;
}

static bool
check_reasons(struct body *body, uint32_t n)
{
    if (n > XVS_REASONS) {
        return body_invalid(body, "too many drop reasons");
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct control_reason *one =
            body_take(body, sizeof *one, "reason");

        if (!one
            || !body_terminated(body, one->name, sizeof one->name, "reason")) {
            return false;
        }
    }
    return true;
}

bool
body_extension(struct body *body)
{
    const struct control_extension *one = body_take(body, sizeof *one, "body");

    if (!one || !body_named(body, one->name, sizeof one->name, "name")
        || !body_terminated(body, one->vendor, sizeof one->vendor, "vendor")
        || !body_terminated(body, one->description, sizeof one->description,
                            "description")
        || !body_terminated(body, one->before, sizeof one->before, "order")
        || !body_terminated(body, one->after, sizeof one->after, "order")
        || !body_terminated(body, one->finding, sizeof one->finding,
                            "finding")
        || !body_plain_file(body, one->file, sizeof one->file)) {
        return false;
    }
    if (one->extension_class < XVS_CLASS_CAPTURE
        || one->extension_class > XVS_CLASS_SERVICE
        || one->on_failure < XVS_FAIL_OPEN
        || one->on_failure > XVS_FAIL_HOLD) {
        return body_invalid(body, "unknown class or behaviour on failure");
    }
    if (one->scan >= SCAN_END) {
        return body_invalid(body, "unknown result of a scan");
    }
    if (one->traits & ~(uint32_t) CONTROL_TRAITS) {
        return body_invalid(body, "unknown traits");
    }
    for (uint32_t i = 0; i < one->n_features; i++) {
        if (!body_take(body, sizeof(struct xvs_feature), "feature")) {
            return false;
        }
    }
    return check_signatures(body, one->n_methods)
        && check_reasons(body, one->n_reasons);
}

bool
body_layout(struct body *body)
{
    const struct control_layout *layout =
        body_take(body, sizeof *layout, "body");

    if (!layout) {
        return false;
    }
    if (!body_valid_scope(layout->scope) || layout->kind < 1
        || layout->kind > 2) {
        return body_invalid(body, "unknown scope or kind of feature");
    }
    return body_take(body, layout->layout_size, "layout")
        && body_take(body, layout->default_size, "default object");
}

bool
body_layout_id(struct body *body)
{
    return body_take(body, sizeof(struct control_layout), "body") != NULL;
}

bool
body_place(struct body *body)
{
    const struct control_place *place =
        body_take(body, sizeof *place, "body");

    return place && ((place->together <= 1 && !place->reserved)
                     || body_invalid(body, "reserved field not zero"));
}

bool
body_partition_known(struct body *body, uint32_t partition)
{
    return (partition > PARTITION_DEFAULT && partition < PARTITION_END)
        || body_invalid(body, "unknown partition");
}

bool
body_time_share(struct body *body, uint32_t percent)
{
    return percent <= 100 || body_invalid(body, "time share above 100");
}

bool
body_partition(struct body *body)
{
    const struct control_partition *one = body_take(body, sizeof *one, "body");

    return one && body_partition_known(body, one->partition)
        && body_time_share(body, one->time_share);
}

/* Whether a partner is named exactly when there is to be one. */
static bool
is_sharing(struct body *body, const struct xvs_guid *partner,
           uint32_t sharing)
{
    static const struct xvs_guid zero;

    if (sharing >= SHARING_END) {
        return body_invalid(body, "unknown kind of sharing");
    }
    return (memcmp(partner, &zero, sizeof zero) == 0)
        == (sharing == SHARING_NONE)
        || body_invalid(body, "a partner without sharing, or the reverse");
}

bool
body_partner(struct body *body)
{
    const struct control_partner *one = body_take(body, sizeof *one, "body");

    return one && is_sharing(body, &one->partner, one->sharing);
}

bool
body_stage(struct body *body)
{
    const struct control_stage *one = body_take(body, sizeof *one, "body");

    return one && body_partition_known(body, one->partition)
        && is_sharing(body, &one->partner, one->sharing)
        && body_time_share(body, one->time_share);
}

bool
body_upgrade(struct body *body)
{
    const struct control_upgrade *upgrade =
        body_take(body, sizeof *upgrade, "body");

    return upgrade
        && body_plain_file(body, upgrade->file, sizeof upgrade->file)
        && (upgrade->reserved == 0
            || body_invalid(body, "reserved field not zero"));
}
