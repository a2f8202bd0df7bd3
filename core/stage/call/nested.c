/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See nested.h.
 */

#include <config.h>

#include "stage/call/nested.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/switch.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal/block.h"
#include "stage/call/call.h"
#include "stage/host.h"
#include "stage/stage.h"

/* Completes the answer with 'size' bytes behind it. */
static void
put_answer(struct buffer *out, const struct call_answer *from,
           const void *bytes, size_t size)
{
    struct call_answer *answer =
        call_begin(out, CALL_ANSWER, sizeof *answer);

    *answer = *from;
    answer->size = (uint32_t) size;
    call_put(out, bytes, size);
}

static void
answer_request(struct stage *stage, const struct call_request *request,
               struct buffer *out)
{
    void *memory = mem_zalloc(request->capacity + 8u);
    struct xvs_oid oid = {
        .size = sizeof oid, .code = request->code, .kind = request->kind,
        .port_id = request->port_id, .buffer = memory,
        .length = request->length, .capacity = request->capacity };
    struct call_answer answer = { 0 };

    memcpy(memory, request + 1, request->length);
    answer.result = stage->owner->request(stage->owner_arg, stage, &oid);
    answer.written =
        oid.written < request->capacity ? oid.written : request->capacity;
    answer.needed = oid.needed;
    put_answer(out, &answer, memory, answer.written);
    free(memory);
}

static void
answer_list(const struct xvs_switching *switching, struct stage *stage,
            const struct call_switching *call, struct buffer *out)
{
    struct xvs_address *list = mem_array(call->n + 1u, sizeof *list);
    struct call_answer answer = { .position = call->position };

    answer.n = switching->addresses(&stage->host, &answer.position, list,
                                    call->n);
    put_answer(out, &answer, list, answer.n * sizeof *list);
    free(list);
}

static void
answer_drops(const struct xvs_switching *switching, struct stage *stage,
             const struct call_switching *call, struct buffer *out)
{
    struct xvs_port_drops drops = { .size = sizeof drops };
    struct call_answer answer = { 0 };

    answer.result =
        switching->port_drops(&stage->host, call->port_id, &drops);
    put_answer(out, &answer, &drops, sizeof drops);
}

static void
answer_queues(const struct xvs_switching *switching, struct stage *stage,
              const struct call_switching *call, struct buffer *out)
{
    struct xvs_queue_states queues = { .size = sizeof queues };
    struct call_answer answer = { 0 };

    answer.result =
        switching->port_queues(&stage->host, call->port_id, &queues);
    put_answer(out, &answer, &queues, sizeof queues);
}

/* Behind the flows are the counts. */
static void
answer_flows(const struct xvs_switching *switching, struct stage *stage,
             const struct call_switching *call, struct buffer *out)
{
    struct xvs_flow_counts counts = { .size = sizeof counts };
    size_t size = call->n * sizeof(struct xvs_flow);
    char *memory = mem_zalloc(size + sizeof counts);
    struct call_answer answer = { 0 };

    answer.n = switching->take_flows(&stage->host, (void *) memory, call->n,
                                     &counts);
    size = answer.n * sizeof(struct xvs_flow);
    memcpy(memory + size, &counts, sizeof counts);
    put_answer(out, &answer, memory, size + sizeof counts);
    free(memory);
}

static void
answer_samples(const struct xvs_switching *switching, struct stage *stage,
               const struct call_switching *call, struct buffer *out)
{
    struct xvs_sample *list = mem_array(call->n + 1u, sizeof *list);
    struct call_answer answer = { 0 };

    answer.n = switching->take_samples(&stage->host, list, call->n);
    put_answer(out, &answer, list, answer.n * sizeof *list);
    free(list);
}

static void
answer_counters(const struct xvs_switching *switching, struct stage *stage,
                const struct call_switching *call, struct buffer *out)
{
    struct xvs_port_counters counters = { .size = sizeof counters };
    struct call_answer answer = { 0 };

    answer.result =
        switching->port_counters(&stage->host, call->port_id, &counters);
    put_answer(out, &answer, &counters, sizeof counters);
}

/* Those that only have a result. */
static int
change(const struct xvs_switching *switching, struct stage *stage,
       const struct call_switching *call)
{
    const void *given = call->given ? call + 1 : NULL;
    const struct xvs_host *host = &stage->host;

    switch (call->function) {
    case CALL_PORT_POLICY:
        return switching->port_policy(host, call->port_id, call->parts,
                                      given);
    case CALL_SWITCH_POLICY:
        return switching->switch_policy(host, call->parts, given);
    case CALL_FLOWS:
        return switching->flows(host, given);
    case CALL_ADDRESS:
        return switching->address(host, call->mac, call->vlan,
                                  call->port_id);
    default:
        return switching->group(host, call->mac, call->vlan, given, call->n);
    }
}

