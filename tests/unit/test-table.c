/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tables: widths, alignment, harmless text, and that long ones stream.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/show/table.h"

static void
expect_text(FILE *file, char **text, const char *expected)
{
    fclose(file);
    CU_ASSERT_STRING_EQUAL(*text, expected);
    free(*text);
    *text = NULL;
}

static void
test_alignment(void)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct table *table = table_create(file, false);
    static const char *const cells[] = { "a", "1", "x", "long name", "1000",
                                         "y", "\xe6\x97\xa5\xe6\x9c\xac",
                                         "22", "z", "e\xcc\x81", "3", "-" };

    table_column(table, "Name", false, false);
    table_column(table, "N", true, false);
    table_column(table, "Last", false, false);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        table_cell(table, cells[i], false);
    }
    CU_ASSERT_EQUAL(table_rows(table), 4);
    table_finish(table);
    expect_text(file, &text,
                "Name          N  Last\n"
                "a             1  x\n"
                "long name  1000  y\n"
                "\xe6\x97\xa5\xe6\x9c\xac         22  z\n"
                "e\xcc\x81             3  -\n");
}

static void
test_optional(void)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct table *table = table_create(file, false);

    table_column(table, "A", false, false);
    table_column(table, "B", false, true);
    table_column(table, "C", false, true);
    for (int i = 0; i < 2; i++) {
        table_cell(table, "-", true);
        table_cell(table, i ? "x" : "-", !i);
        table_cell(table, "7", true);
    }
    table_finish(table);
    expect_text(file, &text, "A  B\n-  -\n-  x\n");
}

static void
test_empty(void)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    struct table *table = table_create(file, true);

    table_column(table, "A", false, true);
    table_column(table, "B", false, true);
    table_finish(table);
    expect_text(file, &text, "\033[1mA  B\033[0m\n");
}

/* What a server sends must not steer the terminal. */
static void
test_safe(void)
{
    static const struct {
        const char *text, *safe;
    } cases[] = {
        { "plain", "plain" },
        { "a\033[31mb", "a\\x1b[31mb" },
        { "a\nb\tc", "a\\nb\\x09c" },
        { "\xc2\x9b", "\\xc2\\x9b" },
        { "\xe2\x80\xae" "abc", "\\xe2\\x80\\xae" "abc" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "\xc3\xa4", "\xc3\xa4" },
        { "\xe6\x97", "\\xe6\\x97" },
        { "", "" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *safe = text_safe(cases[i].text);

        CU_ASSERT_STRING_EQUAL(safe, cases[i].safe);
        free(safe);
    }
}

/* Rows are written while more come; widths are those of the first ones. */
static void
test_stream(void)
{
    char *text;
    size_t size, before;
    FILE *file = open_memstream(&text, &size);
    struct table *table = table_create(file, false);

    table_column(table, "A", false, true);
    table_column(table, "B", false, false);
    for (int i = 0; i < 1000; i++) {
        table_cell(table, "-", true);
        table_cell(table, "b", false);
    }
    fflush(file);
    before = size;
    CU_ASSERT(before >= 1001 * 5);
    table_cell(table, "wide cell", false);
    table_cell(table, "b", false);
    fflush(file);
    CU_ASSERT_STRING_EQUAL(text + before, "wide cell  b\n");
    table_finish(table);
    fclose(file);
    free(text);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("table", NULL, NULL);
    CU_add_test(suite, "alignment", test_alignment);
    CU_add_test(suite, "optional", test_optional);
    CU_add_test(suite, "empty", test_empty);
    CU_add_test(suite, "safe", test_safe);
    CU_add_test(suite, "stream", test_stream);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
