/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Of frames of its own Ethernet type, adds one to the second byte of payload,
 * and does in its packet hook what the first one asks for: crashes, hangs, ends
 * the process, runs out of stack, stops, calls the system, takes 300 MiB,
 * writes to what is its host's, divides by zero, jumps to nowhere, works for 2 ms;
 * or wakes its control thread, which says an event.  Built a second time as one whose packets
 * go on when it fails.
 *
 * Each burst is counted in memory that a control hook has allocated, and
 * allocates some itself.
 */

#include <xvs/extension.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifndef FAULT_NAME
#define FAULT_NAME "fault"
#define FAULT_ID 0x7e570040
#define FAULT_POLICY XVS_FAIL_CLOSED
#endif
#define TYPE 0x88b6             /* for experiments */

/* The first byte of payload. */
enum { NOTHING, CRASH, LOOP, EXIT, STACK, SLEEP, CALL, GROW, WRITE, DIVIDE,
       WILD, WAKE, WORK };

#define STEP (256u << 10)       /* bytes at once ... */
#define STEPS 1200              /* ... and how often */

static const struct xvs_host *volatile our_host;

struct count {
    uint64_t bursts;
};
static volatile int zero;
static char *volatile grown;
static int steps;               /* that it has still to grow */
static int depth = -1;          /* is never reached */

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

static int
fault_init(const struct xvs_host *host, void **self)
{
    struct count *count = calloc(1, sizeof *count);

    if (!count) {
        return XVS_RESOURCES;
    }
    *self = count;
    our_host = host;
    return XVS_SUCCESS;
}

static void
fault_timer(void *self)
{
    const struct count *count = self;

    our_host->event(our_host, XVS_LOG_INFO,
                    count->bursts ? "woken" : "woken without a packet");
}

static void
fault_ingress(void *self, struct xvs_burst *burst)
{
    struct count *count = self;
    char *volatile some = malloc(1000);

    count->bursts++;
    if (some) {
        some[999] = 1;
    }
    free(some);
    if (steps) {
        grow();
    }
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];

        if (packet->ethertype != TYPE || packet->length <= 15) {
            continue;
        }
        packet->data[15]++;
        /* Numbered frames, of the same type, have a zero there. */
        if (packet->data[14]) {
            do_it(packet->data[14]);
            xvs_drop(packet, 1);
        }
    }
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