static void
answer_switching(struct stage *stage, const struct call_switching *call,
                 struct buffer *out)
{
    const struct xvs_switching *switching = stage->owner->switching;
    struct call_answer answer = { .result = XVS_NOT_SUPPORTED };

    if (!switching) {
        put_answer(out, &answer, NULL, 0);
    } else if (call->function == CALL_LIST) {
        answer_list(switching, stage, call, out);
    } else if (call->function == CALL_PORT_DROPS) {
        answer_drops(switching, stage, call, out);
    } else if (call->function == CALL_PORT_QUEUES) {
        answer_queues(switching, stage, call, out);
    } else if (call->function == CALL_TAKE_FLOWS) {
        answer_flows(switching, stage, call, out);
    } else if (call->function == CALL_TAKE_SAMPLES) {
        answer_samples(switching, stage, call, out);
    } else if (call->function == CALL_PORT_COUNTERS) {
        answer_counters(switching, stage, call, out);
    } else {
        answer.result = change(switching, stage, call);
        put_answer(out, &answer, NULL, 0);
    }
}

void
nested_put_answer(struct buffer *out, const void *bytes, size_t size)
{
    put_answer(out, &(struct call_answer) { 0 }, bytes, size);
}

bool
nested_answer(struct stage *stage, const struct call_head *message,
              struct buffer *out, struct error *error)
{
    switch (message->type) {
    case CALL_REQUEST:
        answer_request(stage, call_body(message), out);
        return true;
    case CALL_SWITCHING:
        answer_switching(stage, call_body(message), out);
        return true;
    default:
        return error_set(error, ERROR_INVALID, "a message of type %u in the"
                         " middle of a call", message->type);
    }
}

/* ---- Results ------------------------------------------------------------ */

static void
take_text(const struct call_result *result, struct xvs_answer *answer)
{
    if (result->text[0]) {
        host_copy_text(answer->outcome->text, sizeof answer->outcome->text,
                       result->text);
    }
    answer->refusal = result->refusal;
}

static bool
take_object(const void *block, uint32_t size, const struct xvs_guid *instance,
            struct xvs_answer *answer)
{
    struct xvs_view view;
    struct error error;

    if (!block_check(block, size, answer->layout, &error)) {
        answer->broken = true;
        outcome_set(answer->outcome, XVS_PROVIDER_FAILED, "%s returned a"
                    " status object that is not valid: %.300s",
                    stage_name(answer->stage), error.text);
        return false;
    }
    block_view(block, &view);
    return host_take_object(answer, instance, &view);
}

int
nested_take_result(const struct call_result *result,
                   struct xvs_answer *answer)
{
    const struct control_object *object = control_after(result,
                                                        sizeof *result);
    const void *block;

    take_text(result, answer);
    if (result->broken) {
        answer->broken = true;
        answer->outcome->result = XVS_PROVIDER_FAILED;
        answer->outcome->code = outcome_code(XVS_PROVIDER_FAILED);
        return result->result;
    }
    for (uint32_t i = 0; answer->layout && i < result->n; i++) {
        block = control_after(object, sizeof *object);
        if (!take_object(block, object->block_size, &object->instance,
                         answer)) {
            break;
        }
        object = control_after(block, object->block_size);
    }
    return result->result;
}

void
nested_take_method(const struct call_result *result,
                   const struct xvs_guid *instance,
                   const struct layout *layout, struct xvs_answer *answer)
{
    const struct control_object *object = control_after(result,
                                                        sizeof *result);
    struct control_object head = { .instance = *instance };
    const void *block = control_after(object, sizeof *object);
    struct error error;

    take_text(result, answer);
    answer->outcome->result = result->outcome;
    answer->outcome->code = outcome_code(result->outcome);
    if (result->outcome != XVS_SUCCESS) {
        return;
    }
    if (result->n != 1
        || !block_check(block, object->block_size, layout, &error)) {
        outcome_set(answer->outcome, XVS_PROVIDER_FAILED, "%s returned"
                    " values that are not valid: %.300s",
                    stage_name(answer->stage),
                    result->n == 1 ? error.text : "there are none");
        return;
    }
    answer->outcome->text[0] = 0;
    head.block_size = object->block_size;
    buffer_put(&answer->objects, &head, sizeof head);
    buffer_put(&answer->objects, block, head.block_size);
    buffer_align(&answer->objects, 8);
    answer->n = 1;
}
