/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_GRANT_DIAG_H
#define XVS_STAGE_GRANT_DIAG_H

/*
 * What the kernel tells of sockets (sock_diag), whatever they are of.
 *
 * Any thread.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#define DIAG_ANSWER 32768u      /* bytes of one, at most */

typedef void (*diag_call)(void *arg, const struct nlmsghdr *head);

/* Takes in one answer: each message with a body of 'least' bytes or more goes
 * to 'call'.  Whether there are more, else errno says how it went. */
bool diag_take(const void *answer, size_t size, size_t least, diag_call call,
               void *arg);
/* Asks by 'fd' for all sockets of a kind, and takes in the answers.  False with
 * errno. */
bool diag_ask(int fd, const void *question, size_t size, size_t least,
              diag_call call, void *arg);

#endif
