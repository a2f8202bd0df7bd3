/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_BUFFER_H
#define XVS_BASE_BUFFER_H

/*
 * A growing run of bytes.  Everything that is written piece by piece (XML,
 * JSON, control messages, binary blocks) is written into one of these.
 * 'data' is not terminated unless buffer_string() was the last call.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
    char *data;
    size_t size;        /* bytes in use */
    size_t capacity;    /* bytes allocated */
};

#define BUFFER_INIT { NULL, 0, 0 }
#define BUFFER_AUTO __attribute__((cleanup(buffer_free)))

void buffer_free(struct buffer *buffer);
/* Makes room for 'more' bytes behind the used ones. */
void buffer_reserve(struct buffer *buffer, size_t more);
/* Appends 'size' zero bytes and returns the offset where they start. */
size_t buffer_extend(struct buffer *buffer, size_t size);
/* Appends zero bytes until size is a multiple of 'alignment'. */
void buffer_align(struct buffer *buffer, size_t alignment);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Appends a number in decimal, faster than printf. */
void buffer_put_u64(struct buffer *buffer, uint64_t number);
void buffer_put_i64(struct buffer *buffer, int64_t number);
/* Terminates with a NUL (not counted in size) and returns data. */
char *buffer_string(struct buffer *buffer);
/* Gives the terminated data to the caller and empties the buffer. */
char *buffer_steal(struct buffer *buffer);
/* Removes 'size' bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t size);

static inline void
buffer_put(struct buffer *buffer, const void *data, size_t size)
{
    if (buffer->capacity - buffer->size < size) {
        buffer_reserve(buffer, size);
    }
    if (size) {
        memcpy(buffer->data + buffer->size, data, size);
    }
    buffer->size += size;
}

static inline void
buffer_puts(struct buffer *buffer, const char *text)
{
    buffer_put(buffer, text, strlen(text));
}

static inline void
buffer_putc(struct buffer *buffer, char c)
{
    buffer_put(buffer, &c, 1);
}

#endif
