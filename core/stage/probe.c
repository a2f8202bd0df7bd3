/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Parent and child of a probe.  The child says on descriptor 3 what it does
 * next ("init"), and at the end "ok" or "! " and an error's text.  The parent
 * waits for the child's end with a pidfd.
 */

#include <config.h>

#include "stage/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/host.h"
#include "stage/plugin.h"

#define PROBE_MS 5000
#define REPORT_FD 3
#define REPORT_SIZE 1024

struct probe {
    struct loop_watch *watch;       /* of the pidfd */
    struct loop_timer *timer;
    pid_t pid;
    int pidfd;
    int report;                     /* read end */
    bool timed_out;
    char file[256];
    probe_call call;
    void *arg;
};

/* The last word of the child's report; "load" when it said nothing. */
static const char *
last_step(char *report)
{
    char *end = strrchr(report, '\n');
    char *start;

    if (!end) {
        return "load";
    }
    *end = 0;
    start = strrchr(report, '\n');
    return start ? start + 1 : report;
}

static bool
judge(const struct probe *probe, int status, char *report,
      struct error *error)
{
    const char *step = last_step(report);

    if (probe->timed_out) {
        return error_set(error, ERROR_TIMEOUT, "%s did not finish %s within"
                         " %d ms", probe->file, step, PROBE_MS);
    }
    if (strcmp(step, "ok") == 0 && WIFEXITED(status)
        && WEXITSTATUS(status) == 0) {
        return true;
    }
    if (step[0] == '!') {
        return error_set(error, ERROR_INVALID, "%s", step + 2);
    }
    if (WIFSIGNALED(status)) {
        return error_set(error, ERROR_PROVIDER, "%s crashed in %s (SIG%s)",
                         probe->file, step,
                         sigabbrev_np(WTERMSIG(status)));
    }
    return error_set(error, ERROR_PROVIDER,
                     "%s ended the process in %s (exit status %d)",
                     probe->file, step, WEXITSTATUS(status));
}

static void
ended(void *arg, int fd, unsigned int events)
{
    struct probe *probe = arg;
    char report[REPORT_SIZE];
    struct error error;
    ssize_t n;
    int status = 0;
    bool good;

    (void) fd;
    (void) events;
    while (waitpid(probe->pid, &status, 0) < 0 && errno == EINTR) {
    }
    n = read(probe->report, report, sizeof report - 1);
    report[n > 0 ? n : 0] = 0;
    good = judge(probe, status, report, &error);
    loop_watch_remove(probe->watch);
    loop_timer_remove(probe->timer);
    close(probe->pidfd);
    close(probe->report);
    probe->call(probe->arg, good ? NULL : &error);
    free(probe);
}

static void
too_long(void *arg)
{
    struct probe *probe = arg;

    probe->timer = NULL;
    probe->timed_out = true;
    kill(probe->pid, SIGKILL);
}

static int
spawn(pid_t *pid, const char *path, int report)
{
    char *arguments[] = { (char *) "xvs-switch", (char *) PROBE_OPTION,
                          (char *) path, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int number;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, report, REPORT_FD);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    number = posix_spawn(pid, "/proc/self/exe", &actions, &attributes,
                         arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* A pipe whose write end is above REPORT_FD, so that dup2 clears its
 * close-on-exec flag in the child. */
static bool
make_pipe(int ends[2])
{
    int high;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        return false;
    }
    high = fcntl(ends[1], F_DUPFD_CLOEXEC, REPORT_FD + 1);
    close(ends[1]);
    ends[1] = high;
    return high >= 0;
}

bool
probe_start(struct loop *loop, const char *path, probe_call call, void *arg,
            struct error *error)
{
    struct probe *probe = mem_zalloc(sizeof *probe);
    const char *slash = strrchr(path, '/');
    int ends[2] = { -1, -1 }, number;

    if (!make_pipe(ends)) {
        free(probe);
        return error_set_errno(error, errno, "cannot make a pipe");
    }
    number = spawn(&probe->pid, path, ends[1]);
    close(ends[1]);
    probe->pidfd = number ? -1
        : (int) syscall(SYS_pidfd_open, probe->pid, 0);
    if (probe->pidfd < 0) {
        number = number ? number : errno;
        close(ends[0]);
        free(probe);
        return error_set_errno(error, number, "cannot start a process to try"
                               " %s", path);
    }
    snprintf(probe->file, sizeof probe->file, "%s",
             slash ? slash + 1 : path);
    probe->report = ends[0];
    probe->call = call;
    probe->arg = arg;
    probe->timer = loop_timer_add(loop, PROBE_MS, false, too_long, probe);
    probe->watch = loop_watch_add(loop, probe->pidfd, LOOP_READ, ended,
                                  probe);
    return true;
}

/* Sanitizers would catch the signals that the parent wants to see. */
static void
reset_signals(void)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
    struct rlimit none = { 0, 0 };

    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        signal(fatal[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
say(const char *prefix, const char *text)
{
    dprintf(REPORT_FD, "%s%s\n", prefix, text);
}

int
probe_main(const char *path)
{
    const struct xvs_extension *extension;
    struct plugin *plugin;
    struct xvs_host host;
    struct error error;
    void *self = NULL;
    int result = 0;

    reset_signals();
    say("", "load");
    plugin = plugin_load(path, &error);
    if (!plugin) {
        say("! ", error.text);
        return 1;
    }
    extension = &plugin->extension;
    host_for_probe(&host);
    say("", "init");
    if (extension->init) {
        result = extension->init(&host, &self);
    }
    if (result == XVS_SUCCESS && extension->fini) {
        say("", "fini");
        extension->fini(self);
    }
    say("", "ok");
    /* Destructors of the plugin are not ours to run twice. */
    _exit(0);
}
