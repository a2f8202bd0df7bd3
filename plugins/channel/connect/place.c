/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Places, read from their ends: a port is what stands behind the last colon.
 */

#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
place_port(uint16_t *port, const char *text)
{
    unsigned long number;

    if (*text == 0 || strlen(text) > 5
        || text[strspn(text, "0123456789")] != 0) {
        return false;
    }
    number = strtoul(text, NULL, 10);
    *port = (uint16_t) number;
    return number >= 1 && number <= 65535;
}

bool
target_name(struct target *target, const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n >= sizeof(target->vm) || name[0] == ':'
        || name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:")] != 0) {
        return false;
    }
    memcpy(target->vm, name, n + 1);
    return true;
}

/* 'n' bytes of 'text', without the brackets around them. */
static bool
copy_host(struct place *place, const char *text, size_t n)
{
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    } else if (memchr(text, ':', n)) {
        return false;
    }
    if (n == 0 || n >= sizeof(place->host) || memchr(text, '[', n)
        || memchr(text, ']', n)) {
        return false;
    }
    memcpy(place->host, text, n);
    place->host[n] = 0;
    return true;
}

bool
place_parse(struct place *place, const char *text)
{
    const char *colon = strrchr(text, ':');

    memset(place, 0, sizeof(*place));
    if (strncmp(text, "unix:", 5) == 0) {
        size_t n = strlen(text + 5);

        if (n == 0 || n >= sizeof(place->path)) {
            return false;
        }
        memcpy(place->path, text + 5, n + 1);
        return true;
    }
    return colon && place_port(&place->port, colon + 1)
        && copy_host(place, text, (size_t) (colon - text));
}

bool
place_parse_listener(struct place *place, const char *text)
{
    if (strchr(text, ':')) {
        return place_parse(place, text) && place->host[0];
    }
    memset(place, 0, sizeof(*place));
    strcpy(place->host, "127.0.0.1");
    return place_port(&place->port, text);
}

/* The colon at the end of "[ADDRESS:]PORT", or NULL. */
static char *
end_of_listener(char *text)
{
    char *from = text[0] == '[' ? strchr(text, ']') : text;
    char *first = from ? strchr(from, ':') : NULL;
    char *second = first ? strchr(first + 1, ':') : NULL;
    uint16_t port;

    if (!second) {
        return NULL;
    }
    /* "PORT:" at the beginning: no address. */
    *first = 0;
    if (text[0] != '[' && place_port(&port, text)) {
        second = first;
    }
    *first = ':';
    return second;
}

bool
place_parse_forward(struct place *place, struct target *target,
                    const char *text)
{
    char copy[600], *end, *port;
    bool good;

    if (strlen(text) >= sizeof(copy)) {
        return false;
    }
    strcpy(copy, text);
    end = end_of_listener(copy);
    if (!end) {
        return false;
    }
    *end++ = 0;
    port = strrchr(end, ':');
    if (!port) {
        return false;
    }
    *port++ = 0;
    good = place_parse_listener(place, copy) && target_name(target, end)
        && place_port(&target->port, port);
    return good;
}

/* Without them it would be another place. */
static bool
needs_brackets(const char *host)
{
    return strchr(host, ':') || strcmp(host, "unix") == 0;
}

char *
place_text(const struct place *place, char text[300])
{
    if (!place->host[0]) {
        snprintf(text, 300, "unix:%s", place->path);
    } else {
        snprintf(text, 300, needs_brackets(place->host) ? "[%s]:%u" : "%s:%u",
                 place->host, place->port);
    }
    return text;
}
