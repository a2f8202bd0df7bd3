/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The smallest extension: it has a name and no hooks, so all packets pass.
 * Take a GUID of your own, from uuidgen.
 */
#include <xvs/extension.h>

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x0c3f56e4, 0x6ce5, 0x4a00,
            { 0xbe, 0x9b, 0xc6, 0xa1, 0x4a, 0x85, 0x84, 0x2f } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "null",
    .vendor = "Example",
    .description = "Lets everything pass.",
};
