/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * HTTP answers, read strictly: one syntax per construct, no folding, both a
 * length and a transfer coding in one head is refused.
 */

#include <config.h>

#include "client/wbem/http-reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

#define LINE_LIMIT 8192
#define FIELDS_LIMIT 65536
#define READ_SIZE 65536
#define INTERIM_LIMIT 8

void
http_reader_init(struct http_reader *reader, http_source source, void *arg)
{
    memset(reader, 0, sizeof *reader);
    reader->source = source;
    reader->arg = arg;
    buffer_reserve(&reader->input, READ_SIZE);
}

void
http_reader_free(struct http_reader *reader)
{
    buffer_free(&reader->input);
    buffer_free(&reader->fields);
}

static bool
broken(struct error *error, const char *what)
{
    error_set(error, ERROR_SYNTAX, "the server's answer is not HTTP: %s",
              what);
    return error_hint(error, "is the address that of xvsd?");
}

/* Reads more input behind what is there; 0 at the end. */
static ssize_t
fill(struct http_reader *reader, struct error *error)
{
    ssize_t n;

    if (reader->at) {
        buffer_consume(&reader->input, reader->at);
        reader->at = 0;
    }
    buffer_reserve(&reader->input, READ_SIZE);
    n = reader->source(reader->arg, reader->input.data + reader->input.size,
                       READ_SIZE, error);
    if (n > 0) {
        reader->input.size += (size_t) n;
    }
    return n;
}

/*
 * Reads one line without its end into '*line' (valid until the next read);
 * 'first' allows the connection to be at its end, with a clear error.
 */
static bool
read_line(struct http_reader *reader, bool first, char **line,
          struct error *error)
{
    for (;;) {
        char *start = reader->input.data + reader->at;
        size_t size = reader->input.size - reader->at;
        char *end = size ? memchr(start, '\n', size) : NULL;
        ssize_t n;

        if (end) {
            reader->at += (size_t) (end - start) + 1;
            end -= end > start && end[-1] == '\r';
            *end = '\0';
            *line = start;
            return memchr(start, '\0', (size_t) (end - start)) == NULL
                   || broken(error, "a NUL in a line");
        }
        if (size > LINE_LIMIT) {
            return broken(error, "a line without end");
        }
        n = fill(reader, error);
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            return first && size == 0
                   ? error_set(error, ERROR_IO,
                               "the server closed the connection without "
                               "an answer")
                   : broken(error, "it ends too early");
        }
    }
}

static bool
parse_status(struct http_reader *reader, const char *line,
             struct error *error)
{
    if (!text_starts_with(line, "HTTP/1.") || !isdigit((unsigned char) line[7])
        || line[8] != ' ') {
        return broken(error, "no status line");
    }
    for (int i = 9; i < 12; i++) {
        if (!isdigit((unsigned char) line[i])) {
            return broken(error, "no status number");
        }
    }
    if (line[12] != ' ' && line[12] != '\0') {
        return broken(error, "no status number");
    }
    reader->status = atoi(line + 9);
    reader->keep = line[7] != '0';
    snprintf(reader->reason, sizeof reader->reason, "%s",
             line[12] ? line + 13 : "");
    return true;
}

/* Adds one "Name: value" line to the fields. */
static bool
add_field(struct http_reader *reader, char *line, struct error *error)
{
    char *colon = strchr(line, ':');
    char *value, *end;

    if (!colon || colon == line) {
        return broken(error, "a field without a name");
    }
    *colon = '\0';
    value = colon + 1;
    value += strspn(value, " \t");
    end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        *--end = '\0';
    }
    if (reader->fields.size + (size_t) (end - line) > FIELDS_LIMIT) {
        return broken(error, "too many fields");
    }
    buffer_put(&reader->fields, line, strlen(line) + 1);
    buffer_put(&reader->fields, value, (size_t) (end - value) + 1);
    return true;
}

static bool
read_fields(struct http_reader *reader, struct error *error)
{
    for (;;) {
        char *line;

        if (!read_line(reader, false, &line, error)) {
            return false;
        }
        if (!*line) {
            return true;
        }
        if (!add_field(reader, line, error)) {
            return false;
        }
    }
}

