/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Finding the place of a stage among the others, and saying why there is
 * none; see order.h.
 */

#include <config.h>

#include "switch/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/sharing.h"
#include "switch/vswitch.h"

static const char *const class_names[] = {
    "", "a capture", "a filter", "a forwarder", "a service",
};

static const struct xvs_extension *
extension_of(const struct stage *stage)
{
    return &stage->plugin->extension;
}

static bool
is_sibling(const struct stage *a, const struct stage *b)
{
    return a && extension_of(a)->extension_class
        == extension_of(b)->extension_class;
}

static bool
refuse(struct outcome *outcome)
{
    outcome->code = ERROR_INVALID;
    return false;
}

/* Whether 'name' is in the comma separated list (may be NULL). */
static bool
lists(const char *list, const char *name)
{
    size_t length = strlen(name);

    while (list && *list) {
        list += strspn(list, ", ");
        if (strncmp(list, name, length) == 0
            && (list[length] == 0 || strchr(", ", list[length]))) {
            return true;
        }
        list += strcspn(list, ",");
    }
    return false;
}

/* Whether one of the two says that 'a' comes before 'b'. */
static bool
says_before(const struct stage *a, const struct stage *b)
{
    return lists(extension_of(a)->before, stage_name(b))
        || lists(extension_of(b)->after, stage_name(a));
}

/* Whether 'a' must come before 'b'. */
static bool
must_precede(const struct stage *a, const struct stage *b)
{
    uint32_t one = extension_of(a)->extension_class;
    uint32_t two = extension_of(b)->extension_class;

    return one < two || (one == two && says_before(a, b));
}

/* The same by way of others in the list, of 'n' stages. */
static bool
leads_to(const struct vswitch *vswitch, const struct stage *a,
         const struct stage *b, uint32_t n)
{
    const struct stage **reached = mem_array(n + 2u, sizeof *reached);
    bool found = false;
    uint32_t n_reached = 1;

    reached[0] = a;
    for (uint32_t i = 0; i < n_reached && !found; i++) {
        found = must_precede(reached[i], b);
        for (const struct stage *one = vswitch->stages; one; one = one->next) {
            uint32_t j = 0;

            while (j < n_reached && reached[j] != one) {
                j++;
            }
            if (j == n_reached && must_precede(reached[i], one)) {
                reached[n_reached++] = one;
            }
        }
    }
    free(reached);
    return found;
}

/* ---- What two extensions say of each other ------------------------------ */

/* 'first' says that it comes before 'second', against their classes. */
static bool
judge_classes(const struct stage *first, const struct stage *second,
              struct outcome *outcome)
{
    uint32_t one = extension_of(first)->extension_class;
    uint32_t two = extension_of(second)->extension_class;

    if (!says_before(first, second) || one <= two) {
        return true;
    }
    outcome_set(outcome, XVS_NOT_ACCEPTED, "%s cannot come before %s, as one"
                " of them asks for: %s always comes behind %s",
                stage_name(first), stage_name(second), class_names[one],
                class_names[two]);
    return refuse(outcome);
}

static bool
judge_pair(const struct vswitch *vswitch, const struct stage *stage,
           const struct stage *other, struct outcome *outcome)
{
    if (!judge_classes(stage, other, outcome)
        || !judge_classes(other, stage, outcome)) {
        return false;
    }
    if (says_before(stage, other) && says_before(other, stage)) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s and %s contradict each"
                    " other: each is to come before the other, so that only"
                    " one of them can be on switch %s", stage_name(stage),
                    stage_name(other), vswitch->name);
        return refuse(outcome);
    }
    return true;
}

/* ---- The place ---------------------------------------------------------- */

/* Where a stage may come: places low..high of the list. */
struct range {
    uint32_t low, high;
    uint32_t start;             /* where its class begins */
    uint32_t n;                 /* stages in the list */
    uint32_t n_siblings;        /* of them of its class */
    const struct stage *lower;  /* the last that must come before it */
    const struct stage *upper;  /* the first that must come behind it */
};

static struct range
find_range(const struct vswitch *vswitch, const struct stage *stage)
{
    struct range range = { 0 };

    for (const struct stage *one = vswitch->stages; one; one = one->next) {
        range.n++;
        if (must_precede(one, stage)) {
            range.low = range.n;
            range.lower = one;
        }
        if (!range.upper && must_precede(stage, one)) {
            range.high = range.n - 1;
            range.upper = one;
        }
        range.n_siblings += is_sibling(one, stage);
        range.start += extension_of(one)->extension_class
            < extension_of(stage)->extension_class;
    }
    if (!range.upper) {
        range.high = range.n;
    }
    return range;
}

