/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See deliver.h.  A raw hook gets a buffer of its own: what it leaves there
 * is not trusted, and the ordinary hook gets a fresh one.
 */

#include <config.h>

#include "stage/deliver.h"

#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/error.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/call.h"
#include "marshal/oid.h"
#include "stage/host.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"

#define TRIES 4                     /* with XVS_RESOURCES */
#define FIRST_PAUSE_MS 5            /* before the second try; then doubled */
#define STATUS_ROOM 4096u           /* for a raw answer, at first */

typedef int (*try_call)(struct stage *stage, const void *request,
                       struct xvs_answer *answer);

static int
retry(struct stage *stage, try_call attempt, const void *request,
      struct xvs_answer *answer)
{
    struct timespec pause = { 0, FIRST_PAUSE_MS * 1000000L };
    int result;

    for (int i = 1; ; i++) {
        result = attempt(stage, request, answer);
        if (result != XVS_RESOURCES || i == TRIES) {
            return result;
        }
        nanosleep(&pause, NULL);
        pause.tv_nsec *= 2;
    }
}

static int
raw_setting(struct stage *stage, const struct xvs_setting *setting)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    struct xvs_oid oid;

    if (!stage->hooks->oid) {
        return XVS_NOT_SUPPORTED;
    }
    oid_pack_setting(setting, &packed);
    oid_start(&oid, oid_code_of_setting(setting), setting->port_id, &packed);
    return stage->hooks->oid(stage->self, &oid);
}

static int
try_setting(struct stage *stage, const void *request,
            struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    const struct xvs_setting *setting = request;
    struct xvs_setting unpacked;
    struct xvs_oid oid;
    struct error error;
    int result = raw_setting(stage, setting);

    if (result != XVS_NOT_SUPPORTED || !stage->hooks->setting) {
        return result;
    }
    oid_pack_setting(setting, &packed);
    oid_start(&oid, oid_code_of_setting(setting), setting->port_id, &packed);
    if (!oid_unpack_setting(&oid, &unpacked, &error)) {
        outcome_set(answer->outcome, XVS_INVALID_PARAMETER, "%.400s",
                    error.text);
        return XVS_INVALID_PARAMETER;
    }
    return stage->hooks->setting(stage->self, &unpacked, answer);
}

int
deliver_setting(struct stage *stage, const struct control_setting *head,
                const void *block, struct xvs_answer *answer)
{
    struct xvs_setting setting = {
        .size = sizeof setting,
        .op = head->op,
        .scope = head->scope,
        .port_id = head->port_id,
        .uuid = head->uuid,
        .instance = head->instance,
        .version = head->version,
    };

    if (head->op != XVS_DELETE) {
        block_view(block, &setting.view);
    }
    return retry(stage, try_setting, &setting, answer);
}

static int
put_port(struct stage *stage, uint32_t code, const struct xvs_port *port)
{
    const struct xvs_extension *extension = stage->hooks;
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    struct xvs_port unpacked;
    struct xvs_oid oid;
    struct error error;
    uint32_t event = 0;
    int result = XVS_NOT_SUPPORTED;

    oid_pack_port(code, port, &packed);
    oid_start(&oid, code, port->id, &packed);
    if (extension->oid) {
        result = extension->oid(stage->self, &oid);
        oid_pack_port(code, port, &packed);
        oid_start(&oid, code, port->id, &packed);
    }
    if (result == XVS_NOT_SUPPORTED && extension->port
        && oid_unpack_port(&oid, &unpacked, &event, &error) && event) {
        /* The structure of a port has no MTU and address; the hook's has. */
        unpacked.mtu = port->mtu;
        memcpy(unpacked.mac, port->mac, sizeof unpacked.mac);
        result = extension->port(stage->self, (enum xvs_port_event) event,
                                 &unpacked);
    }
    /* Ports concern every stage: not caring is no refusal. */
    return result == XVS_NOT_SUPPORTED ? XVS_SUCCESS : result;
}

/* Creating is two requests; when the second is refused the first is undone,
 * so that the extension knows of no port that is not there. */
static int
create_port(struct stage *stage, const struct xvs_port *port)
{
    int result = put_port(stage, XVS_OID_SWITCH_PORT_CREATE, port);

    if (result != XVS_SUCCESS) {
        return result;
    }
    result = put_port(stage, XVS_OID_SWITCH_NIC_CREATE, port);
    if (result != XVS_SUCCESS) {
        put_port(stage, XVS_OID_SWITCH_PORT_TEARDOWN, port);
        put_port(stage, XVS_OID_SWITCH_PORT_DELETE, port);
    }
    return result;
}

