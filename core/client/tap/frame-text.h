/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_TAP_FRAME_TEXT_H
#define XVS_CLIENT_TAP_FRAME_TEXT_H

/*
 * A frame in one line: "192.0.2.1.40000 > 192.0.2.2.80 tcp".
 */

#include <stddef.h>
#include <stdint.h>

struct buffer;

/* 'size' bytes of it are there. */
void frame_put_text(const uint8_t *frame, size_t size, struct buffer *out);

#endif
