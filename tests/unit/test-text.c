/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers, UTF-8, GUIDs, likeness and hashes, from tables.
 */
#include <config.h>

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_numbers(void)
{
    static const struct {
        const char *text;
        bool is_u64;
        bool is_i64;
        uint64_t bits;
    } rows[] = {
        { "0", true, true, 0 },
        { "+7", true, true, 7 },
        { "-7", false, true, (uint64_t) -7 },
        { "0x1F", true, true, 31 },
        { "-0x1f", false, true, (uint64_t) -31 },
        { "18446744073709551615", true, false, UINT64_MAX },
        { "18446744073709551616", false, false, 0 },
        { "0xffffffffffffffff", true, false, UINT64_MAX },
        { "0x10000000000000000", false, false, 0 },
        { "9223372036854775807", true, true, INT64_MAX },
        { "9223372036854775808", true, false, 1ull << 63 },
        { "-9223372036854775808", false, true, 1ull << 63 },
        { "-9223372036854775809", false, false, 0 },
        { "", false, false, 0 },
        { "+", false, false, 0 },
        { "0x", false, false, 0 },
        { " 1", false, false, 0 },
        { "1 ", false, false, 0 },
        { "--1", false, false, 0 },
        { "+-1", false, false, 0 },
        { "1a", false, false, 0 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t u = 0;
        int64_t s = 0;

        CU_ASSERT_EQUAL(text_to_u64(rows[i].text, &u), rows[i].is_u64);
        CU_ASSERT_EQUAL(text_to_i64(rows[i].text, &s), rows[i].is_i64);
        CU_ASSERT(!rows[i].is_u64 || u == rows[i].bits);
        CU_ASSERT(!rows[i].is_i64 || (uint64_t) s == rows[i].bits);
    }
}

static void
test_doubles(void)
{
    double number = 0;

    CU_ASSERT(text_to_double("-1.5e2", &number) && number == -150);
    CU_ASSERT(text_to_double("1e-400", &number) && number == 0);
    CU_ASSERT_FALSE(text_to_double("1e400", &number));
    CU_ASSERT_FALSE(text_to_double("", &number));
    CU_ASSERT_FALSE(text_to_double("nan", &number));
    CU_ASSERT_FALSE(text_to_double("0x1p3", &number));
    CU_ASSERT_FALSE(text_to_double(" 1", &number));
    CU_ASSERT_FALSE(text_to_double("1.2.3", &number));
    CU_ASSERT_FALSE(text_to_double("-", &number));
}

static void
test_utf8(void)
{
    static const struct {
        const char *bytes;
        bool ok;
        uint32_t first;
    } rows[] = {
        { "a", true, 'a' },
        { "\x7f", true, 0x7f },
        { "\xc2\x80", true, 0x80 },
        { "\xdf\xbf", true, 0x7ff },
        { "\xe0\xa0\x80", true, 0x800 },
        { "\xed\x9f\xbf", true, 0xd7ff },
        { "\xee\x80\x80", true, 0xe000 },
        { "\xf0\x90\x80\x80", true, 0x10000 },
        { "\xf4\x8f\xbf\xbf", true, 0x10ffff },
        { "\x80", false, 0 },               /* continuation alone */
        { "\xc1\xbf", false, 0 },           /* overlong */
        { "\xe0\x9f\xbf", false, 0 },
        { "\xf0\x8f\xbf\xbf", false, 0 },
        { "\xed\xa0\x80", false, 0 },       /* surrogate */
        { "\xf4\x90\x80\x80", false, 0 },   /* beyond Unicode */
        { "\xf5\x80\x80\x80", false, 0 },
        { "\xff", false, 0 },
        { "\xe2\x82", false, 0 },           /* cut */
        { "\xe2\x82" "a", false, 0 },
    };
    char out[4];

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *at = rows[i].bytes;
        size_t size = strlen(at);
        uint32_t character = text_utf8_next(&at, at + size);

        CU_ASSERT_EQUAL(text_is_utf8(rows[i].bytes, size), rows[i].ok);
        CU_ASSERT_EQUAL(character, rows[i].ok ? rows[i].first : 0xffffffff);
        CU_ASSERT_EQUAL((size_t) (at - rows[i].bytes),
                        rows[i].ok ? size : 0);
        if (rows[i].ok) {
            CU_ASSERT_EQUAL(text_utf8_put(character, out), size);
            CU_ASSERT_EQUAL(memcmp(out, rows[i].bytes, size), 0);
            CU_ASSERT_EQUAL(text_utf8_length(rows[i].bytes, size), 1);
        }
    }
    CU_ASSERT_FALSE(text_is_utf8("a\0b", 3));
    CU_ASSERT(text_is_utf8("", 0));
}

static void
test_fold(void)
{
    CU_ASSERT(text_equal_fold("MaxLen", "MAXLEN"));
    CU_ASSERT_FALSE(text_equal_fold("MaxLen", "MaxLe"));
    CU_ASSERT_FALSE(text_equal_fold("[", "{"));
    CU_ASSERT(text_compare_fold("a", "B") < 0);
    CU_ASSERT(text_compare_fold("b", "A") > 0);
    CU_ASSERT(text_compare_fold("a", "\xc3\xa4") < 0);
    CU_ASSERT(text_starts_with("XVS_Port", "XVS_"));
    CU_ASSERT_FALSE(text_starts_with("XVS", "XVS_"));
}

