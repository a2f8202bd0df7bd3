/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MAIN_PRIVILEGE_H
#define XVS_MAIN_PRIVILEGE_H

/*
 * Giving up what a program does not need.
 */

#include <stdbool.h>
#include <sys/types.h>

struct error;

/* Looks up a user by name or number. */
bool privilege_user(const char *name, uid_t *uid, gid_t *gid,
                    struct error *error);

/*
 * Becomes the user, with its groups, keeping only CAP_NET_ADMIN,
 * CAP_NET_RAW and, for ports of driver xdp, CAP_BPF where it is to be had and
 * CAP_IPC_LOCK where the limit of locked memory cannot be raised instead, for
 * this program and nothing that it starts; and never gains privileges
 * again.  Who is not root and was given capabilities (as ambient ones, by its
 * unit) stays who he is and keeps no others either.
 */
bool privilege_drop(uid_t uid, gid_t gid, struct error *error);

#endif
