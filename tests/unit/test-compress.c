/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * compress: what goes in comes out, whatever it is; what is damaged does not.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "transform-host.h"
#include "unit.h"
#include "xvs_compress.h"

static struct transform_frame frame;
static uint8_t bytes[XVS_FRAME];

/* A frame to one, or to many, with text or noise; 'n_tags' VLAN tags. */
static uint32_t
fill(uint32_t size, int is_noise, int to_many, uint32_t n_tags)
{
    uint32_t at = 12;

    memcpy(bytes, to_many ? "\1\0\x5e\1\1\1" : "\2\0\0\0\0\1", 6);
    memcpy(bytes + 6, "\2\0\0\0\0\2", 6);
    for (; n_tags--; at += 4) {
        memcpy(bytes + at, "\x81\0\0\x05", 4);
    }
    memcpy(bytes + at, "\x88\xb6", 2);
    srand(size);
    for (at += 2; at < size; at++) {
        bytes[at] = is_noise ? (uint8_t) rand() : (uint8_t) ("text"[at % 4]);
    }
    transform_make(&frame, bytes, size);
    return size;
}

static int
is_as_before(uint32_t size)
{
    return frame.packet.length == size
        && memcmp(frame.packet.data, bytes, size) == 0;
}

static struct xvs_compression_status
status_of(void *self)
{
    static const struct xvs_guid uuid = XVS_COMPRESSION_STATUS_UUID;
    struct xvs_compression_status status;

    transform_status(self, &uuid, XVS_COMPRESSION_STATUS_VERSION, &status,
                     sizeof(status));
    return status;
}

static int
put(void *self, enum xvs_setting_op op,
    const struct xvs_compression_settings *wanted)
{
    static const struct xvs_guid uuid = XVS_COMPRESSION_SETTINGS_UUID;
    struct xvs_compression_settings_writer writer;
    _Alignas(8) char memory[128];
    struct xvs_compression_settings *settings =
        xvs_compression_settings_start(&writer, memory, sizeof(memory));
    struct xvs_view view;

    *settings = *wanted;
    view = xvs_compression_settings_view(&writer);
    return transform_put(self, op, &uuid, XVS_COMPRESSION_SETTINGS_VERSION,
                         1, &view);
}

/* Sizes around every limit, with tags and without. */
static void
test_same(void)
{
    void *self = transform_begin();
    uint32_t n_packed = 0;

    for (uint32_t size = 30; size <= 1900; size += 7) {
        for (uint32_t kind = 0; kind < 8; kind++) {
            fill(size, kind & 1, kind & 2, kind & 4 ? 2 : 0);
            CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.ingress,
                                          &frame), 0);
            CU_ASSERT(frame.packet.length <= size);
            CU_ASSERT(frame.packet.length == size
                      || frame.packet.ethertype == 34997);
            CU_ASSERT(!(kind & 2) || frame.packet.length == size);
            n_packed += frame.packet.length < size;
            CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.egress,
                                          &frame), 0);
            CU_ASSERT(is_as_before(size));
        }
    }
    CU_ASSERT_EQUAL(status_of(self).compressed, n_packed);
    CU_ASSERT_EQUAL(status_of(self).restored, n_packed);
    CU_ASSERT_EQUAL(status_of(self).damaged, 0);
    CU_ASSERT(status_of(self).bytes_after * 3 < status_of(self).bytes_before);
    CU_ASSERT(n_packed > 400);
    transform_end(self);
}

/* A network pads short frames. */
static void
test_padded(void)
{
    void *self = transform_begin();
    uint32_t size = fill(600, 0, 0, 0);

    transform_run(self, xvs_extension_v1.ingress, &frame);
    CU_ASSERT(frame.packet.length < 60);
    memset(frame.packet.data + frame.packet.length, 0, 60);
    frame.packet.length = frame.packet.total = 60;
    CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.egress, &frame), 0);
    CU_ASSERT(is_as_before(size));
    transform_end(self);
}

