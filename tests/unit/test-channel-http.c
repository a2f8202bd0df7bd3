/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What clients say first, in one piece and in single bytes: heads of HTTP/1,
 * SOCKS5, names in TLS, and the line of hybrid vsock.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/hybrid.h"
#include "client/sni.h"
#include "client/socks.h"
#include "http/http.h"
#include "unit/unit.h"

#define TARGET "CONNECT vm1.vm.internal:22 HTTP/1.1\r\n"
#define HOST "Host: vm1.vm.internal:22\r\n"

struct outcome {
    const char *head;
    int status;                 /* 0: it is accepted */
    bool any;
};

static const struct outcome outcomes[] = {
    { TARGET HOST "\r\n", 0, false },
    { "\r\n" TARGET HOST "\r\n", 0, false },
    { "CONNECT vm1:1 HTTP/1.0\r\n\r\n", 0, false },
    { TARGET HOST "X:\t a b \t\r\n\r\n", 0, false },
    { TARGET HOST "X:\r\n\r\n", 0, false },
    { TARGET HOST "X: \xc3\xa4\r\n\r\n", 0, false },
    { "CONNECT vm1:65535 HTTP/1.1\r\nHost: other\r\n\r\n", 0, false },
    /* the target */
    { "CONNECT vm1 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1: HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:0 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:00 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:65536 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:4294967318 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80x HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:+80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:-1 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT :80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT a@vm1:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80@other:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT http://vm1:80/ HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80/ HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT [::1]:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT h1:vm1:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT v\xc4\xb1m:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT * HTTP/1.1\r\n" HOST "\r\n", 400, false },
    /* the request line */
    { "CONNECT  vm1:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80 HTTP/1.1 \r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80  HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80 http/1.1\r\n" HOST "\r\n", 400, false },
    { "CONNECT vm1:80 HTTP/2.0\r\n" HOST "\r\n", 505, false },
    { "connect vm1:80 HTTP/1.1\r\n" HOST "\r\n", 405, false },
    { "GET http://vm1/ HTTP/1.1\r\nHost: vm1\r\n\r\n", 405, false },
    { "OPTIONS * HTTP/1.1\r\nHost: vm1\r\n\r\n", 405, false },
    { "C\x01NNECT vm1:80 HTTP/1.1\r\n" HOST "\r\n", 400, false },
    { "\r\n\r\n", 400, false },
    { "\x16\x03\x01\x02\r\n\r\n", 400, false },
    /* fields */
    { TARGET "\r\n", 400, false },
    { TARGET HOST HOST "\r\n", 400, false },
    { TARGET HOST "Content-Length: 0\r\n\r\n", 400, false },
    { TARGET HOST "content-length: 3\r\n\r\nabc", 400, false },
    { TARGET HOST "Transfer-Encoding: chunked\r\n\r\n", 400, false },
    { TARGET HOST "X: a\r\n folded\r\n\r\n", 400, false },
    { TARGET " X: a\r\n" HOST "\r\n", 400, false },
    { TARGET HOST "X : a\r\n\r\n", 400, false },
    { TARGET HOST "X\r\n\r\n", 400, false },
    { TARGET HOST ": a\r\n\r\n", 400, false },
    { TARGET HOST "X: a\rb\r\n\r\n", 400, false },
    { TARGET HOST "X: a\nY: b\r\n\r\n", 400, false },
    { TARGET HOST "X: a\x7f\r\n\r\n", 400, false },
    { "CONNECT vm1:80 HTTP/1.1\nHost: vm1\n\n", 400, false },
    { TARGET HOST "Proxy-Authorization: Digest x\r\n\r\n", 400, false },
    { TARGET HOST "Proxy-Authorization: Basic %%\r\n\r\n", 400, false },
    { TARGET HOST "Proxy-Authorization: Basic YWI=\r\n\r\n", 400, false },
    { TARGET HOST "Proxy-Authorization: Bearer a\r\n"
      "Proxy-Authorization: Bearer b\r\n\r\n", 400, false },
    /* of any method, for the VM in Host */
    { "GET / HTTP/1.1\r\nHost: vm1\r\n\r\n", 0, true },
    { "POST /wsman HTTP/1.1\r\nHost: vm1:5985\r\n"
      "Content-Length: 3\r\n\r\nabc", 0, true },
    { "GET / HTTP/1.0\r\n\r\n", 400, true },
    { "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, true },
    { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, true },
    { "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, true },
};

/* As it comes in pieces of 'piece' bytes. */
static enum http_step
read_by(struct http_request *request, const char *head, size_t size,
        size_t piece, bool any, size_t *used)
{
    enum http_step step = HTTP_MORE;

    memset(request, 0, sizeof *request);
    for (size_t n = piece < size ? piece : size;; n += piece) {
        n = n < size ? n : size;
        step = http_read(request, head, n, "h1.vm.internal", "vm.internal",
                         any, used);
        if (step != HTTP_MORE || n == size) {
            return step;
        }
    }
}

static void
test_heads(void)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        const struct outcome *outcome = &outcomes[i];
        size_t size = strlen(outcome->head), pieces[] = { size, 1, 3 };

        for (size_t j = 0; j < 3; j++) {
            struct http_request request;
            size_t used = 0;
            enum http_step step = read_by(&request, outcome->head, size,
                                          pieces[j], outcome->any, &used);
            bool good = outcome->status
                ? step == HTTP_REFUSED && request.status == outcome->status
                      && request.reason
                : step == HTTP_DONE && *request.name;

            if (!good) {
                printf("\n%s: %d, not %d\n", outcome->head, request.status,
                       outcome->status);
            }
            CU_ASSERT(good);
        }
    }
}

