/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading heads; see http.h.
 */

#include "http/http.h"
#include "http/http-text.h"

static enum http_step
refuse(struct http_request *request, int status, const char *reason)
{
    request->status = status;
    request->reason = reason;
    return HTTP_REFUSED;
}

static bool
is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool
is_token(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_token_char(text.at[i])) {
            return false;
        }
    }
    return text.length > 0;
}

/* What people are shown of it. */
static void
copy_plain(char *to, size_t size, struct text from)
{
    text_copy(to, size, from);
    for (; *to; to++) {
        *to = *to < 0x20 || *to > 0x7e ? '?' : *to;
    }
}

/* ---- Where it ends ------------------------------------------------------ */

/*
 * Looks through what is new up to the empty line, for bytes that a head cannot
 * have.  An empty line in front of it is passed over, as RFC 9112, 2.2 says.
 */
static enum http_step
find_end(struct http_request *request, const char *bytes, size_t size,
         size_t *used)
{
    size_t most = size < HTTP_HEAD_MOST ? size : HTTP_HEAD_MOST;

    for (; request->at < most; request->at++) {
        size_t i = request->at;
        unsigned char c = (unsigned char) bytes[i];

        if (i > 0 && bytes[i - 1] == '\r' && c != '\n') {
            return refuse(request, 400, "a CR without LF");
        }
        if (c == '\n' && (i == 0 || bytes[i - 1] != '\r')) {
            return refuse(request, 400, "lines end with CR and LF");
        }
        if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f) {
            return refuse(request, 400, "a control character in the head");
        }
        if (c == '\n' && i >= 3 && bytes[i - 2] == '\n') {
            request->at++;
            *used = request->at;
            return HTTP_DONE;
        }
    }
    return size < HTTP_HEAD_MOST
        ? HTTP_MORE : refuse(request, 431, "the head is longer than 8 KiB");
}

/* Takes a line off 'rest'; the caller knows that there is one. */
static struct text
take_line(struct text *rest)
{
    const char *end = memchr(rest->at, '\r', rest->length);
    struct text line = { rest->at, end ? (size_t) (end - rest->at)
                                       : rest->length };
    size_t used = line.length + 2 < rest->length ? line.length + 2
                                                 : rest->length;

    rest->at += used;
    rest->length -= used;
    return line;
}

/* ---- The target --------------------------------------------------------- */

static bool
refuse_target(const char **reason, const char *why)
{
    *reason = why;
    return false;
}

/* A name of a VM, or "h1:vm1"; what is an address can be no name there. */
static bool
is_name(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
              || c == '~')) {
            return false;
        }
    }
    return text.length > 0;
}

static const char *
last_colon(struct text text)
{
    for (size_t i = text.length; i > 0; i--) {
        if (text.at[i - 1] == ':') {
            return text.at + i - 1;
        }
    }
    return NULL;
}

bool
http_authority(const char *text, size_t length, char name[HTTP_NAME_SIZE],
               uint16_t *port, const char **reason)
{
    const char *colon = last_colon((struct text) { text, length });
    const char *end = text + length;
    struct text host = { text, colon ? (size_t) (colon - text) : length };
    uint32_t number = 0;

    if (memchr(text, '@', length)) {
        return refuse_target(reason, "a user in the target");
    }
    if (!colon) {
        return refuse_target(reason, "the target is no name:port");
    }
    if (!is_name(host) || host.length >= HTTP_NAME_SIZE) {
        return refuse_target(reason, "the target's name is none of a VM");
    }
    if (colon + 1 == end || end - colon > 6) {
        return refuse_target(reason, "the target's port is no number from 1"
                                     " to 65535");
    }
    for (const char *at = colon + 1; at < end; at++) {
        number = number * 10 + (uint32_t) (*at - '0');
        if (*at < '0' || *at > '9') {
            number = 65536;
            break;
        }
    }
    if (number == 0 || number > 65535) {
        return refuse_target(reason, "the target's port is no number from 1"
                                     " to 65535");
    }
    *port = (uint16_t) number;
    if (name) {
        text_copy(name, HTTP_NAME_SIZE, host);
    }
    return true;
}

