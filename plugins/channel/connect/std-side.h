/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_STD_SIDE_H
#define CONNECT_STD_SIDE_H

/*
 * Standard input and output as a side, whatever they are: pipes, sockets,
 * terminals, files.  Others may have them open, too, so that they are left as
 * they are (blocking, mostly), and never waited for all the same.
 */

struct loop;
struct side;

/* NULL: no memory.  There may be one. */
struct side *std_side_create(struct loop *loop);

#endif
