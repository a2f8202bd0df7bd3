/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_XDP_PROGRAM_H
#define XVS_PORT_XDP_PROGRAM_H

/*
 * The XDP program that hands an interface's frames to AF_XDP sockets: six
 * instructions, loaded by the bpf() system call, and a map from queue to
 * socket.
 *
 *     return redirect_map(sockets, context->rx_queue_index, XDP_PASS)
 *
 * It is attached with a BPF link: when the last descriptor of it is closed,
 * in an orderly way or by a crash, the interface is as it was.
 */

#include <stdbool.h>
#include <stdint.h>

struct error;

struct program {
    int map;                    /* descriptors; -1: none */
    int code;
    int link;
};

#define PROGRAM_NONE { -1, -1, -1 }

/* Loads it, for queues 0 to n - 1.  False: it says which capability lacks. */
bool program_load(struct program *program, uint32_t n, struct error *error);
/* Frames of this queue go to the AF_XDP socket 'fd'. */
bool program_set(const struct program *program, uint32_t queue, int fd,
                 struct error *error);
/*
 * Attaches it to the interface: by the card's driver, or ('generic') by the
 * kernel in front of its stack.  False with errno in '*number'; a program of
 * somebody else is named in the error and stays.
 */
bool program_attach(struct program *program, const char *name, int index,
                    bool generic, int *number, struct error *error);
void program_detach(struct program *program);
/* Detaches and forgets it. */
void program_unload(struct program *program);

#endif
