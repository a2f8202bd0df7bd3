/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See spawn.h.  The new program has no environment, but for what tells
 * sanitizers how to do their work.
 */

#include <config.h>

#include "stage/process/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "stage/call/call.h"
#include "stage/inside/parts.h"

#define VARIABLES 8
#define FIRST_FILE 16
#define TEXT_OF(number) TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number
#define PROGRAM_PATH "/proc/self/fd/" TEXT_OF(CALL_PROGRAM_FD)

/* What of our environment it may have.  Reports of sanitizers go to standard
 * error, because it can open no file for them. */
static void
pick_environment(char *picked[VARIABLES + 1])
{
    static const char *const names[] = { "ASAN_OPTIONS=", "UBSAN_OPTIONS=",
                                         "TSAN_OPTIONS=" };
    int n = 0;

    for (char **one = environ; SANITIZED && *one && n < VARIABLES; one++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (strncmp(*one, names[i], strlen(names[i])) == 0) {
                picked[n++] = mem_printf("%s:log_path=stderr", *one);
            }
        }
    }
    picked[n] = NULL;
}

static void
set_files(posix_spawn_file_actions_t *actions, int stream, int file)
{
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_adddup2(actions, stream, CALL_FD);
    if (file) {
        posix_spawn_file_actions_adddup2(actions, file, CALL_PROGRAM_FD);
    }
    posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(actions, 0, 1);
    if (!SANITIZED) {
        posix_spawn_file_actions_adddup2(actions, 0, 2);
    }
    posix_spawn_file_actions_addclosefrom_np(actions,
                                             CALL_FD + 1 + (file != 0));
}

/* Who runs in a real-time class leaves nothing to others, and so it is not for
 * extensions when xvs-switch does. */
static short
leave_real_time(posix_spawnattr_t *attributes)
{
    const struct sched_param none = { .sched_priority = 0 };
    int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;

    posix_spawnattr_setschedpolicy(attributes, SCHED_OTHER);
    posix_spawnattr_setschedparam(attributes, &none);
    return policy == SCHED_FIFO || policy == SCHED_RR
        ? POSIX_SPAWN_SETSCHEDULER : 0;
}

int
spawn_stage(pid_t *pid, const char *program, int file, const char *who,
            int stream)
{
    char *arguments[] = { (char *) "xvs-stage", (char *) who, NULL };
    char *environment[VARIABLES + 1];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int number;

    sigemptyset(&none);
    sigfillset(&all);
    pick_environment(environment);
    set_files(&actions, stream, file);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETSIGDEF
                                              | POSIX_SPAWN_SETPGROUP
                                              | leave_real_time(&attributes));
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    number = posix_spawn(pid, file ? PROGRAM_PATH : program, &actions,
                         &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; environment[i]; i++) {
        free(environment[i]);
    }
    return number;
}

int
spawn_open_program(const char *program)
{
    int file = open(program, O_PATH | O_CLOEXEC);
    /* Not where the descriptors of a new process are put. */
    int kept = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, FIRST_FILE);

    if (file >= 0) {
        close(file);
    }
    return kept < 0 ? 0 : kept;
}

void
spawn_find_program(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    char *slash;

    if (access(XVS_STAGEPROGRAM, X_OK) != 0 && n > 0) {
        path[n] = 0;
        slash = strrchr(path, '/');
        snprintf(slash + 1, size - (size_t) (slash + 1 - path), "xvs-stage");
        if (access(path, X_OK) == 0) {
            return;
        }
    }
    snprintf(path, size, "%s", XVS_STAGEPROGRAM);
}
