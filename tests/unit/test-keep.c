/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Kept memory: what is taken back of a log, also of one that is forged; whose
 * the memory is, and what an instance finds in it.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/futex.h>

#include "base/error.h"
#include "stage/keep/keep.h"
#include "stage/keep/log.h"
#include "stage/lane/share.h"
#include "unit.h"

#define N 64u                   /* bytes */

static const struct xvs_guid id = { .a = 1 };
static const struct xvs_guid other = { .a = 2 };

/* An extension's memory, as a process has it. */
struct memory {
    struct xvs_keep keep;
    struct xvs_keep_log *logs;
    struct xvs_burst burst;
    uint32_t mine;
    _Alignas(8) uint8_t bytes[N];
};

static struct memory *
begin(void)
{
    struct memory *memory = calloc(1, sizeof *memory);

    memory->logs = calloc(2, sizeof *memory->logs);
    memory->mine = 1;
    memory->keep = (struct xvs_keep) {
        .size = sizeof memory->keep, .n = N, .bytes = memory->bytes,
        .mine = &memory->mine, .logs = memory->logs };
    return memory;
}

static void
end(struct memory *memory)
{
    free(memory->logs);
    free(memory);
}

static uint64_t
undo(struct memory *memory, uint32_t log, bool good)
{
    uint64_t n = 0;

    CU_ASSERT_EQUAL(keep_log_undo(&memory->logs[log], memory->bytes, N, &n),
                    good);
    CU_ASSERT_EQUAL(memory->logs[log].n, 0);
    return n;
}

/* ---- The log -------------------------------------------------------------- */

/* Newest first: what was written twice is as it was before the first. */
static void
test_undo(void)
{
    struct memory *memory = begin();
    uint8_t before[N], text[20] = "written over it all";
    uint64_t *words = (void *) memory->bytes;

    for (uint32_t i = 0; i < N; i++) {
        memory->bytes[i] = (uint8_t) (i * 7);
    }
    memcpy(before, memory->bytes, N);
    CU_ASSERT(xvs_keep_set(&memory->keep, &memory->burst, memory->bytes + 3,
                           text, sizeof text));
    CU_ASSERT_EQUAL(memcmp(memory->bytes + 3, text, sizeof text), 0);
    CU_ASSERT_EQUAL(memory->logs[1].n, 3);
    for (uint64_t i = 0; i < 5; i++) {
        CU_ASSERT(xvs_keep_set64(&memory->keep, &memory->burst, &words[4],
                                 i));
        CU_ASSERT(xvs_keep_add(&memory->keep, &memory->burst, &words[0], 1));
    }
    CU_ASSERT(xvs_keep_set32(&memory->keep, &memory->burst,
                             (uint32_t *) &words[5], 99));
    CU_ASSERT_EQUAL(undo(memory, 1, true), 14);
    CU_ASSERT_EQUAL(memcmp(memory->bytes, before, N), 0);
    /* Once more is nothing. */
    CU_ASSERT_EQUAL(undo(memory, 1, true), 0);
    end(memory);
}

/* Where several add, what is taken back is only what was added. */
static void
test_shared(void)
{
    struct memory *memory = begin();
    uint64_t *words = (void *) memory->bytes;

    memory->keep.shared = 1;
    CU_ASSERT(xvs_keep_add(&memory->keep, &memory->burst, &words[1], 5));
    words[1] += 10;             /* by another */
    CU_ASSERT(xvs_keep_add(&memory->keep, &memory->burst, &words[1], 7));
    CU_ASSERT_EQUAL(words[1], 22);
    CU_ASSERT_EQUAL(undo(memory, 1, true), 2);
    CU_ASSERT_EQUAL(words[1], 10);
    end(memory);
}

