/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What xvs-connect reads: answers of proxies, requests of SOCKS5, places.
 * Each answer and request in one piece, and byte by byte.
 */

#include <config.h>

#include <string.h>

#include "answer.h"
#include "outcome.h"
#include "place.h"
#include "socks-request.h"
#include "unit/unit.h"

/* Feeds 'text' in pieces of 'step' bytes; '*used' counts all. */
static enum answer_state
feed(struct answer *answer, const char *text, size_t step, size_t *used)
{
    enum answer_state state = ANSWER_MORE;
    size_t size = strlen(text), n;

    memset(answer, 0, sizeof *answer);
    *used = 0;
    while (state == ANSWER_MORE && *used < size) {
        n = size - *used < step ? size - *used : step;
        state = answer_feed(answer, text + *used, n, &n);
        *used += n;
    }
    return state;
}

static void
check_answer(const char *text, enum answer_state state, int status,
             const char *reason, size_t behind)
{
    static const size_t steps[] = { 1, 7, 100000 };
    struct answer answer;
    size_t used;

    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(feed(&answer, text, steps[i], &used), state);
        CU_ASSERT_EQUAL(answer.status, status);
        CU_ASSERT_STRING_EQUAL(answer.text, reason);
        CU_ASSERT_EQUAL(strlen(text) - used, behind);
    }
}

static void
test_good_answers(void)
{
    check_answer("HTTP/1.1 200 Connection established\r\n\r\nSSH-2.0-x\r\n",
                 ANSWER_DONE, 200, "Connection established", 11);
    check_answer("HTTP/1.0 200\n\n", ANSWER_DONE, 200, "", 0);
    /* A length means nothing in a 2xx. */
    check_answer("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\nhello",
                 ANSWER_DONE, 204, "x", 5);
    check_answer("HTTP/1.1 103 wait\r\nContent-Length: 9\r\n\r\n"
                 "HTTP/1.1 200 ok\r\n\r\n", ANSWER_DONE, 200, "ok", 0);
}

static void
test_refusals(void)
{
    check_answer("HTTP/1.1 404 Not Found\r\nProxy-Status: h1.vm.internal; "
                 "error=destination_not_found; details=\"no VM 'x'\"\r\n"
                 "Content-Length: 4\r\n\r\nwhat", ANSWER_DONE, 404,
                 "no VM 'x'", 4);
    check_answer("HTTP/1.1 403 Forbidden\r\ncontent-length:  4\r\n\r\n"
                 "no\r\nmore", ANSWER_DONE, 403, "no", 4);
    check_answer("HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\n<p>",
                 ANSWER_DONE, 502, "Bad", 0);
    check_answer("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n",
                 ANSWER_DONE, 502, "Bad", 0);
    /* What would move a terminal's cursor. */
    check_answer("HTTP/1.1 400 \033[2J\r\nContent-Length: 0\r\n\r\n",
                 ANSWER_DONE, 400, "?[2J", 0);
}

static void
test_moved(void)
{
    struct answer answer;
    size_t used;

    feed(&answer, "HTTP/1.1 421 x\r\nxvs-HOST: \thost2 \r\n"
         "Content-Length: 0\r\n\r\n", 3, &used);
    CU_ASSERT_EQUAL(answer.status, 421);
    CU_ASSERT_STRING_EQUAL(answer.host, "host2");
}

static void
test_bad_answers(void)
{
    static const char *const starts[] = {
        "HTTP/2 200\r\n", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 20\r\n",
        "HTTP/1.1 2000 x\r\n", "HTTP/1.1 0200\r\n", "\r\n",
    };
    char text[2 * ANSWER_HEAD_LIMIT + 100];
    struct answer answer;
    size_t used;

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        check_answer(starts[i], ANSWER_BAD, 0, "the answer does not begin as "
                     "one of HTTP/1.1 does", 0);
    }
    memset(text, 'x', sizeof text);
    memcpy(text, "HTTP/1.1 200 ok\r\n", 17);
    text[sizeof text - 1] = 0;
    CU_ASSERT_EQUAL(feed(&answer, text, 1000, &used), ANSWER_BAD);
    CU_ASSERT(used <= ANSWER_HEAD_LIMIT + 1);
}

