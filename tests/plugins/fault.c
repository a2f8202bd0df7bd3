/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Of frames of its own Ethernet type, adds one to the second byte of payload,
 * and does in its packet hook what the first one asks for: crashes, hangs, ends
 * the process, runs out of stack, stops, calls the system, takes 300 MiB,
 * writes to what is its host's, divides by zero, jumps to nowhere, works for
 * 2 ms, runs what is no instruction, meets a breakpoint, writes to its code,
 * runs its data, destroys its heap and crashes, aborts; or wakes its control
 * thread, which says an event.  The third byte says when: where the frame is
 * in its burst, just after or just before it is touched, before any of the
 * burst was, or when all of it was.  Built again as ones whose packets go on
 * when it fails, or wait; as one that lies as well (lies.c); and as ones that
 * only count.
 *
 * Those of the fault matrix add one to the last byte of a frame as well.
 *
 * Each burst is counted in memory that a control hook has allocated, and
 * allocates some itself; when there is none, its packets are dropped.
 *
 * Built again as one that keeps memory: there it notes the number of each frame
 * of the fault matrix, and adds nothing to one that does not follow the one
 * before; nor to any when what it takes over does not add up.
 */

#include <xvs/keep.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef FAULT_NAME
#define FAULT_NAME "fault"
#define FAULT_ID 0x7e570040
#define FAULT_POLICY XVS_FAIL_CLOSED
#endif
#ifndef FAULT_COUNT
#define FAULT_COUNT 15          /* byte of a frame, where it adds one */
#endif
#ifndef FAULT_LAST
#define FAULT_LAST 0            /* 1: the last byte, too */
#endif
#ifndef FAULT_HONEST
#define FAULT_HONEST 0          /* 1: does nothing that it is asked for */
#endif
#ifndef FAULT_KEEPS
#define FAULT_KEEPS 0           /* 1: notes numbers in memory that it keeps */
#endif
#define TYPE 0x88b6             /* for experiments */
#define WHAT 14                 /* bytes of a frame */
#define WHEN 16
#define FLOW 24                 /* of numbered frames; the number is behind */
#define FLOWS 8u

#ifdef FAULT_LIES
#include "plugins/lies.h"
#else
static int
lies_tell(const struct xvs_host *host, struct xvs_packet *packet, int what)
{
    (void) host;
    (void) packet;
    (void) what;
    return 0;
}

static int
lies_timer(void)
{
    return 0;
}
#endif

/* In WHEN. */
enum { WITHIN, BEFORE, BEHIND, AT };

/* In WHAT. */
enum { NOTHING, CRASH, LOOP, EXIT, STACK, SLEEP, CALL, GROW, WRITE, DIVIDE,
       WILD, WAKE, WORK, ILLEGAL, TRAP, CODE, DATA, RUIN, ABORT };

#define STEP (256u << 10)       /* bytes at once ... */
#define STEPS 1200              /* ... and how often */

static const struct xvs_host *volatile our_host;

struct kept {
    uint64_t next[FLOWS];       /* number */
    uint64_t sum;               /* of them */
};

struct count {
    uint64_t bursts;
};

/* Not in the heap, which can be destroyed with a hook in it that is honest. */
static struct xvs_keep our_keep;
static int is_wrong;            /* what was taken over */
static volatile int zero;
static char *volatile grown;
static int steps;               /* that it has still to grow */
static int depth = -1;          /* is never reached */

static struct count *our_count;     /* in the heap */

static int
deeper(int n)
{
    volatile char room[4096];

    room[n % 4096] = 0;
    return n == depth ? room[0] : deeper(n + 1) + room[1];
}

/* Processor time, which a busy machine does not make shorter. */
static void
work(void)
{
    clock_t end = clock() + CLOCKS_PER_SEC / 500;

    while (clock() < end) {
    }
}

static void
change_code(void)
{
    static int (*volatile at)(int) = deeper;

    *(volatile char *) (uintptr_t) at = 0;
}

/* (It returns, where it may be run.) */
static void
run_data(void)
{
    static volatile unsigned char back = 0xc3;
    unsigned char *some = malloc(16);

    if (some) {
        *some = back;
        ((void (*)(void)) (uintptr_t) some)();
    }
}

/* The page that our_count is in, and some behind it. */
static void
ruin(volatile int *nowhere)
{
    memset((void *) ((uintptr_t) our_count & ~(uintptr_t) 4095), 0xff, 4096);
    *nowhere = 1;
}

