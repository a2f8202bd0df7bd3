/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/http/resource.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "manage/http/exchange.h"
#include "manage/http/http-parse.h"

#define TAG_SIZE 48     /* of an entity tag as text */

/*
 * For the browser of an admin, which has his rights: nothing comes from
 * elsewhere, nothing runs but our own files, no other site shows this one in
 * a frame, is told its address or gets at what was read.
 */
static void
put_security(struct exchange *exchange)
{
    exchange_field(exchange, "Content-Security-Policy",
                   "default-src 'none'; script-src 'self'; style-src 'self'; "
                   "img-src 'self'; connect-src 'self'; base-uri 'none'; "
                   "form-action 'none'; frame-ancestors 'none'");
    exchange_field(exchange, "X-Content-Type-Options", "nosniff");
    exchange_field(exchange, "X-Frame-Options", "DENY");
    exchange_field(exchange, "Referrer-Policy", "no-referrer");
    exchange_field(exchange, "Cross-Origin-Resource-Policy", "same-origin");
    exchange_field(exchange, "Cross-Origin-Opener-Policy", "same-origin");
}

static void
refuse(struct exchange *exchange, int status, const char *text)
{
    exchange_field(exchange, "Cache-Control", "no-store");
    exchange_refuse(exchange, status, text);
}

bool
resource_is_read(const struct exchange *exchange)
{
    return strcmp(exchange->request->method, "GET") == 0
           || exchange->request->is_head;
}

bool
resource_accept(struct exchange *exchange)
{
    const struct http_parser *head = exchange->request;

    if (head->is_chunked || head->length) {
        put_security(exchange);
        refuse(exchange, 400, "GET and HEAD have no body.");
        return false;
    }
    return true;
}

/* Absolute form: what proxies are asked with, and every server must take. */
static const char *
skip_authority(const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;

    return scheme ? target + scheme + strcspn(target + scheme, "/?#")
                  : target;
}

bool
resource_target_is(const char *target, const char *path)
{
    const char *at = skip_authority(target);
    size_t size = strcspn(at, "?#");

    if (at != target && size == 0) {    /* "http://host" */
        return strcmp(path, "/") == 0;
    }
    return strlen(path) == size && memcmp(at, path, size) == 0;
}

static void
make_tag(const struct resource *resource, char tag[TAG_SIZE])
{
    snprintf(tag, TAG_SIZE, "\"%zx-%016" PRIx64 "\"", resource->size,
             hash_bytes(0, resource->data, resource->size));
}

/* If-None-Match: a list of tags, weak ones too, or "*". */
static bool
is_known(const struct exchange *exchange, const char *tag)
{
    const char *list = http_field(exchange->request, "If-None-Match");
    size_t size = strlen(tag);

    while (list && *list) {
        list += strspn(list, " \t,");
        if (*list == '*') {
            return true;
        }
        list += strncmp(list, "W/", 2) == 0 ? 2 : 0;
        if (strncmp(list, tag, size) == 0) {
            return true;
        }
        list += strcspn(list, ",");
    }
    return false;
}

static void
put_fixed(const struct resource *resource, struct exchange *exchange)
{
    char tag[TAG_SIZE];

    make_tag(resource, tag);
    exchange_field(exchange, "ETag", tag);
    exchange_field(exchange, "Cache-Control", "private, no-cache");
    if (is_known(exchange, tag)) {
        exchange->status = 304;
    } else {
        buffer_put(exchange_out(exchange), resource->data, resource->size);
    }
    exchange_done(exchange);
}

static void
answer(const struct resource *resource, void *arg, struct exchange *exchange)
{
    exchange->type = resource->type;
    if (!auth_allows(exchange->principal, resource->right)) {
        exchange_field(exchange, "XVS-Error", "denied");
        refuse(exchange, 403, "This user may not read this.");
    } else if (resource->make) {
        exchange_field(exchange, "Cache-Control", "no-store");
        if (exchange->request->is_head) {
            exchange_done(exchange);
        } else {
            resource->make(arg, exchange);
        }
    } else if (resource->data) {
        put_fixed(resource, exchange);
    } else {
        exchange_field(exchange, "Allow", "POST, M-POST, OPTIONS");
        refuse(exchange, 405, "CIM-XML requests are POSTed.");
    }
}

void
resource_answer(const struct resource *table, size_t n, void *arg,
                struct exchange *exchange)
{
    put_security(exchange);
    for (size_t i = 0; i < n; i++) {
        if (resource_target_is(exchange->request->target, table[i].path)) {
            answer(&table[i], arg, exchange);
            return;
        }
    }
    refuse(exchange, 404, "There is nothing of that name.");
}
