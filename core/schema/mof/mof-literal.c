/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What MOF's literals mean: numbers in four bases, reals, and the escapes
 * of strings and characters.
 */

#include <config.h>

#include "schema/mof/mof-lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "schema/value.h"

/* No number needs more characters; leading zeros may. */
#define LONGEST 400

static bool
bad_number(const char *text, const char *why, struct error *error)
{
    return error_set(error, ERROR_SYNTAX, "'%.60s' is not a number: %s",
                     text, why);
}

/* The digits' value; false when it does not fit in 64 bits. */
static bool
digits_value(const char *digits, size_t n, unsigned int base, uint64_t *out)
{
    uint64_t number = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned int c = (unsigned char) tolower((unsigned char) digits[i]);
        unsigned int digit = c >= 'a' ? c - 'a' + 10 : c - '0';

        if (__builtin_mul_overflow(number, (uint64_t) base, &number)
            || __builtin_add_overflow(number, (uint64_t) digit, &number)) {
            return false;
        }
    }
    *out = number;
    return true;
}

struct form {
    unsigned int base;
    const char *digits; /* those that are allowed */
    const char *why;    /* what the text is not, for the error */
};

static const struct form binary = { 2, "01",
    "binary digits before 'b' are 0 and 1" };
static const struct form octal = { 8, "01234567",
    "a leading 0 makes it octal, with digits 0 to 7" };
static const struct form decimal = { 10, "0123456789",
    "expected decimal digits" };
static const struct form hexadecimal = { 16, "0123456789abcdefABCDEF",
    "expected hexadecimal digits after 0x" };

static const struct form *
form_of(const char **digits, size_t *n)
{
    const char *p = *digits;
    char last = p[*n - 1];

    if (*n >= 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        *digits += 2;
        *n -= 2;
        return &hexadecimal;
    }
    if (*n >= 2 && (last == 'b' || last == 'B')) {
        *n -= 1;
        return &binary;
    }
    return *n >= 2 && p[0] == '0' ? &octal : &decimal;
}

static bool
integer(const char *text, struct value *value, struct error *error)
{
    bool negative = *text == '-';
    const char *digits = text + (*text == '-' || *text == '+');
    size_t n = strlen(digits);
    const struct form *form = form_of(&digits, &n);
    uint64_t number;

    if (n == 0 || strspn(digits, form->digits) < n) {
        const char *dotless = "reals need a '.', as in 1.0e5";
        bool real = form == &decimal
                    && tolower((unsigned char) digits[strspn(digits,
                                                             form->digits)])
                           == 'e';

        return bad_number(text, real ? dotless : form->why, error);
    }
    if (!digits_value(digits, n, form->base, &number)
        || (negative && number > (uint64_t) INT64_MAX + 1)) {
        return error_set(error, ERROR_SYNTAX,
                         "'%.60s' does not fit in 64 bits", text);
    }
    if (negative) {
        *value = value_i64(CIM_SINT64, (int64_t) (0 - number));
    } else {
        *value = value_u64(CIM_UINT64, number);
    }
    return true;
}

static bool
is_real(const char *p)
{
    size_t whole;
    size_t n;

    p += *p == '-' || *p == '+';
    whole = strspn(p, "0123456789");
    p += whole;
    if (*p++ != '.') {
        return false;
    }
    n = strspn(p, "0123456789");
    p += n;
    if (n == 0 || (*p != 'e' && *p != 'E')) {
        return n > 0 && *p == 0;
    }
    p++;
    p += *p == '-' || *p == '+';
    n = strspn(p, "0123456789");
    return n > 0 && p[n] == 0;
}

bool
token_number(const struct token *token, struct value *value,
             struct error *error)
{
    char text[LONGEST + 1];

