/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Keeps a key and tells only its digest, so that a test sees which one is in
 * force.
 */

#include <stdlib.h>

#include "plugins/secret.h"

struct secret {
    const struct xvs_host *host;
    uint32_t key_sum, pin, salt_bytes;
};

static int
secret_init(const struct xvs_host *host, void **self)
{
    struct secret *secret = calloc(1, sizeof *secret);

    if (!secret) {
        return XVS_RESOURCES;
    }
    secret->host = host;
    *self = secret;
    return XVS_SUCCESS;
}

static int
secret_setting(void *self, const struct xvs_setting *setting,
               struct xvs_answer *answer)
{
    struct secret *secret = self;
    const struct test_key *wanted = test_key_get(setting);
    uint32_t sum = 0;

    (void) answer;
    if (setting->op == XVS_DELETE || setting->op == XVS_VALIDATE) {
        return XVS_SUCCESS;
    }
    if (!wanted) {
        return XVS_INVALID_PARAMETER;
    }
    for (const char *c = test_key_key(&setting->view, wanted); *c; c++) {
        sum += (unsigned char) *c;
    }
    secret->key_sum = sum;
    secret->pin = wanted->pin;
    test_key_salt(&setting->view, wanted, &secret->salt_bytes);
    return XVS_SUCCESS;
}

static int
secret_status(void *self, const struct xvs_query *query,
              struct xvs_answer *answer)
{
    struct secret *secret = self;
    struct test_key_status_writer writer;
    _Alignas(8) char memory[64];
    struct test_key_status *status =
        test_key_status_start(&writer, memory, sizeof memory);

    status->key_sum = secret->key_sum;
    status->pin_twice = secret->pin * 2;
    status->salt_bytes = secret->salt_bytes;
    return test_key_status_answer(&writer, secret->host, answer,
                                  &query->instance);
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e57000a, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "secret",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = secret_init,
    .fini = free,
    .setting = secret_setting,
    .status = secret_status,
};