static struct http_request
read_all(const char *head, size_t *used)
{
    struct http_request request;

    CU_ASSERT_EQUAL(read_by(&request, head, strlen(head), 1000, false, used),
                    HTTP_DONE);
    return request;
}

static void
test_request(void)
{
    size_t used;
    struct http_request request = read_all(
        "CONNECT VM1.vm.internal:22 HTTP/1.1\r\nhost: x\r\n"
        "Proxy-Authorization: Basic YWRtaW46c2VjcmV0\r\n\r\nSSH-2.0", &used);

    CU_ASSERT_STRING_EQUAL(request.name, "VM1.vm.internal");
    CU_ASSERT_STRING_EQUAL(request.wanted, "VM1.vm.internal:22");
    CU_ASSERT_EQUAL(request.port, 22);
    CU_ASSERT_STRING_EQUAL(request.user, "admin");
    CU_ASSERT_STRING_EQUAL(request.token, "secret");
    CU_ASSERT(!request.came_by_peer && !request.looped);
    request = read_all(TARGET HOST "proxy-authorization: bearer  x.y=\r\n"
                       "Via: 1.0 fred, 1.1 h2.vm.internal (xvs)\r\n\r\n",
                       &used);
    CU_ASSERT_STRING_EQUAL(request.user, "");
    CU_ASSERT_STRING_EQUAL(request.token, "x.y=");
    CU_ASSERT(request.came_by_peer && !request.looped);
    request = read_all(TARGET HOST "Via: 1.1 a,1.1 H1.VM.internal\r\n\r\n",
                       &used);
    CU_ASSERT(request.came_by_peer && request.looped);
}

static void
test_limits(void)
{
    static char head[HTTP_HEAD_MOST + 10];
    struct http_request request = { 0 };
    size_t n, used, length = sizeof TARGET HOST "X: " - 1;

    memset(head, 'a', sizeof head);
    memcpy(head, TARGET HOST "X: ", length);
    CU_ASSERT_EQUAL(http_read(&request, head, HTTP_HEAD_MOST - 1, "", "",
                              false, &used), HTTP_MORE);
    CU_ASSERT_EQUAL(http_read(&request, head, HTTP_HEAD_MOST, "", "", false,
                              &used), HTTP_REFUSED);
    CU_ASSERT_EQUAL(request.status, 431);
    memcpy(head + HTTP_HEAD_MOST - 4, "\r\n\r\n", 4);
    memset(&request, 0, sizeof request);
    CU_ASSERT_EQUAL(http_read(&request, head, sizeof head, "", "", false,
                              &used), HTTP_DONE);
    CU_ASSERT_EQUAL(used, HTTP_HEAD_MOST);
    /* NUL is a control character as others are. */
    memset(&request, 0, sizeof request);
    n = sizeof TARGET HOST "X: ";
    head[n] = 0;
    CU_ASSERT_EQUAL(http_read(&request, head, n + 1, "", "", false, &used),
                    HTTP_REFUSED);
    CU_ASSERT_EQUAL(request.status, 400);
}

