/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Records of packets as a hostile server sends them: measured, put together
 * to stories and told, they stay inside of what came.  The input is the bytes
 * behind base64.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "client/tap/frame-text.h"
#include "client/tap/tapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT, out = BUFFER_INIT;
    struct tapping tapping = { .run = NULL };
    struct control_tap record;
    const uint8_t *frame;

    base64_read((const char *) data, size, &out);
    base64_put(&text, data, size);
    if (tapping_take(&tapping, text.data, text.size)) {
        while (tapping_next(&tapping, &record, &frame)) {
            out.size = 0;
            frame_put_text(frame, record.size, &out);
        }
    }
    buffer_free(&tapping.records);
    return 0;
}