int
deliver_port(struct stage *stage, enum xvs_port_event event,
             const struct xvs_port *port)
{
    switch (event) {
    case XVS_PORT_CREATED:
        return create_port(stage, port);
    case XVS_PORT_CONNECTED:
        put_port(stage, XVS_OID_SWITCH_NIC_CONNECT, port);
        break;
    case XVS_PORT_UPDATED:
        put_port(stage, XVS_OID_SWITCH_NIC_UPDATED, port);
        break;
    case XVS_PORT_DISCONNECTED:
        put_port(stage, XVS_OID_SWITCH_NIC_DISCONNECT, port);
        break;
    case XVS_PORT_DELETED:
        put_port(stage, XVS_OID_SWITCH_NIC_DELETE, port);
        put_port(stage, XVS_OID_SWITCH_PORT_TEARDOWN, port);
        put_port(stage, XVS_OID_SWITCH_PORT_DELETE, port);
        break;
    }
    /* Only creating can be refused. */
    return XVS_SUCCESS;
}

/* Asks the raw hook; once more with a larger buffer when it wants one. */
static int
raw_status(struct stage *stage, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    size_t room = STATUS_ROOM;
    struct xvs_view view;
    struct xvs_oid oid;
    struct error error;
    bool found = false;
    int result = XVS_NOT_SUPPORTED;

    for (int i = 0; i < 2 && stage->hooks->oid; i++) {
        oid_pack_query(query, room, &packed);
        oid_start(&oid, oid_code_of_query(query), query->port_id, &packed);
        result = stage->hooks->oid(stage->self, &oid);
        if (result != XVS_INVALID_LENGTH || oid.needed > BLOCK_LIMIT) {
            break;
        }
        room = oid.needed;
    }
    if (result != XVS_SUCCESS) {
        return result;
    }
    if (!oid_unpack_answer(&oid, &view, &found, &error)) {
        answer->broken = true;
        outcome_set(answer->outcome, XVS_PROVIDER_FAILED, "%s: %.400s",
                    stage_name(stage), error.text);
    } else if (found) {
        host_take_object(answer, &query->instance, &view);
    }
    return result;
}

static int
try_status(struct stage *stage, const void *request,
           struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    const struct xvs_query *query = request;
    struct xvs_query unpacked;
    struct xvs_oid oid;
    struct error error;
    int result = raw_status(stage, query, answer);

    if (result != XVS_NOT_SUPPORTED || !stage->hooks->status) {
        return result;
    }
    oid_pack_query(query, 0, &packed);
    oid_start(&oid, oid_code_of_query(query), query->port_id, &packed);
    if (!oid_unpack_query(&oid, &unpacked, &error)) {
        outcome_set(answer->outcome, XVS_INVALID_PARAMETER, "%.400s",
                    error.text);
        return XVS_INVALID_PARAMETER;
    }
    /* A retry starts anew. */
    answer->objects.size = 0;
    answer->n = 0;
    return stage->hooks->status(stage->self, &unpacked, answer);
}

int
deliver_status(struct stage *stage, const struct control_status *status,
               const void *empty, struct xvs_answer *answer)
{
    struct xvs_query query = {
        .size = sizeof query,
        .scope = status->port_id == XVS_PORT_NONE ? XVS_SCOPE_SWITCH
                                                  : XVS_SCOPE_PORT,
        .port_id = status->port_id,
        .version = status->version,
        .uuid = status->uuid,
        .instance = status->instance,
    };

    block_view(empty, &query.empty);
    return retry(stage, try_status, &query, answer);
}

void
deliver_method(struct stage *stage, const struct control_method *call,
               const struct xvs_method *method, const struct buffer *block,
               const struct layout *in, const struct layout *out,
               struct xvs_answer *answer)
{
    struct xvs_call context = {
        .size = sizeof context,
        .scope = call->port_id == XVS_PORT_NONE ? XVS_SCOPE_SWITCH
                                                : XVS_SCOPE_PORT,
        .port_id = call->port_id,
        .answer = answer,
    };
    struct control_object object = { .instance = call->instance };
    struct error error;

    buffer_put(&answer->objects, &object, sizeof object);
    if (!call_method(method->function, method->signature, stage->self,
                     &context, block->data, block->size, in, out,
                     &answer->objects, &error)) {
        outcome_set(answer->outcome,
                    error.code == ERROR_PROVIDER ? XVS_PROVIDER_FAILED
                                                 : XVS_INVALID_PARAMETER,
                    "%s, method %s: %.380s", stage_name(stage), method->name,
                    error.text);
        return;
    }
    object.block_size =
        (uint32_t) (answer->objects.size - sizeof object);
    memcpy(answer->objects.data, &object, sizeof object);
    buffer_align(&answer->objects, 8);
    answer->n = 1;
    outcome_judge(answer->outcome, stage, method->name,
                  answer->refusal);
}
