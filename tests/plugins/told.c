/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Its constructor appends the number of its process to the file that the
 * environment names, so that a test sees where it was loaded.  Built as two
 * versions of one extension.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xvs/extension.h>

#ifndef TOLD_VERSION
#define TOLD_VERSION 0x0100
#endif

__attribute__((constructor)) static void
tell(void)
{
    const char *path = getenv("XVS_TEST_TOLD");
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

    if (fd >= 0) {
        dprintf(fd, "%d\n", (int) getpid());
        close(fd);
    }
}

static void
told_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = TOLD_VERSION,
    .id = { 0x7e570020, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "told",
    .ingress = told_ingress,
};
