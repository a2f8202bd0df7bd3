/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See filter.h.  Names of calls that this libseccomp does not know, or that
 * the processor does not have, are left out.
 */

#include <config.h>

#include "stage/inside/filter.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/call/call.h"
#include "stage/inside/parts.h"

/* What anybody may do: wait, talk over what is open, have memory. */
static const char *const plain[] = {
    "futex", "futex_waitv", "read", "readv", "write", "writev", "recvfrom",
    "recvmsg", "poll", "ppoll", "munmap", "mremap",
    "brk", "exit", "exit_group", "rt_sigreturn", "rt_sigprocmask",
    "rt_sigaction", "sigaltstack", "sched_yield", "sched_getaffinity",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
    "gettimeofday", "time", "restart_syscall", "getrandom", "getpid",
    "gettid", "getcpu", "set_robust_list", "rseq", "membarrier", "close",
    "lseek", "uname", "sysinfo", "getrusage", NULL
};

/* Also to addresses of the sender's choice, where a socket has none. */
static const char *const sending[] = { "sendto", "sendmsg", NULL };

/* What those with sockets may do besides: none of it makes a socket. */
static const char *const sockets_too[] = {
    "accept", "accept4", "shutdown", "getsockopt", "getsockname",
    "getpeername", "recvmmsg", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "timerfd_create", "timerfd_settime",
    "timerfd_gettime", "eventfd2", "pipe2", "splice", "tee", "fcntl", NULL
};

/* What the filter for loading, which stays, allows them in part only. */
static const char *const judged[] = { "setsockopt", NULL };

static const char *const loading[] = {
    "open", "openat", "pread64", "fstat", "stat", "lstat", "newfstatat",
    "fstatat64", "statx", "access", "faccessat", "faccessat2", "readlink",
    "readlinkat", "getcwd", "getdents64", "fcntl", "mmap", "mprotect",
    "arch_prctl", "prctl", "prlimit64", "setrlimit", "getrlimit", "seccomp",
    "landlock_create_ruleset", "landlock_restrict_self", "set_tid_address",
    NULL
};

/* What is no attack, but not to be had either. */
static const char *const refused[] = {
    "open", "openat", "openat2", "creat", "fstat", "stat", "lstat",
    "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink",
    "readlinkat", "getcwd", "getdents64", "unlink", "unlinkat", "rename",
    "renameat2", "mkdir", "mkdirat", "chdir", "pread64", "pwrite64", "fcntl",
    "ioctl", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2",
    "epoll_create1", "timerfd_create", "socket", "socketpair", "connect",
    "bind", "listen", "accept", "accept4", "getsockopt", "setsockopt",
    "shutdown", "kill", "tkill", "clone", "fork", "vfork", "getppid",
    "getuid", "geteuid", "getgid", "getegid", "sched_setaffinity",
    "sched_setscheduler", "sched_setparam", "setpriority", "getpriority",
    "mlock", "mlock2", "mlockall", "munlock", "getrlimit", "setrlimit",
    "msync", "mincore", "fadvise64", "umask", "times", "sendmmsg",
    "getsockname", "getpeername", NULL
};

/* What sanitizers do besides; none of it is in other builds. */
static const char *const sanitizers[] = {
    "mincore", "process_vm_readv", "getuid", "fstat", "newfstatat",
    "readlink", "readlinkat", "getrlimit", "personality", NULL
};

static bool
add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
    for (; *names; names++) {
        int number = seccomp_syscall_resolve_name(*names);

        /* EEXIST and EACCES: it has been given a better action. */
        if (number != __NR_SCMP_ERROR
            && seccomp_rule_add(filter, action, number, 0) == -ENOMEM) {
            return false;
        }
    }
    return true;
}

/* What it may tell the kernel about its memory: nothing by which memory that
 * xvs-switch shares is taken away, written out or put together elsewhere. */
static bool
add_advice(scmp_filter_ctx filter)
{
    static const int good[] = {
        MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
        MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
        MADV_DONTDUMP, MADV_DODUMP, 22 /* POPULATE_READ */,
        23 /* POPULATE_WRITE */, 102 /* GUARD_INSTALL */,
        103 /* GUARD_REMOVE */ };
    static const int refused_too[] = {
        MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE,
        MADV_UNMERGEABLE, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD,
        MADV_PAGEOUT, 24 /* DONTNEED_LOCKED */, 25 /* COLLAPSE */ };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(madvise), 1,
                             SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t) good[i]))
            != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof refused_too / sizeof refused_too[0]; i++) {
        /* (EACCES: so it would be anyway.) */
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
                             SCMP_SYS(madvise), 1,
                             SCMP_A2(SCMP_CMP_EQ,
                                     (scmp_datum_t) refused_too[i]))
            == -ENOMEM) {
            return false;
        }
    }
    return true;
}

