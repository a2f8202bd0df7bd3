/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The gate itself, and what becomes of faults behind it; see gate.h.
 *
 * The numbers in the assembly are offsets in struct gate.
 */

#include <config.h>

#include "stage/domain/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/error.h"
#include "stage/domain/keys.h"

#ifdef __x86_64__
#include <asm/prctl.h>

#define STACK_SIZE (64u << 10)  /* of signals; the frame has 11 KiB with
                                 * AMX, and handlers of others come too */
#define DISPATCH 59             /* PR_SET_SYSCALL_USER_DISPATCH */
#define FSGSBASE 2u             /* of AT_HWCAP2 */
#define UNREGISTER 1            /* of rseq */
#define LOOK_MS 10              /* of the watchdog ... */
#define IDLE_MS 100             /* ... when nobody was inside for a while */
#define IDLE_LOOKS 100
#define GATES 64u

struct gate {
    uint64_t core_stack;        /* 0: where to go back */
    uint64_t stack;             /* 8 */
    uint64_t function;          /* 16 */
    uint64_t self;              /* 24 */
    uint64_t argument;          /* 32 */
    uint32_t rights;            /* 40 */
    uint32_t mxcsr;             /* 44 */
    uint64_t thread_data;       /* 48: register fs */
    uint8_t selector;           /* 56: 1: no calls of the system */
    uint8_t is_inside;          /* 57 */
    uint8_t has_avx;            /* 58 */
    uint64_t serial;            /* of calls; the watchdog reads it */
    uint64_t condemned;         /* call that the watchdog has ended */
    struct gate_fault fault;
    pid_t id;
    clockid_t clock;            /* of the thread's own time */
    uint64_t seen_serial, seen_ns;  /* the watchdog's */
    void *signal_stack;
};

_Static_assert(offsetof(struct gate, rights) == 40
               && offsetof(struct gate, mxcsr) == 44
               && offsetof(struct gate, thread_data) == 48
               && offsetof(struct gate, selector) == 56
               && offsetof(struct gate, is_inside) == 57
               && offsetof(struct gate, has_avx) == 58,
               "the assembly knows these");

void gate_enter(struct gate *gate);
void gate_exit(void) __attribute__((noreturn));
void gate_signal_entry(int number, siginfo_t *info, void *context);
void gate_on_signal(int number, siginfo_t *info, void *context,
                    struct gate *gate);

/*
 * The only two places that change rights; behind each, what was set is not
 * what another value in eax would have set.
 */