/* One that claims to be compressed comes out as it was sent. */
static void
test_claim(void)
{
    void *self = transform_begin();

    for (uint32_t size = 20; size < 1900; size += 300) {
        fill(size, 1, 0, 0);
        memcpy(bytes + 12, "\x88\xb5\1\1\xff\xff\xff\xff", 8);
        transform_make(&frame, bytes, size);
        CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.ingress, &frame),
                        0);
        CU_ASSERT_EQUAL(frame.packet.length, size + 8);
        CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.egress, &frame),
                        0);
        CU_ASSERT(is_as_before(size));
    }
    transform_end(self);
}

/* Each byte of the header and of the block, and every length. */
static void
test_damaged(void)
{
    void *self = transform_begin();
    struct transform_frame whole;
    uint32_t n_dropped = 0;

    fill(1000, 0, 0, 0);
    transform_run(self, xvs_extension_v1.ingress, &frame);
    whole = frame;
    whole.packet.data = whole.memory + XVS_HEADROOM;
    for (uint32_t at = 15; at < whole.packet.length; at++) {
        transform_make(&frame, whole.packet.data, whole.packet.length);
        frame.packet.data[at] ^= 0x80;
        n_dropped += transform_run(self, xvs_extension_v1.egress, &frame) == 1;
    }
    CU_ASSERT(n_dropped > 4);
    /* It says one byte more than there were. */
    transform_make(&frame, whole.packet.data, whole.packet.length);
    frame.packet.data[19]++;
    CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.egress, &frame), 1);
    n_dropped++;
    for (uint32_t size = 15; size < whole.packet.length; size++) {
        memset(frame.memory, 0xff, sizeof(frame.memory));
        transform_make(&frame, whole.packet.data, size);
        CU_ASSERT_EQUAL(transform_run(self, xvs_extension_v1.egress, &frame),
                        1);
        n_dropped++;
    }
    CU_ASSERT_EQUAL(status_of(self).damaged, n_dropped);
    transform_end(self);
}

static void
test_settings(void)
{
    struct xvs_compression_settings wanted =
        XVS_COMPRESSION_SETTINGS_DEFAULTS;
    void *self = transform_begin();

    wanted.min_length = 500;
    CU_ASSERT_EQUAL(put(self, XVS_ADD, &wanted), XVS_SUCCESS);
    fill(400, 0, 0, 0);
    transform_run(self, xvs_extension_v1.ingress, &frame);
    CU_ASSERT(is_as_before(400));
    wanted.ether_type = 0x86dd;
    CU_ASSERT_EQUAL(put(self, XVS_UPDATE, &wanted), XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(transform_refusal, "EtherType"));
    wanted.ether_type = 0x9999;
    wanted.min_length = 10;
    CU_ASSERT_EQUAL(put(self, XVS_VALIDATE, &wanted), XVS_SUCCESS);
    transform_run(self, xvs_extension_v1.ingress, &frame);
    CU_ASSERT(is_as_before(400));
    CU_ASSERT_EQUAL(put(self, XVS_UPDATE, &wanted), XVS_SUCCESS);
    transform_run(self, xvs_extension_v1.ingress, &frame);
    CU_ASSERT_EQUAL(frame.packet.ethertype, 0x9999);
    CU_ASSERT_EQUAL(put(self, XVS_DELETE, &wanted), XVS_SUCCESS);
    fill(400, 0, 0, 0);
    transform_run(self, xvs_extension_v1.ingress, &frame);
    CU_ASSERT_EQUAL(frame.packet.ethertype, 34997);
    transform_end(self);
}

static const struct unit_test tests[] = {
    { "same", test_same },
    { "padded", test_padded },
    { "claim", test_claim },
    { "damaged", test_damaged },
    { "settings", test_settings },
};

UNIT_MAIN("compress", tests)
