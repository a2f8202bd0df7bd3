/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading questions; what is malformed is refused as a whole.
 */

#include "dns/dns-inside.h"

#include "vm/names.h"

/* The name at HEADER; false: it is none, or has a pointer. */
static bool
read_name(struct question *question, const uint8_t *bytes, size_t size)
{
    size_t at = HEADER, n = 0;

    for (;;) {
        size_t label = at < size ? bytes[at] : 64;

        if (label > 63 || at + 1 + label > size || n + label + 2 > DNS_NAME) {
            return false;
        }
        at++;
        if (label == 0) {
            break;
        }
        if (n) {
            question->name[n++] = '.';
        }
        for (size_t i = 0; i < label; i++) {
            uint8_t c = bytes[at + i];

            question->is_odd = question->is_odd || c <= ' ' || c == '.'
                || c > '~';
            question->name[n++] = (char) c;
        }
        at += label;
    }
    question->name[n] = 0;
    names_lower(question->name, question->name, n);
    question->end = at + 4;
    return question->end <= size;
}

/* Behind the name of another record; 0: it is none. */
static size_t
skip_name(const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at]) {
        if (bytes[at] >= 0xc0) {
            return at + 2 <= size ? at + 2 : 0;
        }
        if (bytes[at] > 63) {
            return 0;
        }
        at += 1u + bytes[at];
    }
    return at < size ? at + 1 : 0;
}

/* Looks for OPT among what follows; false: it is malformed. */
static bool
read_more(struct question *question, const uint8_t *bytes, size_t size)
{
    uint32_t n = dns_get16(bytes + 10);
    size_t at = question->end;

    for (; n; n--) {
        size_t start = at;

        at = skip_name(bytes, size, at);
        if (!at || at + 10 > size || at + 10 + dns_get16(bytes + at + 8) > size) {
            return false;
        }
        if (dns_get16(bytes + at) == TYPE_OPT) {
            if (question->has_opt || bytes[start]) {
                return false;
            }
            question->has_opt = true;
            question->room = dns_get16(bytes + at + 2);
            question->version = bytes[at + 5];
        }
        at += 10u + dns_get16(bytes + at + 8);
    }
    return true;
}

bool
dns_read_question(struct question *question, const uint8_t *bytes, size_t size)
{
    if (dns_get16(bytes + 4) != 1 || dns_get16(bytes + 6) || dns_get16(bytes + 8)
        || !read_name(question, bytes, size)) {
        return false;
    }
    question->type = dns_get16(bytes + question->end - 4);
    question->class = dns_get16(bytes + question->end - 2);
    return read_more(question, bytes, size);
}
