/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-exttest: the command line.
 */

#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "exttest.h"
#include "stage/plugin/probe.h"
#include "subject.h"

/* Exit status. */
enum { EXTTEST_PASS = 0, EXTTEST_FAIL = 1, EXTTEST_USAGE = 2 };

#define ONLY_MAX 31
#define INCLUDES_MAX 16

struct options {
    struct run_options run;
    size_t n_only;
    enum report_form form;
    bool list;
    const char *previous;       /* or NULL */
    const char *include_dirs[INCLUDES_MAX];
    size_t n_include_dirs;
};

static const char usage[] =
    "Usage: xvs-exttest [OPTION]... PLUGIN.so [SCHEMA.mof]...\n"
    "Tries an extension against the contract, without daemons or privileges.\n"
    "\n"
    "  -o, --only=GROUP|NAME  these tests only; may be repeated\n"
    "  -q, --quick            leave out what takes long\n"
    "  -p, --previous=OLD.so  an earlier build, which is upgraded to this one\n"
    "  -t, --timeout=SECONDS  limit of each test (its own)\n"
    "  -I, --include=DIR      search included schemas here\n"
    "      --json             the report as JSON\n"
    "      --tap              the report for test harnesses\n"
    "  -l, --list             name the tests and why each exists\n"
    "  -h, --help             this text\n"
    "  -V, --version          the version\n";

enum { OPTION_JSON = 256, OPTION_TAP };

static const struct option longs[] = {
    { "only", required_argument, NULL, 'o' },
    { "quick", no_argument, NULL, 'q' },
    { "previous", required_argument, NULL, 'p' },
    { "timeout", required_argument, NULL, 't' },
    { "include", required_argument, NULL, 'I' },
    { "json", no_argument, NULL, OPTION_JSON },
    { "tap", no_argument, NULL, OPTION_TAP },
    { "list", no_argument, NULL, 'l' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
};

static void
bad_usage(const char *what, const char *value)
{
    fprintf(stderr, "xvs-exttest: %s '%s'; see xvs-exttest --help\n", what,
            value);
    exit(EXTTEST_USAGE);
}

static bool
is_known(const char *only)
{
    struct run_options run = { .only = { only } };

    for (size_t i = 0; groups[i]; i++) {
        for (size_t j = 0; j < groups[i]->n; j++) {
            if (run_selects(&run, groups[i], &groups[i]->tests[j])) {
                return true;
            }
        }
    }
    return false;
}

static void
add_only(struct options *options, const char *only)
{
    if (!is_known(only)) {
        bad_usage("no test or group is called", only);
    }
    if (options->n_only == ONLY_MAX) {
        bad_usage("too many --only, from", only);
    }
    options->run.only[options->n_only++] = only;
}

static void
add_include(struct options *options, const char *folder)
{
    if (options->n_include_dirs == INCLUDES_MAX) {
        bad_usage("too many --include, from", folder);
    }
    options->include_dirs[options->n_include_dirs++] = folder;
}

static void
parse_option(struct options *options, int option)
{
    uint64_t number;

    switch (option) {
    case 'o':
        add_only(options, optarg);
        break;
    case 'q':
        options->run.quick = true;
        break;
    case 'p':
        options->previous = optarg;
        break;
    case 't':
        if (!text_to_u64(optarg, &number) || number < 1 || number > 86400) {
            bad_usage("a test can have 1 to 86400 seconds, not", optarg);
        }
        options->run.seconds = (uint32_t) number;
        break;
    case 'I':
        add_include(options, optarg);
        break;
    case OPTION_JSON:
        options->form = REPORT_JSON;
        break;
    case OPTION_TAP:
        options->form = REPORT_TAP;
        break;
    case 'l':
        options->list = true;
        break;
    case 'h':
        fputs(usage, stdout);
        exit(EXTTEST_PASS);
    case 'V':
        puts("xvs-exttest " PACKAGE_VERSION);
        exit(EXTTEST_PASS);
    default:
        fputs("See xvs-exttest --help.\n", stderr);
        exit(EXTTEST_USAGE);
    }
}

static int
list_tests(void)
{
    for (size_t i = 0; groups[i]; i++) {
        printf("%s%s: %s\n", i ? "\n" : "", groups[i]->name,
               groups[i]->summary);
        for (size_t j = 0; j < groups[i]->n; j++) {
            printf("  %-22s %s\n", groups[i]->tests[j].name,
                   groups[i]->tests[j].why);
        }
    }
    return EXTTEST_PASS;
}

static bool
find_previous(const struct options *options, struct subject *subject,
              struct error *error)
{
    return !options->previous
        || realpath(options->previous, subject->previous)
        || error_set_errno(error, errno, "%s", options->previous);
}

/* A folder for sockets of ports; a short name, as theirs have a limit. */
static bool
make_work(struct subject *subject, struct error *error)
{
    const char *tmp = getenv("TMPDIR");

    if (!tmp || strlen(tmp) > 40) {
        tmp = "/tmp";
    }
    snprintf(subject->work, sizeof subject->work, "%s/exttest.XXXXXX", tmp);
    return mkdtemp(subject->work)
        || error_set_errno(error, errno, "%s", subject->work);
}

/* What tests that were killed left there goes as well. */
static void
remove_work(const struct subject *subject)
{
    DIR *folder = opendir(subject->work);
    const struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder) {
        closedir(folder);
    }
    rmdir(subject->work);
}

static int
run(const struct options *options, struct subject *subject)
{
    struct report *report;
    unsigned int n = 0, n_failed;

    for (size_t i = 0; groups[i]; i++) {
        for (size_t j = 0; j < groups[i]->n; j++) {
            n += run_selects(&options->run, groups[i], &groups[i]->tests[j]);
        }
    }
    report = report_open(options->form, subject, n);
    n_failed = run_all(&options->run, subject, report_begin, report_test,
                       report);
    report_close(report);
    return n_failed ? EXTTEST_FAIL : EXTTEST_PASS;
}

int
main(int argc, char **argv)
{
    struct options options = { 0 };
    struct subject subject;
    struct error error;
    char line[1024];
    int option, status = EXTTEST_USAGE;

    if (argc == 3 && strcmp(argv[1], PROBE_OPTION) == 0) {
        return probe_main(argv[2]);
    }
    while ((option = getopt_long(argc, argv, "o:qp:t:I:lhV", longs, NULL))
           != -1) {
        parse_option(&options, option);
    }
    if (options.list) {
        return list_tests();
    }
    if (optind == argc) {
        fputs("xvs-exttest: which plugin? See xvs-exttest --help\n", stderr);
        return EXTTEST_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    if (subject_open(&subject, argv[optind], argv + optind + 1,
                     argc - optind - 1, options.include_dirs,
                     options.n_include_dirs, &error)
        && find_previous(&options, &subject, &error)
        && make_work(&subject, &error)) {
        status = run(&options, &subject);
        remove_work(&subject);
    } else {
        fprintf(stderr, "xvs-exttest: %s\n",
                error_format(&error, line, sizeof line));
    }
    subject_close(&subject);
    return status;
}