    if (token->size > LONGEST) {
        return error_set(error, ERROR_SYNTAX,
                         "the number has more than %d characters", LONGEST);
    }
    memcpy(text, token->start, token->size);
    text[token->size] = 0;
    if (!strchr(text, '.')) {
        return integer(text, value, error);
    }
    if (!is_real(text)) {
        return bad_number(text, "expected a real such as 1.0, .5 or 1.0e-3",
                          error);
    }
    *value = (struct value){ .type = CIM_REAL64 };
    if (!text_to_double(text, &value->r) || value->r - value->r != 0) {
        return error_set(error, ERROR_SYNTAX,
                         "'%.60s' is too large for a real64", text);
    }
    return true;
}

/* "\x" and one to four hexadecimal digits; '*p' is at the first. */
static bool
hex_escape(const char **p, const char *end, uint32_t *character,
           struct error *error)
{
    int n = 0;

    *character = 0;
    for (; n < 4 && *p < end && isxdigit((unsigned char) **p); n++, (*p)++) {
        unsigned int c = (unsigned char) tolower((unsigned char) **p);

        *character = *character << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    if (n == 0) {
        return error_set(error, ERROR_SYNTAX,
                         "'\\x' needs one to four hexadecimal digits");
    }
    if (*character == 0) {
        return error_set(error, ERROR_SYNTAX,
                         "the character NUL is not allowed in a text");
    }
    return true;
}

/* A pair of surrogates, "\xD83D\xDE00", is one character. */
static bool
low_surrogate(const char **p, const char *end, uint32_t *character)
{
    const char *q = *p + 2;
    uint32_t low;

    if (end - *p < 6 || (*p)[0] != '\\' || ((*p)[1] | 0x20) != 'x'
        || !hex_escape(&q, end, &low, NULL) || (low & 0xfc00) != 0xdc00) {
        return false;
    }
    *character = 0x10000 + ((*character & 0x3ff) << 10) + (low & 0x3ff);
    *p = q;
    return true;
}

/* '*p' is behind the backslash; appends the character. */
static bool
escape(const char **p, const char *end, bool is_char16, struct buffer *out,
       struct error *error)
{
    static const char from[] = "btnfr\"'\\";
    static const char to[] = "\b\t\n\f\r\"'\\";
    const char *simple;
    uint32_t character;
    char utf8[4];

    if (*p == end) {
        return error_set(error, ERROR_SYNTAX, "'\\' at the end of the text");
    }
    simple = strchr(from, **p);
    if (simple) {
        buffer_putc(out, to[simple - from]);
        (*p)++;
        return true;
    }
    if (**p != 'x' && **p != 'X') {
        return error_hint((error_set(error, ERROR_SYNTAX,
                                     "'\\%c' is not an escape",
                                     isprint((unsigned char) **p) ? **p
                                                                  : '?'),
                           error),
                          "a backslash itself is written \\\\");
    }
    (*p)++;
    if (!hex_escape(p, end, &character, error)) {
        return false;
    }
    /* Half of a pair is no text, but it is a char16. */
    if (character >= 0xd800 && character < 0xe000
        && ((character >= 0xdc00) || !low_surrogate(p, end, &character))) {
        if (!is_char16) {
            return error_set(error, ERROR_SYNTAX, "'\\x%04X' is half of a "
                             "surrogate pair", (unsigned int) character);
        }
        buffer_putc(out, (char) (0xe0 | character >> 12));
        buffer_putc(out, (char) (0x80 | (character >> 6 & 0x3f)));
        buffer_putc(out, (char) (0x80 | (character & 0x3f)));
        return true;
    }
    buffer_put(out, utf8, text_utf8_put(character, utf8));
    return true;
}

bool
token_text(const struct token *token, struct buffer *out, struct error *error)
{
    const char *p = token->start;
    const char *end = p + token->size;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t) (end - p));

        buffer_put(out, p, (size_t) ((slash ? slash : end) - p));
        if (!slash) {
            return true;
        }
        p = slash + 1;
        if (!escape(&p, end, token->type == TOKEN_CHAR, out, error)) {
            return false;
        }
    }
    return true;
}
