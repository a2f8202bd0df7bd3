/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See crash.h.  The handler writes a few words and lets the signal come
 * again, with nobody to catch it.
 */

#include <config.h>

#include "stage/inside/crash.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "stage/lane/share.h"

#define STACK_SIZE 65536

static struct share_state *tell;

static void
on_crash(int number, siginfo_t *info, void *context)
{
    (void) context;
    /* The first word counts: abort() ends in another signal. */
    if (!tell->crashed) {
        tell->signal = (uint32_t) number;
        tell->address = info->si_code > 0 ? (uintptr_t) info->si_addr
                                          : SHARE_NOWHERE;
        __atomic_store_n(&tell->crashed, 1, __ATOMIC_RELEASE);
    }
    if (info->si_code <= 0) {
        /* Sent, not met: it would not come again by itself.  The first
         * process of a namespace cannot end itself so. */
        raise(number);
        syscall(SYS_exit_group, 128 + number);
    }
}

void
crash_begin(struct share_state *state)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
    struct sigaction action = {
        .sa_sigaction = on_crash,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | (int) SA_RESETHAND };

    tell = state;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        sigaction(fatal[i], &action, NULL);
    }
    crash_use_stack();
}

void
crash_use_stack(void)
{
    const stack_t stack = { .ss_sp = mem_alloc(STACK_SIZE),
                            .ss_size = STACK_SIZE };

    sigaltstack(&stack, NULL);
}
