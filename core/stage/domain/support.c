/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Trying domains; see support.h.
 */

#include <config.h>

#include "stage/domain/support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "stage/domain/gate.h"
#include "stage/domain/keys.h"

#define SECONDS 10              /* more than it can take */
#define STACK (64u << 10)

#ifndef __has_feature
#define __has_feature(x) 0      /* clang's way to say the same */
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) \
    || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER true
#else
#define SANITIZER false
#endif

static bool is_there;
static struct error reason = { .code = ERROR_UNSUPPORTED,
                               .text = "domains were not tried" };

/* ---- The process ---------------------------------------------------------- */

static void
do_good(void *self, void *argument)
{
    volatile char room[1024];

    room[0] = 1;
    *(volatile int *) argument = *(volatile int *) self + room[0];
}

static void
write_wrong(void *self, void *argument)
{
    (void) argument;
    *(volatile int *) self = 1;
}

static void
call_system(void *self, void *argument)
{
    (void) self;
    (void) argument;
    (void) syscall(SYS_getppid);
}

/* Whether the function ends with the signal; 0: returns. */
static bool
try(void (*function)(void *, void *), char *stack, int key, int number,
    const char *what)
{
    static int wrong;
    struct gate_fault fault;
    struct error error;
    struct gate *gate = gate_of_thread(&error);
    const struct gate_call call = { function, &wrong, stack, stack + STACK,
                                    keys_rights(key, true) };

    if (!gate) {
        puts(error.text);
        return false;
    }
    gate_call(gate, &call, &fault);
    if (fault.number != number || wrong) {
        puts(what);
        return false;
    }
    return true;
}

int
support_main(void)
{
    const struct rlimit none = { 0, 0 };
    struct error error;
    char *stack;
    int key;

    alarm(SECONDS);
    setrlimit(RLIMIT_CORE, &none);
    /* A death in the middle has been explained then. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || !keys_open(&error)
        || !(key = keys_take(&error))
        || !keys_tag(stack, STACK, PROT_READ | PROT_WRITE, key, &error)) {
        puts(stack == MAP_FAILED ? "no memory" : error.text);
        return 1;
    }
    return try(do_good, stack, key, 0, "a function in a domain does not"
               " return")
        && try(write_wrong, stack, key, SIGSEGV, "a domain can write what is"
               " not its own")
        && try(call_system, stack, key, SIGSYS, "calls of the system are not"
               " refused in a domain (syscall user dispatch, Linux 5.11)")
        && try(do_good, stack, key, 0, "there is no way back into a domain")
        ? 0 : 1;
}

/* ---- xvs-switch ----------------------------------------------------------- */

static int
spawn(pid_t *pid, int out)
{
    char *arguments[] = { (char *) "xvs-switch", (char *) SUPPORT_OPTION,
                          NULL };
    posix_spawn_file_actions_t actions;
    int number;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    number = posix_spawn(pid, "/proc/self/exe", &actions, NULL, arguments,
                         environ);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* What it said, in one line. */
static void
judge(int status, int report)
{
    char text[256] = "";
    ssize_t n = read(report, text, sizeof text - 1);

    text[n > 0 ? n : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    is_there = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (text[0]) {
        error_set(&reason, ERROR_UNSUPPORTED, "%s", text);
    } else if (WIFSIGNALED(status)) {
        error_set(&reason, ERROR_UNSUPPORTED, "a fault in a domain ends the"
                  " process here (SIG%s)", sigabbrev_np(WTERMSIG(status)));
    } else {
        error_set(&reason, ERROR_UNSUPPORTED, "the process that tried domains"
                  " says nothing");
    }
    error_hint(&reason, "use partition process");
}

static void
try_it(void)
{
    int ends[2], status = 0, number;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        error_set_errno(&reason, errno, "domains cannot be tried");
        return;
    }
    number = spawn(&pid, ends[1]);
    close(ends[1]);
    if (number != 0) {
        error_set_errno(&reason, number, "domains cannot be tried");
    } else {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        judge(status, ends[0]);
    }
    close(ends[0]);
}

void
support_find(void)
{
    if (SANITIZER) {
        error_set(&reason, ERROR_UNSUPPORTED, "xvs-switch was built with a"
                  " sanitizer, which writes everywhere");
        error_hint(&reason, "use partition process");
    } else if (keys_open(&reason)) {
        try_it();
    }
    if (is_there) {
        log_info("partition domain is there");
    } else {
        log_info("partition domain is not there: %s", reason.text);
    }
}

bool
support_is_there(struct error *error)
{
    if (!is_there) {
        *error = reason;
    }
    return is_there;
}