static void
test_answers(void)
{
    char bytes[HTTP_ANSWER_SIZE], reason[160], long_reason[3000];
    struct answer answer = { .status = 200, .proxy = "h1.vm.internal" };
    size_t n = http_answer(bytes, &answer), used;
    int status;

    CU_ASSERT_STRING_EQUAL(bytes, "HTTP/1.1 200 Connection established"
                                  "\r\n\r\n");
    answer = (struct answer) { .status = 421, .proxy = "h1.vm.internal",
                               .reason = "a \"b\"\r\nX: y", .host = "h2",
                               .retry = 3 };
    n = http_answer(bytes, &answer);
    CU_ASSERT_EQUAL(n, strlen(bytes));
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "\r\nXVS-Host: h2\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "\r\nRetry-After: 3\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "\r\nConnection: close\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        bytes, "Proxy-Status: h1.vm.internal; error=destination_not_found;"
               " details=\"a 'b'??X: y\"\r\n"));
    CU_ASSERT_EQUAL(http_read_answer(bytes, n - 5, &status, reason, &used),
                    HTTP_DONE);
    CU_ASSERT_EQUAL(status, 421);
    CU_ASSERT_STRING_EQUAL(reason, "a 'b'??X: y");
    CU_ASSERT_EQUAL(http_read_answer(bytes, 40, &status, reason, &used),
                    HTTP_MORE);
    CU_ASSERT_EQUAL(http_read_answer("220 hello\r\n\r\n      ", 18, &status,
                                     reason, &used), HTTP_REFUSED);
    for (int code = 400; code < 600; code++) {
        memset(long_reason, '"', sizeof long_reason - 1);
        long_reason[sizeof long_reason - 1] = 0;
        answer = (struct answer) { .status = code, .retry = 4000000000u,
                                   .reason = long_reason,
                                   .host = long_reason, .proxy = "h" };
        CU_ASSERT(http_answer(bytes, &answer) < sizeof bytes);
    }
    answer.status = 407;
    http_answer(bytes, &answer);
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "Proxy-Authenticate: Bearer"));
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "Proxy-Authenticate: Basic"));
    answer.status = 405;
    http_answer(bytes, &answer);
    CU_ASSERT_PTR_NOT_NULL(strstr(bytes, "\r\nAllow: CONNECT\r\n"));
}

/* ---- SOCKS -------------------------------------------------------------- */

static enum socks_step
feed(struct socks *socks, const char *bytes, size_t size)
{
    size_t used;

    for (size_t i = 0; i < size; i++) {
        CU_ASSERT_EQUAL(socks_read(socks, (const uint8_t *) bytes, i, &used),
                        SOCKS_MORE);
        CU_ASSERT_EQUAL(used, 0);
    }
    return socks_read(socks, (const uint8_t *) bytes, size, &used);
}

#define FEED(socks, text) feed(socks, text, sizeof text - 1)

static void
test_socks(void)
{
    struct socks socks = { .stage = SOCKS_METHODS };

    CU_ASSERT_EQUAL(FEED(&socks, "\5\1\0"), SOCKS_SAY);
    CU_ASSERT(socks.say_size == 2 && memcmp(socks.say, "\5\0", 2) == 0);
    CU_ASSERT_EQUAL(FEED(&socks, "\5\1\0\3\3vm1\0\x16"), SOCKS_WANT);
    CU_ASSERT_STRING_EQUAL(socks.name, "vm1");
    CU_ASSERT_EQUAL(socks.port, 22);
    socks = (struct socks) { .stage = SOCKS_METHODS };
    CU_ASSERT_EQUAL(FEED(&socks, "\5\3\0\1\2"), SOCKS_SAY);
    CU_ASSERT(memcmp(socks.say, "\5\2", 2) == 0);
    CU_ASSERT_EQUAL(FEED(&socks, "\1\5admin\6secret"), SOCKS_LOGIN);
    CU_ASSERT_STRING_EQUAL(socks.user, "admin");
    CU_ASSERT_STRING_EQUAL(socks.token, "secret");
    CU_ASSERT_EQUAL(socks_login(&socks, true), SOCKS_SAY);
    CU_ASSERT(memcmp(socks.say, "\1\0", 2) == 0);
    CU_ASSERT_EQUAL(socks_login(&socks, false), SOCKS_REFUSED);
    CU_ASSERT(memcmp(socks.say, "\1\1", 2) == 0);
}

