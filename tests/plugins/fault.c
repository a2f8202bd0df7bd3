/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Counts in its packet hook, and does there what frames of its own Ethernet
 * type ask for: crashes, hangs, ends the process, runs out of stack, stops.
 */

#include <xvs/extension.h>

#include <stdlib.h>
#include <unistd.h>

#define TYPE 0x88b6             /* for experiments */

/* The first byte of payload. */
enum { NOTHING, CRASH, LOOP, EXIT, STACK, SLEEP, CALL };

static int depth = -1;          /* is never reached */

static int
deeper(int n)
{
    volatile char room[4096];

    room[n % 4096] = 0;
    return n == depth ? room[0] : deeper(n + 1) + room[1];
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
    default:
        break;
    }
}

static void
fault_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        if (packet->ethertype == TYPE && packet->length > 14) {
            do_it(packet->data[14]);
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
