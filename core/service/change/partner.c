/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See partner.h.
 */

#include <config.h>

#include "service/change/partner.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "service/change/change.h"
#include "service/change/plan.h"
#include "service/internal.h"
#include "service/peer/request.h"
#include "service/reconcile/revive.h"

/* ---- Judging ------------------------------------------------------------ */

static bool
judge_kind(const struct extension *extension, const struct extension *first,
           struct error *error)
{
    static const char *const names[] = { "", "capture", "filter", "forward",
                                         "service" };

    if (extension == first) {
        return error_set(error, ERROR_INVALID, "extension %s cannot be its "
                         "own partner", extension->name);
    }
    if (extension->extension_class != first->extension_class) {
        return error_set(error, ERROR_INVALID, "extensions %s and %s cannot "
                         "hold one place: their classes are %s and %s",
                         first->name, extension->name,
                         names[first->extension_class],
                         names[extension->extension_class]);
    }
    return true;
}

/* 'one' has, or will have, 'other' as its partner: it has no third. */
static bool
judge_third(const struct stage *one, const struct extension *other,
            struct error *error)
{
    const struct stage *const have[] = { state_stage_first(one),
                                         state_stage_second(one) };

    for (size_t i = 0; i < 2; i++) {
        if (have[i] && have[i]->extension != other) {
            error_set(error, ERROR_IN_USE, "extension %s shares its place "
                      "with %s already, and a place is held by two at most",
                      one->extension->name, have[i]->extension->name);
            return error_hint(error, "part them first: xvsctl stage set %s "
                              "%s --partner \"\"",
                              i ? have[i]->extension->name
                                : one->extension->name, one->vswitch->name);
        }
    }
    return true;
}

static bool
judge(const struct extension *extension, const struct stage *stage,
      const struct stage *first, struct error *error)
{
    if (!judge_kind(extension, first->extension, error)
        || !judge_third(first, extension, error)
        || (stage && !judge_third(stage, first->extension, error))) {
        return false;
    }
    return !stage || state_stage_first(first) != stage
        || error_set(error, ERROR_IN_USE, "extension %s has %s as its partner "
                     "already, and the reverse would be a circle",
                     first->extension->name, extension->name);
}

static struct stage *
find_first(const struct state *state, const struct vswitch *vswitch,
           const char *name, struct error *error)
{
    struct stage *first = state_stage(state, vswitch->name, name);

    if (!first) {
        error_set(error, ERROR_NOT_FOUND, "extension %s is not enabled on "
                  "switch %s, so that no place can be shared with it", name,
                  vswitch->name);
        error_hint(error, "enable it first: xvsctl ext enable %s %s", name,
                   vswitch->name);
    }
    return first;
}

/* The kind of sharing that is wished for, or else 'now', or the usual one. */
static bool
read_sharing(const struct wish *wish, uint8_t now, uint8_t *out,
             struct error *error)
{
    const char *text = wish_names(wish, "Sharing")
        ? instance_text(wish->instance, "Sharing") : NULL;

    *out = now ? now : SHARING_FAILOVER;
    if (text && *text) {
        *out = (uint8_t) control_sharing_find(text);
    }
    return *out
        || error_set(error, ERROR_INVALID, "Sharing is '%s'; it can be "
                     "failover or aggregate", text);
}

static void
read_stage(const struct stage *stage, struct partner_wish *out)
{
    memset(out, 0, sizeof *out);
    if (stage && state_stage_first(stage)) {
        out->sharing = stage->sharing;
        out->partner = stage->partner;
    }
}

bool
partner_read(const struct state *state, const struct wish *wish,
             const struct vswitch *vswitch, const struct extension *extension,
             const struct stage *stage, struct partner_wish *out,
             struct error *error)
{
    const char *name = wish->instance && wish_names(wish, "Partner")
        ? instance_text(wish->instance, "Partner") : NULL;
    struct partner_wish now;
    const struct stage *first;

    read_stage(stage, &now);
    *out = now;
    if (!wish->instance || (!name && !wish_names(wish, "Sharing"))) {
        return true;
    }
    if (name && !*name) {
        *out = (struct partner_wish) { now.sharing != 0, 0, { 0 } };
        return true;
    }
    if (!read_sharing(wish, now.sharing, &out->sharing, error)) {
        return false;
    }
    if (!name && !now.sharing) {
        /* A new object may have the property as NULL. */
        out->sharing = SHARING_NONE;
        return !instance_text(wish->instance, "Sharing")
            || error_set(error, ERROR_INVALID, "Sharing says how a place is "
                         "shared with Partner, which is missing");
    }
    first = name ? find_first(state, vswitch, name, error)
        : state_stage_first(stage);
    if (!first || !judge(extension, stage, first, error)) {
        return false;
    }
    out->partner = first->extension->id;
    out->is_new = out->sharing != now.sharing
        || !guid_equal(&out->partner, &now.partner);
    return true;
}

