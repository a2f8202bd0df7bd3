/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_SWITCH_CLIENT_H
#define XVS_TESTS_SWITCH_CLIENT_H

/*
 * What switch-client's commands become, and how bodies of answers are shown.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct control_snapshot;

/* The request for a command of 'n' words; false when it is none. */
bool client_build(char **words, int n, struct buffer *out);
void client_print_block(const void *block, uint32_t size);
void client_print_snapshot(const struct control_snapshot *snapshot);

#endif
