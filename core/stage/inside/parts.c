/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Names for parts.h.
 */

#include <config.h>

#include "stage/inside/parts.h"

#include <stdio.h>

const char *
sandbox_part_name(enum sandbox_part part)
{
    static const char *const names[SANDBOX_PARTS] = {
        [SANDBOX_USER] = "user namespace",
        [SANDBOX_MOUNT] = "mount namespace",
        [SANDBOX_PID] = "process namespace",
        [SANDBOX_IPC] = "IPC namespace",
        [SANDBOX_NET] = "network namespace",
        [SANDBOX_UTS] = "UTS namespace",
        [SANDBOX_CGROUP] = "cgroup namespace",
        [SANDBOX_ROOT] = "root folder of its own",
        [SANDBOX_CAPABILITIES] = "empty bounding set",
        [SANDBOX_LIMITS] = "resource limits",
        [SANDBOX_LANDLOCK] = "Landlock",
        [SANDBOX_NO_NEW_PRIVS] = "no_new_privs",
        [SANDBOX_SECCOMP] = "seccomp",
        [SANDBOX_MDWE] = "MDWE",
    };

    return part < SANDBOX_PARTS ? names[part] : "unknown";
}

void
sandbox_names(uint32_t parts, char *out, size_t size)
{
    size_t used = 0;

    out[0] = 0;
    for (uint32_t i = 0; i < SANDBOX_PARTS; i++) {
        if (parts & 1u << i && used < size) {
            used += (size_t) snprintf(out + used, size - used, "%s%s",
                                      used ? ", " : "",
                                      sandbox_part_name(i));
        }
    }
}
