/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines as they reach standard error: form, level, repeats, and nothing
 * that could pass for a line of its own.
 */
#include <config.h>

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "unit.h"

static char written[4096];      /* by the last capture() */
static int saved = -1;          /* the real standard error */
static int ends[2];             /* of the pipe in its place */

static void
capture(void)
{
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
}

static void
release(void)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t size = read(ends[0], written, sizeof(written) - 1);

    written[size > 0 ? size : 0] = 0;
    close(ends[0]);
}

static void
test_form(void)
{
    struct error error;

    unsetenv("JOURNAL_STREAM");
    log_open("xvs-test", LOG_LEVEL_INFO);
    error_set(&error, ERROR_SYNTAX, "no semicolon");
    error_at(&error, "a.mof", 3, 0);
    capture();
    log_warning("port %s\nis gone", "a");
    log_debug("not shown");
    log_error_at(LOG_LEVEL_ERROR, &error);
    release();
    CU_ASSERT_PTR_NOT_NULL(
        strstr(written, "Z xvs-test: warning: port a is gone\n"));
    CU_ASSERT_PTR_NULL(strstr(written, "not shown"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(written, "error: a.mof:3: no semicolon\n"));
}

static void
test_journal(void)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_open("xvs-test", LOG_LEVEL_DEBUG);
    capture();
    log_error("a");
    log_warning("b");
    log_info("c");
    log_debug("d");
    release();
    CU_ASSERT_STRING_EQUAL(written, "<3>a\n<4>b\n<6>c\n<7>d\n");
}

/* What was written so far, without waiting. */
static size_t
waiting(void)
{
    int size = 0;

    ioctl(ends[0], FIONREAD, &size);
    return (size_t) size;
}

static void
test_hold(void)
{
    log_open("xvs-test", LOG_LEVEL_INFO);
    capture();
    log_hold(true);
    log_info("one");
    log_info("two");
    CU_ASSERT_EQUAL(waiting(), 0);
    log_warning("three");
    CU_ASSERT(waiting() > 0);
    log_info("four");
    log_hold(false);
    release();
    CU_ASSERT_STRING_EQUAL(written, "<6>one\n<6>two\n<4>three\n<6>four\n");
}

static void
test_repeats(void)
{
    log_open("xvs-test", LOG_LEVEL_DEBUG);
    capture();
    for (int i = 0; i < 5; i++) {
        log_info("again");
    }
    log_info("else");
    release();
    CU_ASSERT_STRING_EQUAL(written, "<6>again\n"
                                    "<6>last line repeated 4 times\n"
                                    "<6>else\n");
}

static void
test_levels(void)
{
    enum log_level level = LOG_LEVEL_ERROR;

    CU_ASSERT(log_level_parse("Debug", &level));
    CU_ASSERT_EQUAL(level, LOG_LEVEL_DEBUG);
    CU_ASSERT_FALSE(log_level_parse("loud", &level));
}

static const struct unit_test tests[] = {
    { "form of a line", test_form },
    { "under the journal", test_journal },
    { "hold", test_hold },
    { "repeats", test_repeats },
    { "names of levels", test_levels },
};

UNIT_MAIN("log", tests)