static enum http_step
read_request_line(struct http_request *request, struct text line, bool any)
{
    const char *first = memchr(line.at, ' ', line.length), *second;
    struct text method, target, version;

    second = first ? memchr(first + 1, ' ',
                            line.length - (size_t) (first + 1 - line.at))
                   : NULL;
    if (!second) {
        return refuse(request, 400, "no request line");
    }
    method = (struct text) { line.at, (size_t) (first - line.at) };
    target = (struct text) { first + 1, (size_t) (second - first - 1) };
    version = (struct text) { second + 1,
                              line.length - (size_t) (second + 1 - line.at) };
    if (!is_token(method) || !target.length || version.length != 8
        || memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.'
        || version.at[5] < '0' || version.at[5] > '9'
        || version.at[7] < '0' || version.at[7] > '9') {
        return refuse(request, 400, "no request line");
    }
    copy_plain(request->wanted, sizeof(request->wanted), target);
    request->is_connect = method.length == 7
        && memcmp(method.at, "CONNECT", 7) == 0;
    if (version.at[5] != '1') {
        return refuse(request, 505, "only HTTP/1.0 and HTTP/1.1, or HTTP/2"
                                    " with its preface");
    }
    if (!request->is_connect) {
        return any ? HTTP_DONE : refuse(request, 405, "only CONNECT");
    }
    return http_authority(target.at, target.length, request->name,
                          &request->port, &request->reason)
        ? HTTP_DONE : refuse(request, 400, request->reason);
}

/* ---- Fields ------------------------------------------------------------- */

/* vm1.vm.internal, with or without :port. */
static bool
read_host(struct http_request *request, struct text value)
{
    const char *colon = last_colon(value);
    struct text name = { value.at, colon ? (size_t) (colon - value.at)
                                         : value.length };

    if (request->is_connect) {
        return true;            /* the target has been read already */
    }
    if (!is_name(name) || name.length >= sizeof(request->name)) {
        return false;
    }
    text_copy(request->name, sizeof(request->name), name);
    return true;
}

/* What has been seen of the fields. */
struct seen {
    unsigned hosts, authorizations;
};

static enum http_step
read_field(struct http_request *request, struct text name, struct text value,
           const char *own, const char *zone, struct seen *seen)
{
    if (request->is_connect && (text_equals(name, "Content-Length")
                                || text_equals(name, "Transfer-Encoding"))) {
        return refuse(request, 400, "a CONNECT has no content");
    }
    if (text_equals(name, "Host") && (seen->hosts++
                                 || !read_host(request, value))) {
        return refuse(request, 400, "Host is no name, or there are two");
    }
    if (text_equals(name, "Proxy-Authorization")
        && (seen->authorizations++
            || !http_credentials(request, value.at, value.length))) {
        return refuse(request, 400, "Proxy-Authorization is not one of Bearer"
                                    " or Basic");
    }
    if (request->is_connect && text_equals(name, "XVS-Client")
        && !http_client_name(request, value.at, value.length)) {
        return refuse(request, 400, "XVS-Client is no name, or there are"
                                    " two");
    }
    if (text_equals(name, "Via")) {
        http_via(request, value.at, value.length, own, zone);
    }
    return HTTP_DONE;
}

static struct text
trim(struct text text)
{
    while (text.length && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.length--;
    }
    while (text.length && (text.at[text.length - 1] == ' '
                           || text.at[text.length - 1] == '\t')) {
        text.length--;
    }
    return text;
}

static enum http_step
read_fields(struct http_request *request, struct text rest, const char *own,
            const char *zone, bool host_is_due)
{
    struct seen seen = { 0, 0 };

    while (rest.length > 2) {
        struct text line = take_line(&rest), name, value;
        const char *colon = memchr(line.at, ':', line.length);

        if (*line.at == ' ' || *line.at == '\t') {
            return refuse(request, 400, "a folded line");
        }
        if (!colon) {
            return refuse(request, 400, "a line of the head has no colon");
        }
        name = (struct text) { line.at, (size_t) (colon - line.at) };
        value = (struct text) { colon + 1,
                                line.length - name.length - 1 };
        if (!is_token(name)) {
            return refuse(request, 400, "a field's name is none");
        }
        if (read_field(request, name, trim(value), own, zone, &seen)
            != HTTP_DONE) {
            return HTTP_REFUSED;
        }
    }
    return host_is_due && !seen.hosts ? refuse(request, 400, "no Host")
                                      : HTTP_DONE;
}

enum http_step
http_read(struct http_request *request, const char *bytes, size_t size,
          const char *own, const char *zone, bool any, size_t *used)
{
    enum http_step step = find_end(request, bytes, size, used);
    struct text rest, line;

    if (step != HTTP_DONE) {
        return step;
    }
    rest = (struct text) { bytes, *used };
    if (bytes[0] == '\r') {
        rest.at += 2;
        rest.length -= 2;
    }
    line = take_line(&rest);
    step = read_request_line(request, line, any);
    return step != HTTP_DONE
        ? step : read_fields(request, rest, own, zone,
                             any || line.at[line.length - 1] == '1');
}