__asm__(
    ".text\n"
    ".p2align 5\n"
    ".globl gate_enter\n"
    ".hidden gate_enter\n"
    ".type gate_enter, @function\n"
    "gate_enter:\n"
    "    push %rbx\n    push %rbp\n    push %r12\n"
    "    push %r13\n    push %r14\n    push %r15\n"
    "    mov %rsp, 0(%rdi)\n"
    "    stmxcsr 44(%rdi)\n"
    "    mov 16(%rdi), %r11\n"
    "    mov 24(%rdi), %r8\n"
    "    mov 32(%rdi), %rsi\n"
    "    mov 40(%rdi), %eax\n"
    "    movb $1, 57(%rdi)\n"
    "    movb $1, 56(%rdi)\n"
    "    mov 8(%rdi), %rsp\n"
    "    xor %ecx, %ecx\n"
    "    xor %edx, %edx\n"
    "    wrpkru\n"
    "    cmp %gs:40, %eax\n"
    "    jne gate_wrong\n"
    "    mov %r8, %rdi\n"
    "    call *%r11\n"
    ".globl gate_exit\n"
    ".hidden gate_exit\n"
    "gate_exit:\n"
    "    xor %eax, %eax\n"
    "    xor %ecx, %ecx\n"
    "    xor %edx, %edx\n"
    "    wrpkru\n"
    "    test %eax, %eax\n"
    "    jne gate_wrong\n"
    "    mov %gs:0, %rsp\n"
    "    pushq $0x202\n"
    "    popfq\n"
    "    mov %gs:48, %rax\n"
    "    wrfsbase %rax\n"
    "    ldmxcsr %gs:44\n"
    "    cmpb $0, %gs:58\n"
    "    je 1f\n"
    "    vzeroupper\n"
    "1:  movb $0, %gs:56\n"
    "    movb $0, %gs:57\n"
    "    pop %r15\n    pop %r14\n    pop %r13\n"
    "    pop %r12\n    pop %rbp\n    pop %rbx\n"
    "    ret\n"
    "gate_wrong:\n"
    "    ud2\n"
    ".size gate_enter, . - gate_enter\n"
    /* A handler begins with the rights of a new thread, which has not even
     * that to its stack: first all rights, without touching memory.  Then
     * the thread's own data, which the function may have moved. */
    ".p2align 5\n"
    ".globl gate_signal_entry\n"
    ".hidden gate_signal_entry\n"
    ".type gate_signal_entry, @function\n"
    "gate_signal_entry:\n"
    "    mov %rdx, %r8\n"
    "    xor %eax, %eax\n"
    "    xor %ecx, %ecx\n"
    "    xor %edx, %edx\n"
    "    wrpkru\n"
    "    mov %r8, %rdx\n"
    "    rdgsbase %rcx\n"
    "    test %rcx, %rcx\n"
    "    je 2f\n"
    "    cmpb $0, 57(%rcx)\n"
    "    je 2f\n"
    "    movb $0, 56(%rcx)\n"
    "    mov 48(%rcx), %rax\n"
    "    wrfsbase %rax\n"
    "2:  cld\n"
    "    jmp gate_on_signal\n"
    ".size gate_signal_entry, . - gate_signal_entry\n");

static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP,
                               SIGSYS, SIGABRT };

#define NUMBERS (sizeof numbers / sizeof numbers[0])

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* of the next */
static struct gate *gates[GATES];
static bool is_ready;           /* handlers and watchdog are there */
static pthread_key_t at_end;
static struct sigaction before[NUMBERS];
static __thread struct gate *mine;

bool
gate_is_inside(void)
{
    return mine && mine->is_inside;
}

static int
watch_signal(void)
{
    return SIGRTMIN + 5;
}

/* ---- Signals ------------------------------------------------------------- */

/* Not ours: as if we were not here. */
static void
pass_on(int number, siginfo_t *info, void *context)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        if (numbers[i] != number) {
            continue;
        }
        if ((before[i].sa_flags & SA_SIGINFO) && before[i].sa_sigaction) {
            before[i].sa_sigaction(number, info, context);
        } else if (before[i].sa_handler == SIG_DFL
                   || before[i].sa_handler == SIG_IGN) {
            /* Happens again behind us, and then ends the process. */
            sigaction(number, &before[i], NULL);
            if (info->si_code <= 0) {
                syscall(SYS_tgkill, getpid(), gettid(), number);
            }
        } else {
            before[i].sa_handler(number);
        }
    }
}

__attribute__((used)) void
gate_on_signal(int number, siginfo_t *info, void *context, struct gate *gate)
{
    const ucontext_t *state = context;

    if (!gate || !gate->is_inside) {
        if (number != watch_signal()) {
            pass_on(number, info, context);
        }
        return;
    }
    gate->fault = (struct gate_fault) {
        .number = number, .code = info->si_code,
        .at = (uint64_t) state->uc_mcontext.gregs[REG_RIP],
        .address = number == SIGSYS ? (uint64_t) info->si_syscall
                                    : (uint64_t) info->si_addr,
        .is_late = number == watch_signal(),
    };
    __asm__ volatile("fninit");
    gate_exit();
}

/* ---- Watchdog ------------------------------------------------------------ */

