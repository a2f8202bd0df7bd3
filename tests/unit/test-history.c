/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who judges the stream of the fault matrix sees everything that can become of
 * a frame, and counts it as what it is.
 */

#include <config.h>

#include <string.h>

#include "matrix/history.h"
#include "matrix/matrix.h"
#include "unit/unit.h"

static struct ledger ledger;
static struct history *history;

static void
begin(void)
{
    memset(&ledger, 0, sizeof ledger);
    history = history_create();
}

/* A frame as it leaves the last stage. */
static uint32_t
passed(uint8_t *frame, uint32_t flow, uint64_t number)
{
    uint32_t size = history_fill(frame, flow, number);

    for (uint32_t i = 0; i < STAGES; i++) {
        frame[HISTORY_COUNTS + i]++;
        frame[size - 1]++;
    }
    return size;
}

static void
come(uint32_t flow, uint64_t number)
{
    uint8_t frame[HISTORY_FRAME];
    uint32_t size = passed(frame, flow, number);

    history_take(history, &ledger, frame, size);
}

/* The numbers from 'first' to 'last', of all flows. */
static void
come_all(uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++) {
        for (uint32_t flow = 0; flow < HISTORY_FLOWS; flow++) {
            come(flow, number);
        }
    }
}

static void
end(uint64_t taken, uint64_t missing, uint64_t late, uint64_t doubled,
    uint64_t damaged)
{
    CU_ASSERT_EQUAL(ledger.taken[0], taken);
    CU_ASSERT_EQUAL(ledger.missing, missing);
    CU_ASSERT_EQUAL(ledger.late, late);
    CU_ASSERT_EQUAL(ledger.doubled, doubled);
    CU_ASSERT_EQUAL(ledger.damaged, damaged);
    history_destroy(history);
}

static void
test_whole(void)
{
    begin();
    come_all(0, 4999);
    end(5000 * HISTORY_FLOWS, 0, 0, 0, 0);
}

static void
test_flows_are_apart(void)
{
    begin();
    for (uint32_t flow = HISTORY_FLOWS; flow-- > 0;) {
        for (uint64_t number = 0; number < 100 + flow; number++) {
            come(flow, number);
        }
    }
    end(100 * HISTORY_FLOWS + HISTORY_FLOWS * (HISTORY_FLOWS - 1) / 2, 0, 0,
        0, 0);
}

static void
test_lost(void)
{
    begin();
    come_all(0, 9);
    come_all(11, 20);
    come(3, 22);
    /* (The last of a flow is missed by who knows how many were sent.) */
    end(20 * HISTORY_FLOWS + 1, HISTORY_FLOWS + 1, 0, 0, 0);
}

static void
test_first_lost(void)
{
    begin();
    come(0, 1);
    end(1, 1, 0, 0, 0);
}

static void
test_many_lost(void)
{
    begin();
    come(0, 0);
    come(0, 3001);
    end(2, 3000, 0, 0, 0);
}

static void
test_late(void)
{
    begin();
    come_all(0, 9);
    come(2, 11);
    come(2, 10);
    come(2, 12);
    end(10 * HISTORY_FLOWS + 3, 0, 1, 0, 0);
}

static void
test_reversed(void)
{
    begin();
    for (uint64_t number = 32; number-- > 0;) {
        come(0, number);
    }
    end(32, 0, 31, 0, 0);
}

static void
test_doubled(void)
{
    begin();
    come_all(0, 9);
    come(2, 9);
    come(3, 4);
    come(4, 0);
    come_all(10, 11);
    end(12 * HISTORY_FLOWS + 3, 0, 0, 3, 0);
}

/* One that was late is there now. */
static void
test_late_and_doubled(void)
{
    begin();
    come(0, 0);
    come(0, 2);
    come(0, 1);
    come(0, 1);
    come(0, 1);
    end(5, 0, 1, 2, 0);
}

/* Each byte of a frame but those by which it is known to be one of ours. */
static void
test_damaged(void)
{
    uint8_t frame[HISTORY_FRAME];
    uint32_t size = passed(frame, 5, 7), n = 0;

    begin();
    for (uint32_t i = 0; i < size; i++) {
        if (i != HISTORY_TYPE && i != HISTORY_TYPE + 1) {
            frame[i] ^= 1;
            history_take(history, &ledger, frame, size);
            frame[i] ^= 1;
            n++;
        }
    }
    end(n, 0, 0, 0, n);
}

static void
test_other_size(void)
{
    uint8_t frame[HISTORY_FRAME + 1] = { 0 };
    uint32_t size = passed(frame, 5, 7);

    begin();
    history_take(history, &ledger, frame, size - 1);
    history_take(history, &ledger, frame, size + 1);
    end(2, 0, 0, 0, 2);
}

/* A hook that it has not met, and one that it has met twice. */
static void
test_hooks(void)
{
    uint8_t frame[HISTORY_FRAME];
    uint32_t size;

    begin();
    for (uint32_t i = 0; i < STAGES; i++) {
        size = passed(frame, 0, i);
        frame[HISTORY_COUNTS + i] = 0;
        history_take(history, &ledger, frame, size);
        frame[HISTORY_COUNTS + i] = 2;
        history_take(history, &ledger, frame, size);
    }
    size = passed(frame, 0, STAGES);
    frame[HISTORY_COUNTS + STAGES] = 1;
    history_take(history, &ledger, frame, size);
    end(2 * STAGES + 1, 0, 0, 0, 2 * STAGES + 1);
}

static void
test_others(void)
{
    uint8_t frame[HISTORY_FRAME];
    uint32_t size = passed(frame, 0, 0);

    begin();
    frame[HISTORY_TYPE + 1] = 0xb5;
    history_take(history, &ledger, frame, size);
    history_take(history, &ledger, history_head, sizeof history_head);
    end(0, 0, 0, 0, 0);
}

static const struct unit_test tests[] = {
    { "all come, in order", test_whole },
    { "flows are apart from each other", test_flows_are_apart },
    { "some are lost", test_lost },
    { "the first is lost", test_first_lost },
    { "more are lost than are remembered", test_many_lost },
    { "one overtakes another", test_late },
    { "all of a burst come the other way round", test_reversed },
    { "some come twice", test_doubled },
    { "a late one comes twice", test_late_and_doubled },
    { "any byte is another", test_damaged },
    { "a frame is shorter or longer", test_other_size },
    { "a hook is missing, or came twice", test_hooks },
    { "frames of others", test_others },
};

UNIT_MAIN("history", tests)
