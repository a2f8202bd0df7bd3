/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Parent and child of a probe.  The child says on descriptor 3 what it does
 * next ("init"), and at the end "ok" or "! " and an error's text.  The parent
 * waits for the child's end with a pidfd.
 */

#include <config.h>

#include "stage/plugin/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/host.h"
#include "stage/plugin/description.h"
#include "stage/plugin/plugin.h"

#define PROBE_MS 5000
#define REPORT_FD 3
#define DESCRIPTION_FD 4
#define REPORT_SIZE 1024

struct probe {
    struct loop_watch *watch;       /* of the pidfd */
    struct loop_timer *timer;
    pid_t pid;
    int pidfd;
    int report;                     /* read end */
    int description;                /* memory for it, of a fixed size */
    bool timed_out;
    char *path;
    char file[256];
    struct plugin_mark mark;        /* the file before it was tried */
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

/* Reads the description once, because who wrote it may go on. */
static struct plugin *
take_description(const struct probe *probe, struct error *error)
{
    char *bytes = mem_zalloc(DESCRIPTION_LIMIT);
    ssize_t n = pread(probe->description, bytes, DESCRIPTION_LIMIT, 0);
    struct plugin *plugin =
        plugin_described(probe->path, &probe->mark, bytes,
                         n > 0 ? (size_t) n : 0, error);

    free(bytes);
    return plugin;
}

static void
destroy(struct probe *probe)
{
    if (probe->report >= 0) {
        close(probe->report);
    }
    if (probe->description >= 0) {
        close(probe->description);
    }
    free(probe->path);
    free(probe);
}

static void
ended(void *arg, int fd, unsigned int events)
{
    struct probe *probe = arg;
    struct plugin *plugin = NULL;
    char report[REPORT_SIZE];
    struct error error;
    ssize_t n;
    int status = 0;

    (void) fd;
    (void) events;
    while (waitpid(probe->pid, &status, 0) < 0 && errno == EINTR) {
    }
    n = read(probe->report, report, sizeof report - 1);
    report[n > 0 ? n : 0] = 0;
    if (judge(probe, status, report, &error)) {
        plugin = take_description(probe, &error);
    }
    loop_watch_remove(probe->watch);
    loop_timer_remove(probe->timer);
    close(probe->pidfd);
    probe->call(probe->arg, plugin, plugin ? NULL : &error);
    destroy(probe);
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
spawn(struct probe *probe, int report)
{
    char *arguments[] = { (char *) "xvs-switch", (char *) PROBE_OPTION,
                          probe->path, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int number;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, report, REPORT_FD);
    posix_spawn_file_actions_adddup2(&actions, probe->description,
                                     DESCRIPTION_FD);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    number = posix_spawn(&probe->pid, "/proc/self/exe", &actions, &attributes,
                         arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* The same descriptor above those that the child gets, so that dup2 clears
 * its close-on-exec flag there. */
static int
move_up(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTION_FD + 1);

    close(fd);
    return high;
}

static bool
make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        return false;
    }
    ends[1] = move_up(ends[1]);
    return ends[1] >= 0;
}

/* Memory that neither grows nor shrinks, whatever the child does. */
static int
make_memory(void)
{
    int fd = memfd_create("description", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0
        && (ftruncate(fd, DESCRIPTION_LIMIT) != 0
            || fcntl(fd, F_ADD_SEALS,
                     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        close(fd);
        return -1;
    }
    return fd < 0 ? fd : move_up(fd);
}

/* The process, and what watches its end. */
static bool
start(struct probe *probe, struct error *error)
{
    int ends[2] = { -1, -1 }, number = 0;

    probe->description = make_memory();
    if (probe->description < 0 || !make_pipe(ends)) {
        number = errno;
    }
    probe->report = ends[0];
    if (!number) {
        number = spawn(probe, ends[1]);
    }
    if (ends[1] >= 0) {
        close(ends[1]);
    }
    if (!number) {
        probe->pidfd = (int) syscall(SYS_pidfd_open, probe->pid, 0);
        number = probe->pidfd < 0 ? errno : 0;
    }
    return !number
        || error_set_errno(error, number, "cannot start a process to try %s",
                           probe->path);
}

bool
probe_start(struct loop *loop, const char *path, probe_call call, void *arg,
            struct error *error)
{
    struct probe *probe = mem_zalloc(sizeof *probe);
    const char *slash = strrchr(path, '/');

    probe->path = mem_strdup(path);
    snprintf(probe->file, sizeof probe->file, "%s",
             slash ? slash + 1 : path);
    probe->report = probe->description = -1;
    if (!plugin_mark(path, &probe->mark, error) || !start(probe, error)) {
        destroy(probe);
        return false;
    }
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

/* Before any hook runs: what the file is, and not what it makes of itself. */
static bool
describe(const struct plugin *plugin)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    size_t done = 0;

    description_write(&plugin->extension, plugin->file, &out);
    while (done < out.size) {
        ssize_t n = pwrite(DESCRIPTION_FD, out.data + done, out.size - done,
                           (off_t) done);

        if (n <= 0) {
            return false;
        }
        done += (size_t) n;
    }
    return true;
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
    if (!describe(plugin)) {
        say("! ", "cannot write down what the plugin is");
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
