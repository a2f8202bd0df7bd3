/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A transaction of settings: all or nothing.
 *
 * Everything that can be judged here is judged before any extension sees
 * anything.  Then one setting after the other goes to its owner; what is
 * accepted is in force at once.  When one is refused, those before it are
 * taken back in reverse order, and the answer names the one, its extension
 * and that extension's own words.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/block.h"
#include "stage/inforce.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/operation.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

struct item {
    const struct control_setting *head;     /* in the message */
    const void *block;
    struct feature_layout *layout;          /* held once judged */
    struct setting *old;                    /* that it replaced or removed */
};

struct transaction {
    struct operation operation;
    struct request *request;
    struct control_header *message;         /* a copy */
    uint32_t timeout_ms;
    uint32_t n;
    uint32_t at;                            /* the item in hand */
    struct item *items;
    struct outcome failure;                 /* why item 'failed' was refused */
    uint32_t failed;
};

static void next_item(struct transaction *transaction);
static void next_undo(struct transaction *transaction);

static struct stage *
stage_of(const struct transaction *transaction, const struct item *item)
{
    struct outcome outcome;

    return stages_expect(transaction->operation.driver,
                         item->head->switch_id, &item->head->extension,
                         &outcome);
}

static void
finish(struct transaction *transaction)
{
    operation_end(&transaction->operation);
    for (uint32_t i = 0; i < transaction->n; i++) {
        feature_layout_unref(transaction->items[i].layout);
        free(transaction->items[i].old);
    }
    free(transaction->items);
    free(transaction->operation.uses);
    free(transaction->message);
    free(transaction);
}

static void
answer_failure(struct transaction *transaction)
{
    extensions_answer(transaction->request, &transaction->failure,
                      stage_of(transaction,
                               &transaction->items[transaction->failed]),
                      transaction->failed);
    finish(transaction);
}

static bool
refuse(struct outcome *outcome, uint32_t result, uint32_t code,
       const char *text)
{
    outcome_set(outcome, result, "%s", text);
    outcome->code = code;
    return false;
}

static bool
judge_block(const struct item *item, const struct stage *stage,
            struct outcome *outcome)
{
    struct error error;

    if (item->head->op == XVS_DELETE) {
        return item->head->block_size == 0
            || refuse(outcome, XVS_INVALID_PARAMETER, ERROR_INVALID,
                      "DELETE has no block");
    }
    if (!block_check(item->block, item->head->block_size,
                     item->layout->layout, &error)) {
        outcome_set(outcome, XVS_INVALID_PARAMETER, "a setting for %s is not"
                    " valid: %.380s", stage_name(stage), error.text);
        return false;
    }
    return true;
}

static bool
judge_item(const struct transaction *transaction, struct item *item,
           struct outcome *outcome)
{
    const struct driver *driver = transaction->operation.driver;
    const struct control_setting *head = item->head;
    struct stage *stage = stages_expect(driver, head->switch_id,
                                        &head->extension, outcome);
    char guid[GUID_TEXT_SIZE];

    if (!stage) {
        return false;
    }
    item->layout = plugin_layout(stage->plugin, &head->uuid);
    if (!item->layout) {
        outcome_set(outcome, XVS_NO_CONSUMER, "%s has no layout of class %s",
                    stage_name(stage), guid_format(&head->uuid, guid));
        return false;
    }
    item->layout->refs++;
    if (item->layout->kind != 1 || item->layout->scope != head->scope) {
        return refuse(outcome, XVS_INVALID_PARAMETER, ERROR_INVALID,
                      "this class has no settings of this scope");
    }
    if (head->scope == XVS_SCOPE_PORT
        && !vswitch_port(driver_switch(driver, head->switch_id),
                         head->port_id)) {
        outcome_set(outcome, XVS_INVALID_PARAMETER,
                    "switch %s has no port number %u", stage->switch_name,
                    head->port_id);
        outcome->code = ERROR_NOT_FOUND;
        return false;
    }
    return judge_block(item, stage, outcome);
}

/* Whether what is in force allows the operation now. */
static bool
judge_presence(const struct item *item, const struct setting *there,
               struct outcome *outcome)
{
    switch (item->head->op) {
    case XVS_VALIDATE:
        return true;
    case XVS_ADD:
        return !there
            || refuse(outcome, XVS_INVALID_PARAMETER, ERROR_EXISTS,
                      "a setting with this instance is in force already");
    default:
        if (!there || there->head.port_id != item->head->port_id) {
            return refuse(outcome, XVS_INVALID_PARAMETER, ERROR_NOT_FOUND,
                          "no setting with this instance is in force there");
        }
        return true;
    }
}

/* The extension has accepted: that is what is in force now. */
static void
put_in_force(struct stage *stage, struct item *item)
{
    struct setting *there = inforce_find(
        stage->settings, &item->head->uuid, &item->head->instance);

    if (item->head->op == XVS_VALIDATE) {
        return;
    }
    if (there) {
        item->old = inforce_take(stage->settings, there);
    }
    if (item->head->op != XVS_DELETE) {
        inforce_add(stage->settings, item->head, item->block);
    }
}

