/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * An extension that only has wishes about its place; built several times.
 */

#include <xvs/extension.h>

static void
order_hook(void *self, struct xvs_burst *burst)
{
    (void) self;
    (void) burst;
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570020 + ORDER_NUMBER, 0x0000, 0x4000, { 0x80 } },
    .extension_class = ORDER_CLASS,
    .on_failure = XVS_FAIL_OPEN,
    .name = ORDER_NAME,
    .before = ORDER_BEFORE,
    .after = ORDER_AFTER,
    .ingress = order_hook,
    .egress = order_hook,
};
