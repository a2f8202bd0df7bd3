/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_MEMORY_H
#define XVS_BASE_MEMORY_H

/*
 * Memory of the management side: allocation that cannot fail (the daemon
 * ends with a message, its parent restarts it and state is on disk), and
 * arenas for things that are built piece by piece and freed at once.
 * Sizes that come from outside are checked against limits before they
 * get here.  The packet path does not allocate.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t size);                  /* not zeroed */
void *mem_zalloc(size_t size);                 /* zeroed */
void *mem_array(size_t n, size_t size);        /* zeroed; checks overflow */
void *mem_realloc(void *old, size_t size);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);
void *mem_dup(const void *data, size_t size);
char *mem_printf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * Has large blocks go back to the kernel when they are freed, as mappings of
 * their own.  Else glibc learns to keep such blocks, in each of the arenas that
 * threads use, and one small piece behind them keeps them for ever.  To be
 * called at the start of a daemon.
 */
void mem_give_back(void);

/* Grows '*items' (capacity in '*capacity') so that 'n' + 1 fit. */
void mem_grow(void *items_pointer, size_t *capacity, size_t n, size_t size);

/* Scope cleanup: "MEM_AUTO char *x = ..." is freed at the end of scope. */
#define MEM_AUTO __attribute__((cleanup(mem_auto_free)))
void mem_auto_free(void *pointer_to_pointer);

/*
 * Pieces of one size that come and go with every request: those that were given
 * back wait for the next use, at most 'most' of them.  One thread.  Set 'size'
 * and 'most', the rest is 0.
 */
struct mem_pool {
    size_t size;            /* of a piece */
    unsigned int most;      /* pieces that are kept */
    unsigned int n;         /* pieces that wait */
    void *first;            /* list of them, linked by their first word */
};

void *mem_pool_take(struct mem_pool *pool);     /* zeroed */
void mem_pool_give(struct mem_pool *pool, void *piece);     /* accepts NULL */

struct arena;

/* 'first' is the size of the first chunk (0: a default); chunks double. */
struct arena *arena_create(size_t first);
void arena_destroy(struct arena *arena);       /* accepts NULL */
void *arena_alloc(struct arena *arena, size_t size);   /* zeroed, aligned 8 */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
void *arena_dup(struct arena *arena, const void *data, size_t size);
/* Forgets what was handed out.  False when the arena has grown since it was
 * created: then it is not worth keeping. */
bool arena_reset(struct arena *arena);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#endif
