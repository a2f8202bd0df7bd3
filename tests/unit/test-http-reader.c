/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * HTTP answers from a server that cannot be trusted: each case is read whole
 * and byte by byte, which must not differ.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdlib.h>

#include "base/error.h"
#include "client/wbem/http-reader.h"

struct source {
    const char *data;
    size_t size, at;
    size_t piece;       /* bytes per read */
};

static ssize_t
read_source(void *arg, void *data, size_t size, struct error *error)
{
    struct source *source = arg;
    size_t left = source->size - source->at;
    size_t n = size < source->piece ? size : source->piece;

    (void) error;
    n = n < left ? n : left;
    memcpy(data, source->data + source->at, n);
    source->at += n;
    return (ssize_t) n;
}

/* What becomes of an answer: its body, or words of the error. */
struct test_case {
    const char *answer;
    const char *body;       /* NULL: it is refused */
    const char *error;
    int status;
};

#define HEAD "HTTP/1.1 200 OK\r\n"

static const struct test_case cases[] = {
    { HEAD "Content-Length: 5\r\n\r\nhello", "hello", NULL, 200 },
    { HEAD "content-length:5  \r\n\r\nhello", "hello", NULL, 200 },
    { HEAD "Content-Length: 0\r\n\r\n", "", NULL, 200 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3;x=1\r\nllo\r\n0\r\n\r\n", "hello", NULL, 200 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n"
      "A\r\n0123456789\r\n0\r\nTrail: er\r\n\r\n", "0123456789", NULL, 200 },
    { "HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end", NULL, 200 },
    { "HTTP/1.1 100 Continue\r\n\r\n" HEAD "Content-Length: 1\r\n\r\nx",
      "x", NULL, 200 },
    { "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n", "", NULL, 401 },
    { "HTTP/1.1 204\r\n\r\n", "", NULL, 204 },
    { HEAD "Content-Length: 6\r\n\r\nhello", NULL, "too early", 0 },
    { HEAD "Content-Length: -1\r\n\r\n", NULL, "no number", 0 },
    { HEAD "Content-Length: 99999999999999999999\r\n\r\n", NULL,
      "no number", 0 },
    { HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", NULL,
      "a length and a transfer coding", 0 },
    { HEAD "Transfer-Encoding: gzip\r\n\r\n", NULL, "coding", 0 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n", NULL, "a size", 0 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n"
      "10000000000000000\r\n", NULL, "a size", 0 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n", NULL,
      "longer than its size", 0 },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nhe", NULL, "too early",
      0 },
    { HEAD "no colon\r\n\r\n", NULL, "without a name", 0 },
    { HEAD ": no name\r\n\r\n", NULL, "without a name", 0 },
    { "HTTP/2 200\r\n\r\n", NULL, "status line", 0 },
    { "HTTP/1.1 2x0 OK\r\n\r\n", NULL, "status number", 0 },
    { "HTTP/1.1 20", NULL, "too early", 0 },
    { "SSH-2.0-OpenSSH\r\n", NULL, "status line", 0 },
    { "", NULL, "without an answer", 0 },
};

static bool
read_all(struct http_reader *reader, struct buffer *body,
         struct error *error)
{
    char piece[3];
    ssize_t n;

    if (!http_reader_head(reader, error)) {
        return false;
    }
    while ((n = http_reader_body(reader, piece, sizeof piece, error)) > 0) {
        buffer_put(body, piece, (size_t) n);
    }
    return n == 0;
}

static void
check(const struct test_case *test, size_t piece)
{
    struct source source = { test->answer, strlen(test->answer), 0, piece };
    struct buffer body = BUFFER_INIT;
    struct http_reader reader;
    struct error error;
    bool done;

    http_reader_init(&reader, read_source, &source);
    done = read_all(&reader, &body, &error);
    CU_ASSERT_EQUAL(done, test->body != NULL);
    if (done && test->body) {
        CU_ASSERT_STRING_EQUAL(buffer_string(&body), test->body);
        CU_ASSERT_EQUAL(reader.status, test->status);
    } else if (!done && test->error) {
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, test->error));
    }
    http_reader_free(&reader);
    buffer_free(&body);
}

static void
test_answers(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i], 1);
        check(&cases[i], 4096);
    }
}

static void
test_fields(void)
{
    static const char answer[] =
        HEAD "X-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\n0\r\nXVS-Error: refused\r\n\r\n" HEAD
        "Content-Length: 0\r\nConnection: Close\r\n\r\n";
    struct source source = { answer, sizeof answer - 1, 0, 7 };
    struct buffer body = BUFFER_INIT;
    struct http_reader reader;
    struct error error;

    http_reader_init(&reader, read_source, &source);
    CU_ASSERT(read_all(&reader, &body, &error));
    CU_ASSERT_STRING_EQUAL(http_reader_field(&reader, "x-one"), "1");
    CU_ASSERT_STRING_EQUAL(http_reader_field(&reader, "xvs-error"),
                           "refused");
    CU_ASSERT(reader.keep);
    CU_ASSERT(read_all(&reader, &body, &error));
    CU_ASSERT_PTR_NULL(http_reader_field(&reader, "x-one"));
    CU_ASSERT(!reader.keep);
    http_reader_free(&reader);
    buffer_free(&body);
}

/* Neither a line nor a head may grow for ever. */
static void
test_limits(void)
{
    struct buffer answer = BUFFER_INIT;
    struct test_case test = { NULL, NULL, "without end", 0 };

    buffer_puts(&answer, HEAD);
    for (int i = 0; i < 20000; i++) {
        buffer_putc(&answer, 'x');
    }
    test.answer = buffer_string(&answer);
    check(&test, 4096);
    answer.size = 0;
    buffer_puts(&answer, HEAD);
    for (int i = 0; i < 20000; i++) {
        buffer_puts(&answer, "A: b\r\n");
    }
    test.answer = buffer_string(&answer);
    test.error = "too many fields";
    check(&test, 4096);
    answer.size = 0;
    for (int i = 0; i < 20; i++) {
        buffer_puts(&answer, "HTTP/1.1 100 Go on\r\n\r\n");
    }
    test.answer = buffer_string(&answer);
    test.error = "interim";
    check(&test, 4096);
    buffer_free(&answer);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("http-reader", NULL, NULL);
    CU_add_test(suite, "answers", test_answers);
    CU_add_test(suite, "fields", test_fields);
    CU_add_test(suite, "limits", test_limits);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
