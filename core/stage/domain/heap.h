/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_HEAP_H
#define XVS_STAGE_DOMAIN_HEAP_H

/*
 * The heap of a stage in a domain: memory with the stage's own key, so that
 * its packet hooks can write what its control hooks have allocated, and
 * nobody else's.  The plugin's calls of malloc() and its relatives are led
 * here (image.h), and use the heap that the calling thread has chosen.
 *
 * What the heap knows of itself is in its own memory: packet hooks may
 * allocate, and a hook that destroys it destroys only what is its own.  Blocks
 * come in sizes of powers of two and one between them; what is freed waits in
 * a list for the next of its size.
 *
 *     | head | block: 16 bytes, memory | block ... | never used, no pages |
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap;
struct error;

/* 'key' 0: of no key, for tests. */
struct heap *heap_create(size_t size, int key,
                                     struct error *error);
void heap_destroy(struct heap *heap);       /* accepts NULL */
/* The calling thread allocates there from now on; NULL: nowhere. */
void heap_use(struct heap *heap);
/* It is not to be relied on any more, and perhaps locked by who has ended: all
 * that wait for it go on, and packet hooks that want memory get none.  A control
 * hook, which goes on, gets some that was never used; nothing is used again.  Any
 * thread. */
void heap_break(struct heap *heap);
/* A word in it for whoever knows the heap. */
uint32_t *heap_word(struct heap *heap);

/* What a plugin calls in place of the functions of these names: "malloc", and
 * so on; NULL: it is none of them. */
void *heap_function(const char *name);

#endif
