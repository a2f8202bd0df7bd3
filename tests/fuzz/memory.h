/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

/*
 * For targets that fuzz what is above sides and a loop: sides that are memory,
 * and a loop whose kernel has nothing to say and whose clock goes on by itself,
 * so that no input waits, costs a system call, or goes another way the second
 * time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "move/loop.h"
#include "move/side.h"

#define MEMORY_MOST 4096u       /* bytes that wait to be read */
#define MEMORY_SIDES 24u        /* that there are at most, beyond it none */

/* The other end of a side. */
struct memory {
    struct side side;           /* first */
    struct watch watch;
    uint8_t bytes[MEMORY_MOST]; /* that it has said: at, size */
    size_t at, size;
    size_t piece;               /* bytes that a call reads at most */
    size_t room;                /* bytes that it takes yet */
    unsigned wanted, ends;      /* SIDE_HUNG, SIDE_BROKEN: to be told */
    bool ended, finished;       /* it has said all; it was told all */
    int lost;                   /* errno of writes: nothing comes or goes */
};

/* Those that there are; NULL: closed. */
extern struct memory *memory_sides[MEMORY_SIDES];

/* NULL: there are enough. */
struct memory *memory_open(struct loop *loop, size_t piece);
/* The other end says that, as far as there is room. */
void memory_say(struct memory *memory, const uint8_t *bytes, size_t size);
/* It has an end: 0, after what it has said; or one of SIDE_HUNG and
 * SIDE_BROKEN. */
void memory_end(struct memory *memory, unsigned how);
/* It is broken, which only who reads or writes will find. */
void memory_lose(struct memory *memory, int lost);
/* It takes so many bytes more. */
void memory_take(struct memory *memory, size_t size);

/* So much time has passed. */
void memory_wait(uint64_t ns);

#endif
