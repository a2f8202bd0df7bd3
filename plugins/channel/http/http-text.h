/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_HTTP_TEXT_H
#define CHANNEL_HTTP_TEXT_H

/*
 * Parts of heads; only for those who read them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A part of the head; not ended by 0. */
struct text {
    const char *at;
    size_t length;
};

static inline bool
text_equals(struct text text, const char *other)
{
    return text.length == strlen(other)
        && strncasecmp(text.at, other, text.length) == 0;
}

static inline void
text_copy(char *to, size_t size, struct text from)
{
    size_t n = from.length < size ? from.length : size - 1;

    memcpy(to, from.at, n);
    to[n] = 0;
}

#endif
