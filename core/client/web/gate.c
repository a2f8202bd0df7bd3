/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "client/web/gate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/wbem/http-client.h"

#define BODY_LIMIT ((uint64_t) 16 << 20)
#define PAGE_FOLDER "/page/"

/* Fields that are handed on, at most once each. */
static const char *const passed[] = {
    "Host", "Origin", "Sec-Fetch-Site", "Content-Type", "Content-Length",
    "Accept", "If-None-Match", "CIMOperation", "CIMProtocolVersion",
    "CIMMethod", "CIMObject",
};
#define N_PASSED (sizeof passed / sizeof *passed)

/* What a head says. */
struct head {
    char *method, *target;
    const char *fields[N_PASSED];   /* NULL: not there */
    const char *authorization;
};

bool
gate_make_token(struct gate *gate)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    unsigned char bytes[32];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes) {
        return false;
    }
    base64_put(&text, bytes, sizeof bytes);
    for (size_t i = 0; i < text.size; i++) {    /* for an address */
        text.data[i] = text.data[i] == '+' ? '-'
                       : text.data[i] == '/' ? '_' : text.data[i];
    }
    memcpy(gate->token, text.data, GATE_TOKEN_SIZE - 1);
    gate->token[GATE_TOKEN_SIZE - 1] = '\0';
    return true;
}

size_t
gate_head_size(const char *data, size_t size)
{
    const char *end = memmem(data, size, "\r\n\r\n", 4);

    return end ? (size_t) (end - data) + 4 : 0;
}

static bool
refuse(struct gate_request *request, int status, const char *reason)
{
    request->status = status;
    request->reason = reason;
    return false;
}

