/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of the growing buffer that are not inline.
 */
#include <config.h>

#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define SMALLEST 256

void
buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer) BUFFER_INIT;
}

void
buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t capacity = buffer->capacity < SMALLEST ? SMALLEST
                                                  : buffer->capacity;

    if (buffer->data && buffer->capacity - buffer->size >= more) {
        return;
    }
    /* mem_realloc() ends the process for a size that cannot be had. */
    if (more > SIZE_MAX / 4 - buffer->size) {
        capacity = SIZE_MAX / 2;
    }
    while (capacity - buffer->size < more) {
        capacity *= 2;
    }
    buffer->data = mem_realloc(buffer->data, capacity);
    buffer->capacity = capacity;
}

size_t
buffer_extend(struct buffer *buffer, size_t size)
{
    size_t offset = buffer->size;

    buffer_reserve(buffer, size);
    memset(buffer->data + offset, 0, size);
    buffer->size += size;
    return offset;
}

void
buffer_align(struct buffer *buffer, size_t alignment)
{
    size_t over = buffer->size % alignment;

    if (over) {
        buffer_extend(buffer, alignment - over);
    }
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buffer_vprintf(buffer, format, args);
    va_end(args);
}

void
buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    buffer_reserve(buffer, 64);
    size_t room = buffer->capacity - buffer->size;
    int size = vsnprintf(buffer->data + buffer->size, room, format, args);

    if (size >= 0 && (size_t) size >= room) {
        buffer_reserve(buffer, (size_t) size + 1);
        room = buffer->capacity - buffer->size;
        vsnprintf(buffer->data + buffer->size, room, format, again);
    }
    va_end(again);
    if (size > 0) {
        buffer->size += (size_t) size;
    }
}

void
buffer_put_u64(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char) ('0' + number % 10);
        number /= 10;
    } while (number);
    buffer_put(buffer, digits + at, sizeof(digits) - at);
}

void
buffer_put_i64(struct buffer *buffer, int64_t number)
{
    if (number < 0) {
        buffer_putc(buffer, '-');
        buffer_put_u64(buffer, 0 - (uint64_t) number);
    } else {
        buffer_put_u64(buffer, (uint64_t) number);
    }
}

char *
buffer_string(struct buffer *buffer)
{
    buffer_reserve(buffer, 1);
    buffer->data[buffer->size] = 0;
    return buffer->data;
}

char *
buffer_steal(struct buffer *buffer)
{
    char *text = buffer_string(buffer);

    *buffer = (struct buffer) BUFFER_INIT;
    return text;
}

void
buffer_consume(struct buffer *buffer, size_t size)
{
    if (size >= buffer->size) {
        buffer->size = 0;
        return;
    }
    memmove(buffer->data, buffer->data + size, buffer->size - size);
    buffer->size -= size;
}
