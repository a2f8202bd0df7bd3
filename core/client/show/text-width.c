/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How wide characters are on a terminal.  wcwidth() would need a locale,
 * whose loading costs more than a whole query; the ranges here are those of
 * East Asian wide characters, emoji, and marks without a width.
 */

#include <config.h>

#include "client/show/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

struct range {
    uint32_t first, last;
};

static const struct range without[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
    { 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0900, 0x0902 },
    { 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x0e31, 0x0e31 },
    { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
    { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
    { 0x2060, 0x2064 }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
    { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

static const struct range wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },
    { 0x23e9, 0x23ec },   { 0x25fd, 0x25fe },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x26a1, 0x26a1 },   { 0x2705, 0x2705 },
    { 0x274c, 0x274c },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },
    { 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },
    { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
    { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
    { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
    { 0x20000, 0x3fffd },
};

static bool
in_ranges(uint32_t character, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

size_t
text_char_width(uint32_t character)
{
    if (character < 0x300) {
        return 1;
    }
    if (in_ranges(character, without, sizeof without / sizeof *without)) {
        return 0;
    }
    return in_ranges(character, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

size_t
text_width(const char *text)
{
    const char *end = text + strlen(text);
    size_t width = 0;

    while (text < end) {
        uint32_t character = text_utf8_next(&text, end);

        if (character == UINT32_MAX) {
            break;
        }
        width += text_char_width(character);
    }
    return width;
}

/* Characters that a terminal might obey: C0, DEL, C1, and bidi controls. */
static bool
is_unsafe(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0)
           || (character >= 0x202a && character <= 0x202e)
           || (character >= 0x2066 && character <= 0x2069)
           || character == UINT32_MAX;
}

char *
text_safe(const char *text)
{
    struct buffer out = BUFFER_INIT;
    const char *end = text + strlen(text);

    while (text < end) {
        const char *start = text;

        if (!is_unsafe(text_utf8_next(&text, end))) {
            buffer_put(&out, start, (size_t) (text - start));
            continue;
        }
        /* A malformed byte might not have been passed. */
        text = text > start ? text : start + 1;
        for (; start < text; start++) {
            if (*start == '\n') {
                buffer_puts(&out, "\\n");
            } else {
                buffer_printf(&out, "\\x%02x", (unsigned char) *start);
            }
        }
    }
    return buffer_steal(&out);
}

void
text_put_safe(FILE *out, const char *text)
{
    char *safe = text_safe(text);

    fputs(safe, out);
    free(safe);
}