static void
test_early_end(void)
{
    struct answer answer;
    size_t used;

    feed(&answer, "", 1, &used);
    CU_ASSERT_EQUAL(answer_end(&answer), ANSWER_BAD);
    CU_ASSERT_STRING_EQUAL(answer.text,
                           "the connection ended without an answer");
    feed(&answer, "HTTP/1.1 200 ok\r\n", 1, &used);
    CU_ASSERT_EQUAL(answer_end(&answer), ANSWER_BAD);
    /* A body without a length ends with the connection. */
    feed(&answer, "HTTP/1.1 503 x\r\n\r\nthe VM is off\nreally", 5, &used);
    CU_ASSERT_EQUAL(answer_end(&answer), ANSWER_DONE);
    CU_ASSERT_STRING_EQUAL(answer.text, "the VM is off");
    CU_ASSERT_EQUAL(answer_end(&answer), ANSWER_DONE);
}

static void
test_codes(void)
{
    CU_ASSERT_EQUAL(outcome_of_status(200), OUTCOME_GOOD);
    CU_ASSERT_EQUAL(outcome_of_status(407), OUTCOME_WHO);
    CU_ASSERT_EQUAL(outcome_of_status(404), OUTCOME_UNKNOWN_VM);
    CU_ASSERT_EQUAL(outcome_of_status(504), OUTCOME_VM_SILENT);
    CU_ASSERT_EQUAL(outcome_of_status(418), OUTCOME_OTHER);
}

/* ---- SOCKS -------------------------------------------------------------- */

static enum socks_state
ask(struct socks_request *socks, const char *bytes, size_t size, size_t step)
{
    enum socks_state state = SOCKS_MORE;
    size_t at = 0, n, used;

    memset(socks, 0, sizeof *socks);
    while (at < size
           && (state == SOCKS_MORE || state == SOCKS_GREETED)) {
        n = size - at < step ? size - at : step;
        state = socks_feed(socks, (const uint8_t *) bytes + at, n, &used);
        at += used;
    }
    return state;
}

static void
check_socks(const char *bytes, size_t size, enum socks_state state,
            int reply)
{
    struct socks_request socks;

    for (size_t step = 1; step < 40; step += 13) {
        CU_ASSERT_EQUAL(ask(&socks, bytes, size, step), state);
        CU_ASSERT(state != SOCKS_REFUSED
                  || (socks.reply[1] == reply && socks.why));
    }
}

#define SOCKS(text, state, reply) \
    check_socks(text, sizeof text - 1, state, reply)

static void
test_socks(void)
{
    struct socks_request socks;
    static const char good[] = "\5\2\1\0\5\1\0\3\3vm1\0\26";

    SOCKS("\5\2\1\0\5\1\0\3\3vm1\0\26", SOCKS_WANTED, 0);
    ask(&socks, good, sizeof good - 1, 4);
    CU_ASSERT_STRING_EQUAL(socks.name, "vm1");
    CU_ASSERT_EQUAL(socks.port, 22);
    SOCKS("\5\1\2", SOCKS_REFUSED, 0xff);
    SOCKS("\5\0", SOCKS_REFUSED, 0xff);
    SOCKS("\4\1\0\26\1\2\3\4", SOCKS_REFUSED, SOCKS_FAILED);
    SOCKS("\5\1\0\5\2\0\3\3vm1\0\26", SOCKS_REFUSED, SOCKS_NO_COMMAND);
    SOCKS("\5\1\0\5\1\0\1\300\0\2\1\0\26", SOCKS_REFUSED, SOCKS_NO_ADDRESS);
    SOCKS("\5\1\0\5\1\0\4\0\0\0\0\0\0", SOCKS_REFUSED, SOCKS_NO_ADDRESS);
    SOCKS("\5\1\0\5\1\0\3\0\0\26", SOCKS_REFUSED, SOCKS_FAILED);
    SOCKS("\5\1\0\5\1\0\3\3v\0001\0\26", SOCKS_REFUSED, SOCKS_FAILED);
    SOCKS("\5\1\0\5\1\0\3\3vm1\0", SOCKS_MORE, 0);
}

