/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who shares a place with whom; see sharing.h.
 */

#include <config.h>

#include "switch/sharing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "control/names.h"
#include "packet/grace.h"
#include "packet/tally.h"
#include "stage/pair/pair.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/forward/flight.h"
#include "switch/order.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct stage *
sharing_first(const struct vswitch *vswitch, const struct stage *stage)
{
    return stage->sharing ? stages_find(vswitch, &stage->partner) : NULL;
}

struct stage *
sharing_second(const struct vswitch *vswitch, const struct stage *stage)
{
    struct stage *one = vswitch->stages;

    while (one && sharing_first(vswitch, one) != stage) {
        one = one->next;
    }
    return one;
}

/* ---- Joining -------------------------------------------------------------- */

static bool
refuse(struct outcome *outcome, enum error_code code)
{
    outcome->code = code;
    return false;
}

static bool
is_on_path(const struct stage *stage, struct outcome *outcome)
{
    if (stage->plugin->hooks & (HOOK_INGRESS | HOOK_EGRESS)) {
        return true;
    }
    outcome_set(outcome, XVS_NOT_ACCEPTED, "%s gets no packets that it could"
                " share", stage_name(stage));
    return refuse(outcome, ERROR_INVALID);
}

/* Neither has another partner. */
static bool
are_free(const struct vswitch *vswitch, const struct stage *stage,
         const struct stage *first, struct outcome *outcome)
{
    const struct stage *const others[] = {
        sharing_first(vswitch, stage), sharing_second(vswitch, stage),
        sharing_first(vswitch, first), sharing_second(vswitch, first),
    };

    for (size_t i = 0; i < 4; i++) {
        const struct stage *one = i < 2 ? stage : first;

        if (others[i] && others[i] != (i < 2 ? first : stage)) {
            outcome_set(outcome, XVS_NOT_ACCEPTED, "%s shares its place with"
                        " %s already, and a place is held by two at most",
                        stage_name(one), stage_name(others[i]));
            return refuse(outcome, ERROR_IN_USE);
        }
    }
    if (others[1]) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s is the second at the place"
                    " of %s, and the reverse would be a circle",
                    stage_name(first), stage_name(stage));
        return refuse(outcome, ERROR_IN_USE);
    }
    return true;
}

static bool
may_join(const struct vswitch *vswitch, const struct stage *stage,
         const struct stage *first, struct outcome *outcome)
{
    const struct xvs_extension *one = &stage->plugin->extension;
    const struct xvs_extension *two = &first->plugin->extension;

    if (stage == first) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s cannot share its place"
                    " with itself", stage_name(stage));
        return refuse(outcome, ERROR_INVALID);
    }
    if (one->extension_class != two->extension_class) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s and %s are of different"
                    " classes, and cannot have the same place",
                    stage_name(stage), stage_name(first));
        return refuse(outcome, ERROR_INVALID);
    }
    return is_on_path(stage, outcome) && is_on_path(first, outcome)
        && are_free(vswitch, stage, first, outcome);
}

/* Right behind the first; or it stays where it is. */
static bool
move_behind(struct vswitch *vswitch, struct stage *stage,
            const struct stage *first, struct outcome *outcome)
{
    struct stage *behind = stage->next;
    struct stage **at = &vswitch->stages;

    if (first->next == stage) {
        return true;
    }
    stages_remove(vswitch, stage);
    if (order_insert(vswitch, stage, order_position(vswitch, first) + 1,
                     outcome)) {
        return true;
    }
    while (*at != behind) {
        at = &(*at)->next;
    }
    stage->next = behind;
    *at = stage;
    return false;
}

bool
sharing_join(struct vswitch *vswitch, struct stage *stage,
             struct stage *first, enum sharing sharing,
             struct outcome *outcome)
{
    if (!may_join(vswitch, stage, first, outcome)
        || !move_behind(vswitch, stage, first, outcome)) {
        return false;
    }
    stage->partner = first->plugin->extension.id;
    stage->sharing = sharing;
    stage->position = order_position(vswitch, stage);
    return true;
}

void
sharing_part(struct stage *stage)
{
    stage->partner = (struct xvs_guid) { 0 };
    stage->sharing = SHARING_NONE;
    stage->told_away = false;
}

void
sharing_leave(struct vswitch *vswitch, struct stage *stage)
{
    const struct xvs_guid *id = &stage->plugin->extension.id;

    for (struct stage *one = vswitch->stages; one; one = one->next) {
        if (one->sharing && guid_equal(&one->partner, id)) {
            log_info("%s on switch %s has left: its place is %s's alone",
                     stage_name(stage), vswitch->name, stage_name(one));
            sharing_part(one);
        }
    }
}

/* ---- Telling -------------------------------------------------------------- */

static uint64_t
sum(const uint64_t *counter)
{
    return tally_sum(counter, sizeof(struct stage_counters));
}

/* Whether packets of the stage go to its partner, as far as workers have any:
 * those that have none see that it is back when the next one comes. */
static bool
is_away(const struct vswitch *vswitch, const struct stage *stage,
        bool has_process)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        if (tally_read(&stage->counters[i].away)
            && (!has_process || flight_is_under_way(&vswitch->path, i))) {
            return true;
        }
    }
    return false;
}

static void
tell(struct driver *driver, struct stage *stage, enum xvs_log_level severity,
     const char *text)
{
    stages_owner.event(driver, stage, EVENT_PARTNER, severity, text);
}

/* "acl crashed ...": how its last process did. */
static void
tell_away(struct driver *driver, struct stage *stage,
          const struct stage *partner, const struct stage_health *health)
{
    uint64_t rescued = sum(&stage->counters[0].rescued);
    char text[CONTROL_TEXT];

    snprintf(text, sizeof text, "packets for %s go to %s now, with %lu that it"
             " had not finished: it has no process (the last one: %.250s)",
             stage_name(stage), stage_name(partner),
             (unsigned long) (rescued - stage->told_rescued),
             health->failure);
    stage->told_rescued = rescued;
    tell(driver, stage, XVS_LOG_ERROR, text);
}

static void
tell_back(struct driver *driver, struct stage *stage,
          const struct stage *partner)
{
    char text[CONTROL_TEXT];

    snprintf(text, sizeof text, "packets for %s come back from %s, which got"
             " %lu so far: it has a process again", stage_name(stage),
             stage_name(partner),
             (unsigned long) sum(&stage->counters[0].diverted));
    tell(driver, stage, XVS_LOG_INFO, text);
}

void
sharing_watch(struct driver *driver, struct vswitch *vswitch,
              struct stage *stage)
{
    const struct stage *first = sharing_first(vswitch, stage);
    const struct stage *second = sharing_second(vswitch, stage);
    const struct stage *partner = first ? first : second;
    struct pair *pair = xvs_read(stage->pair);
    struct stage_health health = { 0 };
    uint64_t turns = sum(&stage->counters[0].turns);
    bool away;

    if (!partner || (turns == stage->told_turns && !stage->told_away)) {
        return;
    }
    if (pair) {
        pair_health(pair, &health);
    }
    away = is_away(vswitch, stage, !pair || health.pid);
    if (turns != stage->told_turns && !stage->told_away) {
        if (pair && !*health.failure) {
            return;             /* what happened is not known yet */
        }
        tell_away(driver, stage, partner, &health);
        stage->told_away = true;
    }
    stage->told_turns = turns;
    if (stage->told_away && !away) {
        tell_back(driver, stage, partner);
        stage->told_away = false;
    }
}
