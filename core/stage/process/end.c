/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See end.h.
 */

#include <config.h>

#include "stage/process/end.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/lane/share.h"
#include "stage/process/process.h"

/* " in ADD", or "" */
static const char *
where(char *out, size_t size, const char *hook)
{
    snprintf(out, size, "%s%s", hook[0] ? " in " : "", hook);
    return out;
}

static bool
has_address(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL
        || number == SIGFPE;
}

void
end_describe(char *out, size_t size, const char *who, const char *hook,
             int code, int status, unsigned int signal, unsigned long address)
{
    /* The process's own word is good for a name only. */
    bool told = signal && signal < NSIG
        && sigabbrev_np((int) signal) != NULL
        && (code == CLD_EXITED ? (unsigned int) status == 128 + signal
                               : status != SIGKILL && status != SIGSYS);
    int number = told ? (int) signal : status;
    const char *name = sigabbrev_np(number);
    char in[80];

    where(in, sizeof in, hook);
    if (code == CLD_EXITED && !told) {
        snprintf(out, size, "%s ended its process%s (exit status %d)", who,
                 in, status);
    } else if (number == SIGKILL) {
        snprintf(out, size, "%s was killed%s (SIGKILL)", who, in);
    } else if (number == SIGSYS) {
        snprintf(out, size, "%s crashed%s (SIGSYS: a system call that it may"
                 " not make)", who, in);
    } else if (told && has_address(number) && address != SHARE_NOWHERE) {
        snprintf(out, size, "%s crashed%s (SIG%s at 0x%lx)", who, in, name,
                 address);
    } else {
        snprintf(out, size, "%s crashed%s (SIG%s)", who, in,
                 name ? name : "?");
    }
}

static void
describe(struct process *process, const siginfo_t *info)
{
    const struct share_state *state = process->share->state;
    const char *who = process->config.who, *hook = process->hook;
    uint32_t inside = __atomic_load_n(&state->inside, __ATOMIC_RELAXED);
    bool crashed = __atomic_load_n(&state->crashed, __ATOMIC_ACQUIRE);

    if (process->killed) {
        snprintf(process->text, sizeof process->text, "%s %s", who,
                 process->why);
        return;
    }
    if (!hook[0] && inside) {
        hook = inside == SHARE_TAKING ? "taken" : "its packet hook";
    }
    end_describe(process->text, sizeof process->text, who, hook,
                 info->si_code, info->si_status, crashed ? state->signal : 0,
                 state->address);
}

/* Whether it was the process itself that ended it.  One that we have killed
 * for what a worker saw is known to that worker; all others are not ended for
 * a packet. */
static enum share_end
judge(const struct process *process, const siginfo_t *info)
{
    if (process->feigns) {
        return SHARE_END_OWN;
    }
    if (process->killed || info->si_pid == 0) {
        return SHARE_END_OUTSIDE;
    }
    if (info->si_code == CLD_EXITED) {
        return SHARE_END_OWN;
    }
    switch (info->si_status) {
    case SIGKILL:
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
    case SIGQUIT:
        return SHARE_END_OUTSIDE;
    default:
        return SHARE_END_OWN;
    }
}

bool
end_note(struct process *process, bool wait)
{
    siginfo_t info = { 0 };
    int result;

    pthread_mutex_lock(&process->lock);
    if (!process->ended) {
        if (wait && process->pidfd >= 0) {
            /* Too late for one that is dying already. */
            syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
        }
        do {
            result = waitid(P_PID, (id_t) process->pid, &info,
                            WEXITED | (wait ? 0 : WNOHANG));
        } while (result < 0 && errno == EINTR);
        if (result < 0 || info.si_pid) {
            describe(process, &info);
            process->ended = true;
            __atomic_store_n(&process->share->end, judge(process, &info),
                             __ATOMIC_RELEASE);
            __atomic_store_n(&process->share->dead, 1, __ATOMIC_RELEASE);
        }
    }
    result = process->ended;
    pthread_mutex_unlock(&process->lock);
    return result;
}
