/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_SOCKET_H
#define XVS_BASE_SOCKET_H

/*
 * Sockets as the daemons use them: close-on-exec, non-blocking, with errors
 * that name the address.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/*
 * Listens on a unix path; 'type' is SOCK_STREAM or SOCK_SEQPACKET.  A socket
 * file that nobody answers on is replaced; a live one is ERROR_EXISTS.
 * Returns the descriptor or -1.
 */
int socket_listen_unix(const char *path, int type, mode_t mode,
                       struct error *error);
int socket_connect_unix(const char *path, int type, struct error *error);
/* "address:port", "[v6]:port" or ":port" (all addresses). */
int socket_listen_tcp(const char *address, struct error *error);
int socket_connect_tcp(const char *host, uint16_t port, struct error *error);
/* The port a TCP listener is bound to. */
uint16_t socket_port(int fd);
/* Accepts non-blocking; -1 with errno when there is nobody. */
int socket_accept(int fd);
/* Peer's credentials of a unix socket; false when it has none. */
bool socket_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

#endif
