/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Connections and long answers: what is sent when, what ends a connection,
 * and that one client's behaviour is nobody else's trouble.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "manage/manage.h"
#include "unit/fake-service.h"
#include "unit/talk.h"
#include "unit/unit.h"

#define CLASS(text) \
    "<IPARAMVALUE NAME=\"ClassName\"><CLASSNAME NAME=\"" text "\"/>" \
    "</IPARAMVALUE>"
#define HEAD \
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\n"

static void
start(struct talk *talk, unsigned int idle_s)
{
    struct manage_options options = { .idle_timeout_s = idle_s };

    fake_knobs = (struct fake_knobs){ .n_many = 20000,
                                      .n_before_error = 2000 };
    talk_start(talk, &options);
}

static bool
has(const char *answer, const char *text)
{
    return strstr(answer, text) != NULL;
}

static size_t
count(const char *text, const char *what)
{
    const char *end = text + strlen(text);
    size_t n = 0;

    while ((text = memmem(text, (size_t) (end - text), what, strlen(what)))) {
        n++;
        text++;
    }
    return n;
}

static void
test_chunked(void)
{
    struct talk talk;
    char *answer;

    start(&talk, 0);
    answer = talk_call(&talk, "EnumerateInstances", CLASS("Test_Many"));
    CU_ASSERT(has(answer, "Transfer-Encoding: chunked\r\n"));
    CU_ASSERT(!has(answer, "Content-Length"));
    CU_ASSERT(!has(answer, "Trailer:"));
    CU_ASSERT_EQUAL(count(answer, "KEYVALUE VALUETYPE"), 20000);
    CU_ASSERT(has(answer, "</CIM>\n\r\n0\r\n\r\n"));
    free(answer);
    /* The connection goes on. */
    answer = talk_call(&talk, "EnumerateInstances", CLASS("Test_Item"));
    CU_ASSERT(has(answer, "Content-Length"));
    free(answer);
    talk_stop(&talk);
}

/* EnumerateInstances of a class. */
#define CALL(name) \
    "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" " \
    "PROTOCOLVERSION=\"1.0\"><SIMPLEREQ><IMETHODCALL " \
    "NAME=\"EnumerateInstances\"><LOCALNAMESPACEPATH><NAMESPACE " \
    "NAME=\"interop\"/></LOCALNAMESPACEPATH>" CLASS(name) \
    "</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>"

/* Sends a call without waiting for its answer. */
static void
send_call(struct talk *talk, const char *head, const char *call)
{
    struct buffer request = BUFFER_INIT;

    buffer_printf(&request, "%sContent-Length: %zu\r\n\r\n%s", head,
                  strlen(call), call);
    talk_send(talk, request.data, request.size);
    buffer_free(&request);
}

/* A list that breaks off must not look complete. */
static void
test_late_error(void)
{
    struct talk talk;
    char *answer;

    start(&talk, 0);
    answer = talk_post(&talk, "TE: trailers\r\n", CALL("Test_Broken"));
    CU_ASSERT(has(answer, "Trailer: CIMStatusCode"));
    CU_ASSERT(has(answer, "\r\n0\r\nCIMStatusCode: 1\r\n"
                          "CIMStatusCodeDescription: the extension broke\r\n"
                          "XVS-Error: provider\r\n\r\n"));
    CU_ASSERT(!has(answer, "<ERROR"));
    free(answer);
    answer = talk_post(&talk, "", CALL("Test_Broken"));
    CU_ASSERT(has(answer, "chunked"));
    CU_ASSERT(!has(answer, "</CIM>"));
    CU_ASSERT(!has(answer, "\r\n0\r\n"));
    free(answer);
    talk_stop(&talk);
}

static void
test_http_1_0(void)
{
    struct talk talk;
    char *answer;

    start(&talk, 0);
    talk_connect(&talk);
    send_call(&talk, "POST / HTTP/1.0\r\nContent-Type: text/xml\r\n"
              "Connection: keep-alive\r\n", CALL("Test_Many"));
    answer = talk_receive(&talk);
    CU_ASSERT(has(answer, "Connection: close"));
    CU_ASSERT(!has(answer, "chunked"));
    CU_ASSERT_EQUAL(count(answer, "<INSTANCENAME"), 20000);
    CU_ASSERT(has(answer, "</CIM>\n"));
    free(answer);
    talk_stop(&talk);
}

