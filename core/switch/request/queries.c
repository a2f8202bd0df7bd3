/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Questions to extensions: status objects and methods.  They need no
 * operation: the stage's own queue keeps them apart from everything else.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "marshal/layout.h"
#include "stage/plugin/plugin.h"
#include "stage/task.h"
#include "switch/driver.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

/* A question that an extension is thinking about. */
struct query {
    struct driver *driver;
    struct request *request;
    uint32_t switch_id;
    struct xvs_guid extension;
};

static void
answer_objects(struct request *request, const struct task *task)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    uint32_t n;
    const struct buffer *objects = task_objects(task, &n);
    struct control_objects *head;

    request_start(request, &out, sizeof *head - sizeof head->result);
    head = (void *) (out.data + sizeof(struct control_header));
    head->n = n;
    buffer_put(&out, objects->data, objects->size);
    request_send(request, &out);
}

static void
answered(void *arg, struct task *task, const struct outcome *outcome)
{
    struct query *query = arg;
    struct outcome ignored;
    struct stage *stage = stages_expect(query->driver, query->switch_id,
                                        &query->extension, &ignored);

    if (outcome->result == XVS_SUCCESS) {
        answer_objects(query->request, task);
    } else {
        extensions_answer(query->request, outcome, stage, UINT32_MAX);
    }
    if (outcome->result == XVS_PROVIDER_FAILED && stage
        && !outcome->ended) {
        stages_owner.event(query->driver, stage, EVENT_FAILED,
                           XVS_LOG_ERROR, outcome->text);
    }
    free(query);
}

static struct query *
query_create(struct driver *driver, struct request *request,
             uint32_t switch_id, const struct xvs_guid *extension)
{
    struct query *query = mem_zalloc(sizeof *query);

    query->driver = driver;
    query->request = request;
    query->switch_id = switch_id;
    query->extension = *extension;
    return query;
}

/* The stage and, for a port's question, the port are there. */
static struct stage *
find_stage(struct driver *driver, uint32_t switch_id, uint32_t port_id,
           const struct xvs_guid *extension, struct outcome *outcome)
{
    struct stage *stage =
        stages_expect(driver, switch_id, extension, outcome);

    if (stage && port_id != XVS_PORT_NONE
        && !vswitch_port(driver_switch(driver, switch_id), port_id)) {
        outcome_set(outcome, XVS_INVALID_PARAMETER,
                    "switch %s has no port number %u", stage->switch_name,
                    port_id);
        outcome->code = ERROR_NOT_FOUND;
        return NULL;
    }
    return stage;
}

void
queries_status(struct driver *driver, struct request *request,
               const struct control_header *message)
{
    const struct control_status *status = control_body(message);
    struct outcome outcome;
    struct stage *stage = find_stage(driver, status->switch_id,
                                     status->port_id, &status->extension,
                                     &outcome);
    struct feature_layout *layout;
    struct task_options options = { .timeout_ms = status->timeout_ms,
                                    .call = answered };
    char guid[GUID_TEXT_SIZE];

    if (!stage) {
        extensions_answer(request, &outcome, NULL, UINT32_MAX);
        return;
    }
    layout = plugin_layout(stage->plugin, &status->uuid);
    if (!layout || layout->kind != 2
        || (layout->scope == XVS_SCOPE_PORT)
            == (status->port_id == XVS_PORT_NONE)) {
        outcome_set(&outcome, XVS_NO_CONSUMER, "%s has no status of class %s"
                    " for this scope", stage_name(stage),
                    guid_format(&status->uuid, guid));
        extensions_answer(request, &outcome, stage, UINT32_MAX);
        return;
    }
    options.arg = query_create(driver, request, status->switch_id,
                               &status->extension);
    task_status(stage, status, layout, &options);
}

static bool
read_layouts(const struct control_method *call, struct layout **in,
             struct layout **out, struct outcome *outcome)
{
    const void *block = control_after(call, sizeof *call);
    const void *wire = control_after(block, call->block_size);
    struct error error;

    *in = layout_read(wire, call->in_layout_size, &error);
    *out = *in ? layout_read(control_after(wire, call->in_layout_size),
                             call->out_layout_size, &error) : NULL;
    if (!*out) {
        layout_destroy(*in);
        outcome_set(outcome, XVS_INVALID_PARAMETER, "method %s: %.400s",
                    call->name, error.text);
        return false;
    }
    return true;
}

void
queries_method(struct driver *driver, struct request *request,
               const struct control_header *message)
{
    const struct control_method *call = control_body(message);
    struct outcome outcome;
    struct stage *stage = find_stage(driver, call->switch_id, call->port_id,
                                     &call->extension, &outcome);
    const struct xvs_method *method;
    struct layout *in, *out;
    struct task_options options = { .timeout_ms = call->timeout_ms,
                                    .call = answered };

    if (!stage) {
        extensions_answer(request, &outcome, NULL, UINT32_MAX);
        return;
    }
    method = plugin_method(stage->plugin, &call->uuid, call->name);
    if (!method) {
        outcome_set(&outcome, XVS_NO_CONSUMER, "%s has no method %s",
                    stage_name(stage), call->name);
        outcome.code = ERROR_NO_METHOD;
    }
    if (!method || !read_layouts(call, &in, &out, &outcome)) {
        extensions_answer(request, &outcome, stage, UINT32_MAX);
        return;
    }
    options.arg =
        query_create(driver, request, call->switch_id, &call->extension);
    task_method(stage, call, method, control_after(call, sizeof *call), in,
                out, &options);
}