static void
undone(void *arg, struct task *task, const struct outcome *outcome)
{
    struct transaction *transaction = arg;
    const struct item *item = &transaction->items[transaction->at];
    struct stage *stage = stage_of(transaction, item);
    char text[CONTROL_TEXT];

    (void) task;
    if (outcome->result != XVS_SUCCESS && outcome->result != XVS_TIMED_OUT
        && stage) {
        snprintf(text, sizeof text, "%s did not take back a setting: %.380s",
                 stage_name(stage), outcome->text);
        stages_owner.event(transaction->operation.driver, stage,
                           EVENT_FAILED, XVS_LOG_ERROR, text);
    }
    next_undo(transaction);
}

/* Takes back the item before the one in hand. */
static void
next_undo(struct transaction *transaction)
{
    struct task_options options = {
        .timeout_ms = transaction->timeout_ms, .must_run = true,
        .call = undone, .arg = transaction };

    while (transaction->at-- > 0) {
        struct item *item = &transaction->items[transaction->at];
        struct stage *stage = stage_of(transaction, item);
        struct setting *old = item->old, *there;

        if (!stage || item->head->op == XVS_VALIDATE) {
            continue;
        }
        there = inforce_find(stage->settings, &item->head->uuid,
                             &item->head->instance);
        if (there) {
            free(inforce_take(stage->settings, there));
        }
        item->old = NULL;
        if (old) {
            inforce_put(stage->settings, old);
        }
        task_undo(stage, item->head, old, item->layout, &options);
        return;
    }
    answer_failure(transaction);
}

static void
fail(struct transaction *transaction)
{
    transaction->failed = transaction->at;
    next_undo(transaction);
}

static void
judged(void *arg, struct task *task, const struct outcome *outcome)
{
    struct transaction *transaction = arg;
    struct item *item = &transaction->items[transaction->at];

    (void) task;
    if (outcome->result != XVS_SUCCESS) {
        transaction->failure = *outcome;
        fail(transaction);
        return;
    }
    put_in_force(stage_of(transaction, item), item);
    transaction->at++;
    next_item(transaction);
}

static void
next_item(struct transaction *transaction)
{
    struct item *item = &transaction->items[transaction->at];
    struct task_options options = { .timeout_ms = transaction->timeout_ms,
                                    .call = judged, .arg = transaction };
    struct stage *stage;

    if (transaction->at == transaction->n) {
        request_succeed(transaction->request);
        finish(transaction);
        return;
    }
    stage = stage_of(transaction, item);
    if (!judge_presence(item,
                        inforce_find(stage->settings, &item->head->uuid,
                                     &item->head->instance),
                        &transaction->failure)) {
        fail(transaction);
        return;
    }
    task_setting(stage, item->head, item->block, item->layout, &options);
}

static void
start(struct operation *operation)
{
    struct transaction *transaction =
        (struct transaction *) (void *) operation;

    for (uint32_t i = 0; i < transaction->n; i++) {
        if (!judge_item(transaction, &transaction->items[i],
                        &transaction->failure)) {
            transaction->failed = i;
            answer_failure(transaction);
            return;
        }
    }
    next_item(transaction);
}

_Static_assert(offsetof(struct transaction, operation) == 0, "start() casts");

static void
add_use(struct operation *operation, const struct control_setting *head,
        bool is_lone)
{
    for (uint32_t i = 0; i < operation->n_uses; i++) {
        if (operation->uses[i].switch_id == head->switch_id
            && guid_equal(&operation->uses[i].extension, &head->extension)) {
            return;
        }
    }
    operation->uses[operation->n_uses++] = (struct operation_use) {
        .switch_id = head->switch_id, .lone = is_lone,
        .extension = head->extension, .instance = head->instance };
}

void
settings_apply(struct driver *driver, struct request *request,
               const struct control_header *message)
{
    struct transaction *transaction = mem_zalloc(sizeof *transaction);
    const struct control_settings *list;
    const struct control_setting *head;

    transaction->request = request;
    transaction->message = mem_dup(message, message->size);
    list = control_body(transaction->message);
    transaction->n = list->n;
    transaction->timeout_ms = list->timeout_ms;
    transaction->items = mem_array(list->n + 1u, sizeof(struct item));
    transaction->operation.start = start;
    transaction->operation.uses =
        mem_array(list->n + 1u, sizeof(struct operation_use));
    head = control_after(list, sizeof *list);
    for (uint32_t i = 0; i < list->n; i++) {
        transaction->items[i].head = head;
        transaction->items[i].block = control_after(head, sizeof *head);
        add_use(&transaction->operation, head, list->n == 1);
        head = control_after(transaction->items[i].block, head->block_size);
    }
    operation_queue(driver, &transaction->operation);
}
