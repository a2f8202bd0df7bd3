/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_PIPES_H
#define CHANNEL_PIPES_H

/*
 * Pipes for splice(), lent to who has bytes in one.  They are the kernel's
 * memory and two descriptors each, and cost more to make than to keep; so
 * some are kept, and there are never more than PIPES_MOST.
 */

#include <stddef.h>

#define PIPES_MOST 512u

struct pipe {
    int out, in;                /* to read from, to write to */
    size_t room;                /* bytes that fit */
    size_t size;                /* bytes in it */
    struct pipe *next;          /* of those that nobody has */
};

/* An empty one; NULL: there are enough. */
struct pipe *pipe_borrow(void);
/* What is in it is thrown away with it. */
void pipe_give_back(struct pipe *pipe);
/* Closes those that nobody has. */
void pipes_clean(void);

#endif
