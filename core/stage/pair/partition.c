/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The partition of extensions that run in a process of their own: each hook is
 * a call to it (call.h), and to the one that is ready to take its place.
 */

#include <config.h>

#include "stage/partition.h"

#include "base/buffer.h"
#include "stage/call/call.h"
#include "stage/call/nested.h"
#include "stage/call/telling.h"
#include "stage/host.h"
#include "stage/keep/keep.h"
#include "stage/pair/pair.h"
#include "stage/pair/roster.h"
#include "stage/stage.h"

/* ---- Calls -------------------------------------------------------------- */

/* The result of a call; NULL: there is none, as the answer says. */
static const struct call_result *
call(struct stage *stage, struct buffer *message, struct buffer *reply,
     struct xvs_answer *answer)
{
    if (!pair_call(stage->pair, message, reply, answer->outcome)) {
        answer->broken = true;
        return NULL;
    }
    return call_body((void *) reply->data);
}

/* A call that has a hook's result. */
static int
call_hook(struct stage *stage, struct buffer *message,
          struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer reply = BUFFER_INIT;
    const struct call_result *result = call(stage, message, &reply, answer);

    return result ? nested_take_result(result, answer) : XVS_PROVIDER_FAILED;
}

/* The same of one that changes something: true when it was accepted. */
static bool
change(struct stage *stage, struct buffer *message,
       struct xvs_answer *answer, int *result)
{
    *result = call_hook(stage, message, answer);
    if (*result == XVS_SUCCESS) {
        pair_echo(stage->pair, message);
    }
    return *result == XVS_SUCCESS;
}

static int
process_state(struct stage *stage, enum xvs_state state,
              struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    int result;
    bool good;

    tell_state(&message, state);
    pair_state(stage->pair, state);
    if (pair_is_alone(stage->pair)) {
        result = call_hook(stage, &message, answer);
        good = result == XVS_SUCCESS;
    } else {
        good = change(stage, &message, answer, &result);
    }
    if (state == XVS_PAUSE && stage->kept) {
        stage->owns = false;
        kept_leave(stage->kept, NULL);
    }
    if (good) {
        pair_roster(stage->pair)->active = state == XVS_ACTIVATE;
        if (state == XVS_ACTIVATE) {
            stage->owns = stage->kept;
            pair_own(stage->pair);
            pair_want_standby(stage->pair);
        }
    }
    return result;
}

static int
process_port(struct stage *stage, enum xvs_port_event event,
             const struct xvs_port *port, struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    int result;

    tell_port(&message, event, port);
    if (change(stage, &message, answer, &result)
        || event == XVS_PORT_DELETED) {
        roster_port(pair_roster(stage->pair), event, port);
    }
    return result;
}

static int
process_setting(struct stage *stage, const struct control_setting *head,
                const void *block, struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    int result;

    if (!pair_offer(stage->pair, head, block, answer)) {
        return XVS_INVALID_PARAMETER;
    }
    tell_setting(&message, head, block);
    if (change(stage, &message, answer, &result)) {
        roster_setting(pair_roster(stage->pair), head, block);
    }
    pair_settle(stage->pair, head, result == XVS_SUCCESS);
    return result;
}

static int
process_status(struct stage *stage, const struct control_status *status,
               const struct feature_layout *layout,
               struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    tell_status(&message, status, layout);
    return call_hook(stage, &message, answer);
}

static void
process_method(struct stage *stage, const struct control_method *head,
               const struct xvs_method *method, const struct buffer *block,
               const struct layout *in, const struct layout *out,
               struct xvs_answer *answer)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, reply = BUFFER_INIT;
    const struct call_result *result;

    tell_method(&message, head, method->name, block, in, out);
    result = call(stage, &message, &reply, answer);
    if (result) {
        nested_take_method(result, &head->instance, out, answer);
        pair_echo(stage->pair, &message);
    }
}

static void
process_timer(struct stage *stage)
{
    pair_timer(stage->pair);
}

/* ---- Beginning and end -------------------------------------------------- */

static bool
process_init(struct stage *stage, struct outcome *outcome)
{
    (void) xvs_publish(stage->pair, pair_create(stage));
    return pair_init(stage->pair, outcome);
}

static void
process_fini(struct stage *stage)
{
    pair_fini(stage->pair);
}

static void
process_late(struct stage *stage, const char *what)
{
    struct pair *pair = xvs_read(stage->pair);

    if (pair) {
        pair_late(pair, what);
    }
}

static void
process_own(struct stage *stage)
{
    pair_own(stage->pair);
}

const struct partition_calls partition_process = {
    .init = process_init,
    .fini = process_fini,
    .state = process_state,
    .port = process_port,
    .setting = process_setting,
    .status = process_status,
    .method = process_method,
    .timer = process_timer,
    .own = process_own,
    .late = process_late,
};
