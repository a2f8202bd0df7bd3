/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Each test in a process of its own: what crashes, hangs or ends there is a
 * result.  The process says what it finds in memory that we share with it.
 */

#include <config.h>

#include "exttest.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "rig.h"

#define SECONDS 60u             /* limit of a test */
#define EXIT_STUCK 3            /* the extension does not end */

static void
set(char *field, size_t size, const char *format, va_list args)
{
    vsnprintf(field, size, format, args);
    for (char *at = field; *at; at++) {
        *at = *at == '\n' || *at == '\r' ? ' ' : *at;
    }
}

void
trial_step(struct trial *trial, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set(trial->finding->step, sizeof trial->finding->step, format, args);
    va_end(args);
}

bool
trial_fail(struct trial *trial, const char *format, ...)
{
    va_list args;

    if (trial->finding->verdict == VERDICT_NONE) {
        trial->finding->verdict = VERDICT_FAIL;
        va_start(args, format);
        set(trial->finding->text, sizeof trial->finding->text, format, args);
        va_end(args);
    }
    return false;
}

bool
trial_skip(struct trial *trial, const char *format, ...)
{
    va_list args;

    if (trial->finding->verdict == VERDICT_NONE) {
        trial->finding->verdict = VERDICT_SKIP;
        va_start(args, format);
        set(trial->finding->text, sizeof trial->finding->text, format, args);
        va_end(args);
    }
    return false;
}

void
trial_note(struct trial *trial, const char *format, ...)
{
    va_list args;

    if (trial->finding->verdict == VERDICT_NONE) {
        va_start(args, format);
        set(trial->finding->text, sizeof trial->finding->text, format, args);
        va_end(args);
    }
}

bool
trial_goes_on(const struct trial *trial)
{
    return trial->finding->verdict == VERDICT_NONE;
}

/* ---- In the test's process ------------------------------------------------ */

/* Only the test that is about it fails for it; the others have nothing to
 * look at. */
static bool
give_up(struct trial *trial, const struct test *test, const char *about,
        const char *what, const struct error *error)
{
    return strcmp(test->name, about) == 0
        ? trial_fail(trial, "%s: %s", what, error->text)
        : trial_skip(trial, "%s (see %s)", what, about);
}

static bool
prepare(struct trial *trial, const struct test *test, struct rig *rig)
{
    struct error error;

    trial_step(trial, "starting the host");
    trial->rig = rig;
    if (!rig_open(rig, trial->subject, &error)) {
        return trial_skip(trial, "no host can be made here: %s", error.text);
    }
    trial_step(trial, "loading the plugin");
    if (!rig_load_file(rig, &error)) {
        return give_up(trial, test, "abi.load", "it is not loaded", &error);
    }
    if (test->needs >= NEEDS_RIG && !rig_load_schema(rig, &error)) {
        return give_up(trial, test, "schema.hash", "its schema is refused",
                       &error);
    }
    trial_step(trial, "enabling it");
    if (test->needs == NEEDS_STAGE && !rig_enable(rig, 1, &error)) {
        return give_up(trial, test, "abi.same", "it cannot be enabled",
                       &error);
    }
    return true;
}

static void
run_here(const struct test *test, struct trial *trial)
{
    struct rig rig;
    bool ends = true;

    log_open("xvs-exttest", LOG_LEVEL_ERROR);
    if (test->needs == NEEDS_FILE || prepare(trial, test, &rig)) {
        trial_step(trial, "beginning");
        test->run(trial);
    }
    if (trial->rig) {
        trial_step(trial, "taking the host down");
        ends = rig_close(&rig);
    }
    if (!ends) {
        trial_fail(trial, "the extension does not end: a hook does not"
                   " return");
        _exit(EXIT_STUCK);
    }
    if (trial_goes_on(trial)) {
        trial->finding->verdict = VERDICT_PASS;
    }
    exit(0);
}

/* What it says on its own is for nobody. */
static void
be_silent(void)
{
    if (!getenv("XVS_EXTTEST_OUTPUT")
        && (!freopen("/dev/null", "w", stdout)
            || !freopen("/dev/null", "w", stderr))) {
        _exit(EXIT_STUCK);
    }
}

