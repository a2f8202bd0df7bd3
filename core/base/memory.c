/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Allocation that ends the process when it fails, and arenas.  An arena is a
 * list of chunks; big pieces get a chunk of their own so that the doubling of
 * the ordinary ones is not disturbed.
 */
#include <config.h>

#include "base/memory.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_MAPPING (128 << 10)     /* bytes from which a block is one */
#define FIRST_CHUNK 4096
#define LARGEST_CHUNK (1u << 20)

struct chunk {
    struct chunk *next;     /* the one before this, NULL at the first */
    size_t size;            /* bytes behind this header */
    size_t used;            /* of them handed out */
};

struct arena {
    struct chunk *chunks;   /* the first one is being filled */
    size_t next_size;       /* size of the next ordinary chunk */
    size_t handed_out;      /* for arena_used() */
};

_Noreturn static void
out_of_memory(size_t size)
{
    fprintf(stderr, "out of memory: no %zu bytes\n", size);
    abort();
}

static void *
checked(void *memory, size_t size)
{
    if (!memory) {
        out_of_memory(size);
    }
    return memory;
}

static size_t
product(size_t n, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(n, size, &total)) {
        out_of_memory(SIZE_MAX);
    }
    return total;
}

void *
mem_alloc(size_t size)
{
    return checked(malloc(size ? size : 1), size);
}

void *
mem_zalloc(size_t size)
{
    return checked(calloc(1, size ? size : 1), size);
}

void *
mem_array(size_t n, size_t size)
{
    return mem_zalloc(product(n, size));
}

void *
mem_realloc(void *old, size_t size)
{
    return checked(realloc(old, size ? size : 1), size);
}

char *
mem_strdup(const char *text)
{
    return mem_dup(text, strlen(text) + 1);
}

char *
mem_strndup(const char *text, size_t length)
{
    size_t size = strnlen(text, length);
    char *copy = mem_alloc(size + 1);

    memcpy(copy, text, size);
    copy[size] = 0;
    return copy;
}

void *
mem_dup(const void *data, size_t size)
{
    void *copy = mem_alloc(size);

    if (size) {
        memcpy(copy, data, size);
    }
    return copy;
}

char *
mem_printf(const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    if (size < 0) {
        out_of_memory(strlen(format));
    }
    return text;
}

void
mem_give_back(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
#endif
}

void
mem_grow(void *items_pointer, size_t *capacity, size_t n, size_t size)
{
    void *items;

    if (n < *capacity) {
        return;
    }
    size_t more = n < 4 ? 8 : product(n, 2);
    /* The caller's pointer has a type of its own: copied, not cast. */
    memcpy(&items, items_pointer, sizeof(items));
    items = mem_realloc(items, product(more, size));
    memcpy(items_pointer, &items, sizeof(items));
    *capacity = more;
}

void
mem_auto_free(void *pointer_to_pointer)
{
    void *memory;

    memcpy(&memory, pointer_to_pointer, sizeof(memory));
    free(memory);
}

/* Under a sanitizer nothing is kept, so that it sees every use. */
#if defined(__SANITIZE_ADDRESS__)
#define POOLED 0
#else
#define POOLED 1
#endif

void *
mem_pool_take(struct mem_pool *pool)
{
    void *piece = pool->first;

    if (!piece) {
        return mem_zalloc(pool->size);
    }
    memcpy(&pool->first, piece, sizeof(pool->first));
    pool->n--;
    return memset(piece, 0, pool->size);
}

void
mem_pool_give(struct mem_pool *pool, void *piece)
{
    if (!piece || pool->n >= pool->most || !POOLED) {
        free(piece);
        return;
    }
    memcpy(piece, &pool->first, sizeof(pool->first));
    pool->first = piece;
    pool->n++;
}

struct arena *
arena_create(size_t first)
{
    struct arena *arena = mem_zalloc(sizeof(*arena));

    arena->next_size = first ? first : FIRST_CHUNK;
    return arena;
}

void
arena_destroy(struct arena *arena)
{
    if (!arena) {
        return;
    }
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    free(arena);
}

static struct chunk *
chunk_create(size_t size)
{
    struct chunk *chunk;
    size_t total;

    if (__builtin_add_overflow(size, sizeof(*chunk), &total)) {
        out_of_memory(size);
    }
    chunk = mem_alloc(total);
    *chunk = (struct chunk) { .size = size };
    return chunk;
}

/* A chunk with room for 'size', in front unless it is for this piece only. */
static struct chunk *
chunk_add(struct arena *arena, size_t size)
{
    struct chunk *chunk;

    if (arena->chunks && size > arena->next_size / 4) {
        chunk = chunk_create(size);
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
        return chunk;
    }
    chunk = chunk_create(size > arena->next_size ? size : arena->next_size);
    if (arena->next_size < LARGEST_CHUNK) {
        arena->next_size *= 2;
    }
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

/* A piece with whatever is in it. */
static char *
take(struct arena *arena, size_t size)
{
    struct chunk *chunk = arena->chunks;

    if (size > SIZE_MAX - 7) {
        out_of_memory(size);
    }
    size = (size + 7) & ~(size_t) 7;
    if (!chunk || chunk->size - chunk->used < size) {
        chunk = chunk_add(arena, size);
    }
    char *piece = (char *) (chunk + 1) + chunk->used;

    chunk->used += size;
    arena->handed_out += size;
    return piece;
}

/* Only what is handed out is cleared: most chunks are never filled. */
void *
arena_alloc(struct arena *arena, size_t size)
{
    return memset(take(arena, size), 0, size);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
    return arena_dup(arena, text, strlen(text) + 1);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
    size_t size = strnlen(text, length);
    char *copy = take(arena, size + 1);

    memcpy(copy, text, size);
    copy[size] = 0;
    return copy;
}

void *
arena_dup(struct arena *arena, const void *data, size_t size)
{
    void *copy = take(arena, size);

    if (size) {
        memcpy(copy, data, size);
    }
    return copy;
}

bool
arena_reset(struct arena *arena)
{
    struct chunk *chunk = arena->chunks;

    if (chunk && chunk->next) {
        return false;
    }
    if (chunk) {
        chunk->used = 0;
    }
    arena->handed_out = 0;
    return true;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->handed_out;
}
