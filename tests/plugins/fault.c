/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Of frames of its own Ethernet type, adds one to the second byte of payload,
 * and does in its packet hook what the first one asks for: crashes, hangs, ends
 * the process, runs out of stack, stops, calls the system, takes 300 MiB, works
 * for 2 ms.
 */

#include <xvs/extension.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TYPE 0x88b6             /* for experiments */

/* The first byte of payload. */
enum { NOTHING, CRASH, LOOP, EXIT, STACK, SLEEP, CALL, GROW, WORK };

#define STEP (256u << 10)       /* bytes at once ... */
#define STEPS 1200              /* ... and how often */

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
fault_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
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
    .id = { 0x7e570040, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "fault",
    .vendor = "xvs tests",
    .description = "Fails in its packet hook when it is asked to",
    .ingress = fault_ingress,
};
