/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Workers bring joins, leaves and queries, and send reports out, while the
 * control thread takes them in, changes settings and asks.  Meant for the
 * thread sanitizer; counts are checked in any build.
 */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "snoop-host.h"
#include "unit.h"

enum { N_WORKERS = 3, N_ROUNDS = 150 };

static void *self;
static atomic_bool is_over;

struct worker {
    pthread_t thread;
    uint32_t port;
    uint64_t n_reports, n_leaves;
};

/* Frames of its own, because packet hooks may write to them. */
static void *
work(void *arg)
{
    static const struct snoop_wrap wrap = { 0 };
    static _Thread_local uint8_t frames[3][1024], body[1024];
    struct worker *worker = arg;
    size_t sizes[3];

    sizes[0] = snoop_wrap(frames[0], &wrap, body,
                          snoop_list(body, false, 40, 4, 0, "239.1.1.0"));
    sizes[1] = snoop_wrap(frames[1], &wrap, body,
                          snoop_one(body, 0x17, 0, "239.1.1.1"));
    sizes[2] = snoop_wrap(frames[2], &wrap, body,
                          snoop_one(body, 0x11, 1, ""));
    while (!is_over) {
        snoop_run(self, worker->port, false, frames[0], sizes[0]);
        snoop_run(self, worker->port, false, frames[1], sizes[1]);
        snoop_run(self, 4, false, frames[2], sizes[2]);
        snoop_run(self, worker->port, true, frames[0], sizes[0]);
        worker->n_reports++;
        worker->n_leaves++;
    }
    return NULL;
}

static void
control(unsigned int round)
{
    static const struct xvs_guid members = XVS_SNOOP_MEMBER_UUID;
    struct xvs_switch_snooping body = XVS_SWITCH_SNOOPING_DEFAULTS;
    struct xvs_port port = { .size = sizeof(port), .id = 9 };

    body.max_groups_per_port = 10 + round % 20;
    body.fast_leave = round & 1;
    CU_ASSERT_EQUAL(snoop_put_switch(self, &body, ""), XVS_SUCCESS);
    CU_ASSERT_EQUAL(snoop_put_port(self, 2, round % 3), XVS_SUCCESS);
    CU_ASSERT_EQUAL(snoop_put_filter(self, round & 1 ? XVS_DELETE : XVS_ADD,
                                     1, 1, "239.1.1.8/29", 2), XVS_SUCCESS);
    CU_ASSERT_EQUAL(xvs_extension_v1.port(self, round & 1
                    ? XVS_PORT_DELETED : XVS_PORT_CREATED, &port),
                    XVS_SUCCESS);
    xvs_extension_v1.timer(self);
    CU_ASSERT(snoop_count(self, &members) <= 3 * 40);
    CU_ASSERT(snoop_port_status(self, 1).groups <= 40);
}

static void
test_threads(void)
{
    struct worker workers[N_WORKERS] = { 0 };

    self = snoop_begin();
    snoop_fake.has_workers = true;
    for (uint32_t i = 0; i < N_WORKERS; i++) {
        workers[i].port = i + 1;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (unsigned int round = 0; round < N_ROUNDS; round++) {
        control(round);
        usleep(500);
    }
    is_over = true;
    for (uint32_t i = 0; i < N_WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        CU_ASSERT_EQUAL(snoop_port_status(self, i + 1).reports,
                        workers[i].n_reports);
        CU_ASSERT_EQUAL(snoop_port_status(self, i + 1).leaves,
                        workers[i].n_leaves);
    }
    CU_ASSERT(snoop_fake.is_router[4]);
    snoop_end(self);
}

static const struct unit_test tests[] = {
    { "workers and control", test_threads },
};

UNIT_MAIN("snoop threads", tests)
