/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Takes settings with objects in them; refuses a first server with port 99.
 */

#include <stdlib.h>

#include "plugins/nested.h"

struct nested {
    const struct xvs_host *host;
};

static int
nested_init(const struct xvs_host *host, void **self)
{
    struct nested *nested = calloc(1, sizeof *nested);

    if (!nested) {
        return XVS_RESOURCES;
    }
    nested->host = host;
    *self = nested;
    return XVS_SUCCESS;
}

static int
nested_setting(void *self, const struct xvs_setting *setting,
               struct xvs_answer *answer)
{
    struct nested *nested = self;
    const struct test_nested *wanted = test_nested_get(setting);

    if (setting->op == XVS_DELETE) {
        return XVS_SUCCESS;
    }
    if (!wanted) {
        return XVS_INVALID_PARAMETER;
    }
    if (wanted->first.port == 99) {
        return nested->host->refuse(answer, XVS_NOT_ACCEPTED,
                                    "First: 99 is no port of a server");
    }
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570060, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "nested",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = nested_init,
    .fini = free,
    .setting = nested_setting,
};
