/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The framing of a request: where the head ends, and how the body is
 * delimited.  What the lines of a head mean is in http-head.c.
 */

#include <config.h>

#include "manage/http/http-parse.h"

#include <string.h>

#include "base/text.h"

#define KEPT_BODY 65536u        /* a larger buffer is given back */
#define TRAILER_LIMIT 4096u     /* bytes of trailers, which nobody needs */

bool
http_refuse(struct http_parser *parser, int status, const char *problem)
{
    parser->place = HTTP_IS_BAD;
    parser->status = status;
    parser->problem = problem;
    return false;
}

void
http_parser_reset(struct http_parser *parser, size_t max_body)
{
    struct buffer head = parser->head;
    struct buffer body = parser->body;

    if (body.capacity > KEPT_BODY) {
        buffer_free(&body);
        body = (struct buffer) BUFFER_INIT;
    }
    head.size = 0;
    body.size = 0;
    memset(parser, 0, offsetof(struct http_parser, fields));
    parser->head = head;
    parser->body = body;
    parser->max_body = max_body;
    parser->n_fields = 0;
    parser->length = 0;
    parser->has_length = false;
    parser->is_chunked = false;
    parser->is_head = false;
    parser->keep_alive = false;
    parser->expects_continue = false;
    parser->takes_trailers = false;
    parser->status = 0;
    parser->problem = NULL;
}

void
http_parser_free(struct http_parser *parser)
{
    buffer_free(&parser->head);
    buffer_free(&parser->body);
}

bool
http_parser_is_fresh(const struct http_parser *parser)
{
    return parser->place == HTTP_IN_HEAD && parser->head.size == 0;
}

/* The head is whole: what comes next? */
static enum http_step
head_done(struct http_parser *parser)
{
    if (!http_head_read(parser)) {
        return HTTP_BAD;
    }
    if (parser->length > parser->max_body) {
        http_refuse(parser, 413, "the body is too long");
        return HTTP_BAD;
    }
    parser->left = parser->length;
    parser->place = parser->is_chunked ? HTTP_IN_SIZE
                    : parser->left ? HTTP_IN_BODY : HTTP_AT_END;
    return HTTP_HEAD;
}

/* Collects lines until an empty one. */
static enum http_step
take_head(struct http_parser *parser, const char *data, size_t size,
          size_t *used)
{
    struct buffer *head = &parser->head;

    while (*used < size) {
        const char *from = data + *used;
        const char *end = memchr(from, '\n', size - *used);
        size_t n = end ? (size_t) (end - from) + 1 : size - *used;

        if (head->size + n > HTTP_HEAD_LIMIT) {
            http_refuse(parser, 431, "the head is too long");
            return HTTP_BAD;
        }
        buffer_put(head, from, n);
        *used += n;
        if (!end) {
            return HTTP_MORE;
        }
        if (head->size < 2 || head->data[head->size - 2] != '\r') {
            http_refuse(parser, 400, "a line feed without carriage return");
            return HTTP_BAD;
        }
        if (head->size == 2) {
            head->size = 0;     /* an empty line before the request */
        } else if (head->size - parser->line == 2) {
            return head_done(parser);
        }
        parser->line = head->size;
    }
    return HTTP_MORE;
}

/* Takes what is there of a body or a chunk. */
static void
take_data(struct http_parser *parser, const char *data, size_t size,
          size_t *used)
{
    size_t n = size - *used;

    if (n > parser->left) {
        n = (size_t) parser->left;
    }
    buffer_put(&parser->body, data + *used, n);
    *used += n;
    parser->left -= n;
    if (!parser->left) {
        parser->place = parser->is_chunked ? HTTP_IN_CHUNK_END : HTTP_AT_END;
        parser->size_length = 0;
    }
}

/* Collects a short line without its end; true when it is whole. */
static bool
take_line(struct http_parser *parser, const char *data, size_t size,
          size_t *used)
{
    while (*used < size) {
        char c = data[(*used)++];
        size_t n = parser->size_length;

        if (c == '\n' && n && parser->size_line[n - 1] == '\r') {
            parser->size_line[n - 1] = '\0';
            parser->size_length = 0;
            return true;
        }
        if (n && parser->size_line[n - 1] == '\r') {
            return http_refuse(parser, 400, "a lone carriage return");
        }
        if (((unsigned char) c < 0x20 && c != '\r' && c != '\t')
            || c == 0x7f) {
            return http_refuse(parser, 400, "a control character between "
                               "chunks");
        }
        if (n + 1 >= sizeof parser->size_line) {
            return http_refuse(parser, 400, "a line between chunks is too "
                               "long");
        }
        parser->size_line[parser->size_length++] = c;
    }
    return false;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1f" or "1f;name=value"; nothing else. */
static bool
read_size(struct http_parser *parser)
{
    const char *at = parser->size_line;
    uint64_t size = 0;

    for (; hex_digit(*at) >= 0; at++) {
        if (at - parser->size_line >= 8) {
            return http_refuse(parser, 413, "a chunk is too long");
        }
        size = size * 16 + (uint64_t) hex_digit(*at);
    }
    if (at == parser->size_line || (*at && *at != ';')) {
        return http_refuse(parser, 400, "a chunk size is not hexadecimal");
    }
    if (size > parser->max_body - parser->body.size) {
        return http_refuse(parser, 413, "the body is too long");
    }
    parser->left = size;
    parser->place = size ? HTTP_IN_CHUNK : HTTP_IN_TRAILER;
    return true;
}

/* A line of the trailer; its fields are not used, but must be fields. */
static bool
read_trailer(struct http_parser *parser)
{
    const char *line = parser->size_line;

    parser->trailer_size += strlen(line) + 2;
    if (!*line) {
        parser->place = HTTP_AT_END;
        return true;
    }
    if (parser->trailer_size > TRAILER_LIMIT) {
        return http_refuse(parser, 431, "the trailer is too long");
    }
    if (*line == ' ' || *line == '\t' || *line == ':'
        || strcspn(line, " \t:") != strcspn(line, ":")
        || !strchr(line, ':')) {
        return http_refuse(parser, 400, "a malformed trailer");
    }
    return true;
}

/* Whatever comes as a line in a chunked body. */
static void
take_framing(struct http_parser *parser, const char *data, size_t size,
             size_t *used)
{
    if (!take_line(parser, data, size, used)) {
        return;
    }
    if (parser->place == HTTP_IN_SIZE) {
        read_size(parser);
    } else if (parser->place == HTTP_IN_TRAILER) {
        read_trailer(parser);
    } else if (parser->size_line[0]) {
        http_refuse(parser, 400, "a chunk is longer than its size");
    } else {
        parser->place = HTTP_IN_SIZE;
    }
}

enum http_step
http_parse(struct http_parser *parser, const char *data, size_t size,
           size_t *used)
{
    *used = 0;
    if (parser->place == HTTP_IN_HEAD) {
        return take_head(parser, data, size, used);
    }
    while (parser->place != HTTP_AT_END && parser->place != HTTP_IS_BAD) {
        if (*used == size) {
            return HTTP_MORE;
        }
        if (parser->place == HTTP_IN_BODY || parser->place == HTTP_IN_CHUNK) {
            take_data(parser, data, size, used);
        } else {
            take_framing(parser, data, size, used);
        }
    }
    return parser->place == HTTP_AT_END ? HTTP_DONE : HTTP_BAD;
}
