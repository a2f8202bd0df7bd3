/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the extension guard costs for packets that are honest: drives its hook
 * with bursts of 256 frames in memory, parsed before, and prints nanoseconds
 * per packet; each number is the least of RUNS.
 *
 *     bench-guard
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/times.h"
#include "packet/parse.h"
#include "unit/guard-host.h"

#define RUNS 50
#define BURSTS 200

enum { UDP = 17 };

static struct guard_frame frames[XVS_BURST];
static struct xvs_packet packets[XVS_BURST];
static struct xvs_burst burst;

/* All frames as this one, of port 1. */
static void
fill(const struct guard_frame *frame)
{
    burst.n = XVS_BURST;
    for (uint32_t i = 0; i < XVS_BURST; i++) {
        frames[i] = *frame;
        packets[i] = (struct xvs_packet) {
            .data = frames[i].bytes, .length = frame->size,
            .total = frame->size, .in_port = 1, .time = guard_now };
        parse_packet(&packets[i]);
        burst.packets[i] = &packets[i];
    }
}

static void
measure(void *self, const char *name, struct guard_frame *frame)
{
    double least = 1e9;

    if (guard_run(self, 1, frame) != GUARD_PASS) {
        fprintf(stderr, "%s: does not pass\n", name);
        exit(1);
    }
    fill(frame);
    for (int run = 0; run < RUNS; run++) {
        double start = times_now(CLOCK_MONOTONIC), took;

        for (int i = 0; i < BURSTS; i++) {
            xvs_extension_v1.ingress(self, &burst);
        }
        took = (times_now(CLOCK_MONOTONIC) - start) / BURSTS / XVS_BURST;
        least = took < least ? took : least;
    }
    printf("%-44s %5.1f ns\n", name, least);
}

static void
ipv4(struct guard_frame *frame, const char *source)
{
    frame_start(frame, MAC_A, 0);
    frame_ipv4(frame, source, "192.0.2.9", UDP);
    frame_udp(frame, 1000, 1000);
}

static void
ipv6(struct guard_frame *frame, const char *source)
{
    frame_start(frame, MAC_A, 0);
    frame_ipv6(frame, source, "2001:db8::9", UDP);
    frame_udp(frame, 1000, 1000);
}

/* A lease in each of the port's places; the last one is .16. */
static void
lease_all(void *self)
{
    struct guard_frame frame;
    char address[16];

    for (uint32_t i = 1; i <= GUARD_LEASES; i++) {
        snprintf(address, sizeof(address), "198.51.100.%u", i);
        frame_start(&frame, MAC_A, 0);
        frame_ipv4(&frame, "0.0.0.0", "255.255.255.255", UDP);
        frame_udp(&frame, 68, 67);
        frame_dhcp(&frame, 1, 3, i, MAC_A, "0.0.0.0", 0);
        guard_run(self, 1, &frame);
        frame_start(&frame, MAC_B, 0);
        frame_ipv4(&frame, "192.0.2.254", "255.255.255.255", UDP);
        frame_udp(&frame, 67, 68);
        frame_dhcp(&frame, 2, 5, i, MAC_A, address, 1000);
        guard_run(self, 3, &frame);
    }
}

int
main(void)
{
    const struct guard_test_settings trusted = {
        .given = 1u << GUARD_IS_TRUSTED, .trusted = 1 };
    struct guard_test_settings own = {
        .given = 1u << GUARD_IS_SNOOPING, .snooping = 1 };
    struct guard_frame frame;
    void *self = guard_begin();
    char address[16];

    ipv4(&frame, "192.0.2.1");
    measure(self, "not guarded", &frame);
    guard_put(self, XVS_ADD, 1, 1, &own);
    guard_put(self, XVS_ADD, 3, 2, &trusted);
    guard_put_address(self, XVS_ADD, 1, 3, "192.0.2.1");
    guard_put_address(self, XVS_ADD, 1, 4, "2001:db8::1");
    measure(self, "IPv4, the only address", &frame);
    ipv6(&frame, "2001:db8::1");
    measure(self, "IPv6, the only address", &frame);
    ipv6(&frame, LOCAL_A);
    measure(self, "IPv6, link-local", &frame);
    frame_start(&frame, MAC_A, 0);
    frame_arp(&frame, 1, MAC_A, "192.0.2.1", "192.0.2.7");
    measure(self, "ARP", &frame);
    lease_all(self);
    ipv4(&frame, "198.51.100.16");
    measure(self, "IPv4, the last of 16 leases", &frame);
    for (uint32_t i = 2; i < GUARD_ADDRESSES; i++) {
        snprintf(address, sizeof(address), "203.0.113.%u", i);
        guard_put_address(self, XVS_ADD, 1, 10 + i, address);
    }
    ipv4(&frame, "203.0.113.63");
    measure(self, "IPv4, the last of 63 addresses", &frame);
    guard_end(self);
    return 0;
}
