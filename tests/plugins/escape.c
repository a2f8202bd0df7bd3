/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * In a process of its own its constructor never returns, so that the process
 * never takes the last step into its sandbox, and says that all is well.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <xvs/extension.h>

#include "stage/call/call.h"

#define ID { 0x7e570009, 0x0000, 0x4000, { 0x80 } }

/* What xvs-switch hears of a process that has loaded its plugin. */
struct loaded {
    struct call_head head;
    struct call_loaded body;
};

__attribute__((constructor)) static void
escape(void)
{
    struct loaded loaded = {
        .head = { .size = sizeof loaded, .type = CALL_LOADED },
        .body = { .id = ID, .api_version = XVS_API_VERSION }
    };

    if (strcmp(program_invocation_short_name, "xvs-stage") != 0) {
        return;
    }
    if (write(CALL_FD, &loaded, sizeof loaded) < 0) {
        _exit(1);
    }
    for (;;) {
        sleep(1);
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = ID,
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "escape",
};
