/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON: what is accepted and what is not, with its place.
 */
#include <config.h>

#include "object/forms/json.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_accepted(void)
{
    static const struct {
        const char *text;
        enum json_type type;
    } rows[] = {
        { "null", JSON_NULL },
        { " true ", JSON_BOOLEAN },
        { "\xef\xbb\xbf{}", JSON_OBJECT },
        { "[]", JSON_ARRAY },
        { "[1,[2,{}],\"x\"]", JSON_ARRAY },
        { "0", JSON_UNSIGNED },
        { "-0", JSON_UNSIGNED },
        { "18446744073709551615", JSON_UNSIGNED },
        { "18446744073709551616", JSON_REAL },
        { "-9223372036854775808", JSON_SIGNED },
        { "1.0", JSON_REAL },
        { "1e3", JSON_REAL },
        { "-0.5E-3", JSON_REAL },
        { "\"\\u20ac\\ud83d\\ude00\\n\\/\"", JSON_STRING },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_create(0);
        const struct json *json = json_parse(
            "t", rows[i].text, strlen(rows[i].text), arena, NULL);

        CU_ASSERT_FATAL(json != NULL);
        CU_ASSERT_EQUAL(json->type, rows[i].type);
        if (json->type == JSON_STRING) {
            CU_ASSERT_STRING_EQUAL(json->s, "\xe2\x82\xac\xf0\x9f\x98\x80"
                                            "\n/");
        }
        arena_destroy(arena);
    }
}

static void
test_refused(void)
{
    static const struct {
        const char *text, *says;
        unsigned int line, column;
    } rows[] = {
        { "", "expected a value", 1, 1 },
        { "nul", "expected a value", 1, 1 },
        { "{} x", "expected the end", 1, 4 },
        { "[1,]", "expected a value", 1, 4 },
        { "{\"a\":1,}", "expected a string", 1, 8 },
        { "{a:1}", "expected a string", 1, 2 },
        { "{\"a\" 1}", "expected ':'", 1, 6 },
        { "{\"a\":1\n \"b\":2}", "expected ',' or '}'", 2, 2 },
        { "{\"a\":1,\"A\":2}", "there already", 1, 8 },
        { "[1 2]", "expected ',' or ']'", 1, 4 },
        { "01", "does not begin with 0", 1, 1 },
        { "1.", "digits after '.'", 1, 3 },
        { "1e", "digits of an exponent", 1, 3 },
        { "-", "expected digits", 1, 2 },
        { "+1", "expected a value", 1, 1 },
        { ".5", "expected a value", 1, 1 },
        { "1e999", "out of range", 1, 1 },
        { "\"\xc3\xa4\n\"", "control character", 1, 3 },
        { "\"a", "closing quote", 1, 3 },
        { "\"\\x\"", "after a backslash", 1, 3 },
        { "\"\\u12\"", "four hexadecimal", 1, 6 },
        { "\"\\u0000\"", "NUL", 1, 8 },
        { "\"\\ud800\"", "other half", 1, 8 },
        { "\"\\ud800\\u0041\"", "other half", 1, 14 },
        { "\"\\udc00\"", "other half", 1, 8 },
        { "\"\xff\"", "UTF-8", 1, 1 },
        { "NaN", "expected a value", 1, 1 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_create(0);
        struct error error = { 0 };

        CU_ASSERT(!json_parse("t", rows[i].text, strlen(rows[i].text), arena,
                              &error));
        if (!strstr(error.text, rows[i].says) || error.line != rows[i].line
            || error.column != rows[i].column) {
            fprintf(stderr, "%s: %u:%u: %s\n", rows[i].text, error.line,
                    error.column, error.text);
            CU_FAIL("another error");
        }
        arena_destroy(arena);
    }
}

static void
test_depth(void)
{
    struct arena *arena = arena_create(0);
    struct error error;
    char text[201];

    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    text[200] = '\0';
    CU_ASSERT(!json_parse("t", text, 200, arena, &error));
    CU_ASSERT(strstr(error.text, "too deeply") != NULL);
    CU_ASSERT(json_parse("t", text + 40, 120, arena, &error) != NULL);
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    { "accepted", test_accepted },
    { "refused", test_refused },
    { "depth", test_depth },
};

UNIT_MAIN("json", tests)
