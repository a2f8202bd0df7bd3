/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers, arenas and errors: what everything else is written with.
 */
#include <config.h>

#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "unit.h"

static void
test_put(void)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;

    CU_ASSERT_STRING_EQUAL(buffer_string(&buffer), "");
    buffer_puts(&buffer, "ab");
    buffer_putc(&buffer, 'c');
    buffer_put(&buffer, "", 0);
    buffer_printf(&buffer, "%s-%d", "d", 7);
    CU_ASSERT_STRING_EQUAL(buffer_string(&buffer), "abcd-7");
    CU_ASSERT_EQUAL(buffer.size, 6);
    buffer_consume(&buffer, 4);
    CU_ASSERT_STRING_EQUAL(buffer_string(&buffer), "-7");
    buffer_consume(&buffer, 9);
    CU_ASSERT_EQUAL(buffer.size, 0);
}

static void
test_numbers(void)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;

    buffer_put_u64(&buffer, 0);
    buffer_putc(&buffer, ' ');
    buffer_put_u64(&buffer, UINT64_MAX);
    buffer_putc(&buffer, ' ');
    buffer_put_i64(&buffer, INT64_MIN);
    buffer_putc(&buffer, ' ');
    buffer_put_i64(&buffer, -1);
    CU_ASSERT_STRING_EQUAL(
        buffer_string(&buffer),
        "0 18446744073709551615 -9223372036854775808 -1");
}

static void
test_growth(void)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;
    char line[1001];

    memset(line, 'x', 1000);
    line[1000] = 0;
    for (int i = 0; i < 100; i++) {
        buffer_printf(&buffer, "%s", line);
    }
    CU_ASSERT_EQUAL(buffer.size, 100000);
    CU_ASSERT_EQUAL(strspn(buffer_string(&buffer), "x"), 100000);
    char *text = buffer_steal(&buffer);

    CU_ASSERT_EQUAL(strlen(text), 100000);
    CU_ASSERT_EQUAL(buffer.size, 0);
    free(text);
}

static void
test_alignment(void)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;

    buffer_puts(&buffer, "abc");
    buffer_align(&buffer, 8);
    CU_ASSERT_EQUAL(buffer.size, 8);
    buffer_align(&buffer, 8);
    CU_ASSERT_EQUAL(buffer_extend(&buffer, 5), 8);
    CU_ASSERT_EQUAL(buffer.size, 13);
    CU_ASSERT_EQUAL(memcmp(buffer.data, "abc\0\0\0\0\0\0\0\0\0\0", 13), 0);
}

static void
test_arena(void)
{
    struct arena *arena = arena_create(64);
    unsigned char *pieces[300];

    for (size_t i = 0; i < 300; i++) {
        pieces[i] = arena_alloc(arena, i);
        CU_ASSERT_EQUAL((uintptr_t) pieces[i] % 8, 0);
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_EQUAL(pieces[i][j], 0);
        }
        memset(pieces[i], (int) i, i);
    }
    for (size_t i = 1; i < 300; i++) {
        CU_ASSERT_EQUAL(pieces[i][0], (unsigned char) i);
        CU_ASSERT_EQUAL(pieces[i][i - 1], (unsigned char) i);
    }
    CU_ASSERT_STRING_EQUAL(arena_strndup(arena, "abcdef", 3), "abc");
    CU_ASSERT_STRING_EQUAL(arena_strdup(arena, "abcdef"), "abcdef");
    CU_ASSERT(arena_used(arena) >= 300 * 299 / 2);
    arena_destroy(arena);
    arena_destroy(NULL);
}

static void
test_error(void)
{
    struct error error;
    char out[700];

    CU_ASSERT_FALSE(error_set(NULL, ERROR_FAILED, "x"));
    CU_ASSERT_FALSE(error_set(&error, ERROR_SYNTAX, "no %s", "semicolon"));
    CU_ASSERT_STRING_EQUAL(error_format(&error, out, sizeof(out)),
                           "no semicolon");
    error_at(&error, "a.mof", 3, 7);
    error_hint(&error, "add one");
    error_prefix(&error, "class %s", "A");
    CU_ASSERT_STRING_EQUAL(error_format(&error, out, sizeof(out)),
                           "a.mof:3:7: class A: no semicolon (add one)");
    /* The old text may be an argument of the new one. */
    error_set(&error, ERROR_INVALID, "again: %s", error.text);
    CU_ASSERT_STRING_EQUAL(error.text, "again: class A: no semicolon");
    CU_ASSERT_EQUAL(error.line, 0);
    CU_ASSERT_STRING_EQUAL(error_code_name(ERROR_NO_CONSUMER),
                           "no-consumer");
    CU_ASSERT_STRING_EQUAL(error_code_name((enum error_code) 99), "unknown");
}

/* A cut text must not end within a character. */
static void
test_error_cut(void)
{
    struct error error;
    char text[600];

    for (size_t i = 0; i + 2 < sizeof(text); i += 2) {
        memcpy(text + i, "\xc3\xa4", 3);
    }
    error_set(&error, ERROR_FAILED, "%s", text);
    CU_ASSERT_EQUAL(strlen(error.text), 478);
    error_set(&error, ERROR_FAILED, ".%s", text);
    CU_ASSERT_EQUAL(strlen(error.text), 479);
}

static void
test_error_list(void)
{
    struct error_list list = { .limit = 3 };
    struct error error = { .code = ERROR_SYNTAX };
    struct error warning = { .severity = SEVERITY_WARNING };

    CU_ASSERT(error_list_add(&list, &warning));
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_FALSE(error_list_add(&list, &error));
    }
    CU_ASSERT_EQUAL(list.n, 3);
    CU_ASSERT_EQUAL(list.n_errors, 5);
    CU_ASSERT_EQUAL(list.n_dropped, 3);
    error_list_clear(&list);
    CU_ASSERT_EQUAL(list.n, 0);
    error_list_clear(&list);
}

static const struct unit_test tests[] = {
    { "put and consume", test_put },
    { "numbers", test_numbers },
    { "growth", test_growth },
    { "alignment", test_alignment },
    { "arena", test_arena },
    { "error", test_error },
    { "error cut between characters", test_error_cut },
    { "error list", test_error_list },
};

UNIT_MAIN("buffer", tests)