static void
test_distance(void)
{
    static const struct {
        const char *a, *b;
        unsigned int limit, distance;
    } rows[] = {
        { "kitten", "sitting", 5, 3 },
        { "", "abc", 5, 3 },
        { "abc", "", 2, 3 },
        { "UUID", "uuid", 2, 0 },
        { "InterfaceRevison", "InterfaceRevision", 3, 1 },
        { "abcdef", "uvwxyz", 3, 4 },
    };
    static const char *const names[] = { "InterfaceVersion",
                                         "InterfaceRevision", "UUID",
                                         "Description", NULL };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CU_ASSERT_EQUAL(text_distance(rows[i].a, rows[i].b, rows[i].limit),
                        rows[i].distance);
    }
    CU_ASSERT_STRING_EQUAL(text_nearest("InterfaceRevison", names),
                           "InterfaceRevision");
    CU_ASSERT_STRING_EQUAL(text_nearest("uid", names), "UUID");
    CU_ASSERT_PTR_NULL(text_nearest("Provider", names));
    CU_ASSERT_PTR_NULL(text_nearest("", names));
}

static void
test_guid(void)
{
    static const char text[] = "AA9C2A66-0E24-4F07-A1B2-0123456789AB";
    struct xvs_guid guid, other;
    char out[GUID_TEXT_SIZE];

    CU_ASSERT(guid_parse(text, &guid));
    CU_ASSERT_EQUAL(guid.a, 0xaa9c2a66u);
    CU_ASSERT_EQUAL(guid.b, 0x0e24);
    CU_ASSERT_EQUAL(guid.c, 0x4f07);
    CU_ASSERT_EQUAL(guid.d[0], 0xa1);
    CU_ASSERT_EQUAL(guid.d[7], 0xab);
    CU_ASSERT_STRING_EQUAL(guid_format(&guid, out), text);
    CU_ASSERT(guid_parse("{aa9c2a66-0e24-4f07-a1b2-0123456789ab}", &other));
    CU_ASSERT(guid_equal(&guid, &other));
    CU_ASSERT_FALSE(guid_parse("{aa9c2a66-0e24-4f07-a1b2-0123456789ab",
                               &other));
    CU_ASSERT_FALSE(guid_parse("aa9c2a66-0e24-4f07-a1b20-123456789ab",
                               &other));
    CU_ASSERT_FALSE(guid_parse("ga9c2a66-0e24-4f07-a1b2-0123456789ab",
                               &other));
    CU_ASSERT_FALSE(guid_parse("", &other));
    CU_ASSERT_FALSE(guid_is_zero(&guid));
    guid_random(&guid);
    guid_random(&other);
    CU_ASSERT_FALSE(guid_equal(&guid, &other));
    CU_ASSERT_EQUAL(guid.c >> 12, 4);
    CU_ASSERT_EQUAL(guid.d[0] >> 6, 2);
    CU_ASSERT(guid_parse("00000000-0000-0000-0000-000000000000", &guid));
    CU_ASSERT(guid_is_zero(&guid));
}

/* Vectors of RFC 3720 B.4 and of the FNV authors. */
static void
test_hashes(void)
{
    unsigned char bytes[32];

    CU_ASSERT_EQUAL(crc32c(0, "123456789", 9), 0xe3069283u);
    CU_ASSERT_EQUAL(crc32c(0, "", 0), 0);
    memset(bytes, 0, sizeof(bytes));
    CU_ASSERT_EQUAL(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, sizeof(bytes));
    CU_ASSERT_EQUAL(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (unsigned char i = 0; i < 32; i++) {
        bytes[i] = i;
    }
    CU_ASSERT_EQUAL(crc32c(0, bytes, 32), 0x46dd794eu);
    for (size_t cut = 0; cut <= 32; cut++) {
        CU_ASSERT_EQUAL(crc32c(crc32c(0, bytes, cut), bytes + cut, 32 - cut),
                        0x46dd794eu);
    }
    CU_ASSERT_EQUAL(hash_bytes(0, "", 0), 0xcbf29ce484222325ull);
    CU_ASSERT_EQUAL(hash_bytes(0, "a", 1), 0xaf63dc4c8601ec8cull);
    CU_ASSERT_EQUAL(hash_bytes(0, "foobar", 6), 0x85944171f73967e8ull);
    CU_ASSERT_EQUAL(hash_bytes(hash_bytes(0, "foo", 3), "bar", 3),
                    0x85944171f73967e8ull);
}

static const struct unit_test tests[] = {
    { "integers", test_numbers },
    { "doubles", test_doubles },
    { "UTF-8", test_utf8 },
    { "case", test_fold },
    { "distance", test_distance },
    { "GUID", test_guid },
    { "hashes", test_hashes },
};

UNIT_MAIN("text", tests)
