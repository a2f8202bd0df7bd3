/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SWITCH_FRAME_H
#define SWITCH_FRAME_H

/*
 * What the parts of switch-frame share; one thread.
 */

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes from hexadecimal digits; returns how many, at most 'size'. */
size_t frame_parse_hex(const char *text, uint8_t *out, size_t size);
/* Reads a frame; returns its size with the tag put back, or 0. */
size_t frame_receive(int fd, uint8_t *frame, size_t room);
/* Has SIGTERM set frame_stopped. */
void frame_catch_stop(void);
extern volatile sig_atomic_t frame_stopped;

/* "stream" and "follow", see stream.c; return the exit status.  'argv' is
 * what follows the address, 'hooks' may be NULL. */
int stream_send(int fd, const char *mac, char **argv);
int stream_follow(int fd, const char *hooks);

#endif