/* What may not be written is not. */
static void
test_limits(void)
{
    struct memory *memory = begin();
    uint64_t *words = (void *) memory->bytes, elsewhere = 3;
    uint8_t text[N] = { 1 };

    CU_ASSERT(!xvs_keep_set64(&memory->keep, &memory->burst, &elsewhere, 4));
    CU_ASSERT(!xvs_keep_add(&memory->keep, &memory->burst, &words[8], 4));
    CU_ASSERT(!xvs_keep_set(&memory->keep, &memory->burst,
                            memory->bytes + N - 3, text, 4));
    CU_ASSERT(!xvs_keep_set(&memory->keep, &memory->burst,
                            memory->bytes - 1, text, 4));
    CU_ASSERT_EQUAL(elsewhere, 3);
    /* Control hooks: only of the owner, and in a log of their own. */
    CU_ASSERT(xvs_keep_set64(&memory->keep, NULL, &words[0], 1));
    CU_ASSERT_EQUAL(memory->logs[0].n, 1);
    memory->mine = 0;
    CU_ASSERT(!xvs_keep_set64(&memory->keep, NULL, &words[0], 2));
    CU_ASSERT(xvs_keep_set64(&memory->keep, &memory->burst, &words[0], 3));
    CU_ASSERT_EQUAL(words[0], 3);
    memory->logs[1].n = 0;
    for (uint32_t i = 0; i < XVS_KEEP_ENTRIES; i++) {
        CU_ASSERT_FATAL(xvs_keep_set64(&memory->keep, &memory->burst,
                                       &words[i % 8], i));
    }
    CU_ASSERT(!xvs_keep_set64(&memory->keep, &memory->burst, &words[1], 0));
    CU_ASSERT_EQUAL(words[1], XVS_KEEP_ENTRIES - 7);
    CU_ASSERT_EQUAL(undo(memory, 1, true), XVS_KEEP_ENTRIES);
    CU_ASSERT_EQUAL(words[0], 3);
    end(memory);
}

/* Each forged entry is left out, and the others are not. */
static void
test_forged(void)
{
    static const struct xvs_keep_entry forged[] = {
        { N, 1, 0xff }, { N - 7, 8, 0xff }, { UINT32_MAX, 8, 0xff },
        { UINT32_MAX - 3, 4, 0xff }, { 0, 0, 0xff }, { 0, 9, 0xff },
        { 0, UINT32_MAX, 0xff }, { 4, XVS_KEEP_ADDED, 0xff },
        { N - 4, XVS_KEEP_ADDED, 0xff }, { N, XVS_KEEP_ADDED, 0xff },
        { 0, XVS_KEEP_ADDED | 8, 0xff },
    };
    const uint32_t n = sizeof forged / sizeof forged[0];
    struct memory *memory = begin();
    uint64_t *words = (void *) memory->bytes;

    words[7] = 1;
    CU_ASSERT(xvs_keep_set64(&memory->keep, &memory->burst, &words[7], 2));
    memcpy(&memory->logs[1].entries[1], forged, sizeof forged);
    memory->logs[1].n = 1 + n;
    CU_ASSERT_EQUAL(undo(memory, 1, false), 1);
    CU_ASSERT_EQUAL(words[7], 1);
    for (int i = 0; i < 7; i++) {
        CU_ASSERT_EQUAL(words[i], 0);
    }
    /* A count that cannot be. */
    memory->logs[1].n = XVS_KEEP_ENTRIES + 1;
    CU_ASSERT_EQUAL(undo(memory, 1, false), 0);
    memory->logs[1].n = UINT32_MAX;
    CU_ASSERT_EQUAL(undo(memory, 1, false), 0);
    end(memory);
}

/* What was written for packets that are finished is for good. */
static void
test_settle(void)
{
    const struct {
        uint64_t whose;
        bool good, taken_back;
    } cases[] = {
        { keep_log_whose(0, 10), true, true },
        { keep_log_whose(0, 9), true, false },
        { keep_log_whose(1, 20), true, true },
        { keep_log_whose(1, 10), true, false },
        { keep_log_whose(2, 10), false, false },
        { 10, false, false },
        { KEEP_LOG_HOOK, true, true },
        { UINT64_MAX - 1, false, false },
    };
    const uint32_t done[] = { 10, 0, 20, 0 };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memory *memory = begin();
        uint64_t *words = (void *) memory->bytes, n = 0;

        keep_log_begin(&memory->logs[1], cases[i].whose);
        CU_ASSERT(xvs_keep_set64(&memory->keep, &memory->burst, words, 5));
        CU_ASSERT_EQUAL(keep_log_settle(&memory->logs[1], memory->bytes, N,
                                        done, 2, 2 * sizeof *done, &n),
                        cases[i].good);
        CU_ASSERT_EQUAL(words[0], cases[i].taken_back ? 0 : 5);
        CU_ASSERT_EQUAL(memory->logs[1].n, 0);
        CU_ASSERT_EQUAL(n, cases[i].taken_back);
        end(memory);
    }
}

/* ---- Whose it is ---------------------------------------------------------- */

