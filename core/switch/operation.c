/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A list of what runs and waits, oldest first.
 */

#include <config.h>

#include "switch/operation.h"

#include "base/loop.h"
#include "base/text.h"
#include "switch/driver.h"

static bool
uses_meet(const struct operation_use *a, const struct operation_use *b)
{
    if (a->switch_id && b->switch_id && a->switch_id != b->switch_id) {
        return false;
    }
    if (a->whole || b->whole) {
        return true;
    }
    return guid_equal(&a->extension, &b->extension)
        && !(a->lone && b->lone && !guid_equal(&a->instance, &b->instance));
}

static bool
conflict(const struct operation *a, const struct operation *b)
{
    for (uint32_t i = 0; i < a->n_uses; i++) {
        for (uint32_t j = 0; j < b->n_uses; j++) {
            if (uses_meet(&a->uses[i], &b->uses[j])) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_free(const struct operation *operation)
{
    for (const struct operation *before = operation->driver->operations;
         before != operation; before = before->next) {
        if (conflict(before, operation)) {
            return false;
        }
    }
    return true;
}

/* Starting one may end it and others at once: look from the front again. */
static void
start_free(void *arg)
{
    struct driver *driver = arg;
    struct operation *operation = driver->operations;

    while (operation) {
        if (operation->started || !is_free(operation)) {
            operation = operation->next;
            continue;
        }
        operation->started = true;
        operation->start(operation);
        operation = driver->operations;
    }
}

void
operation_queue(struct driver *driver, struct operation *operation)
{
    struct operation **last = &driver->operations;

    while (*last) {
        last = &(*last)->next;
    }
    *last = operation;
    operation->next = NULL;
    operation->driver = driver;
    operation->started = false;
    if (is_free(operation)) {
        operation->started = true;
        operation->start(operation);
    }
}

void
operation_end(struct operation *operation)
{
    struct driver *driver = operation->driver;
    struct operation **at = &driver->operations;

    while (*at != operation) {
        at = &(*at)->next;
    }
    *at = operation->next;
    if (driver->operations) {
        loop_defer(driver->loop, start_free, driver);
    }
}
