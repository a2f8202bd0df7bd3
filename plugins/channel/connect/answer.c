/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * An answer to CONNECT, line by line.
 *
 * Its texts end on somebody's terminal, so that nothing but printable ASCII is
 * kept of them.
 */

#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
copy_printable(char *to, size_t size, const char *from, size_t length)
{
    size_t i;

    for (i = 0; i < length && i + 1 < size; i++) {
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    }
    to[i] = 0;
}

static enum answer_state
bad(struct answer *answer, const char *why)
{
    snprintf(answer->text, sizeof(answer->text), "%s", why);
    answer->status = 0;
    answer->at = END;
    return ANSWER_BAD;
}

/* "HTTP/1.1 403 Forbidden"; the text may be absent. */
static bool
first_line(struct answer *answer)
{
    const char *line = answer->line;

    if (answer->length < 12 || memcmp(line, "HTTP/1.", 7) != 0
        || (line[7] != '0' && line[7] != '1') || line[8] != ' '
        || line[9] < '1' || line[9] > '9'
        || line[10] < '0' || line[10] > '9'
        || line[11] < '0' || line[11] > '9'
        || (answer->length > 12 && line[12] != ' ')) {
        return false;
    }
    answer->status = (line[9] - '0') * 100 + (line[10] - '0') * 10
        + line[11] - '0';
    answer->text[0] = 0;
    answer->host[0] = 0;
    answer->has_details = answer->has_length = false;
    answer->body = 0;
    if (answer->length > 13) {
        copy_printable(answer->text, sizeof(answer->text), line + 13,
                       answer->length - 13);
    }
    answer->at = HEADER;
    return true;
}

/* The value when the line is that header. */
static const char *
header_value(const struct answer *answer, const char *name)
{
    size_t n = strlen(name);
    const char *value = answer->line + n + 1;

    if (answer->length <= n || answer->line[n] != ':'
        || strncasecmp(answer->line, name, n) != 0) {
        return NULL;
    }
    return value + strspn(value, " \t");
}

/* RFC 9209: ... ; details="text". */
static void
take_details(struct answer *answer, const char *value)
{
    const char *from = strstr(value, "details=\"");
    char text[sizeof(answer->text)];
    size_t n = 0;

    if (!from) {
        return;
    }
    for (from += 9; *from && *from != '"' && n + 1 < sizeof(text); from++) {
        if (*from == '\\' && from[1]) {
            from++;
        }
        text[n++] = *from;
    }
    copy_printable(answer->text, sizeof(answer->text), text, n);
    answer->has_details = n > 0;
}

static void
header(struct answer *answer)
{
    const char *value;

    answer->line[answer->length] = 0;
    value = header_value(answer, "XVS-Host");
    if (value) {
        copy_printable(answer->host, sizeof(answer->host), value,
                       strcspn(value, " \t"));
    }
    value = header_value(answer, "Proxy-Status");
    if (value) {
        take_details(answer, value);
    }
    value = header_value(answer, "Content-Length");
    if (value) {
        answer->has_length = true;
        answer->body = (size_t) strtoul(value, NULL, 10);
    }
}

/* The empty line: what comes next? */
static enum answer_state
end_of_head(struct answer *answer)
{
    if (answer->status < 200 && answer->status != 101) {
        answer->at = FIRST_LINE;
        return ANSWER_MORE;
    }
    answer->length = 0;
    if (!answer->has_length || answer->body > ANSWER_BODY_LIMIT) {
        answer->body = ANSWER_BODY_LIMIT;
    }
    if (answer->status < 300 || answer->has_details || answer->body == 0) {
        answer->at = END;
        return ANSWER_DONE;
    }
    answer->at = BODY;
    return ANSWER_MORE;
}

static enum answer_state
end_of_line(struct answer *answer)
{
    enum answer_state state = ANSWER_MORE;

    if (answer->length > 0 && answer->line[answer->length - 1] == '\r') {
        answer->length--;
    }
    if (answer->at == FIRST_LINE) {
        return first_line(answer) ? ANSWER_MORE
            : bad(answer, "the answer does not begin as one of HTTP/1.1 does");
    }
    if (answer->length == 0) {
        state = end_of_head(answer);
    } else {
        header(answer);
    }
    return state;
}

static enum answer_state
head_byte(struct answer *answer, char byte)
{
    enum answer_state state;

    if (++answer->head > ANSWER_HEAD_LIMIT) {
        return bad(answer, "the head of the answer has no end");
    }
    if (byte != '\n') {
        if (answer->length + 1 < sizeof(answer->line)) {
            answer->line[answer->length++] = byte;
        }
        return ANSWER_MORE;
    }
    state = end_of_line(answer);
    answer->length = 0;
    return state;
}

/* Its first line is the reason, unless it is a page. */
static void
take_body(struct answer *answer)
{
    size_t n = 0;

    while (n < answer->length && answer->line[n] != '\r'
           && answer->line[n] != '\n') {
        n++;
    }
    if (n > 0 && answer->line[0] != '<') {
        copy_printable(answer->text, sizeof(answer->text), answer->line, n);
    }
    answer->at = END;
}

enum answer_state
answer_feed(struct answer *answer, const char *bytes, size_t size,
            size_t *used)
{
    enum answer_state state = ANSWER_MORE;
    size_t i;

    if (answer->at == END) {
        *used = 0;
        return answer->status ? ANSWER_DONE : ANSWER_BAD;
    }
    for (i = 0; i < size && state == ANSWER_MORE; i++) {
        if (answer->at != BODY) {
            state = head_byte(answer, bytes[i]);
            continue;
        }
        answer->line[answer->length++] = bytes[i];
        if (--answer->body == 0) {
            take_body(answer);
            state = ANSWER_DONE;
        }
    }
    *used = i;
    return state;
}

enum answer_state
answer_end(struct answer *answer)
{
    if (answer->at == END) {
        return answer->status ? ANSWER_DONE : ANSWER_BAD;
    }
    if (answer->at != BODY) {
        return bad(answer, answer->head
                   ? "the connection ended in the middle of the answer"
                   : "the connection ended without an answer");
    }
    take_body(answer);
    return ANSWER_DONE;
}
