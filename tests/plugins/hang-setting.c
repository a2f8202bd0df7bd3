/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Takes as long for an ADD as the setting says, and then accepts it.  A frame
 * of ethertype 0x88b6 takes six seconds.
 */

#include <stdlib.h>
#include <unistd.h>

#include "plugins/hang-setting.h"

struct hang {
    const struct xvs_host *host;
    uint32_t in_force;
};

static int
hang_init(const struct xvs_host *host, void **self)
{
    struct hang *hang = calloc(1, sizeof *hang);

    if (!hang) {
        return XVS_RESOURCES;
    }
    hang->host = host;
    *self = hang;
    return XVS_SUCCESS;
}

static int
hang_setting(void *self, const struct xvs_setting *setting,
             struct xvs_answer *answer)
{
    struct hang *hang = self;

    (void) answer;
    if (setting->op == XVS_ADD) {
        const struct test_hang *wanted = test_hang_get(setting);

        if (!wanted) {
            return XVS_INVALID_PARAMETER;
        }
        sleep(wanted->seconds);
        hang->in_force++;
    } else if (setting->op == XVS_DELETE) {
        hang->in_force--;
    }
    return XVS_SUCCESS;
}

static void
hang_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        if (burst->packets[i]->ethertype == 0x88b6) {
            sleep(8);
        }
    }
}

static int
hang_status(void *self, const struct xvs_query *query,
            struct xvs_answer *answer)
{
    struct hang *hang = self;
    struct test_hang_status_writer writer;
    _Alignas(8) char memory[64];
    struct test_hang_status *status =
        test_hang_status_start(&writer, memory, sizeof memory);

    status->in_force = hang->in_force;
    return test_hang_status_answer(&writer, hang->host, answer,
                                   &query->instance);
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570002, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "hang-setting",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = hang_init,
    .fini = free,
    .setting = hang_setting,
    .status = hang_status,
    .ingress = hang_ingress,
};