/* ---- In ours -------------------------------------------------------------- */

/* Waits for the process; false: it had to be killed. */
static bool
await(pid_t pid, uint32_t seconds, int *status)
{
    struct pollfd ready = { .fd = (int) syscall(SYS_pidfd_open, pid, 0),
                            .events = POLLIN };
    uint64_t end = loop_now_ms() + seconds * 1000u, now;
    bool in_time = false;

    while (!in_time && (now = loop_now_ms()) < end) {
        in_time = poll(&ready, 1, (int) (end - now)) > 0;
    }
    if (!in_time) {
        kill(pid, SIGKILL);
    }
    close(ready.fd);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR) {
    }
    return in_time;
}

static void
judge(struct finding *finding, bool in_time, int status, uint32_t seconds)
{
    if (!in_time) {
        finding->verdict = VERDICT_FAIL;
        snprintf(finding->text, sizeof finding->text, "did not end within"
                 " %u s (%s)", seconds, finding->step);
    } else if (WIFSIGNALED(status)) {
        finding->verdict = VERDICT_FAIL;
        snprintf(finding->text, sizeof finding->text, "crashed: SIG%s (%s)",
                 sigabbrev_np(WTERMSIG(status))
                     ? sigabbrev_np(WTERMSIG(status)) : "?", finding->step);
    } else if (finding->verdict == VERDICT_NONE) {
        finding->verdict = VERDICT_FAIL;
        snprintf(finding->text, sizeof finding->text, "ended its process,"
                 " exit status %d (%s)", WEXITSTATUS(status), finding->step);
    } else if (finding->verdict == VERDICT_PASS && WEXITSTATUS(status) != 0) {
        finding->verdict = VERDICT_FAIL;
        snprintf(finding->text, sizeof finding->text, "its process ended"
                 " with exit status %d behind the test",
                 WEXITSTATUS(status));
    }
}

static void
run_one(const struct test *test, struct trial *trial, uint32_t seconds)
{
    int status = 0;
    pid_t parent = getpid(), pid;
    bool in_time;

    memset(trial->finding, 0, sizeof *trial->finding);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        /* Nobody is left behind when we are killed. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(EXIT_STUCK);
        }
        be_silent();
        run_here(test, trial);
    }
    if (pid < 0) {
        trial_fail(trial, "no process for the test: %s", strerror(errno));
        return;
    }
    in_time = await(pid, seconds, &status);
    judge(trial->finding, in_time, status, seconds);
}

/* Whether the option names it: "group" or "group.what". */
static bool
is_named(const char *only, const struct group *group, const struct test *test)
{
    return strcmp(only, group->name) == 0 || strcmp(only, test->name) == 0;
}

bool
run_selects(const struct run_options *options, const struct group *group,
            const struct test *test)
{
    if (!options->only[0]) {
        return !options->quick || !test->is_slow;
    }
    for (size_t i = 0; options->only[i]; i++) {
        if (is_named(options->only[i], group, test)) {
            return true;
        }
    }
    return false;
}

unsigned int
run_all(const struct run_options *options, const struct subject *subject,
        run_begin begin, run_call call, void *arg)
{
    struct trial trial = { .subject = subject, .quick = options->quick };
    unsigned int n_failed = 0;

    trial.finding = mmap(NULL, sizeof *trial.finding, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trial.finding == MAP_FAILED) {
        abort();
    }
    for (size_t i = 0; groups[i]; i++) {
        for (size_t j = 0; j < groups[i]->n; j++) {
            const struct test *test = &groups[i]->tests[j];
            uint64_t start = loop_now_ms();

            if (!run_selects(options, groups[i], test)) {
                continue;
            }
            begin(arg, test);
            run_one(test, &trial,
                    options->seconds ? options->seconds
                    : test->seconds ? test->seconds : SECONDS);
            n_failed += trial.finding->verdict == VERDICT_FAIL;
            call(arg, test, trial.finding, loop_now_ms() - start);
        }
    }
    munmap(trial.finding, sizeof *trial.finding);
    return n_failed;
}
