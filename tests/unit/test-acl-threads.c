/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Workers send both directions of the same connections while the control
 * thread changes rules, sweeps, asks and resets.  Meant for the thread
 * sanitizer; counts are checked in any build.
 */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "acl-host.h"
#include "unit.h"

enum { ALLOW = 1, DENY = 2, UDP = 17, N_WORKERS = 3, N_ROUNDS = 200,
       N_FLOWS = 16 };

static void *self;
static atomic_bool is_over;

struct worker {
    pthread_t thread;
    uint64_t n_sent, n_passed;
};

/* Fills a burst with both directions of some connections. */
static void
fill(struct xvs_burst *burst, struct xvs_packet *packets,
     uint8_t frames[][512], bool out)
{
    struct acl_test_packet from = {
        .protocol = UDP,
        .source = out ? "198.51.100.2" : "192.0.2.1",
        .destination = out ? "192.0.2.1" : "198.51.100.2",
        .source_port = 9, .destination_port = 9,
    };

    burst->n = N_FLOWS;
    for (uint16_t i = 0; i < N_FLOWS; i++) {
        *(out ? &from.destination_port : &from.source_port) = i;
        acl_make_packet(&packets[i], frames[i], &from);
        packets[i].in_port = packets[i].out_port = 1;
        burst->packets[i] = &packets[i];
    }
}

static void *
work(void *arg)
{
    static _Thread_local uint8_t frames[2][N_FLOWS][512];
    struct xvs_packet packets[2][N_FLOWS];
    struct xvs_burst bursts[2];
    struct worker *worker = arg;

    fill(&bursts[0], packets[0], frames[0], false);
    fill(&bursts[1], packets[1], frames[1], true);
    while (!is_over) {
        for (int out = 0; out < 2; out++) {
            for (uint32_t j = 0; j < N_FLOWS; j++) {
                packets[out][j].verdict = XVS_PASS;
                packets[out][j].time = acl_now;
            }
        }
        xvs_extension_v1.ingress(self, &bursts[0]);
        xvs_extension_v1.egress(self, &bursts[1]);
        for (uint32_t j = 0; j < N_FLOWS; j++) {
            worker->n_passed += packets[0][j].verdict == XVS_PASS;
            worker->n_passed += packets[1][j].verdict == XVS_PASS;
        }
        worker->n_sent += 2 * N_FLOWS;
    }
    return NULL;
}

static void
control(unsigned int round)
{
    struct acl_test_rule rule = { .port = 1, .priority = 1 + round % 2,
                                  .action = ALLOW, .stateful = 1,
                                  .direction = 1 };
    struct acl_test_rule deny = { .port = 0, .priority = 5, .action = DENY,
                                  .source = "203.0.113.0/24" };

    CU_ASSERT_EQUAL(acl_put_rule(self, XVS_UPDATE, 1, &rule), XVS_SUCCESS);
    if (round % 3 == 0) {
        CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 2, &deny), XVS_SUCCESS);
    } else if (round % 3 == 1) {
        CU_ASSERT_EQUAL(acl_delete_rule(self, 0, 2), XVS_SUCCESS);
    }
    /* Connections are looked through in one of ten; what has changed is
     * compiled in the second tick. */
    acl_now += 100000000;
    xvs_extension_v1.timer(self);
    xvs_extension_v1.timer(self);
    CU_ASSERT(acl_port_status(self, 1).connections <= N_FLOWS);
    acl_rule_packets(self, 1, 1);
}

/* So many that they are compiled. */
static void
put_others(void)
{
    struct acl_test_rule other = { .port = 0, .priority = 4, .action = DENY,
                                   .protocol = UDP };

    for (uint16_t i = 0; i < 40; i++) {
        other.source_low = (uint16_t) (1000 + i);
        CU_ASSERT_EQUAL(acl_put_rule(self, XVS_ADD, 100u + i, &other),
                        XVS_SUCCESS);
    }
}

static void
test_threads(void)
{
    struct worker workers[N_WORKERS] = { 0 };
    uint64_t total = 0;

    self = acl_begin();
    acl_put_policy(self, 1, DENY, 1000);
    put_others();
    control(2);
    for (int i = 0; i < N_WORKERS; i++) {
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    /* What is retired stays until the workers are done. */
    for (unsigned int round = 3; round < N_ROUNDS; round++) {
        control(round);
        usleep(500);
    }
    is_over = true;
    for (int i = 0; i < N_WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        CU_ASSERT_EQUAL(workers[i].n_passed, workers[i].n_sent);
        total += workers[i].n_sent;
    }
    CU_ASSERT_EQUAL(acl_rule_packets(self, 1, 1), total);
    CU_ASSERT_EQUAL(acl_port_status(self, 1).connections, N_FLOWS);
    acl_end(self);
}

static const struct unit_test tests[] = {
    { "workers and control", test_threads },
};

UNIT_MAIN("acl threads", tests)