const char *
http_reader_field(const struct http_reader *reader, const char *name)
{
    size_t at = 0;

    while (at < reader->fields.size) {
        const char *field = reader->fields.data + at;
        const char *value = field + strlen(field) + 1;

        if (text_equal_fold(field, name)) {
            return value;
        }
        at += (size_t) (value - field) + strlen(value) + 1;
    }
    return NULL;
}

/* Decides from the fields how the body is delimited. */
static bool
choose_body(struct http_reader *reader, struct error *error)
{
    const char *coding = http_reader_field(reader, "Transfer-Encoding");
    const char *length = http_reader_field(reader, "Content-Length");
    const char *connection = http_reader_field(reader, "Connection");

    reader->left = 0;
    reader->in_chunk = false;
    if (connection && text_equal_fold(connection, "close")) {
        reader->keep = false;
    }
    if (coding && length) {
        return broken(error, "a length and a transfer coding");
    }
    if (coding) {
        reader->body = HTTP_BODY_CHUNKED;
        return text_equal_fold(coding, "chunked")
               || broken(error, "an unknown transfer coding");
    }
    if (length) {
        if (!isdigit((unsigned char) *length)
            || !text_to_u64(length, &reader->left)) {
            return broken(error, "a length that is no number");
        }
        reader->body = reader->left ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
        return true;
    }
    reader->body = HTTP_BODY_CLOSE;
    reader->keep = false;
    if (reader->status == 204 || reader->status == 304) {
        reader->body = HTTP_BODY_NONE;
    }
    return true;
}

bool
http_reader_head(struct http_reader *reader, struct error *error)
{
    for (int i = 0; i < INTERIM_LIMIT; i++) {
        char *line;

        reader->fields.size = 0;
        if (!read_line(reader, true, &line, error)
            || !parse_status(reader, line, error)
            || !read_fields(reader, error)) {
            return false;
        }
        if (reader->status >= 200) {
            return choose_body(reader, error);
        }
    }
    return broken(error, "too many interim answers");
}

/* Reads the next chunk's size; at the last chunk also the trailers. */
static bool
next_chunk(struct http_reader *reader, struct error *error)
{
    char *line, *end;

    if (reader->in_chunk) {
        if (!read_line(reader, false, &line, error)) {
            return false;
        }
        if (*line) {
            return broken(error, "a chunk longer than its size");
        }
    }
    if (!read_line(reader, false, &line, error)) {
        return false;
    }
    if (!isxdigit((unsigned char) *line) || strspn(line, "0123456789abcdef"
                                                   "ABCDEF") > 15) {
        return broken(error, "a chunk without a size");
    }
    reader->left = strtoull(line, &end, 16);
    if (*end && *end != ';' && *end != ' ') {
        return broken(error, "a chunk without a size");
    }
    reader->in_chunk = true;
    if (reader->left == 0) {
        reader->body = HTTP_BODY_NONE;
        return read_fields(reader, error);
    }
    return true;
}

ssize_t
http_reader_body(struct http_reader *reader, void *data, size_t size,
                 struct error *error)
{
    size_t have;

    if (reader->body == HTTP_BODY_CHUNKED && reader->left == 0
        && !next_chunk(reader, error)) {
        return -1;
    }
    if (reader->body == HTTP_BODY_NONE || size == 0) {
        return 0;
    }
    if (reader->at == reader->input.size) {
        ssize_t n = fill(reader, error);

        if (n == 0 && reader->body == HTTP_BODY_CLOSE) {
            reader->body = HTTP_BODY_NONE;
            return 0;
        }
        if (n == 0) {
            broken(error, "it ends too early");
        }
        if (n <= 0) {
            return -1;
        }
    }
    have = reader->input.size - reader->at;
    have = have < size ? have : size;
    if (reader->body != HTTP_BODY_CLOSE) {
        have = have < reader->left ? have : (size_t) reader->left;
        reader->left -= have;
    }
    memcpy(data, reader->input.data + reader->at, have);
    reader->at += have;
    if (reader->body == HTTP_BODY_LENGTH && reader->left == 0) {
        reader->body = HTTP_BODY_NONE;
    }
    return (ssize_t) have;
}
