/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The patterns of LIKE: '%' any run, '_' any character, '[...]' a set.
 * Characters are those of UTF-8; ASCII case does not count.
 */

#include <config.h>

#include "object/wql/wql-tree.h"

#include <string.h>

#include "base/text.h"

static uint32_t
fold(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* "[abc]", "[a-f]", "[^x]" or "[=x]" at '*at', which is moved behind. */
static bool
set_holds(const char **at, const char *end, uint32_t c)
{
    const char *pattern = *at + 1;
    bool negated = pattern < end && *pattern == '^';
    bool holds = false;

    pattern += negated || (pattern < end && *pattern == '=');
    while (pattern < end && *pattern != ']') {
        uint32_t low = fold(text_utf8_next(&pattern, end));
        uint32_t high = low;

        if (end - pattern > 1 && pattern[0] == '-' && pattern[1] != ']') {
            pattern++;
            high = fold(text_utf8_next(&pattern, end));
        }
        holds = holds || (c >= low && c <= high);
    }
    *at = pattern < end ? pattern + 1 : end;
    return holds != negated;
}

/* One character against one element of the pattern (not '%'). */
static bool
element_holds(const char **pattern, const char *end, uint32_t c)
{
    if (**pattern == '[' && memchr(*pattern, ']', (size_t) (end - *pattern))) {
        return set_holds(pattern, end, c);
    }
    if (**pattern == '_') {
        ++*pattern;
        return true;
    }
    return fold(text_utf8_next(pattern, end)) == c;
}

/* A later '%' makes an earlier one's choice final: one place to go back to. */
bool
wql_like(const char *text, const char *pattern)
{
    const char *text_end = text + strlen(text);
    const char *end = pattern + strlen(pattern);
    const char *back_pattern = NULL;
    const char *back_text = NULL;

    while (text < text_end) {
        if (pattern < end && *pattern == '%') {
            back_pattern = ++pattern;
            back_text = text;
            continue;
        }
        if (pattern < end) {
            const char *next = text;
            uint32_t c = fold(text_utf8_next(&next, text_end));

            if (element_holds(&pattern, end, c)) {
                text = next;
                continue;
            }
        }
        if (!back_pattern) {
            return false;
        }
        text_utf8_next(&back_text, text_end);
        text = back_text;
        pattern = back_pattern;
    }
    while (pattern < end && *pattern == '%') {
        pattern++;
    }
    return pattern == end;
}
