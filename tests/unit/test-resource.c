/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * GET and HEAD: which resource a target names, entity tags, what is answered
 * to everything else; on a real connection, with a table of our own.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "manage/cim/operation.h"
#include "manage/http/http-parse.h"
#include "manage/http/http-server.h"
#include "manage/http/resource.h"
#include "unit/fake-service.h"
#include "unit/talk.h"
#include "unit/unit.h"

static struct talk talk;

static void
make(void *arg, struct exchange *exchange)
{
    (void) arg;
    exchange->type = "text/x-made";
    buffer_puts(exchange_out(exchange), "made");
    exchange_done(exchange);
}

static const struct resource table[] = {
    { "/", RIGHT_READ, "text/html", NULL, "<p>page</p>", 11 },
    { "/made", RIGHT_READ, "text/plain", make, NULL, 0 },
    { "/closed", RIGHT_NONE, "text/plain", make, NULL, 0 },
    { "/post", RIGHT_READ, NULL, NULL, NULL, 0 },
};

static void
handle(void *arg, struct exchange *exchange)
{
    resource_answer(table, sizeof table / sizeof *table, arg, exchange);
}

/* The whole answer (heap) to one request, whose connection ends then. */
static char *
ask(const char *line, const char *fields)
{
    char request[1000];
    int size = snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: h\r\n"
                        "Connection: close\r\n%s\r\n", line, fields);

    talk_connect(&talk);
    talk_send(&talk, request, (size_t) size);
    return talk_receive(&talk);
}

static bool
has(const char *answer, const char *text)
{
    if (!strstr(answer, text)) {
        fprintf(stderr, "no '%s' in:\n%s\n", text, answer);
        return false;
    }
    return true;
}

static void
expect(const char *line, const char *fields, const char *status,
       const char *text)
{
    char *answer = ask(line, fields);

    CU_ASSERT(strncmp(answer, "HTTP/1.1 ", 9) == 0
              && has(answer + 9, status));
    CU_ASSERT(has(answer, text));
    CU_ASSERT(has(answer, "X-Content-Type-Options: nosniff\r\n"));
    CU_ASSERT(has(answer, "Content-Security-Policy: default-src 'none'"));
    CU_ASSERT(has(answer, "Cache-Control: "));
    free(answer);
}

static void
test_targets(void)
{
    CU_ASSERT(resource_target_is("/a", "/a"));
    CU_ASSERT(resource_target_is("/a?b=/c", "/a"));
    CU_ASSERT(resource_target_is("http://h:1/a", "/a"));
    CU_ASSERT(resource_target_is("HTTPS://h/a?b", "/a"));
    CU_ASSERT(resource_target_is("http://h", "/"));
    CU_ASSERT(resource_target_is("http://h?x", "/"));
    CU_ASSERT(!resource_target_is("/a/", "/a"));
    CU_ASSERT(!resource_target_is("/A", "/a"));
    CU_ASSERT(!resource_target_is("//a", "/a"));
    CU_ASSERT(!resource_target_is("/b/../a", "/a"));
    CU_ASSERT(!resource_target_is("/%61", "/a"));
    CU_ASSERT(!resource_target_is("*", "/"));
    CU_ASSERT(!resource_target_is("?", "/"));
    CU_ASSERT(!resource_target_is("ftp://h/a", "/a"));
}

static void
test_answers(void)
{
    expect("GET /", "", "200 OK\r\n", "\r\n\r\n<p>page</p>");
    expect("GET /", "", "200 OK\r\n", "Content-Type: text/html\r\n");
    expect("GET /made?x", "", "200 OK\r\n", "\r\n\r\nmade");
    expect("GET /made", "", "200 OK\r\n", "Content-Type: text/x-made\r\n");
    expect("GET /made", "", "200 OK\r\n", "Cache-Control: no-store\r\n");
    expect("GET /closed", "", "403 Forbidden\r\n", "XVS-Error: denied\r\n");
    expect("GET /post", "", "405 Method", "Allow: POST");
    expect("GET /nothing", "", "404 Not Found\r\n", "nothing of that name");
    expect("GET *", "", "404 Not Found\r\n", "no-store");
    expect("GET /", "Content-Length: 3\r\n\r\nabc", "400 Bad", "no body");
    expect("GET /", "Transfer-Encoding: chunked\r\n", "400 Bad", "no body");
}

static void
test_head(void)
{
    static const char *const paths[] = { "/", "/made", "/nothing", "/post" };
    char line[40];

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(line, sizeof line, "HEAD %s", paths[i]);
        char *answer = ask(line, "");
        const char *end = strstr(answer, "\r\n\r\n");

        CU_ASSERT(end && strlen(end) == 4);
        CU_ASSERT((strstr(answer, "Content-Length: ") == NULL) == (i == 1));
        CU_ASSERT(!strstr(answer, "Content-Length: 0\r\n"));
        free(answer);
    }
    expect("HEAD /", "", "200 OK\r\n", "Content-Length: 11\r\n");
}

static void
test_tags(void)
{
    char *answer = ask("GET /", "");
    const char *at = strstr(answer, "ETag: \"");
    char tag[64] = "";
    char fields[200];

    CU_ASSERT(at && sscanf(at, "ETag: %60s", tag) == 1);
    free(answer);
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", tag);
    expect("GET /", fields, "304 Not Modified\r\n", tag);
    answer = ask("GET /", fields);
    CU_ASSERT(!strstr(answer, "page") && !strstr(answer, "Content-Length"));
    free(answer);
    snprintf(fields, sizeof fields, "If-None-Match: \"a\", W/%s ,\r\n", tag);
    expect("HEAD /", fields, "304 Not Modified\r\n", tag);
    expect("GET /", "If-None-Match: *\r\n", "304 Not", tag);
    expect("GET /", "If-None-Match: \"a\",W/,\r\n", "200 OK", "page");
    expect("GET /made", "If-None-Match: *\r\n", "200 OK", "made");
}

/* Several on one connection: an answer without a body ends where it says. */
static void
test_keep_alive(void)
{
    static const char requests[] =
        "HEAD /made HTTP/1.1\r\nHost: h\r\n\r\n"
        "HEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n"
        "GET /made HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    char *all;
    int n = 0;

    talk_connect(&talk);
    talk_send(&talk, requests, sizeof requests - 1);
    talk_run(&talk, 100);
    all = talk_receive(&talk);
    for (const char *at = all; (at = strstr(at, "HTTP/1.1 ")); at++) {
        n += at == all || strncmp(at - 4, "\r\n\r\n", 4) == 0;
    }
    CU_ASSERT_EQUAL(n, 4);
    CU_ASSERT(has(all, "\r\n\r\nmade"));
    free(all);
}

static const struct unit_test tests[] = {
    { "targets", test_targets },
    { "answers", test_answers },
    { "HEAD", test_head },
    { "entity tags", test_tags },
    { "keep-alive", test_keep_alive },
};

int
main(void)
{
    int status;

    log_open("test-resource", LOG_LEVEL_ERROR);
    talk_start(&talk, NULL);
    talk.manage->server->handle = handle;
    status = unit_main("resource", tests, sizeof tests / sizeof *tests);
    talk_stop(&talk);
    return status;
}
