/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The keeper: starts xvs-switch when nobody answers on the control socket,
 * and again when it ends, more slowly the faster it ends.
 */

#include <config.h>

#include "main/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/socket.h"

#define BACKOFF_FIRST_MS 200
#define BACKOFF_LAST_MS 10000
#define LOOK_MS 500             /* how often to see whether it still answers */

static int go = -1;                     /* xvsd: a pipe to the keeper */
static volatile sig_atomic_t ending;    /* SIGTERM has come */
static volatile sig_atomic_t child;     /* xvs-switch, or 0 */

static void
on_signal(int number)
{
    (void) number;
    ending = 1;
    if (child) {
        kill((pid_t) child, SIGTERM);
    }
}

static void
sleep_ms(unsigned int ms)
{
    struct timespec time = { ms / 1000, (long) (ms % 1000) * 1000000 };

    nanosleep(&time, NULL);
}

static bool
somebody_answers(const char *control)
{
    int fd = socket_connect_unix(control, SOCK_SEQPACKET, NULL);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}

/* The arguments of xvs-switch; never freed, the keeper execs with them. */
static char **
switch_arguments(const char *program, const char *control, const char *user,
                 char *const *plugin_dirs)
{
    char *copy = mem_strdup(program);
    char **arguments;
    size_t n = 0, n_dirs = 0;

    while (plugin_dirs && plugin_dirs[n_dirs]) {
        n_dirs++;
    }
    arguments = mem_array(2 * n_dirs + 6, sizeof *arguments);
    arguments[n++] = mem_printf("%s/xvs-switch", dirname(copy));
    arguments[n++] = mem_strdup("--control");
    arguments[n++] = mem_strdup(control);
    if (user) {
        arguments[n++] = mem_strdup("--user");
        arguments[n++] = mem_strdup(user);
    }
    for (size_t i = 0; i < n_dirs; i++) {
        arguments[n++] = mem_strdup("--plugin-dir");
        arguments[n++] = mem_strdup(plugin_dirs[i]);
    }
    free(copy);
    return arguments;
}

static void
run_switch(char **arguments)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        signal(SIGTERM, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        execv(arguments[0], arguments);
        log_error("cannot run %s: %s", arguments[0], strerror(errno));
        _exit(127);
    }
    if (pid < 0) {
        log_error("cannot start xvs-switch: %s", strerror(errno));
        return;
    }
    child = pid;
    if (ending) {
        kill(pid, SIGTERM);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    child = 0;
    if (!ending && WIFSIGNALED(status)) {
        log_error("xvs-switch was ended by signal %d (%s)",
                  WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (!ending) {
        log_error("xvs-switch ended with status %d", WEXITSTATUS(status));
    }
}

static void
keep(const char *control, char **arguments)
{
    unsigned int wait = BACKOFF_FIRST_MS;

    while (!ending) {
        time_t start = time(NULL);

        if (somebody_answers(control)) {
            sleep_ms(LOOK_MS);
            continue;
        }
        run_switch(arguments);
        if (ending) {
            break;
        }
        wait = time(NULL) - start > 10 ? BACKOFF_FIRST_MS : wait * 2;
        wait = wait > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : wait;
        sleep_ms(wait);
    }
}

/* The lock of the control socket's keeper; -1 when another one has it. */
static int
take_lock(const char *control, struct error *error)
{
    MEM_AUTO char *path = mem_printf("%s.keeper", control);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_set_errno(error, errno, "cannot open %s", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        error_set(error, ERROR_EXISTS, "xvs-switch has a keeper already");
        close(fd);
        return -1;
    }
    return fd;
}

/* Whether xvsd has begun to work; false: it ended before. */
static bool
may_begin(int pipe_end)
{
    char byte;
    ssize_t n;

    do {
        n = read(pipe_end, &byte, 1);
    } while (n < 0 && errno == EINTR && !ending);
    close(pipe_end);
    return n == 1;
}

void
keeper_go(void)
{
    if (go >= 0) {
        if (write(go, "g", 1) != 1) {
            log_error("cannot tell the keeper of xvs-switch to begin: %s",
                      strerror(errno));
        }
        close(go);
        go = -1;
    }
}

bool
keeper_start(const char *program, const char *control, const char *user,
             char *const *plugin_dirs, struct error *error)
{
    char **arguments;
    int lock = take_lock(control, error), ends[2];
    pid_t pid;

    if (lock < 0) {
        return error->code == ERROR_EXISTS;
    }
    pid = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
    if (pid != 0) {
        close(lock);
        if (pid < 0) {
            return error_set_errno(error, errno, "cannot start the keeper");
        }
        close(ends[0]);
        go = ends[1];
        return true;
    }
    close(ends[1]);
    setsid();
    signal(SIGTERM, on_signal);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    arguments = switch_arguments(program, control, user, plugin_dirs);
    if (may_begin(ends[0])) {
        keep(control, arguments);
    }
    for (size_t i = 0; arguments[i]; i++) {
        free(arguments[i]);
    }
    free(arguments);
    _exit(0);
}