/* Memory, but none that can be run. */
static bool
add_memory(scmp_filter_ctx filter)
{
    static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
    bool good = true;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        good = good
            && seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0))
                   == 0
            && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
                                        PROT_EXEC)) == 0;
    }
    return good;
}

/* abort(), names of threads and of memory, and a look at our own limits. */
static bool
add_own(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t) getpid()))
               == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA)) == 0
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                            SCMP_A2(SCMP_CMP_EQ, 0)) == 0;
}

/* Options that change how a socket works, but not where it leads to. */
static bool
add_options(scmp_filter_ctx filter)
{
    static const struct {
        int level, name;
    } options[] = {
        { SOL_SOCKET, SO_RCVBUF }, { SOL_SOCKET, SO_SNDBUF },
        { SOL_SOCKET, SO_KEEPALIVE }, { SOL_SOCKET, SO_LINGER },
        { SOL_SOCKET, SO_RCVLOWAT }, { SOL_SOCKET, SO_OOBINLINE },
        { SOL_SOCKET, SO_TIMESTAMPNS },
        { IPPROTO_TCP, TCP_NODELAY }, { IPPROTO_TCP, TCP_CORK },
        { IPPROTO_TCP, TCP_QUICKACK }, { IPPROTO_TCP, TCP_KEEPIDLE },
        { IPPROTO_TCP, TCP_KEEPINTVL }, { IPPROTO_TCP, TCP_KEEPCNT },
        { IPPROTO_TCP, TCP_USER_TIMEOUT },
        { IPPROTO_TCP, TCP_NOTSENT_LOWAT },
    };
    bool good = true;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        good = good
            && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt),
                                2, SCMP_A1(SCMP_CMP_EQ,
                                           (scmp_datum_t) options[i].level),
                                SCMP_A2(SCMP_CMP_EQ,
                                        (scmp_datum_t) options[i].name)) == 0;
    }
    return good;
}

/*
 * For the filter of loading alone: what it refuses (EPERM) stays refused, and
 * the one for hooks could not have rules for a part of a call and for the rest.
 * A connected datagram socket would send elsewhere all the same when it is
 * given an address; and sendmsg() has its address where no filter sees it.
 */
static bool
add_sockets(scmp_filter_ctx filter, uint32_t sockets)
{
    if (!sockets || sockets & CALL_SOCKETS_ANYWHERE) {
        if (!add_all(filter, SCMP_ACT_ALLOW, sending)) {
            return false;
        }
    } else if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
                                SCMP_A4(SCMP_CMP_EQ, 0)) != 0) {
        return false;
    }
    return !sockets || (add_all(filter, SCMP_ACT_ALLOW, sockets_too)
                        && add_options(filter));
}

/* Makes it the law for all threads.  Calls of another processor's way, which
 * have other numbers, end the process. */
static bool
enact(scmp_filter_ctx filter)
{
    return seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0
        && seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
                            SCMP_ACT_KILL_PROCESS) == 0
        && seccomp_load(filter) == 0;
}

bool
filter_for_loading(uint32_t sockets)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int clone3 = seccomp_syscall_resolve_name("clone3");
    bool good = filter && add_all(filter, SCMP_ACT_ALLOW, plain)
        && add_all(filter, SCMP_ACT_ALLOW, loading) && add_advice(filter)
        && add_sockets(filter, sockets)
        && (!SANITIZED || add_all(filter, SCMP_ACT_ALLOW, sanitizers))
        && (clone3 == __NR_SCMP_ERROR
            || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0)
                   == 0)
        && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t) getpid()))
               == 0
        && enact(filter);

    seccomp_release(filter);
    return good;
}

bool
filter_for_hooks(uint32_t sockets)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int clone3 = seccomp_syscall_resolve_name("clone3");
    bool good = filter
        && (!SANITIZED || add_all(filter, SCMP_ACT_ALLOW, sanitizers))
        && add_all(filter, SCMP_ACT_ALLOW, plain) && add_memory(filter)
        && add_advice(filter)
        && add_own(filter)
        && add_all(filter, SCMP_ACT_ALLOW, sending)
        && (!sockets || (add_all(filter, SCMP_ACT_ALLOW, sockets_too)
                         && add_all(filter, SCMP_ACT_ALLOW, judged)))
        && add_all(filter, SCMP_ACT_ERRNO(EPERM), refused)
        && (clone3 == __NR_SCMP_ERROR
            || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0)
                   == 0)
        && enact(filter);

    seccomp_release(filter);
    return good;
}
