/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reads from address 8 as soon as it is asked to begin.
 */

#include <xvs/extension.h>

static int
crash_init(const struct xvs_host *host, void **self)
{
    volatile uintptr_t nowhere = 8;

    (void) host;
    *self = (void *) *(volatile uintptr_t *) nowhere;
    return XVS_SUCCESS;
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570006, 0, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "crash-init",
    .init = crash_init,
};
