/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from a guest, which come out as they were, and frames from the
 * network, which may claim anything.  The first byte tells which.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit/transform-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transform_frame frame;
    void *self;

    if (size < 15 || size > XVS_FRAME - 8) {
        return 0;
    }
    self = transform_begin();
    transform_make(&frame, data + 1, (uint32_t) size - 1);
    if (!(data[0] & 1)) {
        transform_run(self, xvs_extension_v1.egress, &frame);
    } else if (transform_run(self, xvs_extension_v1.ingress, &frame)
               || transform_run(self, xvs_extension_v1.egress, &frame)
               || frame.packet.length != size - 1
               || memcmp(frame.packet.data, data + 1, size - 1) != 0) {
        abort();
    }
    transform_end(self);
    return 0;
}
