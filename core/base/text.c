/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers, UTF-8, likeness of names, GUIDs and hashes.  Nothing here depends
 * on the locale: what is read and written are formats, not prose.
 */
#include <config.h>

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

#define LONGEST_NAME 128    /* beyond it names are not compared for likeness */
#define MALFORMED 0xffffffffu

static int
digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* Digits without a sign, decimal or 0x. */
static bool
parse_digits(const char *text, uint64_t *number)
{
    unsigned int base = 10;
    uint64_t value = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        int digit = digit_value(*text);

        if (digit < 0 || (unsigned int) digit >= base
            || __builtin_mul_overflow(value, base, &value)
            || __builtin_add_overflow(value, (unsigned int) digit, &value)) {
            return false;
        }
    }
    *number = value;
    return true;
}

bool
text_to_u64(const char *text, uint64_t *number)
{
    return parse_digits(*text == '+' ? text + 1 : text, number);
}

bool
text_to_i64(const char *text, int64_t *number)
{
    bool minus = *text == '-';
    uint64_t value;

    if (!parse_digits(minus || *text == '+' ? text + 1 : text, &value)
        || value > (uint64_t) INT64_MAX + minus) {
        return false;
    }
    *number = minus ? (int64_t) (0 - value) : (int64_t) value;
    return true;
}

bool
text_to_double(const char *text, double *number)
{
    char *end;

    /* strtod() also takes blanks, "inf", "nan" and hexadecimal. */
    if (!*text || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return false;
    }
    errno = 0;
    double value = strtod(text, &end);

    if (*end || (errno == ERANGE && (value > 1 || value < -1))) {
        return false;
    }
    *number = value;
    return true;
}

uint32_t
text_utf8_next(const char **text, const char *end)
{
    static const uint32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *at = (const unsigned char *) *text;
    size_t left = (size_t) (end - *text);
    size_t more;
    uint32_t character;

    if (left == 0) {
        return MALFORMED;
    }
    if (*at < 0x80) {
        (*text)++;
        return *at;
    }
    more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
    if (*at < 0xc2 || *at > 0xf4 || left <= more) {
        return MALFORMED;
    }
    character = *at & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return MALFORMED;
        }
        character = character << 6 | (at[i] & 0x3fu);
    }
    if (character < smallest[more] || character > 0x10ffff
        || (character >= 0xd800 && character < 0xe000)) {
        return MALFORMED;
    }
    *text += more + 1;
    return character;
}

bool
text_is_utf8(const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        uint32_t character = text_utf8_next(&text, end);

        if (character == 0 || character == MALFORMED) {
            return false;
        }
    }
    return true;
}

size_t
text_utf8_put(uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char) character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char) (0xc0 | character >> 6);
        out[1] = (char) (0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char) (0xe0 | character >> 12);
        out[1] = (char) (0x80 | (character >> 6 & 0x3f));
        out[2] = (char) (0x80 | (character & 0x3f));
        return 3;
    }
    out[0] = (char) (0xf0 | (character >> 18 & 7));
    out[1] = (char) (0x80 | (character >> 12 & 0x3f));
    out[2] = (char) (0x80 | (character >> 6 & 0x3f));
    out[3] = (char) (0x80 | (character & 0x3f));
    return 4;
}

size_t
text_utf8_length(const char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        length += ((unsigned char) text[i] & 0xc0) != 0x80;
    }
    return length;
}