static struct kept *
get(struct keeps *keeps, const struct xvs_guid *extension, uint64_t n,
    uint32_t version)
{
    struct error error;

    return kept_create(keeps, 7, extension, n, version, 0, &error);
}

static uint64_t *
words_of(const struct kept *kept, struct xvs_keep *keep)
{
    *keep = (struct xvs_keep) { .size = sizeof *keep, .n = N };
    kept_fill(kept, keep);
    return keep->bytes;
}

static void
test_stages(void)
{
    struct keeps *keeps = keeps_create();
    struct kept *first = get(keeps, &id, N, 1), *second, *third;
    struct xvs_keep keep, next;
    struct keep_status status;

    words_of(first, &keep)[0] = 11;
    CU_ASSERT_EQUAL(keep.instance, 1);
    CU_ASSERT_PTR_NULL(keep.before);
    CU_ASSERT(kept_own(first, NULL));
    /* The same is the same memory, which is not its own yet. */
    second = get(keeps, &id, N, 1);
    CU_ASSERT_EQUAL(words_of(second, &next)[0], 11);
    CU_ASSERT_EQUAL(next.instance, 2);
    CU_ASSERT(!kept_own(second, NULL));
    kept_leave(second, NULL);
    CU_ASSERT(!kept_own(second, NULL));
    /* Another instance of the first one has it, and then nobody. */
    CU_ASSERT(kept_pass(first));
    CU_ASSERT(!kept_pass(second));
    CU_ASSERT_EQUAL(kept_instance(first), 3);
    kept_leave(first, NULL);
    CU_ASSERT(!kept_pass(first));
    CU_ASSERT(kept_own(second, NULL));
    kept_destroy(first);
    /* Another version has new memory, and sees the old. */
    third = get(keeps, &id, N, 2);
    CU_ASSERT_EQUAL(words_of(third, &next)[0], 0);
    CU_ASSERT_EQUAL(next.before_size, N);
    CU_ASSERT_EQUAL(next.before_version, 1);
    words_of(second, &keep)[0] = 12;
    CU_ASSERT_EQUAL(((const uint64_t *) next.before)[0], 12);
    kept_destroy(second);
    CU_ASSERT(kept_own(third, NULL));
    words_of(third, &next)[0] = 13;
    kept_status(third, &status);
    CU_ASSERT_EQUAL(status.size, N);
    CU_ASSERT_EQUAL(status.handovers, 3);
    kept_destroy(third);
    /* It outlives them all, but not that it is forgotten. */
    first = get(keeps, &id, N, 2);
    CU_ASSERT_EQUAL(words_of(first, &keep)[0], 13);
    CU_ASSERT_PTR_NULL(keep.before);
    second = get(keeps, &other, N, 2);
    CU_ASSERT_EQUAL(words_of(second, &keep)[0], 0);
    keeps_forget(keeps, 0, &id);
    CU_ASSERT_EQUAL(words_of(first, &keep)[0], 13);
    kept_destroy(first);
    first = get(keeps, &id, N, 2);
    CU_ASSERT_EQUAL(words_of(first, &keep)[0], 0);
    kept_destroy(first);
    kept_destroy(second);
    keeps_forget(keeps, 8, NULL);
    keeps_forget(keeps, 7, NULL);
    keeps_destroy(keeps);
}

