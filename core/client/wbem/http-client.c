/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * HTTP requests as CIM-XML wants them (DSP0200): the CIM headers, Basic
 * authentication, and the meaning of answers that are not 200.
 */

#include <config.h>

#include "client/wbem/http-client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/wbem/http-reader.h"

#define PORT_HTTP 5988u
#define PORT_HTTPS 5989u

struct http_client {
    struct http_options options;
    struct transport *transport;    /* NULL: not connected */
    struct http_reader reader;
    bool reading;                   /* an answer's body is being read */
    bool unreachable;               /* the last connect failed */
};

static bool
is_loopback(const char *host)
{
    struct in_addr v4;

    if (inet_pton(AF_INET, host, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127;
    }
    return strcmp(host, "::1") == 0 || text_equal_fold(host, "localhost");
}

/* Splits "[v6]:port", "host:port" or "host"; a bare v6 address has no port. */
static bool
split_port(char *text, char **host, unsigned int *port, struct error *error)
{
    char *colon = strrchr(text, ':');
    uint64_t number;

    *host = text;
    if (*text == '[') {
        char *end = strchr(text, ']');

        if (!end || (end[1] && end[1] != ':')) {
            return error_set(error, ERROR_INVALID,
                             "'%s' is no address; expected [ADDRESS]:PORT",
                             text);
        }
        *host = text + 1;
        *end = '\0';
        colon = end[1] ? end + 1 : NULL;
    } else if (colon && strchr(text, ':') != colon) {
        colon = NULL;
    }
    if (!colon) {
        return true;
    }
    *colon = '\0';
    if (!text_to_u64(colon + 1, &number) || !number || number > 65535) {
        return error_set(error, ERROR_INVALID, "'%s' is no port number",
                         colon + 1);
    }
    *port = (unsigned int) number;
    return true;
}

bool
http_options_host(struct http_options *options, const char *text,
                  struct error *error)
{
    struct transport_options *transport = &options->transport;
    MEM_AUTO char *copy = NULL;
    char *host;

    transport->tls = true;
    if (text_starts_with(text, "https://")) {
        text += 8;
    } else if (text_starts_with(text, "http://")) {
        text += 7;
        transport->tls = false;
    }
    copy = mem_strdup(text);
    copy[strcspn(copy, "/")] = '\0';
    transport->port = transport->tls ? PORT_HTTPS : PORT_HTTP;
    if (!split_port(copy, &host, &transport->port, error)) {
        return false;
    }
    if (!*host) {
        return error_set(error, ERROR_INVALID, "--host without a host name");
    }
    if (!transport->tls && !is_loopback(host)) {
        error_set(error, ERROR_INVALID,
                  "plain http goes to this host only, not to %s", host);
        return error_hint(error, "use --host %s, which is https", host);
    }
    transport->host = mem_strdup(host);
    return true;
}

/* The i-th text of the options, to copy or free all of them. */
static const char **
option_text(struct http_client *client, size_t i)
{
    struct transport_options *transport = &client->options.transport;
    const char **texts[] = {
        &transport->socket_path, &transport->host, &transport->ca,
        &transport->certificate, &transport->key, &client->options.user,
        &client->options.password,
    };

    return i < sizeof texts / sizeof *texts ? texts[i] : NULL;
}

struct http_client *
http_client_create(const struct http_options *options)
{
    struct http_client *client = mem_zalloc(sizeof *client);
    size_t i = 0;

    client->options = *options;
    for (const char **text; (text = option_text(client, i)) != NULL; i++) {
        *text = *text ? mem_strdup(*text) : NULL;
    }
    return client;
}

const struct http_options *
http_client_options(const struct http_client *client)
{
    return &client->options;
}

static void
disconnect(struct http_client *client)
{
    if (client->transport) {
        transport_close(client->transport);
        client->transport = NULL;
        http_reader_free(&client->reader);
        memset(&client->reader, 0, sizeof client->reader);
    }
    client->reading = false;
}

void
http_client_destroy(struct http_client *client)
{
    size_t i = 0;

    if (!client) {
        return;
    }
    disconnect(client);
    for (const char **text; (text = option_text(client, i)) != NULL; i++) {
        free((char *) *text);
    }
    free(client);
}

static ssize_t
read_transport(void *arg, void *data, size_t size, struct error *error)
{
    struct http_client *client = arg;

    return transport_read(client->transport, data, size, error);
}

static bool
ensure_connected(struct http_client *client, struct error *error)
{
    if (client->transport && transport_is_stale(client->transport)) {
        disconnect(client);
    }
    client->unreachable = false;
    if (!client->transport) {
        client->transport = transport_open(&client->options.transport, error);
        if (!client->transport) {
            client->unreachable = true;
            return false;
        }
        http_reader_init(&client->reader, read_transport, client);
    }
    return true;
}

/* Escapes everything but letters and digits, as CIMObject wants it. */
static void
put_encoded(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char) *text) || *text == '_') {
            buffer_putc(out, *text);
        } else {
            buffer_printf(out, "%%%02X", (unsigned char) *text);
        }
    }
}

