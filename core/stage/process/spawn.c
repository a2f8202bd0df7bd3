/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See spawn.h.  The new program has no environment, but for what tells
 * sanitizers how to do their work.
 */

#include <config.h>

#include "stage/process/spawn.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "stage/inside/parts.h"
#include "stage/process/call.h"

#define VARIABLES 8

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
set_files(posix_spawn_file_actions_t *actions, int stream)
{
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_adddup2(actions, stream, CALL_FD);
    posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(actions, 0, 1);
    if (!SANITIZED) {
        posix_spawn_file_actions_adddup2(actions, 0, 2);
    }
    posix_spawn_file_actions_addclosefrom_np(actions, CALL_FD + 1);
}

int
spawn_stage(pid_t *pid, const char *program, const char *who, int stream)
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
    set_files(&actions, stream);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETSIGDEF
                                              | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    number = posix_spawn(pid, program, &actions, &attributes, arguments,
                         environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; environment[i]; i++) {
        free(environment[i]);
    }
    return number;
}
