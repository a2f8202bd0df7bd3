/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Heads of HTTP/1 from clients, and answers of other proxies.  The first byte
 * says how they come: in pieces of so many bytes, to which kind of listener.
 * However they come, they are read the same way; and what is read is a name
 * that cannot be mistaken for anything else.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_step
read_by(struct http_request *request, const char *bytes, size_t size,
        size_t piece, bool any, size_t *used)
{
    enum http_step step = HTTP_MORE;

    memset(request, 0, sizeof *request);
    for (size_t n = 0; step == HTTP_MORE && n < size;) {
        char *copy;

        n = n + piece < size ? n + piece : size;
        copy = malloc(n);       /* that ends where it ends */
        if (!copy) {
            abort();
        }
        memcpy(copy, bytes, n);
        step = http_read(request, copy, n, "h1.vm.internal", "vm.internal",
                         any, used);
        free(copy);
    }
    return step;
}

static void
look_at(const struct http_request *request, bool any)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    if (!*request->name
        || strspn(request->name, good) != strlen(request->name)
        || (!any && (!request->is_connect || !request->port))
        || (request->looped && !request->came_by_peer)) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request whole, parts;
    size_t used = 0, used_parts = 0;
    const char *bytes = (const char *) data + 1;
    char reason[160];
    int status;

    if (size < 2) {
        return 0;
    }
    size--;
    for (int any = 0; any < 2; any++) {
        enum http_step step = read_by(&whole, bytes, size, size, any, &used);

        if (step != read_by(&parts, bytes, size, 1u + data[0], any,
                            &used_parts)
            || whole.status != parts.status || used != used_parts
            || strcmp(whole.name, parts.name) != 0
            || strcmp(whole.token, parts.token) != 0) {
            abort();
        }
        if (step == HTTP_DONE) {
            look_at(&whole, any);
        } else if (step == HTTP_REFUSED && (!whole.reason
                                            || whole.status < 400)) {
            abort();
        }
    }
    if (http_read_answer(bytes, size, &status, reason, &used) == HTTP_DONE
        && (used > size || strlen(reason) >= sizeof reason)) {
        abort();
    }
    return 0;
}
