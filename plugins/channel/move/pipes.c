/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See pipes.h.  All of it is the control thread's.
 */

#include "move/pipes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "move/descriptors.h"

#define ROOM (256 << 10)
#define KEPT 64u

static struct pipe *idle;
static unsigned n_idle, n_all;

static bool
open_pipe(int fds[2])
{
    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) != 0) {
        return false;
    }
    if (descriptors_are_few(fds[0]) || descriptors_are_few(fds[1])) {
        close(fds[0]);
        close(fds[1]);
        return false;
    }
    return true;
}

static struct pipe *
make(void)
{
    struct pipe *pipe = n_all < PIPES_MOST ? calloc(1, sizeof(*pipe)) : NULL;
    int fds[2], room;

    if (!pipe || !open_pipe(fds)) {
        free(pipe);
        return NULL;
    }
    /* Refused to who has many: it is 64 KiB then. */
    room = fcntl(fds[1], F_SETPIPE_SZ, ROOM);
    pipe->room = room > 0 ? (size_t) room : 65536;
    pipe->out = fds[0];
    pipe->in = fds[1];
    n_all++;
    return pipe;
}

static void
destroy(struct pipe *pipe)
{
    close(pipe->out);
    close(pipe->in);
    free(pipe);
    n_all--;
}

struct pipe *
pipe_borrow(void)
{
    struct pipe *pipe = idle;

    if (!pipe) {
        return make();
    }
    idle = pipe->next;
    n_idle--;
    return pipe;
}

void
pipe_give_back(struct pipe *pipe)
{
    if (pipe->size || n_idle == KEPT) {
        destroy(pipe);
        return;
    }
    pipe->next = idle;
    idle = pipe;
    n_idle++;
}

void
pipes_clean(void)
{
    while (idle) {
        struct pipe *pipe = idle;

        idle = pipe->next;
        destroy(pipe);
    }
    n_idle = 0;
}
