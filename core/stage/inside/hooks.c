/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Calls of xvs-switch, made to the extension with the same functions that
 * call extensions inside of xvs-switch.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "marshal/layout.h"
#include "stage/deliver.h"
#include "stage/host.h"
#include "stage/inside/inside.h"
#include "stage/lane/serve.h"
#include "stage/plugin/plugin.h"

static int
do_init(struct inside *inside)
{
    struct stage *stage = &inside->stage;
    const struct xvs_extension *extension = &inside->plugin->extension;
    int result = XVS_SUCCESS;

    if (extension->init) {
        result = extension->init(&stage->host, &stage->self);
    }
    if (result == XVS_SUCCESS) {
        stage->inited = true;
        inside->serves = true;
        serve_open(inside->serve, extension, stage->self);
    }
    return result;
}

static int
do_fini(struct inside *inside)
{
    struct stage *stage = &inside->stage;

    serve_close(inside->serve);
    inside->serves = false;
    inside_release(inside);
    if (stage->inited && inside->plugin->extension.fini) {
        inside->plugin->extension.fini(stage->self);
    }
    stage->inited = false;
    inside->keep = NULL;
    return XVS_SUCCESS;
}

static int
do_state(struct inside *inside, const uint32_t *state)
{
    const struct xvs_extension *extension = &inside->plugin->extension;

    return extension->state
        ? extension->state(inside->stage.self, (enum xvs_state) *state)
        : XVS_SUCCESS;
}

static int
do_port(struct inside *inside, const struct call_port *call)
{
    return deliver_port(&inside->stage, (enum xvs_port_event) call->event,
                        &call->port);
}

static int
do_setting(struct inside *inside, const struct control_setting *head,
           struct xvs_answer *answer)
{
    return deliver_setting(&inside->stage, head,
                           control_after(head, sizeof *head), answer);
}

static int
do_status(struct inside *inside, const struct call_status *call,
          struct xvs_answer *answer)
{
    const void *wire = control_after(call, sizeof *call);
    struct error error;
    struct layout *layout = layout_read(wire, call->layout_size, &error);
    int result;

    if (!layout) {
        return XVS_INVALID_PARAMETER;
    }
    answer->layout = layout;
    result = deliver_status(&inside->stage, &call->status,
                            control_after(wire, call->layout_size), answer);
    answer->layout = NULL;
    layout_destroy(layout);
    return result;
}

static void
do_method(struct inside *inside, const struct control_method *call,
          struct xvs_answer *answer)
{
    const struct xvs_method *method =
        plugin_method(inside->plugin, &call->uuid, call->name);
    char *bytes = (char *) (uintptr_t) control_after(call, sizeof *call);
    const struct buffer block = { bytes, call->block_size,
                                  call->block_size };
    const void *wire = control_after(bytes, call->block_size);
    struct error error;
    struct layout *in = layout_read(wire, call->in_layout_size, &error);
    struct layout *out = layout_read(control_after(wire,
                                                   call->in_layout_size),
                                     call->out_layout_size, &error);

    if (method && in && out) {
        deliver_method(&inside->stage, call, method, &block, in, out, answer);
    } else {
        outcome_set(answer->outcome, XVS_INVALID_PARAMETER,
                    "%s has no such method %s", stage_name(&inside->stage),
                    call->name);
    }
    layout_destroy(in);
    layout_destroy(out);
}

static int
do_timer(struct inside *inside)
{
    __atomic_store_n(&inside->woken, false, __ATOMIC_SEQ_CST);
    if (inside->plugin->extension.timer) {
        inside->plugin->extension.timer(inside->stage.self);
    }
    return XVS_SUCCESS;
}

static int
dispatch(struct inside *inside, const struct call_head *call,
         struct xvs_answer *answer)
{
    const void *body = call_body(call);

    switch (call->type) {
    case CALL_INIT:
        return do_init(inside);
    case CALL_FINI:
        return do_fini(inside);
    case CALL_STATE:
        return do_state(inside, body);
    case CALL_PORT:
        return do_port(inside, body);
    case CALL_SETTING:
        return do_setting(inside, body, answer);
    case CALL_STATUS:
        return do_status(inside, body, answer);
    case CALL_METHOD:
        do_method(inside, body, answer);
        return XVS_SUCCESS;
    case CALL_TIMER:
        return do_timer(inside);
    case CALL_PING:
        return XVS_SUCCESS;
    default:
        return XVS_NOT_SUPPORTED;
    }
}

void
inside_do(struct inside *inside, const struct call_head *call,
          struct buffer *out)
{
    struct outcome outcome = { 0 };
    struct xvs_answer answer = { .stage = &inside->stage,
                                 .outcome = &outcome };
    struct call_result result = { 0 };

    inside->called = true;
    inside_keep_begin(inside);
    result.result = dispatch(inside, call, &answer);
    inside_keep_end(inside);
    inside->called = false;
    result.refusal = answer.refusal;
    result.broken = answer.broken;
    result.n = answer.n;
    result.outcome = outcome.result;
    memcpy(result.text, outcome.text, sizeof result.text);
    result.text[sizeof result.text - 1] = 0;
    if (call->type == CALL_METHOD && outcome.result != XVS_SUCCESS) {
        /* What was begun is no object. */
        result.n = 0;
        answer.objects.size = 0;
    }
    call_begin(out, CALL_RESULT, 0);
    call_put(out, &result, sizeof result);
    call_put(out, answer.objects.data, answer.objects.size);
    buffer_free(&answer.objects);
    inside_release(inside);
}