static uint64_t
time_of(const struct gate *gate)
{
    struct timespec now;

    return clock_gettime(gate->clock, &now) == 0
        ? (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec : 0;
}

/* A call is timed from when it was seen first.  False: there is none. */
static bool
watch(struct gate *gate)
{
    uint64_t serial = __atomic_load_n(&gate->serial, __ATOMIC_ACQUIRE);

    if (!__atomic_load_n(&gate->is_inside, __ATOMIC_ACQUIRE)) {
        return false;
    }
    if (gate->seen_serial != serial) {
        gate->seen_serial = serial;
        gate->seen_ns = time_of(gate);
    } else if (gate->condemned != serial
               && time_of(gate) - gate->seen_ns
                  > GATE_BUDGET_MS * 1000000ull
               && __atomic_load_n(&gate->serial, __ATOMIC_ACQUIRE)
                  == serial) {
        gate->condemned = serial;
        syscall(SYS_tgkill, getpid(), gate->id, watch_signal());
    }
    return true;
}

static void *
watch_all(void *arg)
{
    unsigned int idle = 0;

    (void) arg;
    for (;;) {
        struct timespec pause = { 0, LOOK_MS * 1000000 };

        idle++;
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < GATES; i++) {
            if (gates[i] && watch(gates[i])) {
                idle = 0;
            }
        }
        pthread_mutex_unlock(&lock);
        if (idle > IDLE_LOOKS) {
            pause.tv_nsec = IDLE_MS * 1000000;
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* ---- Threads ------------------------------------------------------------- */

static bool
call_kernel(bool done, const char *what, struct error *error)
{
    return done || error_set_errno(error, errno, "a thread cannot %s", what);
}

/* With key 0 read-only, the kernel could not write there and would end the
 * thread; done before its first call in a domain. */
static bool
leave_rseq(struct error *error)
{
#ifdef RSEQ_SIG
    char *area = (char *) __builtin_thread_pointer() + __rseq_offset;

    return __rseq_size == 0
        || call_kernel(syscall(SYS_rseq, area, 32, UNREGISTER, RSEQ_SIG)
                       == 0 || errno == EINVAL || errno == ENOSYS,
                       "leave restartable sequences", error);
#else
    (void) error;               /* this libc has none */
    return true;
#endif
}

static bool
make_signal_stack(struct gate *gate, struct error *error)
{
    stack_t stack = { .ss_size = STACK_SIZE };

    stack.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (stack.ss_sp == MAP_FAILED) {
        return error_set_errno(error, errno, "no stack for signals");
    }
    gate->signal_stack = stack.ss_sp;
    return keys_tag(stack.ss_sp, STACK_SIZE, PROT_READ | PROT_WRITE,
                    keys_signals(), error)
        && call_kernel(sigaltstack(&stack, NULL) == 0,
                       "have a stack for signals", error);
}

/* Only those of faults and of the watchdog. */
static bool
choose_signals(struct error *error)
{
    sigset_t set;

    sigfillset(&set);
    for (size_t i = 0; i < NUMBERS; i++) {
        sigdelset(&set, numbers[i]);
    }
    sigdelset(&set, watch_signal());
    errno = pthread_sigmask(SIG_SETMASK, &set, NULL);
    return call_kernel(errno == 0, "choose its signals", error);
}

static bool
begin(struct gate *gate, struct error *error)
{
    gate->id = gettid();
    gate->has_avx = __builtin_cpu_supports("avx") != 0;
    pthread_getcpuclockid(pthread_self(), &gate->clock);
    return call_kernel(syscall(SYS_arch_prctl, ARCH_GET_FS,
                               &gate->thread_data) == 0
                       && syscall(SYS_arch_prctl, ARCH_SET_GS, gate) == 0,
                       "set its register gs", error)
        && leave_rseq(error) && make_signal_stack(gate, error)
        && choose_signals(error)
        && call_kernel(prctl(DISPATCH, 1, 0, 0, &gate->selector) == 0,
                       "have its calls of the system refused (syscall user"
                       " dispatch, Linux 5.11)", error);
}

static void
end(void *arg)
{
    struct gate *gate = arg;
    const stack_t none = { .ss_flags = SS_DISABLE };

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < GATES; i++) {
        if (gates[i] == gate) {
            gates[i] = NULL;
        }
    }
    pthread_mutex_unlock(&lock);
    prctl(DISPATCH, 0, 0, 0, 0);
    sigaltstack(&none, NULL);
    syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
    if (gate->signal_stack) {
        munmap(gate->signal_stack, STACK_SIZE);
    }
    munmap(gate, sizeof *gate);
    mine = NULL;
}

/* A handler begins with the rights of a new thread, so the kernel could not write
 * a second frame below the first one before these are changed, and would end the
 * process: while a fault is handled, the watchdog's signal waits. */
static bool
get_ready(struct error *error)
{
    struct sigaction action = { .sa_sigaction = gate_signal_entry,
                                .sa_flags = SA_SIGINFO | SA_ONSTACK
                                            | SA_NODEFER };
    pthread_t thread;

    if (is_ready) {
        return true;
    }
    if (!(getauxval(AT_HWCAP2) & FSGSBASE)) {
        return error_set(error, ERROR_UNSUPPORTED, "the kernel or the"
                         " processor lacks FSGSBASE");
    }
    errno = pthread_key_create(&at_end, end);
    if (errno == 0) {
        errno = pthread_create(&thread, NULL, watch_all, NULL);
    }
    if (errno != 0) {
        return error_set_errno(error, errno, "no watchdog of domains");
    }
    pthread_detach(thread);
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, watch_signal());
    for (size_t i = 0; i < NUMBERS; i++) {
        sigaction(numbers[i], &action, &before[i]);
    }
    sigaction(watch_signal(), &action, NULL);
    is_ready = true;
    return true;
}

static bool
enlist(struct gate *gate, struct error *error)
{
    size_t i = 0;
    bool good;

    pthread_mutex_lock(&lock);
    good = get_ready(error);
    while (i < GATES && gates[i]) {
        i++;
    }
    if (good && i < GATES) {
        gates[i] = gate;
    } else if (good) {
        good = error_set(error, ERROR_LIMIT, "too many threads");
    }
    pthread_mutex_unlock(&lock);
    return good;
}

struct gate *
gate_of_thread(struct error *error)
{
    struct gate *gate;

    if (mine) {
        return mine;
    }
    if (!keys_are_there()) {
        keys_refuse(error);
        return NULL;
    }
    gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (gate == MAP_FAILED) {
        error_set_errno(error, errno, "no memory for a gate");
        return NULL;
    }
    if (!begin(gate, error) || !enlist(gate, error)) {
        end(gate);
        return NULL;
    }
    pthread_setspecific(at_end, gate);
    return mine = gate;
}

/* The handler has not returned to where its signal came. */
static void
let_watch(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, watch_signal());
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

bool
gate_call(struct gate *gate, const struct gate_call *call,
          struct gate_fault *fault)
{
    gate->function = (uint64_t) call->function;
    gate->self = (uint64_t) call->self;
    gate->argument = (uint64_t) call->argument;
    gate->stack = (uint64_t) call->stack;
    gate->rights = call->rights;
    gate->fault.number = 0;
    __atomic_store_n(&gate->serial, gate->serial + 1, __ATOMIC_RELEASE);
    gate_enter(gate);
    __asm__ volatile("" ::: "memory");
    *fault = gate->fault;
    if (__builtin_expect(fault->number != 0, 0)) {
        let_watch();
    }
    return fault->number == 0;
}

#else   /* no x86-64 */

struct gate *
gate_of_thread(struct error *error)
{
    keys_refuse(error);
    return NULL;
}

bool
gate_is_inside(void)
{
    return false;
}

bool
gate_call(struct gate *gate, const struct gate_call *call,
          struct gate_fault *fault)
{
    (void) gate;
    (void) call;
    (void) fault;
    return false;
}

#endif
