/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The lexer's tokens and what literals mean, from tables.
 */

#include <config.h>

#include "schema/mof/mof-lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "schema/value.h"
#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first token; the number of reports in '*n_errors'. */
static struct token
first_token(const char *text, size_t *n_errors)
{
    struct error_list errors = { 0 };
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, "x", text, strlen(text), &errors);
    lexer_next(&lexer, &token);
    *n_errors = errors.n;
    error_list_clear(&errors);
    return token;
}

static void
test_integers(void)
{
    static const struct {
        const char *text;
        int64_t value;
        enum cim_type type;     /* CIM_NONE: refused */
        const char *says;
    } rows[] = {
        { "0", 0, CIM_UINT64, NULL },
        { "-0", 0, CIM_SINT64, NULL },
        { "1", 1, CIM_UINT64, NULL },
        { "+17", 17, CIM_UINT64, NULL },
        { "-17", -17, CIM_SINT64, NULL },
        { "0x1F", 31, CIM_UINT64, NULL },
        { "0Xabcdef", 0xabcdef, CIM_UINT64, NULL },
        { "-0x10", -16, CIM_SINT64, NULL },
        { "017", 15, CIM_UINT64, NULL },
        { "-017", -15, CIM_SINT64, NULL },
        { "00", 0, CIM_UINT64, NULL },
        { "1011b", 11, CIM_UINT64, NULL },
        { "1011B", 11, CIM_UINT64, NULL },
        { "-10b", -2, CIM_SINT64, NULL },
        { "0b", 0, CIM_UINT64, NULL },
        { "0x1b", 27, CIM_UINT64, NULL },
        { "18446744073709551615", -1, CIM_UINT64, NULL },
        { "-9223372036854775808", INT64_MIN, CIM_SINT64, NULL },
        { "18446744073709551616", 0, CIM_NONE, "64 bits" },
        { "-9223372036854775809", 0, CIM_NONE, "64 bits" },
        { "0x10000000000000000", 0, CIM_NONE, "64 bits" },
        { "08", 0, CIM_NONE, "octal" },
        { "019", 0, CIM_NONE, "octal" },
        { "12b", 0, CIM_NONE, "binary" },
        { "0x", 0, CIM_NONE, "hexadecimal" },
        { "0xg", 0, CIM_NONE, "hexadecimal" },
        { "12a", 0, CIM_NONE, "decimal" },
        { "1e5", 0, CIM_NONE, "reals need a '.'" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct value value = { 0 };
        struct error error = { 0 };
        size_t n_errors;
        struct token token = first_token(rows[i].text, &n_errors);
        bool ok = token_number(&token, &value, &error);

        CU_ASSERT_EQUAL(token.type, TOKEN_NUMBER);
        CU_ASSERT_EQUAL(token.size, strlen(rows[i].text));
        CU_ASSERT_EQUAL(ok, rows[i].type != CIM_NONE);
        if (ok) {
            CU_ASSERT_EQUAL(value.type, rows[i].type);
            CU_ASSERT_EQUAL(value.i, rows[i].value);
        } else {
            CU_ASSERT_PTR_NOT_NULL(strstr(error.text, rows[i].says));
        }
    }
}

static void
test_reals(void)
{
    static const struct {
        const char *text;
        double value;
        bool ok;
    } rows[] = {
        { ".5", 0.5, true }, { "1.0", 1, true }, { "-1.5", -1.5, true },
        { "+.25", 0.25, true }, { "1.0e-3", 0.001, true },
        { "1.0E+3", 1000, true }, { "-0.0", 0, true },
        { "1.", 0, false }, { "1.0e", 0, false }, { "1.0e+", 0, false },
        { "1.2.3", 0, false }, { "1.0f", 0, false }, { "0x1.8", 0, false },
        { "1.0e999", 0, false },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct value value = { 0 };
        struct error error = { 0 };
        size_t n_errors;
        struct token token = first_token(rows[i].text, &n_errors);
        bool ok = token_number(&token, &value, &error);

        CU_ASSERT_EQUAL(token.type, TOKEN_NUMBER);
        CU_ASSERT_EQUAL(ok, rows[i].ok);
        CU_ASSERT(!ok || (value.type == CIM_REAL64
                          && value.r == rows[i].value));
    }
}

static void
test_strings(void)
{
    static const struct {
        const char *text;
        const char *means;      /* NULL: refused */
    } rows[] = {
        { "\"\"", "" },
        { "\"a b\"", "a b" },
        { "\"\\b\\t\\n\\f\\r\\\"\\'\\\\\"", "\b\t\n\f\r\"'\\" },
        { "\"\\x41\"", "A" },
        { "\"\\X41z\"", "Az" },
        { "\"\\x9\"", "\t" },
        { "\"\\x00e9!\"", "\xc3\xa9!" },
        { "\"\\x20ac5\"", "\xe2\x82\xac" "5" },
        { "\"\\xD83D\\xDE00\"", "\xf0\x9f\x98\x80" },
        { "\"\xc3\xa9\"", "\xc3\xa9" },
        { "\"// /* no comment */\"", "// /* no comment */" },
        { "\"\\x\"", NULL },
        { "\"\\xg\"", NULL },
        { "\"\\x0\"", NULL },
        { "\"\\x0000\"", NULL },
        { "\"\\xD83D\"", NULL },
        { "\"\\xDE00\"", NULL },
        { "\"\\q\"", NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        BUFFER_AUTO struct buffer out = BUFFER_INIT;
        struct error error = { 0 };
        size_t n_errors;
        struct token token = first_token(rows[i].text, &n_errors);
        bool ok = token_text(&token, &out, &error);

        CU_ASSERT_EQUAL(token.type, TOKEN_STRING);
        CU_ASSERT_EQUAL(n_errors, 0);
        CU_ASSERT_EQUAL(ok, rows[i].means != NULL);
        CU_ASSERT(!ok || strcmp(buffer_string(&out), rows[i].means) == 0);
    }
}

/* Which tokens a text has: one character each, '!' for each report. */
static void
test_tokens(void)
{
    static const struct {
        const char *text;
        const char *types;
    } rows[] = {
        { "", "" },
        { "  \t\r\n\f \x1a", "" },
        { "// only a comment", "" },
        { "/* only\na comment */", "" },
        { "/**/", "" },
        { "/* not closed", "!" },
        { "class X : Y { };", "NN:N{};" },
        { "a/**/b//c\nd", "NNN" },
        { "[Key]uint8 a[6]={1,-2};", "[N]NN[0]={0,0};" },
        { "$x $", "$!" },
        { "#pragma include(\"x\")", "#NN(S)" },
        { "'a' '\\'' '\\x41'", "CCC" },
        { "\"open", "!S" },
        { "\"open\nnext", "!SN" },
        { "@ a ??? b", "!N!N" },
        { "a\x01\x01" "b", "N!N" },
        { "\xc3\xa9t\xc3\xa9 _x1", "NN" },
        { "1.5.2 .5 -.5 - 5", "000!0" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error_list errors = { 0 };
        struct lexer lexer;
        struct token token;
        char types[64];
        size_t n = 0;
        size_t seen = 0;

        lexer_init(&lexer, "x", rows[i].text, strlen(rows[i].text), &errors);
        do {
            static const char names[] = "NSC0$";

            lexer_next(&lexer, &token);
            for (; seen < errors.n; seen++) {
                types[n++] = '!';
            }
            types[n++] = (char) (token.type >= TOKEN_NAME
                                     ? names[token.type - TOKEN_NAME]
                                     : token.type);
        } while (token.type != TOKEN_END);
        types[n] = 0;
        CU_ASSERT_STRING_EQUAL(types, rows[i].types);
        error_list_clear(&errors);
    }
}

/* Columns count characters, and strings start at their quote. */
static void
test_places(void)
{
    static const char text[] = "a \xc3\xa9\xc3\xa9 b\n  \"s\" /*\n*/ c";
    static const struct { unsigned int line, column; } places[] = {
        { 1, 1 }, { 1, 3 }, { 1, 6 }, { 2, 3 }, { 3, 4 }, { 3, 5 },
    };
    struct error_list errors = { 0 };
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, "x", text, strlen(text), &errors);
    for (size_t i = 0; i < COUNT(places); i++) {
        lexer_next(&lexer, &token);
        CU_ASSERT_EQUAL(token.line, places[i].line);
        CU_ASSERT_EQUAL(lexer_column(&lexer, &token), places[i].column);
    }
    CU_ASSERT_EQUAL(token.type, TOKEN_END);
}

static const struct unit_test tests[] = {
    { "integers", test_integers }, { "reals", test_reals },
    { "strings", test_strings }, { "tokens", test_tokens },
    { "places", test_places },
};

UNIT_MAIN("mof-literal", tests)
