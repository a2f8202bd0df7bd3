/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_NAMES_H
#define CHANNEL_NAMES_H

/*
 * Names of hosts and VMs: ASCII without regard to case, and patterns of them.
 */

#include <stdbool.h>
#include <stddef.h>

/* 'length' bytes in lower case, without an end. */
void names_lower(char *to, const char *from, size_t length);
/* As much of the text as fits, in lower case; its length. */
size_t names_copy(char *to, size_t size, const char *from);
bool names_equal(const char *one, const char *other);
/* 1 to 63 letters, digits, hyphens; none of these first or last. */
bool names_is_label(const char *text);
/* Labels with dots between them, 253 bytes at most. */
bool names_is_domain(const char *text);
/* 8-4-4-4-12 hexadecimal digits. */
bool names_is_uuid(const char *text);
/* Whether 'text' (lower case) is what the pattern (lower case) means: * is any
 * number of characters, ? is one. */
bool names_match(const char *pattern, const char *text);

#endif
