/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Enabling a service on the host itself: the switch that stands for it is made
 * when the first one comes.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/memory.h"
#include "control/names.h"
#include "service/change/change.h"
#include "service/internal.h"

/* One that waits until there is the switch that stands for the host. */
struct waiting {
    struct service *service;
    struct wish wish;
};

static void
host_made(void *arg, const struct error *error, const struct path *path)
{
    struct waiting *waiting = arg;

    (void) path;
    if (error && error->code != ERROR_EXISTS) {
        wish_finish(&waiting->wish, error, NULL);
    } else {
        change_stage_there(waiting->service, &waiting->wish);
    }
    free(waiting);
}

void
change_stage(struct service *service, struct wish *wish)
{
    const struct state *state = &service->state;
    const char *where = wish_text(wish, "SwitchName");
    const char *what = wish_text(wish, "ExtensionName");
    const struct extension *extension =
        what ? state_extension(state, what) : NULL;
    struct waiting *waiting;

    if (wish->path || !where || strcmp(where, CONTROL_SWITCH_HOST) != 0
        || state_switch(state, where) || !extension
        || extension->extension_class != XVS_CLASS_SERVICE) {
        change_stage_there(service, wish);
        return;
    }
    waiting = mem_zalloc(sizeof *waiting);
    waiting->service = service;
    waiting->wish = *wish;
    change_switch_host(service, host_made, waiting);
}
