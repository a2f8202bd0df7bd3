/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The stages of bench-partition as a plugin, for domains: they touch each
 * header (touch.h), and, built with FAILING as another one, do what the first
 * frame of fail.h asks for.
 */

#include <stdlib.h>
#include <unistd.h>

#include <xvs/extension.h>

#include "bench/partition/fail.h"
#include "bench/partition/touch.h"

#ifdef FAILING

static const struct xvs_host *our_host;
static char us;                 /* its address says who we are */
static volatile int zero;
static int depth = -1;          /* is never reached */

static int
deeper(int n)
{
    volatile char room[4096];

    room[n % 4096] = 0;
    return n == depth ? room[0] : deeper(n + 1) + room[1];
}

static void
fail(uint8_t what)
{
    static int (*volatile code)(int) = deeper;
    static volatile uintptr_t nowhere = 16;

    switch (what) {
    case FAIL_NULL: *(volatile int *) nowhere = 1; break;
    case FAIL_CORE:
        ((volatile struct xvs_host *) (uintptr_t) our_host)->size = 0;
        break;
    case FAIL_CODE: *(volatile char *) (uintptr_t) code = 0; break;
    case FAIL_STACK: deeper(0); break;
    case FAIL_DIVIDE: zero = 100 / zero; break;
    case FAIL_WILD: ((void (*)(void)) nowhere)(); break;
    case FAIL_ILLEGAL: __builtin_trap();
    case FAIL_TRAP: __asm__ volatile("int3"); break;
    case FAIL_CALL: getppid(); break;
    case FAIL_HANG:
        for (;;) {
            __asm__ volatile("");
        }
    default: break;
    }
}

static void
work(void *self, struct xvs_burst *burst)
{
    touch(self, burst);
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];
        uintptr_t whom;

        if (packet->ethertype == FAIL_TYPE) {
            memcpy(&whom, packet->data + FAIL_WHOM, sizeof whom);
            if (!whom || whom == (uintptr_t) self) {
                fail(packet->data[FAIL_WHAT]);
            }
        }
    }
}

static int
begin(const struct xvs_host *host, void **self)
{
    our_host = host;
    *self = &us;
    return XVS_SUCCESS;
}

#define NAME "bench-fail"
#define ID 0xbe9c0002
#else
#define NAME "bench-touch"
#define ID 0xbe9c0001
#define work touch
#define begin NULL
#endif

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { ID, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = NAME,
    .vendor = "xvs tests",
    .description = "Touches every header",
    .init = begin,
    .ingress = work,
};
