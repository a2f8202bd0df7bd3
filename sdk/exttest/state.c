/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See state.h.
 */

#include <config.h>

#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "exttest.h"
#include "marshal/block.h"
#include "object/instance.h"
#include "objects.h"
#include "rig.h"
#include "subject.h"

/* One status object. */
struct told {
    struct xvs_guid instance;
    struct instance *object;
};

struct state {
    struct told *items;
    size_t n, capacity;
};

/* One object of the answer; false after a failure. */
static bool
take_object(struct trial *trial, struct state *state,
            const struct subject_feature *feature,
            const struct control_object *one)
{
    void *schema = (void *) (uintptr_t) trial->subject;
    struct error error;
    struct instance *object =
        block_decode(control_after(one, sizeof *one), one->block_size,
                     feature->cls, feature->layout, subject_class, schema,
                     &error);

    if (!object) {
        return trial_fail(trial, "%s: an object cannot be read: %s",
                          feature->cls->name, error.text);
    }
    mem_grow(&state->items, &state->capacity, state->n + 1,
             sizeof *state->items);
    state->items[state->n++] =
        (struct told) { .instance = one->instance, .object = object };
    return instance_check(object, &error)
        || trial_fail(trial, "%s: a value is not allowed by the schema: %s",
                      feature->cls->name, error.text);
}

static bool
take_class(struct trial *trial, struct state *state,
           const struct subject_feature *feature)
{
    const struct control_objects *head;
    const struct control_object *one;
    size_t first = state->n;
    struct error error;

    trial_step(trial, "STATUS of %s", feature->cls->name);
    if (!rig_status(trial->rig, feature, 11, &error)) {
        return trial_fail(trial, "STATUS of %s: %s", feature->cls->name,
                          error.text);
    }
    head = (const void *) trial->rig->answer.data;
    one = control_after(head, sizeof *head);
    for (uint32_t i = 0; i < head->n; i++) {
        if (!take_object(trial, state, feature, one)) {
            return false;
        }
        for (size_t j = first; j + 1 < state->n; j++) {
            if (guid_equal(&state->items[j].instance, &one->instance)) {
                return trial_fail(trial, "%s: two objects have the same"
                                  " instance id", feature->cls->name);
            }
        }
        one = control_after(control_after(one, sizeof *one),
                            one->block_size);
    }
    return true;
}

struct state *
state_take(struct trial *trial)
{
    const struct subject *subject = trial->subject;
    struct state *state = mem_zalloc(sizeof *state);

    for (uint32_t i = 0; i < subject->n_features; i++) {
        const struct subject_feature *feature = &subject->features[i];

        if (feature->feature.kind == FEATURE_STATUS
            && guid_equal(&feature->feature.extension, &trial->rig->id)
            && !take_class(trial, state, feature)) {
            state_free(state);
            return NULL;
        }
    }
    return state;
}

void
state_free(struct state *state)
{
    for (size_t i = 0; state && i < state->n; i++) {
        instance_destroy(state->items[i].object);
    }
    if (state) {
        free(state->items);
    }
    free(state);
}

uint32_t
state_count(const struct state *state)
{
    return (uint32_t) state->n;
}

bool
state_same(const struct state *before, const struct state *now, char *what,
           uint32_t size)
{
    if (before->n != now->n) {
        snprintf(what, size, "%zu status objects, and now %zu", before->n,
                 now->n);
        return false;
    }
    for (size_t i = 0; i < before->n; i++) {
        const char *property = NULL;

        if (before->items[i].object->cls != now->items[i].object->cls
            || !objects_same(before->items[i].object, now->items[i].object,
                             &property)) {
            snprintf(what, size, "%s of %s is another one",
                     property ? property : "the order",
                     before->items[i].object->cls->name);
            return false;
        }
    }
    return true;
}
