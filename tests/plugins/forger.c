/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Ends the process that tries it as if all had gone well, and describes
 * itself as something that cannot be.
 */

#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <xvs/extension.h>

__attribute__((constructor)) static void
forge(void)
{
    uint32_t words[6] = { 0x44535658, 1u << 16, 0, 0, 0x3ff, 0 };
    char rest[1024];

    memset(rest, 'x', sizeof rest);
    if (pwrite(4, words, sizeof words, 0) > 0
        && pwrite(4, rest, sizeof rest, sizeof words) > 0
        && write(3, "ok\n", 3) > 0) {
        _exit(0);
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570021, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "forger",
};
