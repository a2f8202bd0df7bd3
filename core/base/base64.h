/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_BASE64_H
#define XVS_BASE_BASE64_H

/*
 * Bytes as text of RFC 4648, with padding and without line breaks.
 */

#include <stdbool.h>
#include <stddef.h>

struct buffer;

void base64_put(struct buffer *out, const void *data, size_t size);
/* Strict: whole groups of four, padding only at the end.  Appends; false when
 * it is malformed, and then what was appended means nothing. */
bool base64_read(const char *text, size_t length, struct buffer *out);

#endif
