/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from a guest, which come out as they were, padded perhaps and with a
 * smaller segment size, and frames from the network, of which none is
 * authentic.  The first byte tells which.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "encrypt.h"
#include "unit/transform-host.h"
#include "xvs_encrypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put_key(void *self)
{
    static const struct xvs_guid uuid = XVS_ENCRYPTION_KEY_UUID;
    struct xvs_encryption_key_writer writer;
    _Alignas(8) char memory[256];
    struct xvs_view view;

    xvs_encryption_key_start(&writer, memory, sizeof(memory))->key_id = 1;
    xvs_encryption_key_set_key(&writer, "00112233445566778899aabbccddeeff"
                                        "00112233445566778899aabbccddeeff");
    view = xvs_encryption_key_view(&writer);
    if (transform_put(self, XVS_ADD, &uuid, XVS_ENCRYPTION_KEY_VERSION, 1,
                      &view) != XVS_SUCCESS) {
        abort();
    }
}

static void
put_settings(void *self)
{
    static const struct xvs_guid uuid = XVS_ENCRYPTION_SETTINGS_UUID;
    struct xvs_encryption_settings_writer writer;
    _Alignas(8) char memory[128];
    struct xvs_encryption_settings wanted = XVS_ENCRYPTION_SETTINGS_DEFAULTS;
    struct xvs_view view;

    wanted.send_key = 1;
    *xvs_encryption_settings_start(&writer, memory, sizeof(memory)) = wanted;
    view = xvs_encryption_settings_view(&writer);
    if (transform_put(self, XVS_ADD, &uuid, XVS_ENCRYPTION_SETTINGS_VERSION,
                      2, &view) != XVS_SUCCESS) {
        abort();
    }
}

static void *
begin(void)
{
    void *self = transform_begin();

    put_key(self);
    put_settings(self);
    return self;
}

/* What a guest sends; the largest segments of TCP and their checksum aside,
 * it comes out the same. */
static void
there_and_back(void *self, struct transform_frame *frame,
               const uint8_t *data, uint32_t size)
{
    uint32_t reason = transform_run(self, xvs_extension_v1.ingress, frame);

    if (reason) {
        if (reason != ENCRYPT_TOO_LONG) {
            abort();
        }
        return;
    }
    if (frame->packet.length < 60
        || transform_run(self, xvs_extension_v1.egress, frame)
        || frame->packet.length < size) {
        abort();
    }
    if (!xvs_packet_tcp(&frame->packet)
        && memcmp(frame->packet.data, data, size) != 0) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transform_frame frame;
    static void *self;

    if (size < 15 || size > XVS_FRAME) {
        return 0;
    }
    if (!self) {
        self = begin();
    }
    transform_make(&frame, data + 1, (uint32_t) size - 1);
    if (data[0] & 1) {
        there_and_back(self, &frame, data + 1, (uint32_t) size - 1);
    } else if (!transform_run(self, xvs_extension_v1.egress, &frame)) {
        abort();
    }
    return 0;
}
