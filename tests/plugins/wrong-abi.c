/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A plugin of a future that this program does not know.
 */

#include <xvs/extension.h>

XVS_EXTENSION = {
    .size = sizeof(struct xvs_extension),
    .api_version = 0x0200,
    .id = { 0x7e570005, 0, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "wrong-abi",
};
