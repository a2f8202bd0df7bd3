/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What xvs-connect reads from outside: the first byte says which of its
 * readers gets the rest, and in pieces of what size.  In one piece or in many:
 * the result is the same.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "place.h"
#include "socks-request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum answer_state
answer_in_pieces(struct answer *answer, const char *bytes, size_t size,
                 size_t step, size_t *at)
{
    enum answer_state state = ANSWER_MORE;
    size_t n, used;

    memset(answer, 0, sizeof *answer);
    *at = 0;
    while (state == ANSWER_MORE && *at < size) {
        n = size - *at < step ? size - *at : step;
        state = answer_feed(answer, bytes + *at, n, &used);
        if (used > n) {
            abort();
        }
        *at += used;
    }
    return state == ANSWER_MORE ? answer_end(answer) : state;
}

static void
check_text(const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~') {
            abort();
        }
    }
}

static void
fuzz_answer(const char *bytes, size_t size, size_t step)
{
    struct answer whole, pieces;
    size_t one, other;

    if (answer_in_pieces(&whole, bytes, size, size + 1, &one)
        != answer_in_pieces(&pieces, bytes, size, step, &other)
        || one != other || whole.status != pieces.status
        || strcmp(whole.text, pieces.text) != 0
        || strcmp(whole.host, pieces.host) != 0) {
        abort();
    }
    check_text(whole.text);
    check_text(whole.host);
}

static void
fuzz_socks(const uint8_t *bytes, size_t size, size_t step)
{
    struct socks_request socks = { .n = 0 };
    enum socks_state state = SOCKS_MORE;
    size_t at = 0, n, used;

    while (at < size && (state == SOCKS_MORE || state == SOCKS_GREETED)) {
        n = size - at < step ? size - at : step;
        state = socks_feed(&socks, bytes + at, n, &used);
        if (used > n || (used == 0 && n > 0)) {
            abort();
        }
        at += used;
    }
    if (state == SOCKS_WANTED && strlen(socks.name) == 0) {
        abort();
    }
}

static void
fuzz_places(const char *text)
{
    struct place place, again;
    struct target target;
    char written[300];

    if (place_parse(&place, text)
        && (!place_parse(&again, place_text(&place, written))
            || memcmp(&place, &again, sizeof place) != 0)) {
        abort();
    }
    if (place_parse_forward(&place, &target, text)
        && (!place.host[0] || !target.vm[0] || !target.port
            || target.vm[strcspn(target.vm, " \r\n\t/@")])) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t step;
    char *text;

    if (size == 0 || !(text = calloc(1, size))) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    step = 1u + (data[0] >> 2) % 16u;
    switch (data[0] % 3) {
    case 0:
        fuzz_answer(text, size - 1, step);
        break;
    case 1:
        fuzz_socks((const uint8_t *) text, size - 1, step);
        break;
    default:
        fuzz_places(text);
        break;
    }
    free(text);
    return 0;
}