static void
test_sizes(void)
{
    struct keeps *keeps = keeps_create();
    struct error error;
    struct kept *kept;

    CU_ASSERT_PTR_NULL(get(keeps, &id, 0, 1));
    CU_ASSERT_PTR_NULL(get(keeps, &id, XVS_KEEP_LIMIT + 1ull, 1));
    CU_ASSERT_PTR_NULL(kept_create(keeps, 7, &id, 4097, 1, 4096, &error));
    CU_ASSERT_STRING_EQUAL(error.text, "it wants to keep 4097 bytes, and may"
                           " keep 1 to 4096");
    kept = get(keeps, &id, XVS_KEEP_LIMIT, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
    CU_ASSERT(kept_is(kept, XVS_KEEP_LIMIT, 1));
    CU_ASSERT(!kept_is(kept, XVS_KEEP_LIMIT, 2));
    CU_ASSERT(!kept_is(kept, 1, 1));
    kept_destroy(kept);
    keeps_destroy(keeps);
}

static struct share *
share(void)
{
    struct error error;

    return share_create(NULL, 2, true, &error);
}

/* Who is the first of a new version has the bytes of the old one; when it has
 * taken them over, nobody else does. */
static void
test_before(void)
{
    struct keeps *keeps = keeps_create();
    struct kept *old = get(keeps, &id, N, 1), *kept;
    struct share *first = share(), *second = share(), *third = share();
    struct xvs_keep keep;

    CU_ASSERT(kept_own(old, NULL));
    kept = get(keeps, &id, 2 * N, 1);
    CU_ASSERT(!keep_own_packets(kept, first));
    kept_leave(old, NULL);
    CU_ASSERT(keep_own_packets(kept, first));
    CU_ASSERT_EQUAL(first->given[0].own, KEEP_PACKETS | KEEP_BEFORE);
    /* It ends before it has. */
    first->dead = 1;
    CU_ASSERT(kept_own(kept, second));
    CU_ASSERT_EQUAL(second->given[0].own,
                    KEEP_PACKETS | KEEP_CONTROL | KEEP_BEFORE);
    second->state->taken = 1;
    second->dead = 1;
    CU_ASSERT(kept_own(kept, third));
    CU_ASSERT_EQUAL(third->given[0].own, KEEP_PACKETS | KEEP_CONTROL);
    words_of(kept, &keep);
    CU_ASSERT_PTR_NULL(keep.before);
    CU_ASSERT_EQUAL(keep.before_size, 0);
    CU_ASSERT_EQUAL(kept_open_before(kept), -1);
    kept_destroy(old);
    kept_destroy(kept);
    share_destroy(first);
    share_destroy(second);
    share_destroy(third);
    keeps_destroy(keeps);
}

/* A process that ends in the midst of packets is followed by another, which
 * finds what the first had finished, and nothing else. */
static void
test_processes(void)
{
    struct keeps *keeps = keeps_create();
    struct kept *kept = get(keeps, &id, N, 1);
    struct share *active = share(), *standby = share();
    struct xvs_keep keep;
    uint64_t *words = words_of(kept, &keep);
    struct xvs_burst burst = { .n = 0, .lane = 0 };

    keep.mine = NULL;
    CU_ASSERT(kept_own(kept, active));
    CU_ASSERT_EQUAL(active->given[0].own, KEEP_PACKETS | KEEP_CONTROL);
    CU_ASSERT(keep_own_packets(kept, active));
    CU_ASSERT(!keep_own_packets(kept, standby));
    /* A burst of the second worker, finished; and one that is not. */
    keep_log_begin(&keep.logs[1], keep_log_whose(1, 0));
    CU_ASSERT(xvs_keep_add(&keep, &burst, &words[0], 3));
    active->told[1].done = 3;
    keep_log_begin(&keep.logs[1], keep_log_whose(1, 3));
    CU_ASSERT(xvs_keep_add(&keep, &burst, &words[0], 1));
    CU_ASSERT(xvs_keep_add(&keep, &burst, &words[1], 1));
    keep_log_begin(&keep.logs[0], KEEP_LOG_HOOK);
    CU_ASSERT(xvs_keep_set64(&keep, NULL, &words[2], 8));
    CU_ASSERT(!keep_own_packets(kept, standby));
    active->state->alive = FUTEX_OWNER_DIED;
    CU_ASSERT(keep_own_packets(kept, standby));
    CU_ASSERT_EQUAL(words[0], 3);
    CU_ASSERT_EQUAL(words[1], 0);
    /* What its control hook did waits for the control thread. */
    CU_ASSERT_EQUAL(words[2], 8);
    CU_ASSERT_EQUAL(standby->given[0].own, KEEP_PACKETS);
    CU_ASSERT(kept_own(kept, standby));
    CU_ASSERT_EQUAL(words[2], 0);
    CU_ASSERT_EQUAL(standby->given[0].own, KEEP_PACKETS | KEEP_CONTROL);
    /* The old one is freed: no matter. */
    kept_leave(kept, active);
    CU_ASSERT(keep_own_packets(kept, standby));
    kept_leave(kept, standby);
    CU_ASSERT(keep_own_packets(kept, active));
    kept_destroy(kept);
    share_destroy(active);
    share_destroy(standby);
    keeps_destroy(keeps);
}

static const struct unit_test tests[] = {
    { "undo", test_undo },
    { "shared", test_shared },
    { "limits", test_limits },
    { "forged", test_forged },
    { "settle", test_settle },
    { "stages", test_stages },
    { "sizes", test_sizes },
    { "before", test_before },
    { "processes", test_processes },
};

UNIT_MAIN("keep", tests)
