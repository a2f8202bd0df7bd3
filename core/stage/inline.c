/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The partition of extensions that run in this process: hooks are called as
 * the functions that they are.
 */

#include <config.h>

#include "stage/partition.h"

#include "stage/deliver.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"

static bool
inline_init(struct stage *stage, struct outcome *outcome)
{
    const struct xvs_extension *extension = &stage->plugin->extension;
    int result = XVS_SUCCESS;

    if (extension->init) {
        result = extension->init(&stage->host, &stage->self);
    }
    outcome_judge(outcome, stage, "init", result);
    return result == XVS_SUCCESS;
}

static void
inline_fini(struct stage *stage)
{
    if (stage->plugin->extension.fini) {
        stage->plugin->extension.fini(stage->self);
    }
}

static int
inline_state(struct stage *stage, enum xvs_state state,
             struct xvs_answer *answer)
{
    int result = stage->plugin->extension.state
        ? stage->plugin->extension.state(stage->self, state) : XVS_SUCCESS;

    (void) answer;
    if (result == XVS_SUCCESS || state == XVS_PAUSE) {
        here_state(stage, state == XVS_ACTIVATE);
    }
    return result;
}

static int
inline_port(struct stage *stage, enum xvs_port_event event,
            const struct xvs_port *port, struct xvs_answer *answer)
{
    (void) answer;
    return deliver_port(stage, event, port);
}

static int
inline_status(struct stage *stage, const struct control_status *status,
              const struct feature_layout *layout, struct xvs_answer *answer)
{
    return deliver_status(stage, status, layout->empty.data, answer);
}

static void
inline_timer(struct stage *stage)
{
    if (stage->plugin->extension.timer) {
        stage->plugin->extension.timer(stage->self);
    }
}

const struct partition_calls partition_inline = {
    .init = inline_init,
    .fini = inline_fini,
    .state = inline_state,
    .port = inline_port,
    .setting = deliver_setting,
    .status = inline_status,
    .method = deliver_method,
    .timer = inline_timer,
    .own = here_own,
};
