/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_H
#define XVS_EXTTEST_H

/*
 * xvs-exttest, the conformance suite for extensions: what its parts share.
 *
 *     main      options, which tests to run
 *     run       each test in a process of its own, and what became of it
 *     report    the same for people and for programs
 *     subject   the plugin and its schema
 *     rig       the switch driver in this process, and a manager that asks it
 *     objects   settings to try, made from the schema
 *     corpus    frames to try
 *     traffic   bursts through the real chain, and a look at what hooks did
 *     test-*    the tests, one file per group
 *
 * Nothing here judges an extension by rules of its own: plugins are loaded,
 * called and held to their class by the code that xvs-switch is made of.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rig;
struct subject;

enum verdict { VERDICT_NONE, VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP };

/* What a test came to; in memory that its process shares with ours. */
struct finding {
    uint32_t verdict;           /* enum verdict; NONE: it did not end */
    char step[256];             /* what it was doing last */
    char text[1024];            /* why it failed or was skipped; or a figure */
};

/* A test that runs, in its process. */
struct trial {
    const struct subject *subject;
    struct rig *rig;            /* NULL where the test needs none */
    struct finding *finding;
    bool quick;                 /* do less of what is done many times */
};

/* What has to be there before a test runs. */
enum needs {
    NEEDS_FILE,                 /* nothing: the test opens the file itself */
    NEEDS_PLUGIN,               /* the plugin is loaded */
    NEEDS_RIG,                  /* and so is its schema */
    NEEDS_STAGE                 /* it is enabled on switch 1 as well */
};

struct test {
    const char *name;           /* "group.what" */
    const char *why;            /* one sentence: why it exists */
    void (*run)(struct trial *trial);
    enum needs needs;
    bool is_slow;               /* not with --quick */
    uint32_t seconds;           /* time limit; 0: the default */
};

/* A row of a table of tests. */
#define TEST(name_, why_, run_, needs_) \
    { name_, why_, run_, needs_, false, 0 }
#define SLOW(name_, why_, run_, needs_, seconds_) \
    { name_, why_, run_, needs_, true, seconds_ }

struct group {
    const char *name;
    const char *summary;
    const struct test *tests;
    size_t n;
};

#define GROUP(name_, summary_, tests_) \
    const struct group group_##name_ = { #name_, summary_, tests_, \
                                         sizeof tests_ / sizeof tests_[0] }

extern const struct group *const groups[];  /* ends with NULL; groups.c */

/* Notes what comes next, for the case that it never returns. */
void trial_step(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The first of these decides; returns false. */
bool trial_fail(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool trial_skip(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A figure for the report of a test that passes. */
void trial_note(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether neither of them was called yet. */
bool trial_goes_on(const struct trial *trial);

/* How the whole is to run. */
struct run_options {
    const char *only[32];       /* groups or names; NULL behind the last */
    bool quick;
    uint32_t seconds;           /* limit of one test; 0: its own */
};

/* Of one test, in order. */
typedef void (*run_call)(void *arg, const struct test *test,
                         const struct finding *finding, uint64_t ms);
/* Before a test begins; for showing progress. */
typedef void (*run_begin)(void *arg, const struct test *test);

bool run_selects(const struct run_options *options, const struct group *group,
                 const struct test *test);
/* Runs what is selected; returns how many tests failed. */
unsigned int run_all(const struct run_options *options,
                     const struct subject *subject, run_begin begin,
                     run_call call, void *arg);

enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_TAP };

struct report;
struct report *report_open(enum report_form form,
                           const struct subject *subject, unsigned int n);
void report_begin(void *report, const struct test *test);   /* run_begin */
void report_test(void *report, const struct test *test,     /* run_call */
                 const struct finding *finding, uint64_t ms);
/* Writes the end and frees it. */
void report_close(struct report *report);

#endif
