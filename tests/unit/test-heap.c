/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The heap of a domain, as a plugin uses it: blocks do not overlap and keep
 * what is in them, are aligned, come back when they are freed, and end where
 * the heap does; what libc gave goes back to libc.
 */

#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "stage/domain/gate.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "unit.h"

#define SIZE (8u << 20)
#define BLOCKS 300
#define ROUNDS 20000

typedef void *(*malloc_call)(size_t size);
typedef void *(*realloc_call)(void *old, size_t size);
typedef void *(*calloc_call)(size_t n, size_t size);
typedef int (*memalign_call)(void **memory, size_t alignment, size_t size);
typedef char *(*strdup_call)(const char *text);

static void (*give)(void *memory);
static malloc_call get;

static struct heap *
begin(size_t size)
{
    struct error error;
    struct heap *heap = heap_create(size, 0, &error);

    CU_ASSERT_FATAL(heap != NULL);
    heap_use(heap);
    get = (malloc_call) heap_function("malloc");
    give = (void (*)(void *)) heap_function("free");
    return heap;
}

struct piece {
    uint8_t *memory;
    size_t size;
    uint8_t mark;
};

static bool
is_whole(const struct piece *piece)
{
    for (size_t i = 0; i < piece->size; i++) {
        if (piece->memory[i] != piece->mark) {
            return false;
        }
    }
    return true;
}

/* Blocks of many sizes come, change their size, and go. */
static void *
churn(void *arg)
{
    realloc_call resize = (realloc_call) heap_function("realloc");
    struct piece pieces[BLOCKS] = { 0 };
    unsigned int seed = (unsigned int) (uintptr_t) arg;
    uintptr_t bad = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct piece *one = &pieces[rand_r(&seed) % BLOCKS];
        size_t size = (size_t) rand_r(&seed) % (rand_r(&seed) % 8 ? 200
                                                                  : 9000);

        bad += !is_whole(one);
        if (one->memory && rand_r(&seed) % 2) {
            give(one->memory);
            *one = (struct piece) { NULL, 0, 0 };
            continue;
        }
        one->memory = resize(one->memory, size);
        if (!one->memory) {
            bad++;
            break;
        }
        one->size = size < one->size ? size : one->size;
        bad += !is_whole(one) || (uintptr_t) one->memory % 16;
        *one = (struct piece) { one->memory, size, (uint8_t) i };
        memset(one->memory, one->mark, size);
    }
    for (int i = 0; i < BLOCKS; i++) {
        give(pieces[i].memory);
    }
    return (void *) bad;
}

static void
test_churn(void)
{
    struct heap *heap = begin(SIZE);

    CU_ASSERT_EQUAL(churn((void *) 1), NULL);
    heap_destroy(heap);
}

static void *
churn_in(void *heap)
{
    heap_use(heap);
    return churn((void *) ((uintptr_t) pthread_self() >> 12));
}

static void
test_threads(void)
{
    struct heap *heap = begin(4 * SIZE);
    pthread_t threads[3];
    void *bad;

    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, churn_in, heap);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], &bad);
        CU_ASSERT_EQUAL(bad, NULL);
    }
    heap_destroy(heap);
}

static void
test_reuse(void)
{
    struct heap *heap = begin(1u << 16);
    void *memory = get(1000);

    for (int i = 0; i < 1000; i++) {
        give(memory);
        memory = get(1000);
        CU_ASSERT(memory != NULL);
    }
    CU_ASSERT_EQUAL(get(1u << 16), NULL);
    CU_ASSERT_EQUAL(get(SIZE_MAX), NULL);
    heap_destroy(heap);
}

static void
test_zero(void)
{
    struct heap *heap = begin(1u << 16);
    calloc_call zeroed = (calloc_call) heap_function("calloc");
    uint8_t *memory = get(512);

    memset(memory, 7, 512);
    give(memory);
    memory = zeroed(2, 256);
    for (int i = 0; i < 512; i++) {
        CU_ASSERT_EQUAL(memory[i], 0);
    }
    CU_ASSERT_EQUAL(zeroed(SIZE_MAX / 2, 3), NULL);
    heap_destroy(heap);
}

static void
test_aligned(void)
{
    struct heap *heap = begin(SIZE);
    memalign_call aligned = (memalign_call) heap_function("posix_memalign");
    void *memory;

    for (size_t alignment = 8; alignment <= 4096; alignment *= 2) {
        for (int i = 0; i < 20; i++) {
            CU_ASSERT_EQUAL(aligned(&memory, alignment, 100), 0);
            CU_ASSERT_EQUAL((uintptr_t) memory % alignment, 0);
            memset(memory, 1, 100);
            give(memory);
        }
    }
    CU_ASSERT_EQUAL(aligned(&memory, 64, SIZE), ENOMEM);
    heap_destroy(heap);
}

/* What was locked by who has ended does not stop a control hook. */
static void
test_broken(void)
{
    struct heap *heap = begin(1u << 16);
    realloc_call resize = (realloc_call) heap_function("realloc");
    uint8_t *before = get(1000), *first, *second;

    memset(before, 1, 1000);
    heap_break(heap);
    first = get(1000);
    second = get(1000);
    CU_ASSERT_FATAL(first && second);
    memset(first, 2, 1000);
    memset(second, 3, 1000);
    give(first);
    CU_ASSERT_PTR_NOT_EQUAL(get(1000), first);
    before = resize(before, 2000);
    CU_ASSERT_FATAL(before != NULL);
    CU_ASSERT(before[0] == 1 && before[999] == 1);
    CU_ASSERT(second[0] == 3 && second[999] == 3);
    while (get(1000)) {
    }
    CU_ASSERT(second[0] == 3 && second[999] == 3);
    heap_destroy(heap);
}

/* Memory from before, or of a library's own. */
static void
test_others(void)
{
    realloc_call resize = (realloc_call) heap_function("realloc");
    void *theirs = malloc(100), *more = malloc(100);
    struct heap *heap = begin(SIZE);
    char *text = ((strdup_call) heap_function("strdup"))("a text");

    CU_ASSERT_STRING_EQUAL(text, "a text");
    give(theirs);
    more = resize(more, 100000);
    memset(more, 0, 100000);
    give(more);
    give(NULL);
    CU_ASSERT_EQUAL(heap_function("printf"), NULL);
    heap_destroy(heap);
}

/* Two bits for each key: no access, no writing. */
static void
test_rights(void)
{
    CU_ASSERT_EQUAL(keys_rights(5, true) & 3u << 10, 0);
    CU_ASSERT_EQUAL(keys_rights(5, true) & 3u << 12, 3u << 12);
    CU_ASSERT_EQUAL(keys_rights(5, true) >> 30, 3);
}

static void
test_words(void)
{
    const struct gate_fault fault = { .number = SIGSEGV, .code = 4,
                                      .address = 0x1000, .at = 0x5008 };
    char text[200];

    gate_say(&fault, 0x5000, 0x10, "x.so", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "touched 0x1000, which is not its own, at"
                           " x.so+0x8");
    gate_say(&fault, 0x5000, 8, "x.so", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "touched 0x1000, which is not its own, at"
                           " 0x5008");
}

static const struct unit_test tests[] = {
    { "blocks come and go", test_churn },
    { "from several threads", test_threads },
    { "freed memory is used again", test_reuse },
    { "zeroed", test_zero },
    { "aligned", test_aligned },
    { "a broken one", test_broken },
    { "memory of others", test_others },
    { "rights", test_rights },
    { "a fault in words", test_words },
};

UNIT_MAIN("heap", tests)
