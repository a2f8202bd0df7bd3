/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers of proxies: what we say, and what another one said.
 */

#include "http/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct status {
    int status;
    const char *phrase, *error; /* RFC 9110; RFC 9209 */
} statuses[] = {
    { 200, "Connection established", NULL },
    { 400, "Bad Request", "http_request_error" },
    { 403, "Forbidden", "http_request_denied" },
    { 404, "Not Found", "destination_not_found" },
    { 405, "Method Not Allowed", "http_request_error" },
    { 407, "Proxy Authentication Required", "http_request_denied" },
    { 408, "Request Timeout", "http_request_error" },
    { 421, "Misdirected Request", "destination_not_found" },
    { 429, "Too Many Requests", "connection_limit_reached" },
    { 431, "Request Header Fields Too Large", "http_request_error" },
    { 500, "Internal Server Error", "proxy_internal_error" },
    { 502, "Bad Gateway", "connection_refused" },
    { 503, "Service Unavailable", "destination_unavailable" },
    { 504, "Gateway Timeout", "connection_timeout" },
    { 505, "HTTP Version Not Supported", "http_request_error" },
    { 508, "Loop Detected", "proxy_loop_detected" },
};

static const struct status *
status_of(int status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status) {
            return &statuses[i];
        }
    }
    return NULL;
}

const char *
http_phrase(int status)
{
    const struct status *known = status_of(status);

    return known ? known->phrase : "Refused";
}

/* What may be in a quoted text: none of it ends a line or the quotes. */
static void
make_plain(char *to, size_t size, const char *from)
{
    size_t n = 0;

    for (; from && *from && n + 1 < size; from++) {
        to[n++] = *from < 0x20 || *from > 0x7e ? '?'
            : *from == '"' || *from == '\\' ? '\'' : *from;
    }
    to[n] = 0;
}

size_t
http_proxy_status(char *text, size_t size, const struct answer *answer)
{
    const struct status *known = status_of(answer->status);
    char reason[256];
    int n;

    make_plain(reason, sizeof(reason), answer->reason);
    n = snprintf(text, size, "%s; error=%s%s%s%s", answer->proxy,
                 known && known->error ? known->error
                                       : "proxy_internal_error",
                 *reason ? "; details=\"" : "", reason, *reason ? "\"" : "");
    return n < 0 ? 0 : (size_t) n < size ? (size_t) n : size - 1;
}

size_t
http_answer(char bytes[HTTP_ANSWER_SIZE], const struct answer *answer)
{
    char proxy_status[512], host[128] = "", retry[32] = "", body[300];
    int n;

    if (answer->status / 100 == 2) {
        n = snprintf(bytes, HTTP_ANSWER_SIZE, "HTTP/1.1 %d %s\r\n\r\n",
                     answer->status, http_phrase(answer->status));
        return (size_t) n;
    }
    http_proxy_status(proxy_status, sizeof(proxy_status), answer);
    make_plain(body, sizeof(body) - 1, answer->reason
               ? answer->reason : http_phrase(answer->status));
    strcat(body, "\n");
    if (answer->host) {
        snprintf(host, sizeof(host), "XVS-Host: %.100s\r\n", answer->host);
    }
    if (answer->retry) {
        snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", answer->retry);
    }
    n = snprintf(bytes, HTTP_ANSWER_SIZE,
                 "HTTP/1.1 %d %s\r\nProxy-Status: %s\r\n%s%s%s%s"
                 "Content-Type: text/plain\r\nContent-Length: %zu\r\n"
                 "Connection: close\r\n\r\n%s",
                 answer->status, http_phrase(answer->status), proxy_status,
                 answer->status == 407
                 ? "Proxy-Authenticate: Bearer realm=\"xvs\"\r\n"
                   "Proxy-Authenticate: Basic realm=\"xvs\"\r\n" : "",
                 answer->status == 405 ? "Allow: CONNECT\r\n" : "", host,
                 retry, strlen(body), body);
    return (size_t) n;
}

/* ---- What another one said ---------------------------------------------- */

/* details="..." of a Proxy-Status, which is ours to show to people. */
static void
read_details(char reason[160], const char *line, const char *end)
{
    static const char wanted[] = "details=\"";
    size_t n = 0;

    for (; line + sizeof(wanted) < end; line++) {
        if (memcmp(line, wanted, sizeof(wanted) - 1) == 0) {
            line += sizeof(wanted) - 1;
            while (line < end && *line != '"' && n + 1 < 160) {
                reason[n++] = *line < 0x20 || *line > 0x7e ? '?' : *line;
                line++;
            }
            break;
        }
    }
    reason[n] = 0;
}

enum http_step
http_read_answer(const char *bytes, size_t size, int *status,
                 char reason[160], size_t *used)
{
    const char *end = memmem(bytes, size, "\r\n\r\n", 4), *line = bytes;

    reason[0] = 0;
    if (!end) {
        return size < HTTP_HEAD_MOST ? HTTP_MORE : HTTP_REFUSED;
    }
    *used = (size_t) (end - bytes) + 4;
    if (*used < 16 || memcmp(bytes, "HTTP/1.", 7) != 0 || bytes[8] != ' ') {
        return HTTP_REFUSED;
    }
    *status = 0;
    for (int i = 9; i < 12; i++) {
        if (bytes[i] < '0' || bytes[i] > '9') {
            return HTTP_REFUSED;
        }
        *status = *status * 10 + (bytes[i] - '0');
    }
    while ((line = memmem(line, (size_t) (end - line), "\r\n", 2)) != NULL) {
        const char *next;

        line += 2;
        next = memmem(line, (size_t) (end + 2 - line), "\r\n", 2);
        if (next && next - line > 13
            && strncasecmp(line, "Proxy-Status:", 13) == 0) {
            read_details(reason, line + 13, next);
        }
    }
    return *status >= 200 && *status <= 599 ? HTTP_DONE : HTTP_REFUSED;
}
