/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Priorities by DSCP as people write them.
 */
#include "qos.h"

#include <stdlib.h>

/* Reads a number of digits only, up to 'last'; false: it is none. */
static bool
read_number(const char **text, unsigned long last, unsigned long *number)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return false;
    }
    *number = strtoul(*text, &end, 10);
    *text = end;
    return *number <= last;
}

const char *
qos_read_priorities(const char *text, uint8_t priorities[XVS_DSCPS])
{
    static const char wrong[] = "expected DSCPs from 0 to 63 with priorities "
                                "from 0 to 7, such as 46:6,8-15:0";
    unsigned long first, last, priority;

    while (*text) {
        if (!read_number(&text, XVS_DSCPS - 1, &first)) {
            return wrong;
        }
        last = first;
        if (*text == '-') {
            text++;
            if (!read_number(&text, XVS_DSCPS - 1, &last)) {
                return wrong;
            }
        }
        if (*text++ != ':'
            || !read_number(&text, XVS_PRIORITIES - 1, &priority)) {
            return wrong;
        }
        if (last < first) {
            return "a range ends before it begins";
        }
        for (; first <= last; first++) {
            priorities[first] = (uint8_t) priority;
        }
        if (*text == ',' && text[1]) {
            text++;
        } else if (*text) {
            return wrong;
        }
    }
    return NULL;
}
