/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_TALK_H
#define CHANNEL_TALK_H

/*
 * Clients of a proxy and a VM over real sockets, for tests that are written
 * as one conversation: the loop runs while somebody waits for something.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/channel-world.h"

#define CONNECT_VM "CONNECT vm1.vm.internal:22 HTTP/1.1\r\nHost: vm1\r\n\r\n"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

extern struct world talk_world;
extern struct listener_config talk_vm;  /* where the VM listens */
extern struct world_place talk_place;   /* where the VM's ports lead to */
extern uint16_t talk_port;              /* the proxy's */
extern struct link *talk_link;          /* the VM's */

/* A VM vm1, whose ports 9, 22 and 5985 lead to 'talk_vm', 23 to nobody; and a
 * proxy, or one for port 5985. */
void talk_begin(bool is_fixed);
/* Nothing is left. */
void talk_end(void);

/* The next bytes are these. */
bool talk_hears(int fd, const char *text);
void talk_hears_bytes(int fd, const char *wanted, size_t size);
/* How it ends: 0 or an errno; and what came before. */
int talk_ends(int fd, char *bytes, size_t size);
void talk_says(int fd, const char *text);
void talk_says_bytes(int fd, const char *bytes, size_t size);
/* Who has come to the VM. */
int talk_vm_accepts(void);
void talk_resets(int fd);
/* A conversation: 'pair[0]' is the client, 'pair[1]' the VM. */
void talk_converse(int pair[2]);
/* What a client hears who says 'text' and nothing else. */
const char *talk_answer_to(const char *text);
/* A CONNECT to it is refused with this status, and told so. */
bool talk_refuses(const char *target, const char *fields, int status);
/* The last thing told with that status. */
const struct world_told *talk_told_of(int status);

#endif
