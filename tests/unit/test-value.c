/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values as text and from type to type; datetimes.
 */

#include <config.h>

#include "schema/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_types(void)
{
    for (int type = CIM_BOOLEAN; type <= CIM_REFERENCE; type++) {
        CU_ASSERT_EQUAL(cim_type_parse(cim_type_name((enum cim_type) type)),
                        type);
    }
    CU_ASSERT_EQUAL(cim_type_parse("UINT8"), CIM_UINT8);
    CU_ASSERT_EQUAL(cim_type_parse("uint128"), CIM_NONE);
    CU_ASSERT_STRING_EQUAL(cim_type_name((enum cim_type) 99), "unknown");

    int64_t low;
    uint64_t high;

    cim_type_range(CIM_SINT16, &low, &high);
    CU_ASSERT(low == -32768 && high == 32767);
    cim_type_range(CIM_UINT64, &low, &high);
    CU_ASSERT(low == 0 && high == UINT64_MAX);
    cim_type_range(CIM_SINT64, &low, &high);
    CU_ASSERT(low == INT64_MIN && high == INT64_MAX);
}

/* What is read, and what it is written as; NULL: refused. */
static void
test_text(void)
{
    static const struct {
        enum cim_type type;
        const char *text;
        const char *printed;
    } rows[] = {
        { CIM_UINT8, "255", "255" }, { CIM_UINT8, "0x1f", "31" },
        { CIM_UINT8, "256", NULL }, { CIM_UINT8, "-1", NULL },
        { CIM_UINT8, "", NULL }, { CIM_UINT8, "1 ", NULL },
        { CIM_SINT8, "-128", "-128" }, { CIM_SINT8, "128", NULL },
        { CIM_SINT8, "-129", NULL },
        { CIM_UINT64, "18446744073709551615", "18446744073709551615" },
        { CIM_SINT64, "-9223372036854775808", "-9223372036854775808" },
        { CIM_SINT64, "9223372036854775808", NULL },
        { CIM_BOOLEAN, "TRUE", "true" }, { CIM_BOOLEAN, "false", "false" },
        { CIM_BOOLEAN, "1", NULL },
        { CIM_REAL64, "0.1", "0.1" }, { CIM_REAL64, "1e300", "1e+300" },
        { CIM_REAL64, "0.30000000000000004", "0.30000000000000004" },
        { CIM_REAL32, "0.1", "0.1" }, { CIM_REAL32, "1e39", NULL },
        { CIM_REAL64, "nan", NULL }, { CIM_REAL64, "x", NULL },
        { CIM_CHAR16, "a", "a" }, { CIM_CHAR16, "5", "5" },
        { CIM_CHAR16, "\xe2\x82\xac", "\xe2\x82\xac" },
        { CIM_CHAR16, "0xd800", "0xd800" }, { CIM_CHAR16, "ab", NULL },
        { CIM_CHAR16, "\xf0\x9f\x98\x80", NULL }, { CIM_CHAR16, "", NULL },
        { CIM_STRING, "a \xc3\xa9", "a \xc3\xa9" }, { CIM_STRING, "", "" },
        { CIM_STRING, "\xff", NULL },
        { CIM_REFERENCE, "A.b=1", "A.b=1" },
        { CIM_DATETIME, "20261121030405.123456+060",
          "20261121030405.123456+060" },
        { CIM_DATETIME, "2026", NULL }, { CIM_EMBEDDED, "x", NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        BUFFER_AUTO struct buffer out = BUFFER_INIT;
        struct value value = value_null(rows[i].type, false);
        struct error error = { 0 };
        bool ok = value_parse(&value, rows[i].type, rows[i].text, &error);

        CU_ASSERT_EQUAL(ok, rows[i].printed != NULL);
        CU_ASSERT_EQUAL(ok, error.text[0] == 0);
        if (ok) {
            value_print(&value, &out);
            CU_ASSERT_STRING_EQUAL(buffer_string(&out), rows[i].printed);
            value_clear(&value);
            CU_ASSERT(value.is_null);
        }
    }
}

static void
test_datetimes(void)
{
    static const struct {
        const char *text;
        int64_t microseconds;
        int precision;          /* -1: refused */
    } rows[] = {
        { "19700101000000.000000+000", 0, 0 },
        { "19700101010000.000001+060", 1, 0 },
        { "19691231235959.999999+000", -1, 0 },
        { "20000229120000.000000-300", 951843600000000, 0 },
        { "00000101000000.000000+000", -62167219200000000, 0 },
        { "99991231235959.999999+000", 253402300799999999, 0 },
        { "99991231235959.999999-840", 253402351199999999, 0 },
        { "00000101000000.000000+840", -62167269600000000, 0 },
        { "20261121******.******+000", 1795219200000000, 8 },
        { "2026**********.******+000", 1767225600000000, 4 },
        { "20261121030405.123***+000", 1795230245123000, 17 },
        { "00000000000000.000000:000", 0, 0 },
        { "00000001020304.000005:000", 93784000005, 0 },
        { "99999999235959.999999:000", 8639999999999999999, 0 },
        { "00000001******.******:000", 86400000000, 8 },
        { "20261321000000.000000+000", 0, -1 },
        { "20260229000000.000000+000", 0, -1 },
        { "20261121240000.000000+000", 0, -1 },
        { "20261121006000.000000+000", 0, -1 },
        { "20261121000060.000000+000", 0, -1 },
        { "20261121000000.000000+841", 0, -1 },
        { "20261121000000.000000*000", 0, -1 },
        { "20261121000000.000000+***", 0, -1 },
        { "20261121000000 000000+000", 0, -1 },
        { "2026*121000000.000000+000", 0, -1 },
        { "202*1121000000.000000+000", 0, -1 },
        { "202*******************000", 0, -1 },
        { "**************.******+000", 0, -1 },
        { "00000001020304.000005:001", 0, -1 },
        { "0000000102030*.******:000", 0, -1 },
        { "20261121000000.000000+00", 0, -1 },
        { "20261121000000.000000+0000", 0, -1 },
        { "", 0, -1 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct xvs_datetime time = { 0 };
        char text[DATETIME_TEXT_SIZE];
        bool ok = datetime_parse(rows[i].text, &time);

        CU_ASSERT_EQUAL(ok, rows[i].precision >= 0);
        if (ok) {
            CU_ASSERT_EQUAL(time.microseconds, rows[i].microseconds);
            CU_ASSERT_EQUAL(time.precision, rows[i].precision);
            CU_ASSERT_STRING_EQUAL(datetime_format(&time, text),
                                   rows[i].text);
        }
    }
}

/* Whatever an extension made up is written as 25 characters. */
static void
test_hostile_datetimes(void)
{
    static const struct xvs_datetime times[] = {
        { INT64_MAX, INT16_MAX, 0, 255, 0 },
        { INT64_MIN, INT16_MIN, 0, 21, 0 },
        { INT64_MIN, 0, 1, 1, 0 }, { INT64_MAX, 0, 255, 20, 0 },
    };

    for (size_t i = 0; i < COUNT(times); i++) {
        char text[DATETIME_TEXT_SIZE];

        datetime_format(&times[i], text);
        CU_ASSERT_EQUAL(strlen(text), DATETIME_TEXT_SIZE - 1);
    }
}

static void
test_conversion(void)
{
    static const struct {
        enum cim_type from;
        const char *text;
        enum cim_type to;
        const char *printed;
    } rows[] = {
        { CIM_UINT64, "255", CIM_UINT8, "255" },
        { CIM_UINT64, "256", CIM_UINT8, NULL },
        { CIM_UINT64, "18446744073709551615", CIM_SINT64, NULL },
        { CIM_SINT64, "-1", CIM_UINT64, NULL },
        { CIM_SINT64, "-1", CIM_SINT8, "-1" },
        { CIM_SINT64, "-1", CIM_REAL32, "-1" },
        { CIM_UINT64, "1", CIM_BOOLEAN, NULL },
        { CIM_REAL64, "1.5", CIM_REAL32, "1.5" },
        { CIM_REAL64, "1e39", CIM_REAL32, NULL },
        { CIM_REAL64, "1", CIM_UINT8, NULL },
        { CIM_STRING, "A.b=1", CIM_REFERENCE, "A.b=1" },
        { CIM_STRING, "20261121030405.123456+060", CIM_DATETIME,
          "20261121030405.123456+060" },
        { CIM_STRING, "today", CIM_DATETIME, NULL },
        { CIM_STRING, "5", CIM_UINT8, NULL },
        { CIM_BOOLEAN, "true", CIM_UINT8, NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        BUFFER_AUTO struct buffer out = BUFFER_INIT;
        struct value value;
        struct error error;

        CU_ASSERT_FATAL(value_parse(&value, rows[i].from, rows[i].text,
                                    &error));
        CU_ASSERT_EQUAL(value_convert(&value, rows[i].to, &error),
                        rows[i].printed != NULL);
        CU_ASSERT_EQUAL(value.type,
                        rows[i].printed ? rows[i].to : rows[i].from);
        if (rows[i].printed) {
            value_print(&value, &out);
            CU_ASSERT_STRING_EQUAL(buffer_string(&out), rows[i].printed);
        }
        value_clear(&value);
    }
}

static void
test_arrays(void)
{
    struct value array = value_array(CIM_STRING, 3);
    struct value copy;
    struct error error;
    struct arena *arena = arena_create(0);

    array.items[0] = value_string("20261121030405.123456+060");
    array.items[1] = value_string("x");
    value_copy(&copy, &array);
    CU_ASSERT(value_equal(&array, &copy));
    /* All or nothing. */
    CU_ASSERT_FALSE(value_convert(&copy, CIM_DATETIME, &error));
    CU_ASSERT(value_equal(&array, &copy));
    value_clear(&copy.items[1]);
    CU_ASSERT(value_convert(&copy, CIM_DATETIME, &error));
    CU_ASSERT(copy.items[0].type == CIM_DATETIME && copy.items[1].is_null);
    CU_ASSERT_FALSE(value_equal(&array, &copy));
    value_clear(&copy);
    value_copy_arena(&copy, &array, arena);
    CU_ASSERT(value_equal(&array, &copy));
    arena_destroy(arena);
    value_clear(&array);
    CU_ASSERT(array.is_null && array.is_array);
}

static const struct unit_test tests[] = {
    { "types", test_types }, { "text", test_text },
    { "datetimes", test_datetimes },
    { "hostile datetimes", test_hostile_datetimes },
    { "conversion", test_conversion }, { "arrays", test_arrays },
};

UNIT_MAIN("value", tests)
