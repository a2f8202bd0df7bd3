/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Links of many streams: what goes in at one end comes out at the other, byte
 * for byte and end for end, however it is cut on the way; who breaks the rules
 * costs little and harms nobody else.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "mux-pair.h"
#include "unit.h"

static void
create(uint32_t streams)
{
    pair_create(42, streams);
    pair_settle();
}

static void
test_greeting(void)
{
    uint16_t ports[] = { 22, 5985 };

    create(100);
    CU_ASSERT_EQUAL(pair.host.n_up, 1);
    CU_ASSERT_EQUAL(pair.guest.n_up, 1);
    CU_ASSERT_STRING_EQUAL(pair.host.peer.name, "guest");
    CU_ASSERT_EQUAL(pair.guest.peer.streams, 100);
    mux_ping(pair.host.mux, 77);
    mux_services(pair.guest.mux, ports, 2);
    pair_settle();
    CU_ASSERT_EQUAL(pair.host.pong, 77);
    CU_ASSERT_EQUAL(pair.host.n_ports, 2);
    CU_ASSERT_EQUAL(pair.host.last_port, 5985);
    CU_ASSERT_FALSE(mux_has_output(pair.host.mux));
    CU_ASSERT_FALSE(mux_has_output(pair.guest.mux));
    pair_destroy();
}

static void
test_refused(void)
{
    create(2);
    CU_ASSERT(pair_open(&pair.host, 0));
    pair_settle();
    CU_ASSERT(pair.host.talks[0].refused);
    CU_ASSERT_STRING_EQUAL(pair.host.reason, "1ot here");
    /* As many as there may be; and again when one has gone. */
    CU_ASSERT(pair_open(&pair.host, 1));
    CU_ASSERT(pair_open(&pair.host, 2));
    CU_ASSERT_FALSE(pair_open(&pair.host, 3));
    pair_settle();
    pair_serve(&pair.host);
    pair_serve(&pair.guest);
    pair_settle();
    CU_ASSERT(pair_open(&pair.host, 3));
    pair_destroy();
}

/* One that was begun and given up before an answer came. */
static void
test_given_up(void)
{
    create(10);
    pair_open(&pair.host, 5);
    mux_close(pair.host.talks[5].stream, true);
    CU_ASSERT_EQUAL(pair.host.mux->n_streams, 0);
    pair_open(&pair.host, 6);
    pair_write(&pair.host, SIZE_MAX);
    mux_close(pair.host.talks[6].stream, true);
    pair.host.talks[6].stream = NULL;
    pair_settle();
    CU_ASSERT(pair.guest.talks[6].reset);
    CU_ASSERT_EQUAL(pair.host.mux->n_streams, 0);
    CU_ASSERT_EQUAL(pair.guest.mux->n_streams, 0);
    CU_ASSERT_PTR_NULL(mux_broken(pair.host.mux));
    pair_destroy();
}

/* Who closes does not wait for ever for the other end to do so. */
static void
test_sweep(void)
{
    create(10);
    pair.plans[7][1].size = 1000000;
    pair_open(&pair.host, 7);
    pair_settle();
    mux_close(pair.host.talks[7].stream, false);
    pair.host.talks[7].stream = NULL;
    CU_ASSERT_EQUAL(mux_streams(pair.host.mux), 0);
    CU_ASSERT_EQUAL(pair.host.mux->n_streams, 1);
    pair_settle();
    mux_sweep(pair.host.mux);
    pair_settle();
    mux_sweep(pair.host.mux);
    pair_settle();
    CU_ASSERT(pair.guest.talks[7].reset);
    CU_ASSERT_EQUAL(pair.host.mux->n_streams, 0);
    pair_destroy();
}

static bool
as_planned(uint16_t port)
{
    const struct talk *host = &pair.host.talks[port];
    const struct talk *guest = &pair.guest.talks[port];
    const struct plan *plan = pair.plans[port];

    if (host->wrong || guest->wrong || !pair_over(port)) {
        return false;
    }
    if (plan[0].reset || plan[1].reset) {
        return host->reset && guest->reset;
    }
    return !host->reset && !guest->reset && host->ended && guest->ended
        && host->received == plan[1].size && guest->received == plan[0].size;
}