static bool
is_token_character(char c)
{
    return isalnum((unsigned char) c)
           || (c && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* METHOD SP target SP HTTP/1.1; browsers speak nothing older. */
static bool
read_request_line(char *line, struct head *head, struct gate_request *request)
{
    char *target = strchr(line, ' ');
    char *version = target ? strchr(target + 1, ' ') : NULL;

    if (!version || strcmp(version + 1, "HTTP/1.1") != 0) {
        return refuse(request, 400, "That is no request of HTTP/1.1.");
    }
    *target++ = '\0';
    *version = '\0';
    head->method = line;
    head->target = target;
    if (*target != '/') {
        return refuse(request, 400, "The target is a path.");
    }
    return true;
}

/* Keeps the value of a field that matters; a second one is refused. */
static bool
take_field(struct head *head, const char *name, const char *value,
           struct gate_request *request)
{
    const char **place =
        text_equal_fold(name, "Authorization") ? &head->authorization : NULL;

    if (text_equal_fold(name, "Transfer-Encoding")) {
        return refuse(request, 411, "A body has a Content-Length here.");
    }
    for (size_t i = 0; !place && i < N_PASSED; i++) {
        place = text_equal_fold(name, passed[i]) ? &head->fields[i] : NULL;
    }
    if (place && *place) {
        return refuse(request, 400, "A field is repeated.");
    }
    if (place) {
        *place = value;
    }
    return true;
}

static bool
read_field(char *line, struct head *head, struct gate_request *request)
{
    char *end = line + strlen(line);
    char *at = line;

    while (is_token_character(*at)) {
        at++;
    }
    if (at == line || *at != ':') {
        return refuse(request, 400, "A field is malformed.");
    }
    *at++ = '\0';
    at += strspn(at, " \t");
    while (end > at && strchr(" \t", end[-1])) {
        *--end = '\0';
    }
    for (const char *c = at; *c; c++) {
        if (((unsigned char) *c < 0x20 && *c != '\t') || *c == 0x7f) {
            return refuse(request, 400, "A control character in a field.");
        }
    }
    return take_field(head, line, at, request);
}

/* Reads the lines of 'text', which is changed. */
static bool
read_head(char *text, size_t size, struct head *head,
          struct gate_request *request)
{
    char *line = text;
    bool is_first = true;

    if (strlen(text) != size) {
        return refuse(request, 400, "A NUL in the head.");
    }
    while (*line != '\r') {
        char *end = strstr(line, "\r\n");

        *end = '\0';
        if (!(is_first ? read_request_line(line, head, request)
                       : read_field(line, head, request))) {
            return false;
        }
        is_first = false;
        line = end + 2;
    }
    return !is_first || refuse(request, 400, "An empty request.");
}

static const char *
field_of(const struct head *head, const char *name)
{
    for (size_t i = 0; i < N_PASSED; i++) {
        if (strcmp(passed[i], name) == 0) {
            return head->fields[i];
        }
    }
    return NULL;
}

static bool
check_host(const struct gate *gate, const struct head *head,
           struct gate_request *request)
{
    const char *host = field_of(head, "Host");
    char own[32];

    snprintf(own, sizeof own, "127.0.0.1:%u", gate->port);
    return (host && strcmp(host, own) == 0)
           || refuse(request, 403, "This is not the address that xvsctl web "
                     "printed.");
}

/* In a time that does not tell how much of it is right. */
static bool
has_token(const struct gate *gate, const struct head *head)
{
    const char *value = head->authorization;
    unsigned char differs = 0;

    if (!value || strncasecmp(value, "Bearer ", 7) != 0
        || strlen(value + 7) != GATE_TOKEN_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < GATE_TOKEN_SIZE - 1; i++) {
        differs |= (unsigned char) (value[7 + i] ^ gate->token[i]);
    }
    return !differs;
}

static bool
is_of_page(const struct head *head)
{
    bool reads = strcmp(head->method, "GET") == 0
                 || strcmp(head->method, "HEAD") == 0;

    return reads && (strcmp(head->target, "/") == 0
                     || text_starts_with(head->target, PAGE_FOLDER));
}

static bool
read_length(const struct head *head, struct gate_request *request)
{
    const char *length = field_of(head, "Content-Length");

    if (length && (!isdigit((unsigned char) *length)
                   || !text_to_u64(length, &request->length))) {
        return refuse(request, 400, "Content-Length is not a number.");
    }
    return request->length <= BODY_LIMIT
           || refuse(request, 413, "The body is too long.");
}

static void
put_login(const struct http_options *server, struct buffer *out)
{
    if (server && server->user) {
        MEM_AUTO char *pair = mem_printf("%s:%s", server->user,
                                         server->password ? server->password
                                                          : "");

        buffer_puts(out, "Authorization: Basic ");
        base64_put(out, pair, strlen(pair));
        buffer_puts(out, "\r\n");
    }
}

static void
put_head(const struct gate *gate, const struct head *head,
         struct buffer *out)
{
    buffer_printf(out, "%s %s HTTP/1.1\r\n", head->method, head->target);
    for (size_t i = 0; i < N_PASSED; i++) {
        if (head->fields[i]) {
            buffer_printf(out, "%s: %s\r\n", passed[i], head->fields[i]);
        }
    }
    put_login(gate->server, out);
    buffer_puts(out, "Connection: close\r\n\r\n");
}

void
gate_judge(const struct gate *gate, const char *head, size_t size,
           struct buffer *out, struct gate_request *request)
{
    MEM_AUTO char *text = mem_zalloc(size + 1);
    struct head found = { 0 };

    *request = (struct gate_request){ 0, NULL, 0 };
    memcpy(text, head, size);
    if (!read_head(text, size, &found, request)
        || !check_host(gate, &found, request)
        || !read_length(&found, request)) {
        return;
    }
    if (!is_of_page(&found) && !has_token(gate, &found)) {
        refuse(request, 401, "Open the address that xvsctl web printed: this "
               "tab does not have its token, or another xvsctl web runs "
               "now.");
        return;
    }
    put_head(gate, &found, out);
}