/* Others are answered while one client does not read; it is dropped. */
static void
test_stops_reading(void)
{
    struct talk talk;
    int stuck;
    char *answer;

    start(&talk, 1);
    fake_knobs.n_many = 10000000;
    talk_connect(&talk);
    send_call(&talk, HEAD, CALL("Test_Many"));
    talk_run(&talk, 50);
    CU_ASSERT_EQUAL(fake_cursors(), 1);
    stuck = talk.fd;
    talk.fd = -1;
    answer = talk_call(&talk, "EnumerateInstances", CLASS("Test_Item"));
    CU_ASSERT(has(answer, "200 OK"));
    free(answer);
    talk_run(&talk, 1500);
    CU_ASSERT_EQUAL(fake_cursors(), 0);
    close(stuck);
    talk_stop(&talk);
}

/* A client that vanishes frees what was at work for it. */
static void
test_vanishes(void)
{
    struct talk talk;

    start(&talk, 0);
    for (int i = 0; i < 3; i++) {
        talk_connect(&talk);
        send_call(&talk, HEAD, CALL("Test_Stuck"));
        talk_run(&talk, 20);
        CU_ASSERT_EQUAL(fake_cursors(), 1);
        close(talk.fd);
        talk.fd = -1;
        talk_run(&talk, 20);
        CU_ASSERT_EQUAL(fake_cursors(), 0);
    }
    talk_stop(&talk);
}

static void
test_slow_head(void)
{
    struct talk talk;
    char *answer;

    start(&talk, 1);
    talk_connect(&talk);
    talk_send(&talk, "POST / HT", 9);
    for (int i = 0; i < 8; i++) {
        talk_run(&talk, 200);
        talk_send(&talk, "x", 1);
    }
    answer = talk_receive(&talk);
    CU_ASSERT(has(answer, "HTTP/1.1 408") || has(answer, "HTTP/1.1 400"));
    CU_ASSERT(has(answer, "Connection: close"));
    free(answer);
    /* One that says nothing at all is just closed. */
    talk_connect(&talk);
    answer = talk_receive(&talk);
    CU_ASSERT_STRING_EQUAL(answer, "");
    free(answer);
    talk_stop(&talk);
}

static void
test_connections(void)
{
    struct manage_options options = { .max_connections = 2 };
    struct talk talk;
    int fds[2];
    char *answer;

    talk_start(&talk, &options);
    for (int i = 0; i < 2; i++) {
        talk_connect(&talk);
        fds[i] = talk.fd;
        talk.fd = -1;
        talk_run(&talk, 5);
    }
    talk_connect(&talk);
    answer = talk_receive(&talk);
    CU_ASSERT(has(answer, "HTTP/1.1 503"));
    free(answer);
    close(fds[0]);
    close(talk.fd);
    talk.fd = -1;
    talk_run(&talk, 5);
    answer = talk_call(&talk, "EnumerateInstances", CLASS("Test_Item"));
    CU_ASSERT(has(answer, "200 OK"));
    free(answer);
    close(fds[1]);
    talk_stop(&talk);
}

static void
test_continue(void)
{
    char head[200];
    struct talk talk;
    char *answer;

    start(&talk, 0);
    talk_connect(&talk);
    snprintf(head, sizeof head, HEAD "Expect: 100-continue\r\n"
             "Content-Length: %zu\r\n\r\n", strlen(CALL("Test_Item")));
    talk_send(&talk, head, strlen(head));
    talk_run(&talk, 10);
    talk_send(&talk, CALL("Test_Item"), strlen(CALL("Test_Item")));
    answer = talk_receive(&talk);
    CU_ASSERT(strncmp(answer, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200",
                      37) == 0);
    free(answer);
    talk_connect(&talk);
    snprintf(head, sizeof head, HEAD "Expect: 100-continue\r\n"
             "Content-Length: 99999999\r\n\r\n");
    talk_send(&talk, head, strlen(head));
    answer = talk_receive(&talk);
    CU_ASSERT(strncmp(answer, "HTTP/1.1 413", 12) == 0);
    free(answer);
    talk_stop(&talk);
}

/* Requests sent ahead are answered in order. */
static void
test_pipelined(void)
{
    struct talk talk;
    size_t n = 0;

    start(&talk, 0);
    talk_connect(&talk);
    for (int i = 0; i < 100; i++) {
        send_call(&talk, HEAD, CALL("Test_Item"));
    }
    for (int i = 0; i < 100 && n < 100; i++) {
        char *answer = talk_receive(&talk);

        n += count(answer, "</CIM>");
        free(answer);
    }
    CU_ASSERT_EQUAL(n, 100);
    talk_stop(&talk);
}

static const struct unit_test tests[] = {
    { "a long answer", test_chunked },
    { "an error behind the first chunk", test_late_error },
    { "HTTP/1.0", test_http_1_0 },
    { "a client that stops reading", test_stops_reading },
    { "clients that vanish", test_vanishes },
    { "a slow head", test_slow_head },
    { "the limit of connections", test_connections },
    { "100-continue", test_continue },
    { "pipelining", test_pipelined },
};

UNIT_MAIN("stream", tests)