static void
put_head(struct http_client *client, struct buffer *out, const char *method,
         const char *object, size_t size)
{
    const struct http_options *options = &client->options;
    const char *host = options->transport.host;
    bool is_v6 = host && strchr(host, ':');

    buffer_puts(out, "POST /cimom HTTP/1.1\r\nHost: ");
    if (host) {
        buffer_printf(out, "%s%s%s:%u", is_v6 ? "[" : "", host,
                      is_v6 ? "]" : "", options->transport.port);
    } else {
        buffer_puts(out, "localhost");
    }
    buffer_puts(out, "\r\nContent-Type: application/xml; "
                     "charset=\"utf-8\"\r\nTE: trailers\r\n"
                     "CIMOperation: MethodCall\r\nCIMMethod: ");
    put_encoded(out, method);
    buffer_puts(out, "\r\nCIMObject: ");
    put_encoded(out, object);
    if (options->user) {
        MEM_AUTO char *pair = mem_printf("%s:%s", options->user,
                                         options->password
                                             ? options->password : "");

        buffer_puts(out, "\r\nAuthorization: Basic ");
        base64_put(out, pair, strlen(pair));
    }
    buffer_printf(out, "\r\nContent-Length: %zu\r\n\r\n", size);
}

/* Turns an answer that is not 200 into an error. */
static bool
refused(struct http_client *client, struct error *error)
{
    const struct http_reader *reader = &client->reader;
    const char *cim = http_reader_field(reader, "CIMError");
    bool as_user = client->options.user != NULL;

    switch (reader->status) {
    case 401:
        error_set(error, ERROR_DENIED, "the server %s", as_user
                  ? "does not accept this user name and password"
                  : "wants to know who you are");
        return error_hint(error, "--user NAME --password-file FILE, or "
                          "--cert FILE");
    case 403:
        error_set(error, ERROR_DENIED, "you may not do this");
        return error_hint(error, "see admin_group and reader_group in "
                          "xvsd.conf");
    case 413:
        return error_set(error, ERROR_LIMIT,
                         "the request is larger than the server takes");
    case 503:
        return error_set(error, ERROR_BUSY,
                         "the server has too many connections");
    default:
        return error_set(error, ERROR_FAILED,
                         "the server answered %d %s%s%s", reader->status,
                         reader->reason, cim ? ": " : "", cim ? cim : "");
    }
}

/* Sends the request and reads the answer's head. */
static bool
send_request(struct http_client *client, const struct buffer *request,
             struct error *error)
{
    struct error ignored;

    if (transport_write(client->transport, request->data, request->size,
                        error)) {
        return http_reader_head(&client->reader, error);
    }
    /* A server that refuses early says why before it closes. */
    return error->code != ERROR_TIMEOUT
           && http_reader_head(&client->reader, &ignored);
}

bool
http_client_post(struct http_client *client, const char *method,
                 const char *object, const void *body, size_t size,
                 struct error *error)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const char *type;

    assert(!client->reading);
    if (!ensure_connected(client, error)) {
        return false;
    }
    put_head(client, &out, method, object, size);
    buffer_put(&out, body, size);
    if (!send_request(client, &out, error)) {
        disconnect(client);
        return false;
    }
    client->reading = true;
    type = http_reader_field(&client->reader, "Content-Type");
    if (client->reader.status != 200) {
        refused(client, error);
    } else if (!type || (!text_starts_with(type, "application/xml")
                         && !text_starts_with(type, "text/xml"))) {
        error_set(error, ERROR_SYNTAX, "the server's answer is no CIM-XML");
        error_hint(error, "is the address that of xvsd?");
    } else {
        return true;
    }
    disconnect(client);
    return false;
}

ssize_t
http_client_read(struct http_client *client, void *data, size_t size,
                 struct error *error)
{
    ssize_t n;

    if (!client->reading) {
        return 0;
    }
    n = http_reader_body(&client->reader, data, size, error);
    if (n > 0) {
        return n;
    }
    client->reading = false;
    return n;
}

const char *
http_client_field(const struct http_client *client, const char *name)
{
    return http_reader_field(&client->reader, name);
}

void
http_client_abandon(struct http_client *client)
{
    if (client->reading || !client->reader.keep) {
        disconnect(client);
    }
}

bool
http_client_is_busy(const struct http_client *client)
{
    return client->reading;
}

bool
http_client_is_unreachable(const struct http_client *client)
{
    return client->unreachable;
}