/* What it does wrong on purpose no sanitizer shall report. */
__attribute__((no_sanitize("undefined")))
static void
do_it(uint8_t what)
{
    static volatile uintptr_t nowhere = 16;

    switch (what) {
    case CRASH:
        *(volatile int *) nowhere = 1;
        break;
    case LOOP:
        for (;;) {
            __asm__ volatile("");
        }
    case EXIT:
        _exit(3);
    case STACK:
        deeper(0);
        break;
    case SLEEP:
        for (;;) {
            pause();
        }
    case CALL:
        execl("/bin/true", "true", (char *) NULL);
        break;
    case WORK:
        work();
        break;
    case GROW:
        steps = STEPS;
        break;
    case WRITE:
        ((struct xvs_host *) (uintptr_t) our_host)->size = 0;
        break;
    case DIVIDE:
        zero = 100 / zero;
        break;
    case WILD:
        ((void (*)(void)) nowhere)();
        break;
    case ILLEGAL:
        __builtin_trap();
    case TRAP:
#ifdef __x86_64__
        __asm__ volatile("int3");
#endif
        break;
    case CODE:
        change_code();
        break;
    case DATA:
        run_data();
        break;
    case RUIN:
        ruin((volatile int *) nowhere);
        break;
    case ABORT:
        abort();
    case WAKE:
        xvs_wake(our_host);
        break;
    default:
        break;
    }
}

/* Not all at once, which would take as long as to hang. */
static void
grow(void)
{
    grown = malloc(STEP);
    for (size_t i = 0; grown && i < STEP; i += 4096) {
        grown[i] = 1;
    }
    steps--;
}

static void
fault_taken(void *self, const struct xvs_burst *burst)
{
    const struct kept *kept = our_keep.bytes;
    uint64_t sum = 0;

    (void) self;
    (void) burst;
    for (uint32_t i = 0; i < FLOWS; i++) {
        sum += kept->next[i];
    }
    is_wrong = kept->sum != sum;
}

static int
fault_init(const struct xvs_host *host, void **self)
{
    struct count *count = calloc(1, sizeof *count);

    if (!count) {
        return XVS_RESOURCES;
    }
    *self = our_count = count;
    our_host = host;
    our_keep = (struct xvs_keep) { .size = sizeof our_keep, .version = 1,
                                   .n = sizeof(struct kept),
                                   .taken = fault_taken };
    return FAULT_KEEPS ? xvs_keep(host, &our_keep) : XVS_SUCCESS;
}

static void
fault_timer(void *self)
{
    const struct count *count = self;

    if (lies_timer()) {
        return;
    }
    our_host->event(our_host, XVS_LOG_INFO,
                    count->bursts ? "woken" : "woken without a packet");
}

static int
is_ours(const struct xvs_packet *packet)
{
    return packet->ethertype == TYPE && packet->length > 20;
}

/* Does what the frame asks for at this moment. */
static void
obey(struct xvs_packet *packet, int when)
{
    /* Numbered frames, of the same type, have a zero there. */
    if (FAULT_HONEST || !packet->data[WHAT] || packet->data[WHEN] != when) {
        return;
    }
    if (!lies_tell(our_host, packet, packet->data[WHAT])) {
        do_it(packet->data[WHAT]);
        xvs_drop(packet, 1);
    }
}

static void
obey_all(struct xvs_burst *burst, int when)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        if (is_ours(burst->packets[i])) {
            obey(burst->packets[i], when);
        }
    }
}

/* Notes that the frame came; 0: it is not its turn. */
static int
is_next(const struct xvs_burst *burst, const struct xvs_packet *packet)
{
    struct kept *kept = our_keep.bytes;
    uint32_t flow;
    uint64_t number;

    if (!FAULT_KEEPS || packet->data[WHAT]) {
        return 1;
    }
    memcpy(&flow, packet->data + FLOW, sizeof flow);
    memcpy(&number, packet->data + FLOW + sizeof flow, sizeof number);
    return !is_wrong && flow < FLOWS && kept->next[flow] == number
        && xvs_keep_add(&our_keep, burst, &kept->sum, 1)
        && xvs_keep_set64(&our_keep, burst, &kept->next[flow], number + 1);
}

static void
drop_all(struct xvs_burst *burst)
{
    for (uint32_t i = 0; i < burst->n; i++) {
        xvs_drop(burst->packets[i], 1);
    }
}

static void
fault_ingress(void *self, struct xvs_burst *burst)
{
    struct count *count = self;
    char *volatile some = malloc(1000);

    count->bursts++;
    if (!some) {
        drop_all(burst);
        return;
    }
    some[999] = 1;
    free(some);
    if (steps) {
        grow();
    }
    obey_all(burst, BEFORE);
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];

        if (is_ours(packet)) {
            obey(packet, AT);
            if (is_next(burst, packet)) {
                packet->data[FAULT_COUNT]++;
                packet->data[packet->length - 1] += FAULT_LAST;
            }
            obey(packet, WITHIN);
        }
    }
    obey_all(burst, BEHIND);
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { FAULT_ID, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = FAULT_POLICY,
    .name = FAULT_NAME,
    .vendor = "xvs tests",
    .description = "Fails in its packet hook when it is asked to",
    .init = fault_init,
    .fini = free,
    .timer = fault_timer,
    .ingress = fault_ingress,
};
