/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Three bytes are four digits.
 */

#include <config.h>

#include "base/base64.h"

#include <stdint.h>

#include "base/buffer.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_put(struct buffer *out, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    buffer_reserve(out, size / 3 * 4 + 5);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t) bytes[i] << 16;

        if (i + 1 < size) {
            bits |= (uint32_t) bytes[i + 1] << 8;
        }
        if (i + 2 < size) {
            bits |= bytes[i + 2];
        }
        buffer_putc(out, digits[bits >> 18]);
        buffer_putc(out, digits[bits >> 12 & 63]);
        buffer_putc(out, i + 1 < size ? digits[bits >> 6 & 63] : '=');
        buffer_putc(out, i + 2 < size ? digits[bits & 63] : '=');
    }
}

static int
value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_read(const char *text, size_t length, struct buffer *out)
{
    size_t padding = 0;

    if (length % 4) {
        return false;
    }
    while (padding < 2 && length > padding
           && text[length - 1 - padding] == '=') {
        padding++;
    }
    buffer_reserve(out, length / 4 * 3);
    for (size_t i = 0; i < length; i += 4) {
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            int value = i + k >= length - padding ? 0 : value_of(text[i + k]);

            if (value < 0) {
                return false;
            }
            bits = bits << 6 | (uint32_t) value;
        }
        buffer_putc(out, (char) (bits >> 16));
        buffer_putc(out, (char) (bits >> 8));
        buffer_putc(out, (char) bits);
    }
    out->size -= padding;
    return true;
}
