/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Allocating from the memory of a domain; see heap.h.
 *
 * Some of these functions run with the rights of the domain: they write
 * nothing but the heap, call nothing of libc but mem*() and str*(), and spin
 * where others would sleep.
 */

#include <config.h>

#include "stage/domain/heap.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "stage/domain/gate.h"
#include "stage/domain/keys.h"

#define HEAPS 64u               /* at once in this process */
#define CLASSES 96u
#define HEADER 16u              /* bytes in front of memory */
#define MAGIC 0x58564248u

enum { OPEN, LOCKED, BROKEN };

struct block {
    uint32_t magic;
    uint32_t class;
    uint32_t shift;             /* bytes from the block to this header */
    uint32_t reserved;
};

_Static_assert(sizeof(struct block) == HEADER, "alignment of what follows");

struct heap {
    size_t size;                /* of all */
    size_t used;                /* from the begin */
    uint32_t lock;              /* OPEN and so on */
    uint32_t word;              /* see heap_word() */
    void *unused[CLASSES];      /* lists, by the first word of memory */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* to change */
static struct heap *heaps[HEAPS];     /* the next; atomic */
static size_t sizes[HEAPS];
static size_t asides[HEAPS];    /* of a broken one: bytes in use at its end */
static __thread struct heap *mine;

/* ---- Sizes --------------------------------------------------------------- */

/* 32, 48, 64, 96, 128 and so on: all of them keep the alignment of 16. */
static size_t
size_of(uint32_t class)
{
    return (size_t) (class % 2 ? 48 : 32) << class / 2;
}

static uint32_t
class_of(size_t size)
{
    uint32_t class = 0;

    if (size > 32) {
        class = 2 * (uint32_t) (59 - __builtin_clzll(size - 1));
        class -= size <= size_of(class - 1);
    }
    return class;
}

/* ---- Blocks -------------------------------------------------------------- */

static void
relax(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

/* False: it is broken. */
static bool
enter(struct heap *heap)
{
    uint32_t expected = OPEN;

    while (!__atomic_compare_exchange_n(&heap->lock, &expected, LOCKED, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        if (expected == BROKEN) {
            return false;
        }
        expected = OPEN;
        relax();
    }
    return true;
}

static void
leave(struct heap *heap)
{
    uint32_t expected = LOCKED;

    __atomic_compare_exchange_n(&heap->lock, &expected, OPEN, false,
                                __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static void *
new_block(struct heap *heap, size_t at, uint32_t class)
{
    struct block *block = (struct block *) (void *) ((char *) heap + at);

    *block = (struct block) { .magic = MAGIC, .class = class };
    return block + 1;
}

/* Which one it is in; HEAPS: none. */
static size_t
index_of(const void *memory)
{
    size_t i = 0;

    for (; i < HEAPS; i++) {
        struct heap *heap = __atomic_load_n(&heaps[i], __ATOMIC_ACQUIRE);

        if (heap && (uintptr_t) memory - (uintptr_t) heap < sizes[i]) {
            break;
        }
    }
    return i;
}

/* Of a broken one, for a control hook: from the end of what was never used, with
 * a count that no packet hook can have spoilt. */
static void *
take_aside(struct heap *heap, uint32_t class)
{
    size_t size = size_of(class) + HEADER, i = index_of(heap), room;

    if (class >= CLASSES || i == HEAPS) {
        return NULL;
    }
    room = sizes[i] - asides[i];
    if (heap->used > room || size > room - heap->used) {
        return NULL;
    }
    asides[i] += size;
    return new_block(heap, room - size, class);
}

/* Memory of a class; '*fresh': it has never been used and is zero. */
static void *
take(struct heap *heap, uint32_t class, bool *fresh)
{
    size_t size = size_of(class) + HEADER;
    void *memory;

    *fresh = false;
    if (!enter(heap)) {
        return gate_is_inside() ? NULL : take_aside(heap, class);
    }
    memory = heap->unused[class];
    *fresh = !memory;
    if (memory) {
        memcpy(&heap->unused[class], memory, sizeof(void *));
    } else if (size <= heap->size - heap->used) {
        memory = new_block(heap, heap->used, class);
        heap->used += size;
    }
    leave(heap);
    return memory;
}

static struct block *
block_of(void *memory)
{
    return (struct block *) memory - 1;
}

static struct heap *
heap_of(const void *memory)
{
    size_t i = index_of(memory);

    return i < HEAPS ? __atomic_load_n(&heaps[i], __ATOMIC_ACQUIRE) : NULL;
}

/* Room behind 'memory' in its block. */
static size_t
room_of(void *memory)
{
    const struct block *block = block_of(memory);

    return size_of(block->class) - block->shift;
}

/* ---- What plugins call --------------------------------------------------- */

static void *
heap_malloc(size_t size)
{
    bool fresh;

    if (!mine) {
        return malloc(size);
    }
    return size < mine->size ? take(mine, class_of(size), &fresh) : NULL;
}

static void
heap_free(void *memory)
{
    struct heap *heap = heap_of(memory);
    struct block *block;

    if (!heap) {
        free(memory);
        return;
    }
    block = block_of(memory);
    if (block->magic != MAGIC || block->class >= CLASSES) {
        abort();
    }
    if (block->shift) {
        memory = (char *) memory - block->shift;
    }
    if (!enter(heap)) {
        return;
    }
    memcpy(memory, &heap->unused[block_of(memory)->class], sizeof(void *));
    heap->unused[block_of(memory)->class] = memory;
    leave(heap);
}

static void *
heap_calloc(size_t n, size_t size)
{
    bool fresh = false;
    void *memory;
    size_t all;

    if (!mine) {
        return calloc(n, size);
    }
    if (__builtin_mul_overflow(n, size, &all) || all >= mine->size) {
        return NULL;
    }
    memory = take(mine, class_of(all), &fresh);
    return memory && !fresh ? memset(memory, 0, all) : memory;
}

static void *
heap_realloc(void *old, size_t size)
{
    void *fresh;

    if (old && !heap_of(old)) {
        return realloc(old, size);
    }
    if (old && size <= room_of(old)) {
        return old;
    }
    fresh = heap_malloc(size);
    if (fresh && old) {
        memcpy(fresh, old, room_of(old));
        heap_free(old);
    }
    return fresh;
}

static void *
heap_reallocarray(void *old, size_t n, size_t size)
{
    size_t all;

    return __builtin_mul_overflow(n, size, &all) ? NULL
        : heap_realloc(old, all);
}

/* The second header says how far the first one is. */
static void *
heap_aligned_alloc(size_t alignment, size_t size)
{
    char *memory;
    size_t shift;

    if (!mine) {
        return aligned_alloc(alignment, size);
    }
    if (alignment <= HEADER) {
        return heap_malloc(size);
    }
    if (size >= mine->size || alignment >= mine->size
        || (alignment & (alignment - 1))) {
        return NULL;
    }
    memory = heap_malloc(size + alignment + HEADER);
    if (!memory) {
        return NULL;
    }
    shift = -(uintptr_t) memory & (alignment - 1);
    if (shift) {
        *block_of(memory + shift) = (struct block) {
            .magic = MAGIC, .class = block_of(memory)->class,
            .shift = (uint32_t) shift };
    }
    return memory + shift;
}

static int
heap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = heap_aligned_alloc(alignment, size);
    return *memory ? 0 : ENOMEM;
}

static char *
heap_strndup(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit);
    char *copy = heap_malloc(length + 1);

    if (copy) {
        memcpy(copy, text, length);
        copy[length] = 0;
    }
    return copy;
}

static char *
heap_strdup(const char *text)
{
    return heap_strndup(text, PTRDIFF_MAX);
}

/* C++. */
static void *
heap_new(size_t size)
{
    void *memory = heap_malloc(size ? size : 1);

    if (!memory) {
        abort();
    }
    return memory;
}

static void
heap_delete(void *memory, size_t size)
{
    (void) size;
    heap_free(memory);
}

void *
heap_function(const char *name)
{
    static const struct {
        const char *name;
        void *function;
    } all[] = {
        { "malloc", heap_malloc }, { "free", heap_free },
        { "calloc", heap_calloc }, { "realloc", heap_realloc },
        { "reallocarray", heap_reallocarray },
        { "aligned_alloc", heap_aligned_alloc },
        { "posix_memalign", heap_posix_memalign },
        { "strdup", heap_strdup }, { "strndup", heap_strndup },
        { "_Znwm", heap_new }, { "_Znam", heap_new },
        { "_ZdlPv", heap_free }, { "_ZdaPv", heap_free },
        { "_ZdlPvm", heap_delete }, { "_ZdaPvm", heap_delete },
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return all[i].function;
        }
    }
    return NULL;
}

/* ---- Heaps --------------------------------------------------------------- */

static bool
enlist(struct heap *heap, size_t size)
{
    size_t i = 0;

    pthread_mutex_lock(&lock);
    while (i < HEAPS && heaps[i]) {
        i++;
    }
    if (i < HEAPS) {
        sizes[i] = size;
        asides[i] = 0;
        __atomic_store_n(&heaps[i], heap, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return i < HEAPS;
}

struct heap *
heap_create(size_t size, int key, struct error *error)
{
    struct heap *heap;

    size = (size + 4095) & ~(size_t) 4095;
    heap = mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (heap == MAP_FAILED) {
        error_set_errno(error, errno, "no heap of %zu bytes", size);
        return NULL;
    }
    if ((key && !keys_tag(heap, size, PROT_READ | PROT_WRITE, key, error))
        || (!enlist(heap, size)
            && !error_set(error, ERROR_LIMIT, "too many heaps of domains"))) {
        munmap(heap, size);
        return NULL;
    }
    heap->size = size;
    heap->used = (sizeof *heap + HEADER - 1) & ~(size_t) (HEADER - 1);
    return heap;
}

void
heap_destroy(struct heap *heap)
{
    size_t size = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < HEAPS; i++) {
        if (heap && heaps[i] == heap) {
            __atomic_store_n(&heaps[i], NULL, __ATOMIC_RELEASE);
            size = sizes[i];
        }
    }
    pthread_mutex_unlock(&lock);
    if (size) {
        munmap(heap, size);
    }
    if (mine == heap) {
        mine = NULL;
    }
}

void
heap_break(struct heap *heap)
{
    __atomic_store_n(&heap->lock, BROKEN, __ATOMIC_RELEASE);
}

void
heap_use(struct heap *heap)
{
    mine = heap;
}

uint32_t *
heap_word(struct heap *heap)
{
    return &heap->word;
}
