/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Requests, whole and in single bytes: both ways have to end the same.
 */

#include <config.h>

#include <string.h>

#include "manage/http/http-parse.h"
#include "unit/unit.h"

#define MAX_BODY 64

#define HEAD "POST /cimom HTTP/1.1\r\nHost: h\r\n"

/* What a request comes to. */
struct outcome {
    const char *request;
    size_t size;            /* 0: the text's length */
    int status;             /* 0: it is accepted */
    const char *body;       /* of an accepted one */
};

static const struct outcome outcomes[] = {
    { HEAD "Content-Length: 3\r\n\r\nabc", 0, 0, "abc" },
    { HEAD "Content-Length: 0\r\n\r\n", 0, 0, "" },
    { HEAD "\r\n", 0, 0, "" },
    { "\r\n" HEAD "\r\n", 0, 0, "" },
    { "POST / HTTP/1.0\r\n\r\n", 0, 0, "" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", 0, 0,
      "abc0123456789" },
    { HEAD "Transfer-Encoding: Chunked\r\n\r\n0\r\nX: y\r\n\r\n", 0, 0, "" },
    { HEAD "X:\t a b \t\r\n\r\n", 0, 0, "" },
    /* the request line */
    { "POST  / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400, NULL },
    { "POST / HTTP/1.1 \r\nHost: h\r\n\r\n", 0, 400, NULL },
    { "POST / HTTP/2.0\r\nHost: h\r\n\r\n", 0, 505, NULL },
    { "POST / http/1.1\r\nHost: h\r\n\r\n", 0, 400, NULL },
    { "POST /\r\n\r\n", 0, 400, NULL },
    { "P(ST / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400, NULL },
    { "POST /\x80 HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400, NULL },
    { " POST / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400, NULL },
    { "\x16\x03\x01\x02\r\n\r\n", 0, 400, NULL },
    /* two lengths are an attack */
    { HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400,
      NULL },
    { HEAD "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 0, 400,
      NULL },
    { HEAD "Content-Length: 3\r\ncontent-length: 4\r\n\r\nabc", 0, 400,
      NULL },
    { HEAD "Content-Length: 3, 3\r\n\r\nabc", 0, 400, NULL },
    { HEAD "Content-Length: +3\r\n\r\nabc", 0, 400, NULL },
    { HEAD "Content-Length: -1\r\n\r\n", 0, 400, NULL },
    { HEAD "Content-Length: 0x3\r\n\r\nabc", 0, 400, NULL },
    { HEAD "Content-Length:\r\n\r\n", 0, 400, NULL },
    { HEAD "Content-Length: 99999999999999999999\r\n\r\n", 0, 413, NULL },
    { HEAD "Content-Length: 65\r\n\r\n", 0, 413, NULL },
    { HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, 501, NULL },
    { HEAD "Transfer-Encoding: identity\r\n\r\n", 0, 501, NULL },
    { HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      0, 400, NULL },
    { "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400, NULL },
    /* lines */
    { HEAD "X: a\r\n b\r\n\r\n", 0, 400, NULL },
    { HEAD "X : a\r\n\r\n", 0, 400, NULL },
    { HEAD ": a\r\n\r\n", 0, 400, NULL },
    { HEAD "X\r\n\r\n", 0, 400, NULL },
    { "POST / HTTP/1.1\nHost: h\n\n", 0, 400, NULL },
    { HEAD "X: a\n\r\n", 0, 400, NULL },
    { HEAD "X: a\rb\r\n\r\n", 0, 400, NULL },
    { HEAD "X: a\0b\r\n\r\n", sizeof HEAD "X: a\0b\r\n\r\n" - 1, 400, NULL },
    { HEAD "X: a\x01\r\n\r\n", 0, 400, NULL },
    { "POST / HTTP/1.1\r\n\r\n", 0, 400, NULL },
    { HEAD "Host: other\r\n\r\n", 0, 400, NULL },
    { HEAD "Authorization: a\r\nAuthorization: b\r\n\r\n", 0, 400, NULL },
    { HEAD "CIMMethod: a\r\nCIMMethod: b\r\n\r\n", 0, 400, NULL },
    { HEAD "Expect: tea\r\n\r\n", 0, 417, NULL },
    /* chunks */
    { HEAD "Transfer-Encoding: chunked\r\n\r\nx\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 0, 400, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 0, 413, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n41\r\n", 0, 413, NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n X\r\n\r\n", 0, 400,
      NULL },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\nX\r\n\r\n", 0, 400, NULL },
};

/* Feeds in pieces of 'step' bytes; the last answer. */
static enum http_step
feed(struct http_parser *parser, const char *text, size_t size, size_t step,
     size_t *rest)
{
    enum http_step result = HTTP_MORE;
    size_t at = 0;

    while (result != HTTP_BAD && result != HTTP_DONE) {
        size_t n = size - at < step ? size - at : step;
        size_t used;

        if (result == HTTP_MORE && !n) {
            break;
        }
        result = http_parse(parser, text + at, n, &used);
        CU_ASSERT_FATAL(used <= n);
        at += used;
    }
    *rest = size - at;
    return result;
}

static void
try(const struct outcome *outcome, size_t step)
{
    struct http_parser parser = { 0 };
    size_t size = outcome->size ? outcome->size : strlen(outcome->request);
    size_t rest;
    enum http_step result;

    http_parser_reset(&parser, MAX_BODY);
    result = feed(&parser, outcome->request, size, step, &rest);
    if (result != (outcome->status ? HTTP_BAD : HTTP_DONE)
        || parser.status != outcome->status) {
        fprintf(stderr, "[%s]: step %d, status %d\n", outcome->request,
                (int) result, parser.status);
        CU_FAIL("another outcome");
    } else if (outcome->body) {
        CU_ASSERT_EQUAL(parser.body.size, strlen(outcome->body));
        CU_ASSERT(!parser.body.size
                  || memcmp(parser.body.data, outcome->body,
                            parser.body.size) == 0);
        CU_ASSERT_EQUAL(rest, 0);
    } else {
        CU_ASSERT_PTR_NOT_NULL(parser.problem);
    }
    http_parser_free(&parser);
}

static void
test_outcomes(void)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        try(&outcomes[i], 4096);
        try(&outcomes[i], 1);
    }
}

static void
test_fields(void)
{
    static const char text[] =
        "M-POST /x?y HTTP/1.1\r\nHost: h:1\r\nconnection: Keep-Alive, TE\r\n"
        "TE: trailers\r\nExpect: 100-Continue\r\nEmpty:\r\n"
        "Content-Length: 1\r\n\r\n";
    struct http_parser parser = { 0 };
    size_t used;

    http_parser_reset(&parser, MAX_BODY);
    CU_ASSERT_EQUAL(http_parse(&parser, text, sizeof text - 1, &used),
                    HTTP_HEAD);
    CU_ASSERT_STRING_EQUAL(parser.method, "M-POST");
    CU_ASSERT_STRING_EQUAL(parser.target, "/x?y");
    CU_ASSERT_STRING_EQUAL(http_field(&parser, "HOST"), "h:1");
    CU_ASSERT_STRING_EQUAL(http_field(&parser, "empty"), "");
    CU_ASSERT_PTR_NULL(http_field(&parser, "hos"));
    CU_ASSERT(parser.keep_alive && parser.takes_trailers);
    CU_ASSERT(parser.expects_continue);
    http_parser_free(&parser);
}

static void
test_keep_alive(void)
{
    static const struct {
        const char *text;
        bool keeps;
    } cases[] = {
        { HEAD "\r\n", true },
        { HEAD "Connection: close\r\n\r\n", false },
        { HEAD "Connection: TE , Close\r\n\r\n", false },
        { HEAD "Connection: closed\r\n\r\n", true },
        { "POST / HTTP/1.0\r\n\r\n", false },
        { "POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_parser parser = { 0 };
        size_t rest;

        http_parser_reset(&parser, MAX_BODY);
        feed(&parser, cases[i].text, strlen(cases[i].text), 7, &rest);
        CU_ASSERT_EQUAL(parser.keep_alive, cases[i].keeps);
        http_parser_free(&parser);
    }
}

/* The bytes of the next request are left alone. */
static void
test_pipelined(void)
{
    static const char text[] = HEAD "Content-Length: 2\r\n\r\nab" HEAD "\r\n";
    struct http_parser parser = { 0 };
    size_t rest;

    http_parser_reset(&parser, MAX_BODY);
    CU_ASSERT_EQUAL(feed(&parser, text, sizeof text - 1, 4096, &rest),
                    HTTP_DONE);
    CU_ASSERT_EQUAL(rest, sizeof HEAD "\r\n" - 1);
    http_parser_reset(&parser, MAX_BODY);
    CU_ASSERT(http_parser_is_fresh(&parser));
    CU_ASSERT_EQUAL(feed(&parser, text + sizeof text - 1 - rest, rest, 4096,
                         &rest), HTTP_DONE);
    CU_ASSERT_EQUAL(parser.body.size, 0);
    http_parser_free(&parser);
}

static void
test_limits(void)
{
    struct http_parser parser = { 0 };
    struct buffer text = BUFFER_INIT;
    size_t rest;

    buffer_puts(&text, HEAD);
    for (int i = 0; i < 70; i++) {
        buffer_printf(&text, "X-%d: y\r\n", i);
    }
    buffer_puts(&text, "\r\n");
    http_parser_reset(&parser, MAX_BODY);
    CU_ASSERT_EQUAL(feed(&parser, text.data, text.size, 4096, &rest),
                    HTTP_BAD);
    CU_ASSERT_EQUAL(parser.status, 431);
    http_parser_reset(&parser, MAX_BODY);
    text.size = 0;
    for (int i = 0; i < 20000; i++) {
        buffer_putc(&text, 'a');
    }
    CU_ASSERT_EQUAL(feed(&parser, text.data, text.size, 4096, &rest),
                    HTTP_BAD);
    CU_ASSERT_EQUAL(parser.status, 431);
    CU_ASSERT(parser.head.size <= HTTP_HEAD_LIMIT);
    buffer_free(&text);
    http_parser_free(&parser);
}

static const struct unit_test tests[] = {
    { "what is accepted and refused", test_outcomes },
    { "fields", test_fields },
    { "keep-alive", test_keep_alive },
    { "pipelined requests", test_pipelined },
    { "limits of heads", test_limits },
};

UNIT_MAIN("http-parse", tests)
