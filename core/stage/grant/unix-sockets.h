/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_GRANT_UNIX_SOCKETS_H
#define XVS_STAGE_GRANT_UNIX_SOCKETS_H

/*
 * Connected unix sockets of this host, as the kernel tells of them
 * (sock_diag).  Nobody can end one that another process has; but it can be seen
 * whether it is open still.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

struct buffer;

struct unix_socket {
    uint64_t cookie;            /* SO_COOKIE */
    uint32_t inode;
    uint32_t reserved;
};

/* Appends those with one of the cookies, and those that were accepted at
 * 'path' (or NULL).  False with errno: the kernel does not tell. */
bool unix_sockets_find(const uint64_t *cookies, uint32_t n, const char *path,
                       struct buffer *found);
/* Whether somebody has it open. */
bool unix_socket_is_open(const struct unix_socket *one);

#endif
