/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_SEALED_H
#define XVS_CONTROL_SEALED_H

/*
 * Messages that are too large for a packet, in a memfd that nobody can change
 * any more: what was checked stays what it is.
 */

#include <stddef.h>

struct error;

/* A sealed memfd with the bytes, or -1. */
int sealed_create(const void *data, size_t size);
/* Maps what the peer sent, if it is sealed and has this size; NULL with an
 * error that says what is wrong with it.  The caller has both to undo:
 * munmap() and close(). */
const void *sealed_map(int fd, size_t size, struct error *error);

#endif
