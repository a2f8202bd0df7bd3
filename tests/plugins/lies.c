/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See lies.h.  An extension has no business with anything of core/; whoever
 * means harm would find it by looking through its own memory, and we spare us
 * the search.
 */

#include "plugins/lies.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <xvs/extension.h>

#include "stage/inside/inside.h"
#include "stage/lane/share.h"

#define PAGE 4096u
#define FAR 1500u               /* packets: more than are in a lane, so that it
                                 * is a lie however much is given meanwhile */
#define TIMES 20000             /* that something is rung */
#define GIFTS 8

static struct inside *inside;
static struct share *share;
static volatile int to_do;      /* by the control thread: enum lie */
static volatile uintptr_t nowhere = 16;

/* ---- Ends of a hook ------------------------------------------------------- */

static void
crash(void)
{
    *(volatile int *) nowhere = 1;
}

static void
sleep_on(void)
{
    for (;;) {
        sleep(1);
    }
}

static void
spin(int number)
{
    (void) number;
    for (;;) {
        __asm__ volatile("");
    }
}

/* ---- Shared memory -------------------------------------------------------- */

/* The worker whose packets the hook has. */
static uint32_t
worker(void)
{
    return share->state->inside - 1;
}

static void
say_done(uint32_t done)
{
    __atomic_store_n(&share->told[worker()].done, done, __ATOMIC_SEQ_CST);
    sleep_on();
}

/* To a byte that no hook changes. */
static void
scrawl(void)
{
    const struct share_given *given = &share->given[worker()];
    struct share_told *told = &share->told[worker()];
    uint32_t first = told->done, end = given->tail;

    __atomic_store_n(&told->done, end + FAR, __ATOMIC_SEQ_CST);
    for (;;) {
        for (uint32_t at = first; at != end; at++) {
            uint32_t number = given->entries[at % SHARE_LANE] & ~SHARE_EGRESS;
            uint64_t place = (uintptr_t) share->packets[number].data
                - share->size.buffers;

            share->buffers[place + 15]++;
        }
    }
}

/* As often as the other thread says something, and between.  (More than it
 * has finished, but no more than it has, would be believed: then its packets go
 * on as they are.) */
static void
flip(void)
{
    uint32_t done = share->told[0].done;

    for (;;) {
        __atomic_store_n(&share->told[0].done, done, __ATOMIC_SEQ_CST);
        __atomic_store_n(&share->told[0].done, done - FAR,
                         __ATOMIC_SEQ_CST);
    }
}

static void
write_given(int remaps)
{
    struct share_given *given = &share->given[worker()];

    if (remaps
        && mprotect(given, PAGE, PROT_READ | PROT_WRITE) == 0) {
        _exit(42);              /* that it must not get */
    }
    *(volatile uint32_t *) &given->tail += 1;
}

static void
feign_end(void)
{
    __atomic_fetch_or(&share->state->alive, FUTEX_OWNER_DIED,
                      __ATOMIC_SEQ_CST);
    sleep_on();
}

static void
crash_in_no_hook(void)
{
    __atomic_store_n(&share->state->inside, 0, __ATOMIC_SEQ_CST);
    crash();
}

static void
crash_unmarked(void)
{
    syscall(SYS_set_robust_list, NULL, 3 * sizeof(void *));
    crash();
}

static void
crash_unmapped(void)
{
    munmap(share->state, PAGE);
    crash();
}

/* Of all that it may write. */
static void
make_hole(void)
{
    if (madvise(share->state, PAGE, MADV_REMOVE) == 0
        || madvise(share->buffers, share->size.buffers_size, MADV_REMOVE)
               == 0) {
        _exit(42);
    }
    crash();
}

static void
shrink(void)
{
    for (int file = 3; file < 64; file++) {
        if (ftruncate(file, 0) == 0) {
            _exit(42);
        }
    }
    crash();
}

/* ---- Sockets and bells ---------------------------------------------------- */

static void
send_garbage(int fd, int gifts)
{
    static const unsigned char garbage[512] = { [0 ... 511] = 0xff };
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(GIFTS * sizeof(int))];
    struct iovec piece = { (void *) garbage, sizeof garbage };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    struct cmsghdr *part;
    int fds[GIFTS] = { 0 };

    if (gifts) {
        memset(space, 0, sizeof space);
        message.msg_control = space;
        message.msg_controllen = sizeof space;
        part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof fds);
        memcpy(CMSG_DATA(part), fds, sizeof fds);
    }
    (void) !sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
