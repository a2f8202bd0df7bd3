/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Which requests "xvsctl web" hands on, and what the server gets of them.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "client/web/gate.h"
#include "client/wbem/http-client.h"
#include "unit/unit.h"

#define HOST "Host: 127.0.0.1:80\r\n"
#define TOKEN "Authorization: Bearer 0123456789012345678901234567890123456789012\r\n"

static const struct http_options server = { .user = "u", .password = "p" };
static const struct gate gate = {
    "0123456789012345678901234567890123456789012", 80, &server,
};

struct test_case {
    const char *head;
    int status;             /* 0: it passes */
    const char *sent;       /* a part of what the server gets then */
};

static const struct test_case cases[] = {
    { "GET / HTTP/1.1\r\n" HOST "\r\n", 0,
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"
      "Authorization: Basic dTpw\r\nConnection: close\r\n\r\n" },
    { "GET /page/app.js HTTP/1.1\r\n" HOST "\r\n", 0, "/page/app.js" },
    { "HEAD / HTTP/1.1\r\n" HOST "\r\n", 0, "HEAD" },
    /* All else needs the token. */
    { "GET /metrics HTTP/1.1\r\n" HOST "\r\n", 401, NULL },
    { "GET /pages HTTP/1.1\r\n" HOST "\r\n", 401, NULL },
    { "POST / HTTP/1.1\r\n" HOST "\r\n", 401, NULL },
    { "OPTIONS / HTTP/1.1\r\n" HOST "\r\n", 401, NULL },
    { "POST /page/app.js HTTP/1.1\r\n" HOST "\r\n", 401, NULL },
    { "GET /metrics HTTP/1.1\r\n" HOST TOKEN "\r\n", 0, "/metrics" },
    { "POST /cimom HTTP/1.1\r\n" HOST TOKEN "Content-Length: 5\r\n"
      "cimoperation: MethodCall\r\n\r\n", 0,
      "Content-Length: 5\r\nCIMOperation: MethodCall\r\n" },
    { "POST / HTTP/1.1\r\n" HOST
      "Authorization: Bearer 0123456789012345678901234567890123456789013\r\n"
      "\r\n", 401, NULL },
    { "POST / HTTP/1.1\r\n" HOST "Authorization: Bearer 012\r\n\r\n", 401,
      NULL },
    { "POST / HTTP/1.1\r\n" HOST "Authorization: Basic dTpw\r\n\r\n", 401,
      NULL },
    /* Other names of this host, and what two readers could understand in two
     * ways. */
    { "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403, NULL },
    { "GET / HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n", 403, NULL },
    { "GET / HTTP/1.1\r\n\r\n", 403, NULL },
    { "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, NULL },
    { "POST / HTTP/1.1\r\n" HOST TOKEN TOKEN "\r\n", 400, NULL },
    { "POST / HTTP/1.1\r\n" HOST TOKEN "Transfer-Encoding: chunked\r\n\r\n",
      411, NULL },
    { "POST / HTTP/1.1\r\n" HOST TOKEN "Content-Length: +5\r\n\r\n", 400,
      NULL },
    { "POST / HTTP/1.1\r\n" HOST TOKEN "Content-Length: 17000000\r\n\r\n",
      413, NULL },
    { "GET / HTTP/1.0\r\n" HOST "\r\n", 400, NULL },
    { "GET http://127.0.0.1/ HTTP/1.1\r\n" HOST "\r\n", 400, NULL },
    { "GET / HTTP/1.1\r\n" HOST "A b: c\r\n\r\n", 400, NULL },
    { "GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n", 400, NULL },
    { "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400, NULL },
    { "\r\n\r\n", 400, NULL },
    /* Nothing else is handed on. */
    { "GET / HTTP/1.1\r\n" HOST "Connection: keep-alive\r\nCookie: a\r\n\r\n",
      0, "80\r\nAuthorization: Basic dTpw\r\nConnection: close\r\n\r\n" },
};

static void
judges(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct test_case *at = &cases[i];
        BUFFER_AUTO struct buffer out = BUFFER_INIT;
        struct gate_request request;

        gate_judge(&gate, at->head, strlen(at->head), &out, &request);
        if (request.status != at->status
            || (at->sent && !strstr(buffer_string(&out), at->sent))) {
            fprintf(stderr, "case %zu: %d: %s\n", i, request.status,
                    buffer_string(&out));
            CU_FAIL("judged otherwise");
        }
        CU_ASSERT((request.status == 0) == (out.size > 0));
    }
}

static void
finds_the_end(void)
{
    CU_ASSERT(gate_head_size("GET / HTTP/1.1\r\n", 16) == 0);
    CU_ASSERT(gate_head_size("A\r\n\r\nbody", 9) == 5);
    CU_ASSERT(gate_head_size("", 0) == 0);
}

static void
makes_tokens(void)
{
    struct gate one = { .port = 1 }, two = { .port = 1 };

    CU_ASSERT(gate_make_token(&one) && gate_make_token(&two));
    CU_ASSERT(strlen(one.token) == GATE_TOKEN_SIZE - 1);
    CU_ASSERT(strcmp(one.token, two.token) != 0);
    CU_ASSERT(strspn(one.token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                     "tuvwxyz0123456789-_") == GATE_TOKEN_SIZE - 1);
}

static const struct unit_test tests[] = {
    { "judges", judges },
    { "finds the end", finds_the_end },
    { "makes tokens", makes_tokens },
};

UNIT_MAIN("gate", tests)
