/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The head of a request: request line, fields, and the few fields that
 * decide how the rest is read.
 */

#include <config.h>

#include "manage/http/http-parse.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* Characters of a token (RFC 9110): names of methods and fields. */
static bool
is_token(char c)
{
    return c && (isalnum((unsigned char) c)
                 || strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
read_version(struct http_parser *parser, const char *version)
{
    if (strncmp(version, "HTTP/", 5) != 0
        || !isdigit((unsigned char) version[5]) || version[6] != '.'
        || !isdigit((unsigned char) version[7]) || version[8]) {
        return http_refuse(parser, 400, "a malformed request line");
    }
    if (version[5] != '1') {
        return http_refuse(parser, 505, "HTTP/1.1 is spoken here");
    }
    parser->minor = (unsigned int) (version[7] - '0');
    return true;
}

/* METHOD SP target SP HTTP/1.1 */
static bool
read_request_line(struct http_parser *parser, char *line)
{
    char *at = line;

    while (is_token(*at)) {
        at++;
    }
    if (at == line || *at != ' ') {
        return http_refuse(parser, 400, "a malformed request line");
    }
    *at++ = '\0';
    parser->method = line;
    parser->target = at;
    parser->is_head = strcmp(line, "HEAD") == 0;
    while (*at > 0x20 && *at < 0x7f) {
        at++;
    }
    if (at == parser->target || *at != ' ') {
        return http_refuse(parser, 400, "a malformed request line");
    }
    *at++ = '\0';
    return read_version(parser, at);
}

/* Fields of which a second one is either an error or an attack. */
static bool
is_single(const char *name)
{
    static const char *const single[] = {
        "Host", "Content-Length", "Transfer-Encoding", "Content-Type",
        "Authorization", "Expect", "Man", NULL,
    };

    for (size_t i = 0; single[i]; i++) {
        if (text_equal_fold(single[i], name)) {
            return true;
        }
    }
    return text_starts_with(name, "CIM") || text_starts_with(name, "cim");
}

static bool
add_field(struct http_parser *parser, const char *name, const char *value)
{
    if (is_single(name) && http_field(parser, name)) {
        return http_refuse(parser, 400, "a field is repeated");
    }
    if (parser->n_fields == HTTP_FIELDS_LIMIT) {
        return http_refuse(parser, 431, "too many fields");
    }
    parser->fields[parser->n_fields++] = (struct http_field){ name, value };
    return true;
}

/* name ":" blanks value blanks; 'end' is where the line ends. */
static bool
read_field(struct http_parser *parser, char *line, char *end)
{
    char *at = line;
    char *value;

    while (is_token(*at)) {
        at++;
    }
    if (at == line || *at != ':') {
        return http_refuse(parser, 400, "a malformed field");
    }
    *at++ = '\0';
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    value = at;
    for (; at < end; at++) {
        if (((unsigned char) *at < 0x20 && *at != '\t') || *at == 0x7f) {
            return http_refuse(parser, 400, "a control character in a field");
        }
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    *end = '\0';
    return add_field(parser, line, value);
}

static bool
read_length(struct http_parser *parser, const char *value)
{
    uint64_t length = 0;
    size_t n = strspn(value, "0123456789");

    if (!n || value[n]) {
        return http_refuse(parser, 400, "Content-Length is not a number");
    }
    if (n > 18) {
        return http_refuse(parser, 413, "the body is too long");
    }
    for (; *value; value++) {
        length = length * 10 + (uint64_t) (*value - '0');
    }
    parser->length = length;
    parser->has_length = true;
    return true;
}

/* How the body is delimited: exactly one way, or none. */
static bool
read_framing(struct http_parser *parser)
{
    const char *length = http_field(parser, "Content-Length");
    const char *coding = http_field(parser, "Transfer-Encoding");

    if (coding && (length || parser->minor == 0)) {
        return http_refuse(parser, 400, "Transfer-Encoding beside "
                           "Content-Length or in HTTP/1.0");
    }
    if (coding && !text_equal_fold(coding, "chunked")) {
        return http_refuse(parser, 501, "only chunked transfer coding is "
                           "understood");
    }
    parser->is_chunked = coding != NULL;
    return !length || read_length(parser, length);
}

static bool
read_options(struct http_parser *parser)
{
    const char *connection = http_field(parser, "Connection");
    const char *expect = http_field(parser, "Expect");
    const char *te = http_field(parser, "TE");

    parser->keep_alive = parser->minor > 0
                             ? !http_list_has(connection, "close")
                             : http_list_has(connection, "keep-alive");
    parser->takes_trailers = http_list_has(te, "trailers");
    if (expect && !text_equal_fold(expect, "100-continue")) {
        return http_refuse(parser, 417, "an unknown expectation");
    }
    parser->expects_continue = expect && parser->minor > 0;
    if (parser->minor > 0 && !http_field(parser, "Host")) {
        return http_refuse(parser, 400, "the Host field is missing");
    }
    return true;
}

bool
http_head_read(struct http_parser *parser)
{
    char *line = parser->head.data;
    char *limit = line + parser->head.size - 2;     /* the empty line */
    bool is_first = true;

    if (memchr(line, '\0', parser->head.size)) {
        return http_refuse(parser, 400, "a NUL in the head");
    }
    while (line < limit) {
        char *end = memchr(line, '\n', (size_t) (limit - line));

        end[-1] = '\0';     /* the carriage return */
        if (is_first ? !read_request_line(parser, line)
                     : !read_field(parser, line, end - 1)) {
            return false;
        }
        is_first = false;
        line = end + 1;
    }
    return read_framing(parser) && read_options(parser);
}

const char *
http_field(const struct http_parser *parser, const char *name)
{
    for (size_t i = 0; i < parser->n_fields; i++) {
        if (text_equal_fold(parser->fields[i].name, name)) {
            return parser->fields[i].value;
        }
    }
    return NULL;
}

bool
http_list_has(const char *list, const char *token)
{
    size_t size = strlen(token);

    while (list && *list) {
        list += strspn(list, " \t,");
        size_t n = strcspn(list, ",; \t");

        if (n == size && strncasecmp(list, token, n) == 0) {
            return true;
        }
        list += strcspn(list, ",");
    }
    return false;
}