/* Behind the end of a request nothing is taken any more. */
static void
test_socks_longest(void)
{
    uint8_t bytes[600] = { 5, 1, 0, 5, 1, 0, 3, 255 };
    struct socks_request socks = { .n = 0 };
    size_t used;

    memset(bytes + 8, 'a', sizeof bytes - 8);
    CU_ASSERT_EQUAL(socks_feed(&socks, bytes, sizeof bytes, &used),
                    SOCKS_GREETED);
    CU_ASSERT_EQUAL(used, 3);
    CU_ASSERT_EQUAL(socks_feed(&socks, bytes + 3, sizeof bytes - 3, &used),
                    SOCKS_WANTED);
    CU_ASSERT_EQUAL(used, 262);
    CU_ASSERT_EQUAL(strlen(socks.name), 255);
    CU_ASSERT_EQUAL(socks_feed(&socks, bytes, 300, &used), SOCKS_MORE);
}

/* ---- Places ------------------------------------------------------------- */

static void
test_places(void)
{
    static const char *const wrong[] = {
        "", "host", "host:", ":80", "host:0", "host:65536", "host:+1",
        "host:80x", "::1:80", "[]:80", "[[]]:80", "unix:", "host:000080",
    };
    struct place place;
    char text[300];

    CU_ASSERT(place_parse(&place, "host1:8443"));
    CU_ASSERT_STRING_EQUAL(place_text(&place, text), "host1:8443");
    CU_ASSERT(place_parse(&place, "[::1]:80"));
    CU_ASSERT_STRING_EQUAL(place.host, "::1");
    CU_ASSERT_STRING_EQUAL(place_text(&place, text), "[::1]:80");
    CU_ASSERT(place_parse(&place, "[unix]:8"));
    CU_ASSERT_STRING_EQUAL(place.host, "unix");
    CU_ASSERT_STRING_EQUAL(place_text(&place, text), "[unix]:8");
    CU_ASSERT(place_parse(&place, "unix:/run/x:y"));
    CU_ASSERT_STRING_EQUAL(place_text(&place, text), "unix:/run/x:y");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT(!place_parse(&place, wrong[i]));
    }
    memset(text, 'a', sizeof text);
    memcpy(text, "unix:", 5);
    text[5 + 108] = 0;
    CU_ASSERT(!place_parse(&place, text));
    CU_ASSERT(!place_parse_listener(&place, "unix:/x"));
}

static void
check_forward(const char *spec, const char *host, uint16_t port,
              const char *vm, uint16_t inside)
{
    struct target target;
    struct place place;

    CU_ASSERT_FATAL(place_parse_forward(&place, &target, spec));
    CU_ASSERT_STRING_EQUAL(place.host, host);
    CU_ASSERT_EQUAL(place.port, port);
    CU_ASSERT_STRING_EQUAL(target.vm, vm);
    CU_ASSERT_EQUAL(target.port, inside);
}

static void
test_forwards(void)
{
    static const char *const wrong[] = {
        "8080", "8080:vm1", "8080:vm1:", "8080::80", "x:8080:vm1",
        "8080:vm 1:80", "8080:vm1\r\nX:80", "::1:8080:vm1:80", "",
        "[::1]8080:vm1:80", "0:vm1:80", "8080:-:", "8080:a/b:80",
    };
    struct target target;
    struct place place;

    check_forward("8080:vm1:80", "127.0.0.1", 8080, "vm1", 80);
    check_forward("8080:h1:vm1:80", "127.0.0.1", 8080, "h1:vm1", 80);
    check_forward("0.0.0.0:1:vm1.vm.internal:2", "0.0.0.0", 1,
                  "vm1.vm.internal", 2);
    check_forward("[::1]:8080:vm1:80", "::1", 8080, "vm1", 80);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT(!place_parse_forward(&place, &target, wrong[i]));
    }
}

static const struct unit_test tests[] = {
    { "2xx", test_good_answers },
    { "refusals say why", test_refusals },
    { "421", test_moved },
    { "answers that are none", test_bad_answers },
    { "answers that end", test_early_end },
    { "codes of statuses", test_codes },
    { "SOCKS5", test_socks },
    { "SOCKS5 at its longest", test_socks_longest },
    { "places", test_places },
    { "forwards", test_forwards },
};

UNIT_MAIN("xvs-connect", tests)
