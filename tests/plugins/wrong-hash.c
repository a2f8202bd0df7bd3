/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Claims to have been compiled with another text of its schema.
 */

#include "plugins/wrong-hash.h"

static const struct xvs_feature features[] = {
    { TEST_WRONG_HASH_UUID, TEST_WRONG_HASH_HASH + 1, TEST_WRONG_HASH_SIZE,
      TEST_WRONG_HASH_VERSION, 0 },
};

static int
wrong_hash_setting(void *self, const struct xvs_setting *setting,
                   struct xvs_answer *answer)
{
    (void) self;
    (void) setting;
    (void) answer;
    return XVS_SUCCESS;
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570004, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "wrong-hash",
    .features = features,
    .n_features = 1,
    .setting = wrong_hash_setting,
};
