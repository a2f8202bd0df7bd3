/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Names of hosts and VMs.
 */

#include "vm/names.h"

#include <string.h>

#define LABEL 63u
#define DOMAIN 253u

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}

void
names_lower(char *to, const char *from, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        to[i] = lower(from[i]);
    }
}

size_t
names_copy(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);

    names_lower(to, from, length);
    to[length] = 0;
    return length;
}

bool
names_equal(const char *one, const char *other)
{
    while (*one && lower(*one) == lower(*other)) {
        one++;
        other++;
    }
    return lower(*one) == lower(*other);
}

static bool
is_plain(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* How long the label is that the text begins with; 0: none. */
static size_t
label_length(const char *text)
{
    size_t n = 0;

    while (is_plain(text[n]) || text[n] == '-') {
        n++;
    }
    return n && n <= LABEL && text[0] != '-' && text[n - 1] != '-' ? n : 0;
}

bool
names_is_label(const char *text)
{
    size_t n = label_length(text);

    return n && !text[n];
}

bool
names_is_domain(const char *text)
{
    size_t n;

    if (strnlen(text, DOMAIN + 1) > DOMAIN) {
        return false;
    }
    for (;;) {
        n = label_length(text);
        if (n == 0 || !text[n]) {
            return n != 0;
        }
        if (text[n] != '.') {
            return false;
        }
        text += n + 1;
    }
}

bool
names_is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    for (i = 0; form[i]; i++) {
        char c = lower(text[i]);

        if (form[i] == '-' ? c != '-'
            : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return !text[i];
}

/* The last * is where it goes on when the rest does not fit. */
bool
names_match(const char *pattern, const char *text)
{
    const char *star = NULL, *tried = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            tried = text;
        } else if (*pattern == *text || *pattern == '?') {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++tried;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return !*pattern;
}