send_news(void)
{
    for (int i = 0; i < 2000; i++) {
        send_garbage(inside->news, i % 2);
    }
}

static void
ring(void)
{
    static const uint64_t most = UINT64_MAX - 1;
    uint64_t one = 1;

    for (int i = 0; i < TIMES; i++) {
        (void) !write(inside->bells[0], i % 2 ? &one : &most, sizeof one);
        syscall(SYS_futex, &share->state->sleeps, FUTEX_WAKE, 1, NULL, NULL,
                0);
    }
}

static void
storm(void)
{
    clock_t end = clock() + CLOCKS_PER_SEC / 5;

    while (clock() < end) {
        ring();
        send_news();
    }
}

static void
say_half(void)
{
    const uint32_t size = 64;

    (void) !write(inside->calls, &size, sizeof size);
    sleep_on();
}

/* ---- Signals -------------------------------------------------------------- */

static void
catch_crash(void)
{
    struct sigaction action = { .sa_handler = spin };

    sigaction(SIGSEGV, &action, NULL);
    crash();
}

static void
mask_all(void)
{
    const stack_t none = { .ss_flags = SS_DISABLE };
    struct sigaction action = { .sa_handler = SIG_IGN };
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    sigaltstack(&none, NULL);
    sigaction(SIGSEGV, &action, NULL);
    crash();
}

/* ---- What is asked for ---------------------------------------------------- */

static void
wake_for(const struct xvs_host *host, int what)
{
    to_do = what;
    xvs_wake(host);
}

/* Those that are about the packet, which goes on as it is now. */
static int
tell_of(struct xvs_packet *packet, int what)
{
    switch (what) {
    case LIE_VERDICT:
        packet->verdict = 200;
        packet->drop_reason = 255;
        return 1;
    case LIE_LENGTH:
        packet->length = 60000;
        return 1;
    case LIE_METADATA:
        packet->next = packet;
        packet->in_port = packet->out_port = 77;
        packet->total = 0;
        packet->gso_type = 9;
        packet->csum_start = packet->csum_offset = 255;
        packet->offload = 255;
        return 1;
    default:
        return 0;
    }
}

static void
do_one(const struct xvs_host *host, int what)
{
    switch (what) {
    case LIE_AHEAD:
        say_done(share->given[worker()].tail + FAR);
        break;
    case LIE_BACK:
        say_done(share->told[worker()].done - FAR);
        break;
    case LIE_JUMP:
        say_done(share->told[worker()].done + (1u << 31));
        break;
    case LIE_TAIL:
    case LIE_REMAP:
        write_given(what == LIE_REMAP);
        break;
    case LIE_PACKET:
        *(volatile uint32_t *) &share->packets->length += 1;
        break;
    case LIE_WORD:
        feign_end();
        break;
    case LIE_FRAMED:
        crash_in_no_hook();
        break;
    case LIE_UNMARKED:
        crash_unmarked();
        break;
    case LIE_UNMAPPED:
        crash_unmapped();
        break;
    case LIE_HOLE:
        make_hole();
        break;
    case LIE_SHRINK:
        shrink();
        break;
    case LIE_GARBAGE:
    case LIE_GIFTS:
        send_garbage(inside->calls, what == LIE_GIFTS);
        wake_for(host, what);
        break;
    case LIE_NEWS:
        send_news();
        break;
    case LIE_BELLS:
        ring();
        break;
    case LIE_LEAVE:
        _exit(0);
    case LIE_CATCH:
        catch_crash();
        break;
    case LIE_MASK:
        mask_all();
        break;
    case LIE_SCRAWL:
        scrawl();
        break;
    default:                    /* FLIP, HALF, STORM */
        wake_for(host, what);
        break;
    }
}

int
lies_tell(const struct xvs_host *host, struct xvs_packet *packet, int what)
{
    if (what < LIE_AHEAD || what > LIE_SCRAWL
        || strcmp(program_invocation_short_name, "xvs-stage") != 0) {
        return 0;
    }
    inside = host->context;
    share = inside->share;
    if (!tell_of(packet, what)) {
        do_one(host, what);
        xvs_drop(packet, 1);
    }
    return 1;
}

int
lies_timer(void)
{
    int what = to_do;

    to_do = 0;
    if (what == LIE_FLIP) {
        flip();
    } else if (what == LIE_HALF) {
        say_half();
    } else if (what == LIE_STORM) {
        storm();
    }
    return what != 0;
}
