/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Workers send honest and other frames, and servers give leases, while the
 * control thread changes settings, asks and looks for offences.  Meant for
 * the thread sanitizer; verdicts are checked in any build.
 */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "guard-host.h"
#include "unit.h"

enum { UDP = 17, N_GUESTS = 2, N_ROUNDS = 200 };

static void *self;
static atomic_bool is_over;

struct worker {
    pthread_t thread;
    uint64_t wrong;             /* verdicts */
};

/* Of a guest that has its address, and does not have the next one. */
static void *
be_guest(void *arg)
{
    struct worker *worker = arg;
    struct guard_frame good, bad;

    for (int i = 0; i < 2; i++) {
        struct guard_frame *frame = i ? &bad : &good;

        frame_start(frame, MAC_A, 0);
        frame_ipv4(frame, i ? "192.0.2.2" : "192.0.2.1", "192.0.2.9", UDP);
        frame_udp(frame, 1000, 1000);
    }
    while (!is_over) {
        worker->wrong += guard_run(self, 1, &good) != GUARD_PASS;
        worker->wrong += guard_run(self, 1, &bad) != GUARD_SPOOFED_IPV4;
    }
    return NULL;
}

/* Asks at port 1, and answers at port 3. */
static void *
be_server(void *arg)
{
    struct worker *worker = arg;
    struct guard_frame frame;

    for (uint32_t number = 0; !is_over; number++) {
        frame_start(&frame, MAC_A, 0);
        frame_ipv4(&frame, "0.0.0.0", "255.255.255.255", UDP);
        frame_udp(&frame, 68, 67);
        frame_dhcp(&frame, 1, 3, number, MAC_A, "0.0.0.0", 0);
        worker->wrong += guard_run(self, 1, &frame) != GUARD_PASS;
        frame_start(&frame, MAC_B, 0);
        frame_ipv4(&frame, "192.0.2.254", "255.255.255.255", UDP);
        frame_udp(&frame, 67, 68);
        frame_dhcp(&frame, 2, 5, number, MAC_A,
                   number & 1 ? "192.0.2.50" : "192.0.2.51", 100);
        worker->wrong += guard_run(self, 3, &frame) != GUARD_PASS;
    }
    return NULL;
}

static void
control(uint32_t round)
{
    struct guard_test_settings own = {
        .given = 1u << GUARD_IS_SNOOPING | 1u << GUARD_IS_ARP_RATE,
        .snooping = 1, .arp_rate = round };
    char text[80];

    CU_ASSERT_EQUAL(guard_put(self, XVS_UPDATE, 1, 1, &own), XVS_SUCCESS);
    CU_ASSERT_EQUAL(guard_put_address(self, round & 1 ? XVS_ADD : XVS_DELETE,
                                      1, 7, "2001:db8::/64"), XVS_SUCCESS);
    guard_now += 1000000;
    xvs_extension_v1.timer(self);
    guard_port_status(self, 1);
    CU_ASSERT(guard_port_leases(self, 1, text) <= GUARD_LEASES);
}

static void
test_threads(void)
{
    struct guard_test_settings own = {
        .given = 1u << GUARD_IS_SNOOPING, .snooping = 1 };
    struct guard_test_settings trusted = {
        .given = 1u << GUARD_IS_TRUSTED, .trusted = 1 };
    struct worker workers[N_GUESTS + 1] = { 0 };
    char text[80];

    self = guard_begin();
    guard_put(self, XVS_ADD, 1, 1, &own);
    guard_put(self, XVS_ADD, 3, 2, &trusted);
    guard_put_address(self, XVS_ADD, 1, 3, "192.0.2.1");
    for (int i = 0; i <= N_GUESTS; i++) {
        pthread_create(&workers[i].thread, NULL,
                       i < N_GUESTS ? be_guest : be_server, &workers[i]);
    }
    /* What is retired stays until the workers are done. */
    for (uint32_t round = 1; round < N_ROUNDS; round++) {
        control(round);
        usleep(500);
    }
    is_over = true;
    for (int i = 0; i <= N_GUESTS; i++) {
        pthread_join(workers[i].thread, NULL);
        CU_ASSERT_EQUAL(workers[i].wrong, 0);
    }
    CU_ASSERT_EQUAL(guard_port_leases(self, 1, text), 2);
    guard_end(self);
}

static const struct unit_test tests[] = {
    { "workers and control", test_threads },
};

UNIT_MAIN("guard threads", tests)