bool
partner_may_move(const struct partner_wish *wish, struct error *error)
{
    if (wish->is_new && wish->sharing) {
        return error_set(error, ERROR_INVALID, "Position and Partner cannot "
                         "both be set: the place is that of the partner");
    }
    if (wish->is_new) {
        return error_set(error, ERROR_INVALID, "Position and Partner cannot "
                         "both be set: part the two first, then move one");
    }
    return true;
}

/* ---- Places ------------------------------------------------------------- */

uint32_t
partner_position(const struct vswitch *vswitch,
                 const struct extension *extension,
                 const struct xvs_guid *partner)
{
    uint32_t position = 0;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct extension *one = vswitch->chain[i]->extension;

        position += one->extension_class == extension->extension_class
            && one != extension;
        if (guid_equal(&one->id, partner)) {
            break;
        }
    }
    return position;
}

uint32_t
partner_keep(const struct vswitch *vswitch, const struct extension *extension,
             uint32_t position)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *one = vswitch->chain[i];

        if (one->extension == extension
            || one->extension->extension_class
               != extension->extension_class) {
            continue;
        }
        if (seen++ == position && state_stage_first(one)) {
            return position + 1;
        }
    }
    return position;
}

/* ---- Steps -------------------------------------------------------------- */

static void
put(struct buffer *out, const struct vswitch *vswitch,
    const struct extension *extension, const struct partner_wish *wish)
{
    request_partner(out, &extension->id, vswitch->id,
                    wish->sharing ? &wish->partner : NULL, wish->sharing);
}

/* A step that is there for its undo alone. */
static void
step_undo(struct plan *plan, struct buffer *undo)
{
    struct buffer nothing = BUFFER_INIT;

    plan_step(plan, &nothing, undo, NULL);
}

void
partner_step(struct plan *plan, const struct vswitch *vswitch,
             const struct extension *extension, const struct stage *stage,
             const struct partner_wish *wish)
{
    const struct stage *first = wish->sharing
        ? state_stage_of(vswitch, &wish->partner) : NULL;
    struct buffer forward = BUFFER_INIT, back = BUFFER_INIT;
    struct buffer place = BUFFER_INIT;
    struct partner_wish now;

    if ((first && first->waiting) || (stage && stage->waiting)) {
        return;
    }
    put(&forward, vswitch, extension, wish);
    if (stage) {
        read_stage(stage, &now);
        request_place(&place, &extension->id, vswitch->id,
                      revive_position(stage));
        step_undo(plan, &place);
        put(&back, vswitch, extension, &now);
    }
    plan_step(plan, &forward, &back, NULL);
}

/* The second one of a place, when both are enabled, or NULL. */
static const struct stage *
second_of(const struct stage *stage)
{
    const struct stage *second = state_stage_first(stage) ? stage
        : state_stage_second(stage);

    return second && !second->waiting && !state_stage_first(second)->waiting
        ? second : NULL;
}

void
partner_step_leave(struct plan *plan, const struct stage *stage)
{
    const struct stage *second = second_of(stage);
    struct buffer back = BUFFER_INIT;
    struct partner_wish now;

    if (second) {
        read_stage(second, &now);
        put(&back, second->vswitch, second->extension, &now);
        step_undo(plan, &back);
    }
}

void
partner_step_back(struct plan *plan, const struct stage *stage)
{
    const struct stage *second = second_of(stage);
    struct buffer message = BUFFER_INIT;
    struct partner_wish now;

    if (second) {
        read_stage(second, &now);
        put(&message, second->vswitch, second->extension, &now);
        plan_forgive(plan, plan_step(plan, &message, NULL, NULL));
    }
}

/* ---- Applying ----------------------------------------------------------- */

void
partner_leave(struct service *service, struct vswitch *vswitch,
              const struct extension *extension)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        struct stage *one = vswitch->chain[i];

        if (!one->sharing || !guid_equal(&one->partner, &extension->id)) {
            continue;
        }
        one->sharing = SHARING_NONE;
        one->partner = (struct xvs_guid) { 0 };
        change_tell(service, "changed", vswitch->name, NULL,
                    one->extension->name, "stage %s of switch %s, which has "
                    "its place without %s now", one->extension->name,
                    vswitch->name, extension->name);
    }
}
