/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Is another extension where it is tried (descriptor 4 is sealed memory there)
 * than where it is loaded later.
 */

#include <fcntl.h>
#include <xvs/extension.h>

static void
two_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

/* What XVS_EXTENSION makes, but not constant. */
XVS_EXPORT extern struct xvs_extension XVS_SYMBOL;
XVS_EXPORT struct xvs_extension XVS_SYMBOL = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570022, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "two-faced",
    .ingress = two_ingress,
};

__attribute__((constructor)) static void
turn(void)
{
    int seals = fcntl(4, F_GET_SEALS);

    if (seals < 0 || !(seals & F_SEAL_GROW)) {
        XVS_SYMBOL.ingress = NULL;
        XVS_SYMBOL.egress = two_ingress;
    }
}
