/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values of fields that mean something to a proxy: who somebody says that he
 * is or speaks for, and whom the request has come by.
 */

#include "http/http.h"
#include "http/http-text.h"

static int
digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                 "qrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int) (at - digits) : -1;
}

/* Base64; -1: it is none, or too long. */
static int
decode(char *to, size_t size, struct text text)
{
    uint32_t bits = 0, n_bits = 0;
    size_t n = 0, length = text.length;

    while (length && text.at[length - 1] == '=' && text.length - length < 2) {
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        int digit = digit_of(text.at[i]);

        if (digit < 0) {
            return -1;
        }
        bits = bits << 6 | (uint32_t) digit;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            if (n + 1 >= size) {
                return -1;
            }
            to[n++] = (char) (bits >> n_bits & 0xff);
        }
    }
    to[n] = 0;
    return (int) n;
}

bool
http_credentials(struct http_request *request, const char *value,
                 size_t length)
{
    const char *space = memchr(value, ' ', length);
    struct text scheme = { value, space ? (size_t) (space - value) : 0 };
    struct text rest;
    char pair[HTTP_TOKEN_SIZE + 64], *colon;
    int n;

    if (!space) {
        return false;
    }
    while (space < value + length && *space == ' ') {
        space++;
    }
    rest = (struct text) { space, (size_t) (value + length - space) };
    if (text_equals(scheme, "Bearer") && rest.length
        && rest.length < HTTP_TOKEN_SIZE) {
        text_copy(request->token, sizeof(request->token), rest);
        return request->has_token = true;
    }
    n = text_equals(scheme, "Basic") ? decode(pair, sizeof(pair), rest) : -1;
    colon = n > 0 ? strchr(pair, ':') : NULL;
    if (!colon || strlen(pair) != (size_t) n
        || (size_t) (colon - pair) >= sizeof(request->user)
        || strlen(colon + 1) >= sizeof(request->token)) {
        return false;
    }
    *colon = 0;
    strcpy(request->user, pair);
    strcpy(request->token, colon + 1);
    return request->has_token = true;
}

bool
http_client_name(struct http_request *request, const char *value,
                 size_t length)
{
    const struct text text = { value, length };

    if (request->client[0] || !length || length >= sizeof(request->client)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (digit_of(value[i]) < 0 ? !value[i] || !strchr(".-_@", value[i])
                                   : value[i] == '+' || value[i] == '/') {
            return false;
        }
    }
    text_copy(request->client, sizeof(request->client), text);
    return true;
}

static bool
ends_with(struct text text, const char *zone)
{
    size_t n = strlen(zone);

    return n && text.length > n + 1 && text.at[text.length - n - 1] == '.'
        && strncasecmp(text.at + text.length - n, zone, n) == 0;
}

/* Via: 1.1 h1.vm.internal (what it is), 1.0 other */
void
http_via(struct http_request *request, const char *value, size_t length,
         const char *own, const char *zone)
{
    const char *at = value, *end = value + length;

    while (at < end) {
        struct text by;

        while (at < end && (*at == ' ' || *at == '\t' || *at == ',')) {
            at++;
        }
        while (at < end && *at != ' ' && *at != '\t' && *at != ',') {
            at++;
        }
        while (at < end && (*at == ' ' || *at == '\t')) {
            at++;
        }
        by.at = at;
        while (at < end && *at != ' ' && *at != '\t' && *at != ',') {
            at++;
        }
        by.length = (size_t) (at - by.at);
        request->looped |= text_equals(by, own);
        request->came_by_peer |= ends_with(by, zone);
        while (at < end && *at != ',') {
            at++;
        }
    }
}