static void
make_plans(void)
{
    for (uint16_t port = 1; port < PAIR_PORTS; port++) {
        for (int way = 0; way < 2; way++) {
            static const uint32_t most[] = { 1, 10, 5000, 400000 };

            pair.plans[port][way].size = pair_random(most[pair_random(4)]);
            pair.plans[port][way].reset = pair_random(12) == 0;
        }
    }
}

static void
step(void)
{
    struct end *end = pair_random(2) ? &pair.host : &pair.guest;
    size_t n = pair_random(8) ? pair_random(40000) : pair_random(20);

    switch (pair_random(5)) {
    case 0:
    case 1:
        pair_write(end, n);
        break;
    case 2:
    case 3:
        pair_arrive(end, n);
        break;
    default:
        pair_serve(end);
    }
}

static bool
all_over(void)
{
    for (uint16_t port = 1; port < PAIR_PORTS; port++) {
        if (!pair_over(port)) {
            return false;
        }
    }
    return true;
}

static void
open_all(void)
{
    for (uint16_t port = 1; port < PAIR_PORTS; port++) {
        CU_ASSERT(pair_open(port < PAIR_THEIRS ? &pair.host : &pair.guest,
                            port));
        step();
    }
}

static void
check_clean(const struct mux *mux)
{
    CU_ASSERT_EQUAL(mux->n_streams, 0);
    CU_ASSERT_EQUAL(mux->n_left, 0);
    CU_ASSERT_EQUAL(mux->n_ours, 0);
    CU_ASSERT_EQUAL(mux->n_theirs, 0);
    CU_ASSERT_EQUAL(mux->budget_used, 0);
    CU_ASSERT_PTR_NULL(mux_broken(mux));
}

/* As owners do. */
static void
mend(struct end *end)
{
    if (mux_broken(end->mux)) {
        mux_start(end->mux);
    }
}

/* An end begins anew, perhaps in another process: what is on its way stays
 * there, cut as it is. */
static void
replace(struct end *end)
{
    pair.host.salt++;
    if (pair_random(2)) {
        end->mux->config.seed = pair.random;
    }
    mux_start(end->mux);
    for (int i = 0; i < 20; i++) {
        step();
        mend(&pair.host);
        mend(&pair.guest);
    }
    for (int i = 0; i < 4; i++) {
        pair_settle();
        mend(&pair.host);
        mend(&pair.guest);
    }
    CU_ASSERT(mux_is_up(pair.host.mux) && mux_is_up(pair.guest.mux));
    for (uint16_t port = 1; port < PAIR_PORTS; port++) {
        CU_ASSERT(pair_over(port));
    }
}

/* Opens all and serves them for so many steps. */
static void
run(int steps)
{
    make_plans();
    open_all();
    for (int i = 0; i < steps && !all_over(); i++) {
        step();
    }
}

static void
check_all(void)
{
    for (uint16_t port = 1; port < PAIR_PORTS; port++) {
        CU_ASSERT(as_planned(port));
    }
    pair_settle();
    check_clean(pair.host.mux);
    check_clean(pair.guest.mux);
}

static void
test_random(void)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        pair_create(seed, 100);
        pair_settle();
        run(100000);
        check_all();
        pair_destroy();
    }
}

static void
test_replaced(void)
{
    for (uint64_t seed = 1; seed <= 16; seed++) {
        pair_create(seed, 100);
        pair_settle();
        run((int) pair_random(300));
        replace(pair_random(2) ? &pair.host : &pair.guest);
        check_clean(pair.host.mux);
        check_clean(pair.guest.mux);
        if (seed % 4 == 0) {
            run(100000);
            check_all();
        }
        pair_destroy();
    }
}

static const struct unit_test tests[] = {
    { "greeting, ping, services", test_greeting },
    { "refused, and as many as may be", test_refused },
    { "given up before the answer", test_given_up },
    { "closed at one end only", test_sweep },
    { "anything, cut anywhere", test_random },
    { "an end is replaced", test_replaced },
};

UNIT_MAIN("mux", tests)
