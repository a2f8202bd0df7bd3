/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every system call that there is, made by a process of an extension: all but
 * those of a short list end it or are refused, whatever the kernel would have
 * said.  Those of the list are not made.
 */

#include <config.h>

#include "stage/inside/filter.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/inside/parts.h"
#include "unit.h"

#define CALLS 520               /* numbers that are tried */

/* What an extension may do; with a part of the arguments for those that are
 * tried apart. */
static const int allowed[] = {
    SYS_futex, 449 /* futex_waitv */, SYS_read, SYS_readv, SYS_write,
    SYS_writev, SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg,
    SYS_ppoll, SYS_munmap, SYS_mremap, SYS_brk,
    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigprocmask,
    SYS_rt_sigaction, SYS_sigaltstack, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_clock_gettime, SYS_clock_getres,
    SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_restart_syscall,
    SYS_getrandom, SYS_getpid, SYS_gettid, SYS_getcpu, SYS_set_robust_list,
    SYS_rseq, SYS_membarrier, SYS_close, SYS_lseek, SYS_uname, SYS_sysinfo,
    SYS_getrusage, SYS_mmap, SYS_mprotect, SYS_madvise, SYS_prctl,
    SYS_prlimit64, SYS_tgkill,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_time
    SYS_time,
#endif
    SYS_process_vm_readv,       /* a build with sanitizers, as the next */
    SYS_mincore, SYS_getuid, SYS_fstat, SYS_newfstatat, SYS_readlinkat,
#ifdef SYS_readlink
    SYS_readlink,
#endif
#ifdef SYS_getrlimit
    SYS_getrlimit,
#endif
    SYS_personality,
};

/* Calls that the kernel makes itself, for probes, and lets pass any filter:
 * uretprobe and uprobe of x86-64. */
#define PROBES 335
#define LAST_PROBES 336

/* The last ones of the list are for sanitizers alone. */
static bool
is_allowed(int number)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (!SANITIZED && allowed[i] == SYS_process_vm_readv) {
            return false;
        }
        if (allowed[i] == number) {
            return true;
        }
    }
    return false;
}

enum { REFUSED, ENDED, THROUGH };

static const char *const names[] = { "refused", "ended", "let through" };

/* What becomes of the call, in a process that may do what hooks may. */
static int
try_call(int number, long third)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (!filter_for_loading(0) || !filter_for_hooks(0)) {
            _exit(THROUGH + 1);
        }
        errno = 0;
        _exit(syscall(number, -1L, -1L, third, -1L, -1L, -1L) == -1
              && (errno == EPERM || (number == SYS_clone3 && errno == ENOSYS))
              ? REFUSED : THROUGH);
    }
    CU_ASSERT_FATAL(pid > 0 && waitpid(pid, &status, 0) == pid);
    if (WIFSIGNALED(status)) {
        return ENDED;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) > THROUGH) {
        fprintf(stderr, "call %d ends with status 0x%x\n", number, status);
        CU_FAIL_FATAL("neither refused nor ended");
    }
    return WEXITSTATUS(status);
}

static void
test_all(void)
{
    uint32_t n[THROUGH + 1] = { 0 };

    for (int number = 0; number < CALLS; number++) {
        int became;

        if (is_allowed(number)
            || (number >= PROBES && number <= LAST_PROBES)) {
            continue;
        }
        became = try_call(number, -1);
        n[became]++;
        if (became == THROUGH) {
            fprintf(stderr, "call %d is let through\n", number);
            CU_FAIL("more than the list");
        }
    }
    CU_ASSERT(n[REFUSED] > 50 && n[ENDED] > 200);
}

/* What comes in many kinds is judged by its arguments. */
static void
test_parts(void)
{
    static const struct {
        int number;
        long third;
        int became;
    } cases[] = {
        { SYS_madvise, MADV_DONTNEED, THROUGH },
        { SYS_madvise, MADV_REMOVE, REFUSED },
        { SYS_madvise, MADV_PAGEOUT, REFUSED },
        { SYS_madvise, 25 /* COLLAPSE */, REFUSED },
        { SYS_madvise, 100 /* HWPOISON */, ENDED },
        { SYS_mmap, PROT_READ, THROUGH },
        { SYS_mmap, PROT_READ | PROT_EXEC, REFUSED },
        { SYS_mprotect, PROT_READ, THROUGH },
        { SYS_mprotect, PROT_READ | PROT_WRITE | PROT_EXEC, REFUSED },
        { SYS_prctl, 0, ENDED },        /* of option -1 */
        { SYS_tgkill, SIGKILL, ENDED }, /* somebody else */
        { SYS_prlimit64, -1, ENDED },   /* to set one */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int became = try_call(cases[i].number, cases[i].third);

        if (became != cases[i].became) {
            fprintf(stderr, "call %d, %ld: %s, not %s\n", cases[i].number,
                    cases[i].third, names[became], names[cases[i].became]);
            CU_FAIL("judged otherwise");
        }
    }
}

static const struct unit_test tests[] = {
    { "all calls", test_all },
    { "parts of calls", test_parts },
};

UNIT_MAIN("filter", tests)
