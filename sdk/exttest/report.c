/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the tests found: lines for people, JSON for programs, TAP for test
 * harnesses.
 */

#include <config.h>

#include "exttest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "subject.h"

struct report {
    enum report_form form;
    const struct subject *subject;
    unsigned int n, at;         /* tests in all, so far */
    unsigned int counts[4];     /* by enum verdict */
    bool shows_progress;        /* the line is overwritten */
};

static const char *const words[] = { "?", "pass", "FAIL", "skip" };

static void
print_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            putchar('\\');
        }
        if ((unsigned char) *text < 0x20) {
            printf("\\u%04x", (unsigned int) (unsigned char) *text);
        } else {
            putchar(*text);
        }
    }
    putchar('"');
}

struct report *
report_open(enum report_form form, const struct subject *subject,
            unsigned int n)
{
    struct report *report = mem_zalloc(sizeof *report);

    report->form = form;
    report->subject = subject;
    report->n = n;
    report->shows_progress = form == REPORT_TEXT && isatty(STDOUT_FILENO);
    if (form == REPORT_TAP) {
        printf("TAP version 13\n1..%u\n", n);
    } else if (form == REPORT_JSON) {
        printf("{\"plugin\": ");
        print_quoted(subject->path);
        printf(", \"version\": \"%s\",\n \"tests\": [", PACKAGE_VERSION);
    }
    return report;
}

void
report_begin(void *arg, const struct test *test)
{
    struct report *report = arg;

    report->at++;
    if (report->shows_progress) {
        printf("\r\033[K[%u/%u] %s", report->at, report->n, test->name);
        fflush(stdout);
    }
}

static void
tell_text(const struct report *report, const struct test *test,
          const struct finding *finding)
{
    if (report->shows_progress) {
        printf("\r\033[K");
    }
    printf("%s  %-22s%s%s\n", words[finding->verdict], test->name,
           finding->text[0] ? "  " : "", finding->text);
    if (finding->verdict == VERDICT_FAIL) {
        printf("      %-22s  why: %s\n", "", test->why);
    }
}

static void
tell_json(const struct report *report, const struct test *test,
          const struct finding *finding, uint64_t ms)
{
    printf("%s\n  {\"name\": \"%s\", \"verdict\": \"%s\", \"ms\": %lu,"
           " \"text\": ", report->at > 1 ? "," : "", test->name,
           finding->verdict == VERDICT_FAIL ? "fail"
                                            : words[finding->verdict], ms);
    print_quoted(finding->text);
    printf(", \"why\": ");
    print_quoted(test->why);
    putchar('}');
}

static void
tell_tap(const struct report *report, const struct test *test,
         const struct finding *finding)
{
    printf("%sok %u - %s%s%s\n",
           finding->verdict == VERDICT_FAIL ? "not " : "", report->at,
           test->name, finding->verdict == VERDICT_SKIP ? " # SKIP " : "",
           finding->verdict == VERDICT_SKIP ? finding->text : "");
    if (finding->verdict != VERDICT_SKIP && finding->text[0]) {
        printf("# %s\n", finding->text);
    }
}

void
report_test(void *arg, const struct test *test, const struct finding *finding,
            uint64_t ms)
{
    struct report *report = arg;

    report->counts[finding->verdict]++;
    if (report->form == REPORT_TEXT) {
        tell_text(report, test, finding);
    } else if (report->form == REPORT_JSON) {
        tell_json(report, test, finding, ms);
    } else {
        tell_tap(report, test, finding);
    }
    fflush(stdout);
}

void
report_close(struct report *report)
{
    if (report->form == REPORT_TEXT) {
        printf("%s: %u passed, %u failed, %u skipped\n",
               report->subject->file, report->counts[VERDICT_PASS],
               report->counts[VERDICT_FAIL], report->counts[VERDICT_SKIP]);
    } else if (report->form == REPORT_JSON) {
        printf("\n ],\n \"passed\": %u, \"failed\": %u, \"skipped\": %u}\n",
               report->counts[VERDICT_PASS], report->counts[VERDICT_FAIL],
               report->counts[VERDICT_SKIP]);
    }
    fflush(stdout);
    free(report);
}
