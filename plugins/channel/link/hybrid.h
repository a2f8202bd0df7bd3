/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_HYBRID_H
#define CHANNEL_HYBRID_H

/*
 * The line of hybrid vsock: who connects to a VM's unix socket says
 * "CONNECT 5985\n", and hears "OK 1073741824\n" when somebody listens there;
 * else it is hung up.  What follows the line is the VM's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HYBRID_LINE_SIZE 32u    /* a line and more */

enum hybrid_step { HYBRID_MORE, HYBRID_OK, HYBRID_BAD };

/* How many bytes it has. */
size_t hybrid_request(char line[HYBRID_LINE_SIZE], uint32_t port);
/* '*used' of them are the line. */
enum hybrid_step hybrid_answer(const char *bytes, size_t size, size_t *used);

#endif
