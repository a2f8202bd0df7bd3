/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * encrypt: what one host seals the other opens, once, and nothing else.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "encrypt.h"
#include "transform-host.h"
#include "unit.h"
#include "xvs_encrypt.h"

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEY_B "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct transform_frame frame;
static uint8_t bytes[XVS_FRAME];

static void
fill(uint32_t size, uint32_t n_tags)
{
    uint32_t at = 12;

    memcpy(bytes, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    for (; n_tags--; at += 4) {
        memcpy(bytes + at, "\x81\0\0\x05", 4);
    }
    memcpy(bytes + at, "\x88\xb6", 2);
    for (at += 2; at < size; at++) {
        bytes[at] = (uint8_t) (at * 7 + size);
    }
    transform_make(&frame, bytes, size);
}

static int
put_key(void *self, enum xvs_setting_op op, uint32_t number, uint8_t id,
        const char *key)
{
    static const struct xvs_guid uuid = XVS_ENCRYPTION_KEY_UUID;
    struct xvs_encryption_key_writer writer;
    _Alignas(8) char memory[256];
    struct xvs_encryption_key *wanted =
        xvs_encryption_key_start(&writer, memory, sizeof(memory));
    struct xvs_view view;

    wanted->key_id = id;
    if (key) {
        xvs_encryption_key_set_key(&writer, key);
    } else {
        xvs_encryption_key_null(&writer, XVS_ENCRYPTION_KEY_KEY);
    }
    view = xvs_encryption_key_view(&writer);
    return transform_put(self, op, &uuid, XVS_ENCRYPTION_KEY_VERSION, number,
                         op == XVS_DELETE ? NULL : &view);
}

static int
put(void *self, enum xvs_setting_op op,
    const struct xvs_encryption_settings *wanted)
{
    static const struct xvs_guid uuid = XVS_ENCRYPTION_SETTINGS_UUID;
    struct xvs_encryption_settings_writer writer;
    _Alignas(8) char memory[128];
    struct xvs_view view;

    *xvs_encryption_settings_start(&writer, memory, sizeof(memory)) = *wanted;
    view = xvs_encryption_settings_view(&writer);
    return transform_put(self, op, &uuid, XVS_ENCRYPTION_SETTINGS_VERSION, 99,
                         &view);
}

static struct xvs_encryption_settings
settings_with(uint8_t send_key)
{
    struct xvs_encryption_settings wanted = XVS_ENCRYPTION_SETTINGS_DEFAULTS;

    wanted.send_key = send_key;
    return wanted;
}

/* A host that seals with key 1. */
static void *
host(void)
{
    struct xvs_encryption_settings wanted = settings_with(1);
    void *self = transform_begin();

    CU_ASSERT_EQUAL_FATAL(put_key(self, XVS_ADD, 1, 1, KEY_A), XVS_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(put(self, XVS_ADD, &wanted), XVS_SUCCESS);
    return self;
}

static uint32_t
seal(void *self)
{
    return transform_run(self, xvs_extension_v1.ingress, &frame);
}

static uint32_t
open(void *self)
{
    return transform_run(self, xvs_extension_v1.egress, &frame);
}

static struct xvs_encryption_status
status_of(void *self)
{
    static const struct xvs_guid uuid = XVS_ENCRYPTION_STATUS_UUID;
    struct xvs_encryption_status status;

    transform_status(self, &uuid, XVS_ENCRYPTION_STATUS_VERSION, &status,
                     sizeof(status));
    return status;
}

/* ---- Tests -------------------------------------------------------------- */

static void
test_same(void)
{
    void *one = host(), *two = host();

    for (uint32_t size = 26; size <= 1474; size++) {
        uint32_t at = 12 + (size % 3) * 4;

        fill(size, size % 3);
        CU_ASSERT_EQUAL(seal(one), 0);
        CU_ASSERT(frame.packet.length >= 60);
        CU_ASSERT_EQUAL(frame.packet.ethertype, 34997);
        CU_ASSERT_EQUAL(memcmp(frame.packet.data, bytes, at), 0);
        CU_ASSERT(!memmem(frame.packet.data, frame.packet.length,
                          bytes + at, 8));
        CU_ASSERT_EQUAL(open(two), 0);
        CU_ASSERT(frame.packet.length == size
                  || (frame.packet.length > size && size < 26));
        CU_ASSERT_EQUAL(memcmp(frame.packet.data, bytes, size), 0);
    }
    CU_ASSERT_EQUAL(status_of(one).sealed, 1474 - 26 + 1);
    CU_ASSERT_EQUAL(status_of(two).opened, 1474 - 26 + 1);
    CU_ASSERT_EQUAL(status_of(one).sealed_bytes,
                    status_of(two).opened_bytes);
    CU_ASSERT_EQUAL(status_of(one).state, 2);
    transform_end(one);
    transform_end(two);
}

/* What is short is padded, as a network would do it. */
static void
test_short(void)
{
    void *one = host(), *two = host();

    fill(14, 0);
    CU_ASSERT_EQUAL(seal(one), 0);
    CU_ASSERT_EQUAL(frame.packet.length, 60);
    CU_ASSERT_EQUAL(open(two), 0);
    CU_ASSERT_EQUAL(frame.packet.length, 26);
    CU_ASSERT_EQUAL(memcmp(frame.packet.data, bytes, 14), 0);
    transform_end(one);
    transform_end(two);
}

/* Each bit that is covered, each length; and nothing that is right is lost
 * by it. */
static void
test_forged(void)
{
    void *one = host(), *two = host();
    uint8_t sealed[XVS_FRAME];
    uint32_t size;

    fill(100, 0);
    seal(one);
    size = frame.packet.length;
    memcpy(sealed, frame.packet.data, size);
    for (uint32_t bit = 0; bit < size * 8; bit++) {
        uint32_t at = bit / 8;

        if (at >= 12 && at < 16) {
            continue;           /* EtherType, kind and key: see below */
        }
        transform_make(&frame, sealed, size);
        frame.packet.data[at] ^= (uint8_t) (1u << bit % 8);
        CU_ASSERT_EQUAL(open(two), ENCRYPT_FORGED);
    }
    for (uint32_t length = 15; length < size; length++) {
        transform_make(&frame, sealed, length);
        CU_ASSERT_EQUAL(open(two), ENCRYPT_FORGED);
    }
    transform_make(&frame, sealed, size);
    frame.packet.data[15] = 2;
    CU_ASSERT_EQUAL(transform_run(two, xvs_extension_v1.egress, &frame),
                    ENCRYPT_UNKNOWN_KEY);
    transform_make(&frame, sealed, size);
    frame.packet.data[14] = 9;
    transform_make(&frame, frame.packet.data, size);
    CU_ASSERT_EQUAL(open(two), ENCRYPT_PLAIN);
    transform_make(&frame, sealed, size);
    CU_ASSERT_EQUAL(open(two), 0);
    CU_ASSERT_EQUAL(memcmp(frame.packet.data, bytes, 100), 0);
    transform_end(one);
    transform_end(two);
}

/* Once for each port, in any order that is near. */
static void
test_replayed(void)
{
    static struct transform_frame sent[1200];
    void *one = host(), *two = host();

    for (uint32_t i = 0; i < 1200; i++) {
        fill(60, 0);
        seal(one);
        transform_make(&sent[i], frame.packet.data, frame.packet.length);
    }
    for (uint32_t i = 0; i < 1000; i += 2) {
        for (uint32_t k = 0; k < 4; k++) {
            frame = sent[i + 1 - k % 2];
            frame.packet.data = frame.memory + XVS_HEADROOM;
            frame.packet.out_port = 7;
            CU_ASSERT_EQUAL(open(two), k < 2 ? 0 : ENCRYPT_REPLAYED);
        }
    }
    frame = sent[0];
    frame.packet.data = frame.memory + XVS_HEADROOM;
    CU_ASSERT_EQUAL(open(two), 0);      /* another port */
    for (uint32_t i = 1199; i > 1000; i--) {
        frame = sent[i];
        frame.packet.data = frame.memory + XVS_HEADROOM;
        frame.packet.out_port = 7;
        CU_ASSERT_EQUAL(open(two), 0);
    }
    frame = sent[500];
    frame.packet.data = frame.memory + XVS_HEADROOM;
    frame.packet.out_port = 7;
    CU_ASSERT_EQUAL(open(two), ENCRYPT_REPLAYED);
    /* Too late to tell, and just in time. */
    for (uint32_t i = 0; i < 3; i++) {
        frame = sent[i == 0 ? 1000 : i == 1 ? 1000 - 448 : 1000 - 447];
        frame.packet.data = frame.memory + XVS_HEADROOM;
        frame.packet.out_port = 8;
        CU_ASSERT_EQUAL(open(two), i == 1 ? ENCRYPT_REPLAYED : 0);
    }
    transform_end(one);
    transform_end(two);
}

/* More sessions than are kept ready, of one key: all are opened. */
static void
test_sessions(void)
{
    void *two = host(), *senders[20];

    for (uint32_t i = 0; i < 20; i++) {
        senders[i] = host();
    }
    for (uint32_t i = 0; i < 200; i++) {
        fill(100, 0);
        CU_ASSERT_EQUAL(seal(senders[i % 20]), 0);
        CU_ASSERT_EQUAL(open(two), 0);
    }
    for (uint32_t i = 0; i < 20; i++) {
        transform_end(senders[i]);
    }
    transform_end(two);
}

/* A new key is used by both before the old one goes. */
static void
test_rotation(void)
{
    struct xvs_encryption_settings second = settings_with(2);
    void *one = host(), *two = host();

    put_key(one, XVS_ADD, 2, 2, KEY_B);
    put_key(two, XVS_ADD, 2, 2, KEY_B);
    put(one, XVS_UPDATE, &second);
    for (uint32_t i = 0; i < 3; i++) {
        fill(100, 0);
        CU_ASSERT_EQUAL(seal(i == 1 ? two : one), 0);
        CU_ASSERT_EQUAL(frame.packet.data[15], i == 1 ? 1 : 2);
        CU_ASSERT_EQUAL(open(i == 1 ? one : two), 0);
    }
    put_key(two, XVS_DELETE, 2, 0, NULL);
    fill(100, 0);
    seal(one);
    CU_ASSERT_EQUAL(open(two), ENCRYPT_UNKNOWN_KEY);
    /* The same number, another secret. */
    put_key(two, XVS_ADD, 3, 2, KEY_A);
    fill(100, 0);
    seal(one);
    CU_ASSERT_EQUAL(open(two), ENCRYPT_FORGED);
    put_key(two, XVS_UPDATE, 3, 2, KEY_B);
    fill(100, 0);
    seal(one);
    CU_ASSERT_EQUAL(open(two), 0);
    transform_end(one);
    transform_end(two);
}

static void
test_refused(void)
{
    struct xvs_encryption_settings wanted = settings_with(5);
    void *self = transform_begin();

    CU_ASSERT_EQUAL(put_key(self, XVS_ADD, 1, 1, "1234"), XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(transform_refusal, "64 hexadecimal"));
    CU_ASSERT_PTR_NULL(strstr(transform_refusal, "1234"));
    CU_ASSERT_EQUAL(put_key(self, XVS_ADD, 1, 1, NULL), XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(put_key(self, XVS_ADD, 1, 0, KEY_A), XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(put_key(self, XVS_VALIDATE, 1, 1, KEY_A), XVS_SUCCESS);
    for (uint8_t i = 1; i <= ENCRYPT_KEYS; i++) {
        CU_ASSERT_EQUAL(put_key(self, XVS_ADD, i, i, KEY_A), XVS_SUCCESS);
    }
    CU_ASSERT_EQUAL(put_key(self, XVS_UPDATE, 2, 1, KEY_A),
                    XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(transform_refusal, "KeyId: 1"));
    CU_ASSERT_EQUAL(put_key(self, XVS_ADD, 40, 40, KEY_A), XVS_NOT_ACCEPTED);
    wanted.network_mtu = 100;
    CU_ASSERT_EQUAL(put(self, XVS_ADD, &wanted), XVS_NOT_ACCEPTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(transform_refusal, "NetworkMtu: 100"));
    wanted = settings_with(5);
    wanted.ether_type = 0x0800;
    CU_ASSERT_EQUAL(put(self, XVS_ADD, &wanted), XVS_NOT_ACCEPTED);
    transform_end(self);
}

/* Without a key nothing leaves, and it is told. */
static void
test_no_key(void)
{
    struct xvs_encryption_settings wanted = settings_with(5);
    void *self = transform_begin();

    xvs_extension_v1.state(self, XVS_ACTIVATE);
    fill(100, 0);
    CU_ASSERT_EQUAL(seal(self), ENCRYPT_NO_KEY);
    CU_ASSERT_EQUAL(status_of(self).state, 0);
    CU_ASSERT_EQUAL(put(self, XVS_ADD, &wanted), XVS_SUCCESS);
    CU_ASSERT_PTR_NOT_NULL(strstr(transform_event, "no key 5"));
    CU_ASSERT_EQUAL(status_of(self).state, 1);
    CU_ASSERT_EQUAL(seal(self), ENCRYPT_NO_KEY);
    CU_ASSERT_EQUAL(frame.packet.length, 100);
    CU_ASSERT_EQUAL(put_key(self, XVS_ADD, 5, 5, KEY_A), XVS_SUCCESS);
    CU_ASSERT_EQUAL(seal(self), 0);
    CU_ASSERT_EQUAL(status_of(self).no_key, 2);
    transform_end(self);
}

static void
test_plain(void)
{
    struct xvs_encryption_settings wanted = settings_with(1);
    void *self = host();

    fill(100, 0);
    CU_ASSERT_EQUAL(open(self), ENCRYPT_PLAIN);
    wanted.require_encrypted = 0;
    put(self, XVS_UPDATE, &wanted);
    CU_ASSERT_EQUAL(open(self), 0);
    CU_ASSERT_EQUAL(status_of(self).plain, 1);
    CU_ASSERT_EQUAL(status_of(self).not_encrypted, 1);
    transform_end(self);
}

static void
test_too_long(void)
{
    struct xvs_encryption_settings wanted = settings_with(1);
    void *self = host();

    fill(14 + 1466, 0);
    CU_ASSERT_EQUAL(seal(self), 0);
    CU_ASSERT_EQUAL(frame.packet.length, 14 + 1500);
    fill(14 + 1467, 0);
    CU_ASSERT_EQUAL(seal(self), ENCRYPT_TOO_LONG);
    CU_ASSERT_EQUAL(memcmp(frame.packet.data, bytes, 14 + 1467), 0);
    wanted.network_mtu = 0;
    put(self, XVS_UPDATE, &wanted);
    CU_ASSERT_EQUAL(seal(self), 0);
    fill(XVS_FRAME - 10, 0);
    CU_ASSERT_EQUAL(seal(self), ENCRYPT_TOO_LONG);
    CU_ASSERT_EQUAL(frame.packet.length, XVS_FRAME - 10);
    transform_end(self);
}

/* ---- Segments that fit -------------------------------------------------- */

static uint16_t
sum_of(const uint8_t *data, uint32_t size, uint32_t sum)
{
    for (uint32_t i = 0; i < size; i++) {
        sum += (uint32_t) data[i] << (i % 2 ? 0 : 8);
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t) sum;
}

/* A TCP segment of IPv4 or IPv6 that asks for 1460 bytes; returns its size. */
static uint32_t
fill_tcp(bool is6, uint8_t flags)
{
    /* The first one only looks like a size. */
    static const uint8_t options[] = { 254, 6, 2, 4, 0xff, 0xff,
                                       2, 4, 0x05, 0xb4, 1, 0 };
    uint32_t ip = is6 ? 40 : 20, size = 14 + ip + 20 + sizeof(options);
    uint8_t *l3 = bytes + 14, *tcp = l3 + ip;
    uint16_t sum;

    memset(bytes, 0, size);
    memcpy(bytes, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    memcpy(bytes + 12, is6 ? "\x86\xdd" : "\x08\0", 2);
    memcpy(l3, is6 ? "\x60\0\0\0\0\x20\x06\x40" : "\x45\0\0\x34\0\0\0\0\x40\6",
           is6 ? 8 : 10);
    memset(l3 + (is6 ? 8 : 12), 0x0a, is6 ? 32 : 8);
    memcpy(tcp, "\0\x50\x10\0", 4);
    tcp[12] = (20 + sizeof(options)) / 4 << 4;
    tcp[13] = flags;
    memcpy(tcp + 20, options, sizeof(options));
    sum = sum_of(l3 + (is6 ? 8 : 12), is6 ? 32 : 8, 6 + 32);
    sum = (uint16_t) ~sum_of(tcp, 20 + sizeof(options), sum);
    tcp[16] = (uint8_t) (sum >> 8);
    tcp[17] = (uint8_t) sum;
    transform_make(&frame, bytes, size);
    return size;
}

static void
test_clamp(void)
{
    void *one = host(), *two = host();

    for (uint32_t i = 0; i < 4; i++) {
        bool is6 = i & 1, syn = i & 2;
        uint32_t size = fill_tcp(is6, syn ? 0x02 : 0x10);
        uint32_t ip = is6 ? 40 : 20;
        const uint8_t *l3;
        uint16_t sum;

        CU_ASSERT_EQUAL(seal(one), 0);
        CU_ASSERT_EQUAL(open(two), 0);
        CU_ASSERT_EQUAL_FATAL(frame.packet.length, size);
        l3 = frame.packet.data + 14;
        CU_ASSERT_EQUAL(xvs_be16(l3 + ip + 28),
                        syn ? 1466 - 20 - ip : 1460);
        sum = sum_of(l3 + (is6 ? 8 : 12), is6 ? 32 : 8, 6 + 32);
        CU_ASSERT_EQUAL(sum_of(l3 + ip, 32, sum), 0xffff);
    }
    CU_ASSERT_EQUAL(status_of(one).clamped, 2);
    transform_end(one);
    transform_end(two);
}

/* Options that lie about their length. */
static void
test_clamp_broken(void)
{
    static const uint8_t lies[][4] = { { 2, 0 }, { 2, 1 }, { 9, 255 },
                                       { 2, 255 }, { 1, 1, 1, 2 }, { 0 } };
    void *self = host();

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        uint32_t size = fill_tcp(false, 0x02);

        memcpy(bytes + 54, lies[i], 4);
        memset(bytes + 58, 2, 8);
        transform_make(&frame, bytes, size);
        CU_ASSERT_EQUAL(seal(self), 0);
    }
    transform_end(self);
}

static const struct unit_test tests[] = {
    { "same", test_same },
    { "short", test_short },
    { "forged", test_forged },
    { "replayed", test_replayed },
    { "sessions", test_sessions },
    { "rotation", test_rotation },
    { "refused", test_refused },
    { "no key", test_no_key },
    { "plain", test_plain },
    { "too long", test_too_long },
    { "clamp", test_clamp },
    { "broken options", test_clamp_broken },
};

UNIT_MAIN("encrypt", tests)