/* There is no place between those before it and those behind it. */
static bool
refuse_range(const struct vswitch *vswitch, const struct stage *stage,
             const struct range *range, struct outcome *outcome)
{
    const char *name = stage_name(stage);
    const char *lower = stage_name(range->lower);
    const char *upper = stage_name(range->upper);

    if (leads_to(vswitch, range->upper, range->lower, range->n)) {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s, %s and %s go in a circle:"
                    " %s is to come behind %s and before %s, and %s before"
                    " %s", name, lower, upper, name, lower, upper, upper,
                    lower);
    } else {
        outcome_set(outcome, XVS_NOT_ACCEPTED, "%s would have to come behind"
                    " %s and before %s, which are in the other order; move"
                    " one of them first", name, lower, upper);
    }
    return refuse(outcome);
}

static bool
refuse_place(const struct stage *stage, const struct stage *other,
             bool is_behind, struct outcome *outcome)
{
    outcome_set(outcome, XVS_NOT_ACCEPTED, "%s cannot come at that position:"
                " it must be %s %s", stage_name(stage),
                is_behind ? "behind" : "before", stage_name(other));
    return refuse(outcome);
}

/* The place for a position; false when it is out of the range. */
static bool
find_place(const struct stage *stage, const struct range *range,
           uint32_t position, uint32_t *place, struct outcome *outcome)
{
    const struct stage *against = NULL;

    *place = range->high;
    if (position > range->n_siblings) {
        return true;
    }
    if (range->start + position < range->low) {
        against = range->lower;
    } else if (range->start + position <= range->high) {
        *place = range->start + position;
    } else if (is_sibling(range->upper, stage)) {
        against = range->upper;
    }
    if (!against) {
        return true;
    }
    return refuse_place(stage, against, against == range->lower, outcome);
}

/* The place is not between two that hold one: behind them, or before. */
static bool
keep_together(const struct vswitch *vswitch, const struct stage *stage,
              const struct range *range, uint32_t *place,
              struct outcome *outcome)
{
    const struct stage *first = NULL, *second = vswitch->stages;

    for (uint32_t i = 0; i < *place; i++) {
        first = second;
        second = second->next;
    }
    if (!first || !second || sharing_first(vswitch, second) != first) {
        return true;
    }
    if (*place < range->high) {
        ++*place;
        return true;
    }
    if (*place > range->low) {
        --*place;
        return true;
    }
    outcome_set(outcome, XVS_NOT_ACCEPTED, "%s would have to come between %s"
                " and %s, which hold one place", stage_name(stage),
                stage_name(first), stage_name(second));
    return refuse(outcome);
}

bool
order_insert(struct vswitch *vswitch, struct stage *stage, uint32_t position,
             struct outcome *outcome)
{
    struct range range;
    struct stage **at = &vswitch->stages;
    uint32_t place;

    for (const struct stage *one = vswitch->stages; one; one = one->next) {
        if (!judge_pair(vswitch, stage, one, outcome)) {
            return false;
        }
    }
    range = find_range(vswitch, stage);
    if (range.low > range.high) {
        return refuse_range(vswitch, stage, &range, outcome);
    }
    if (!find_place(stage, &range, position, &place, outcome)
        || !keep_together(vswitch, stage, &range, &place, outcome)) {
        return false;
    }
    while (place--) {
        at = &(*at)->next;
    }
    stage->next = *at;
    *at = stage;
    return true;
}

bool
order_fits(const struct vswitch *vswitch, const struct stage *old,
           const struct stage *fresh, struct outcome *outcome)
{
    bool is_behind = false;

    for (const struct stage *one = vswitch->stages; one; one = one->next) {
        if (one == old) {
            is_behind = true;
            continue;
        }
        if (!judge_pair(vswitch, fresh, one, outcome)) {
            return false;
        }
        if (is_behind ? must_precede(one, fresh) : must_precede(fresh, one)) {
            return refuse_place(fresh, one, is_behind, outcome);
        }
    }
    return true;
}

uint32_t
order_position(const struct vswitch *vswitch, const struct stage *stage)
{
    uint32_t position = 0;

    for (const struct stage *one = vswitch->stages; one != stage;
         one = one->next) {
        position += is_sibling(one, stage);
    }
    return position;
}