static inline unsigned char
folded(char c)
{
    return (unsigned char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

int
text_compare_fold(const char *a, const char *b)
{
    while (*a && folded(*a) == folded(*b)) {
        a++;
        b++;
    }
    return (int) folded(*a) - (int) folded(*b);
}

bool
text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *
text_trim(const char *text, char **copy)
{
    size_t n;

    while (isspace((unsigned char) *text)) {
        text++;
    }
    n = strlen(text);
    if (!n || !isspace((unsigned char) text[n - 1])) {
        return text;
    }
    while (isspace((unsigned char) text[n - 1])) {
        n--;
    }
    return *copy = mem_strndup(text, n);
}

static inline unsigned int
smaller(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

unsigned int
text_distance(const char *a, const char *b, unsigned int limit)
{
    unsigned int row[LONGEST_NAME + 1];
    size_t size_a = strlen(a);
    size_t size_b = strlen(b);
    size_t apart = size_a > size_b ? size_a - size_b : size_b - size_a;

    if (apart > limit || size_a > LONGEST_NAME || size_b > LONGEST_NAME) {
        return limit + 1;
    }
    for (unsigned int j = 0; j <= size_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= size_a; i++) {
        unsigned int diagonal = row[0];

        row[0] = (unsigned int) i;
        for (size_t j = 1; j <= size_b; j++) {
            unsigned int change = folded(a[i - 1]) != folded(b[j - 1]);
            unsigned int best = smaller(row[j], row[j - 1]) + 1;

            best = smaller(best, diagonal + change);
            diagonal = row[j];
            row[j] = best;
        }
    }
    return smaller(row[size_b], limit + 1);
}

const char *
text_nearest(const char *name, const char *const *candidates)
{
    /* A third of the characters may be wrong, as long as three are right. */
    unsigned int limit = (unsigned int) smaller(3, (unsigned int)
                                                (strlen(name) + 2) / 3);
    const char *nearest = NULL;

    for (; *candidates; candidates++) {
        unsigned int distance = text_distance(name, *candidates, limit);

        if (distance <= limit && distance < strlen(name)) {
            nearest = *candidates;
            if (distance == 0) {
                break;
            }
            limit = distance - 1;
        }
    }
    return nearest;
}

/* Two hexadecimal digits at 'text', or -1. */
static int
hex_byte(const char *text)
{
    int high = digit_value(text[0]);
    int low = high < 0 ? -1 : digit_value(text[1]);

    return low < 0 ? -1 : high << 4 | low;
}

bool
guid_parse(const char *text, struct xvs_guid *guid)
{
    static const unsigned char places[16] = {
        0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34,
    };
    size_t size = strlen(text);
    uint8_t bytes[16];

    if (size == 38 && text[0] == '{' && text[37] == '}') {
        text++;
    } else if (size != 36) {
        return false;
    }
    if (text[8] != '-' || text[13] != '-' || text[18] != '-'
        || text[23] != '-') {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        int byte = hex_byte(text + places[i]);

        if (byte < 0) {
            return false;
        }
        bytes[i] = (uint8_t) byte;
    }
    guid->a = (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16
              | (uint32_t) bytes[2] << 8 | bytes[3];
    guid->b = (uint16_t) (bytes[4] << 8 | bytes[5]);
    guid->c = (uint16_t) (bytes[6] << 8 | bytes[7]);
    memcpy(guid->d, bytes + 8, sizeof(guid->d));
    return true;
}

char *
guid_format(const struct xvs_guid *guid, char out[GUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t bytes[16] = {
        (uint8_t) (guid->a >> 24), (uint8_t) (guid->a >> 16),
        (uint8_t) (guid->a >> 8), (uint8_t) guid->a,
        (uint8_t) (guid->b >> 8), (uint8_t) guid->b,
        (uint8_t) (guid->c >> 8), (uint8_t) guid->c,
        guid->d[0], guid->d[1], guid->d[2], guid->d[3],
        guid->d[4], guid->d[5], guid->d[6], guid->d[7],
    };
    char *at = out;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = 0;
    return out;
}

bool
guid_equal(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool
guid_is_zero(const struct xvs_guid *guid)
{
    static const struct xvs_guid zero;

    return guid_equal(guid, &zero);
}

void
guid_random(struct xvs_guid *guid)
{
    size_t done = 0;

    while (done < sizeof(*guid)) {
        ssize_t got = getrandom((char *) guid + done, sizeof(*guid) - done,
                                0);

        if (got > 0) {
            done += (size_t) got;
        }
    }
    guid->c = (uint16_t) ((guid->c & 0x0fff) | 0x4000);
    guid->d[0] = (uint8_t) ((guid->d[0] & 0x3f) | 0x80);
}