static void
test_socks_refusals(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        int stage;
        uint8_t reply;          /* 0: nothing is said */
    } refused[] = {
        { "\4", 1, SOCKS_METHODS, 0 },
        { "\5\1\1", 3, SOCKS_METHODS, 0xff },
        { "\5\0", 2, SOCKS_METHODS, 0xff },
        { "\5", 1, SOCKS_PASSWORD, 0 },
        { "\1\0\1x", 4, SOCKS_PASSWORD, 1 },
        { "\1\1x\0", 4, SOCKS_PASSWORD, 1 },
        { "\4", 1, SOCKS_REQUEST, 1 },
        { "\5\2\0\3", 4, SOCKS_REQUEST, 7 },
        { "\5\3\0\3", 4, SOCKS_REQUEST, 7 },
        { "\5\1\0\1", 4, SOCKS_REQUEST, 8 },
        { "\5\1\0\4", 4, SOCKS_REQUEST, 8 },
        { "\5\1\0\3\0\0\1", 7, SOCKS_REQUEST, 4 },
        { "\5\1\0\3\2a\0\0\1", 9, SOCKS_REQUEST, 4 },
        { "\5\1\0\3\1a\0\0", 8, SOCKS_REQUEST, 1 },
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct socks socks = { .stage = (int) refused[i].stage };

        CU_ASSERT_EQUAL(feed(&socks, refused[i].bytes, refused[i].size),
                        SOCKS_REFUSED);
        CU_ASSERT(socks.status && socks.reason);
        CU_ASSERT_EQUAL(socks.say_size ? socks.say[1] : 0, refused[i].reply);
    }
}

/* ---- TLS, hybrid vsock -------------------------------------------------- */

/* A ClientHello for vm1, in records of 'piece' bytes. */
static size_t
make_hello(uint8_t *bytes, size_t piece)
{
    static const uint8_t extensions[] = {
        0xff, 0x01, 0, 1, 0, 0, 0, 0, 8, 0, 6, 0, 0, 3, 'v', 'm', '1' };
    uint8_t hello[128] = { 1 };
    size_t n = 4 + 2 + 32, size = 0;

    hello[n++] = 0;             /* session */
    memcpy(hello + n, "\0\2\x13\1\1\0", 6);
    n += 6;
    hello[n++] = 0;
    hello[n++] = sizeof extensions;
    memcpy(hello + n, extensions, sizeof extensions);
    n += sizeof extensions;
    hello[3] = (uint8_t) (n - 4);
    for (size_t at = 0; at < n; at += piece) {
        size_t part = n - at < piece ? n - at : piece;

        memcpy(bytes + size, (uint8_t[]) { 22, 3, 1, 0, (uint8_t) part }, 5);
        memcpy(bytes + size + 5, hello + at, part);
        size += 5 + part;
    }
    return size;
}

static void
test_sni(void)
{
    static const size_t pieces[] = { 128, 1, 7 };
    uint8_t bytes[1024], alert[SNI_ALERT_SIZE];
    char name[SNI_NAME_SIZE];

    for (size_t i = 0; i < 3; i++) {
        size_t n = make_hello(bytes, pieces[i]);

        for (size_t part = 0; part < n; part++) {
            CU_ASSERT_EQUAL(sni_read(bytes, part, name), SNI_MORE);
        }
        CU_ASSERT_EQUAL(sni_read(bytes, n, name), SNI_FOUND);
        CU_ASSERT_STRING_EQUAL(name, "vm1");
        /* What is broken is found to be so, and never read beyond. */
        for (size_t at = 0; at < n; at++) {
            uint8_t kept = bytes[at];

            bytes[at] = 0xff;
            sni_read(bytes, n, name);
            bytes[at] = kept;
        }
    }
    make_hello(bytes, 128);
    bytes[5] = 2;
    CU_ASSERT_EQUAL(sni_read(bytes, 128, name), SNI_NONE);
    CU_ASSERT_EQUAL(sni_read((const uint8_t *) "GET /", 5, name), SNI_NONE);
    CU_ASSERT_EQUAL(sni_alert(alert, 404), sizeof alert);
    CU_ASSERT_EQUAL(alert[6], 112);
}

static void
test_hybrid(void)
{
    static const char *const bad[] = { "NO", "OK\n", "OK \n", "OK 1 \n",
                                       "OK -1\n", "ok 1\n", "\n",
                                       "OK 1111111111111111111111111111111" };
    char line[HYBRID_LINE_SIZE];
    size_t used = 0;

    CU_ASSERT_EQUAL(hybrid_request(line, 4294967295u), 19);
    CU_ASSERT_STRING_EQUAL(line, "CONNECT 4294967295\n");
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(hybrid_answer("OK 10\nSSH", i, &used), HYBRID_MORE);
    }
    CU_ASSERT_EQUAL(hybrid_answer("OK 10\nSSH", 9, &used), HYBRID_OK);
    CU_ASSERT_EQUAL(used, 6);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(hybrid_answer(bad[i], strlen(bad[i]), &used),
                        HYBRID_BAD);
    }
}

static const struct unit_test tests[] = {
    { "heads", test_heads },
    { "request", test_request },
    { "limits", test_limits },
    { "answers", test_answers },
    { "socks", test_socks },
    { "refusals of SOCKS", test_socks_refusals },
    { "names in TLS", test_sni },
    { "hybrid vsock", test_hybrid },
};

UNIT_MAIN("channel http", tests)
