/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What anybody on the host could send to "xvsctl web": what passes without
 * the token is a file of the page, and the server gets one whole head.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "client/wbem/http-client.h"
#include "client/web/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN "0123456789012345678901234567890123456789012"

static void
judge(const char *data, size_t head)
{
    static const struct http_options server = { .user = "u" };
    static const struct gate gate = { TOKEN, 80, &server };
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct gate_request request;

    gate_judge(&gate, data, head, &out, &request);
    if (request.status) {
        return;
    }
    if (gate_head_size(out.data, out.size) != out.size
        || memchr(out.data, '\0', out.size)
        || (!memmem(data, head, TOKEN, strlen(TOKEN))
            && !text_starts_with(out.data, "GET / ")
            && !text_starts_with(out.data, "HEAD / ")
            && !text_starts_with(out.data, "GET /page/")
            && !text_starts_with(out.data, "HEAD /page/"))) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t head = gate_head_size((const char *) data, size);

    if (head) {
        judge((const char *) data, head);
    }
    return 0;
}
