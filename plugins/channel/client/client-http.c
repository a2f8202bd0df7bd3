/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients that speak HTTP/1: to a proxy (CONNECT), or to a VM's port itself,
 * whose name is read from Host and whose bytes then pass untouched.
 */

#include "client/client.h"

#include <string.h>

#include "channel.h"

/* The one that is read now: too large to have one for each. */
static struct http_request request;

static enum http_step
read_head(struct client *client, const char *bytes, size_t size, bool any,
          size_t *used)
{
    const struct proxy *proxy = client->listener->proxy;
    enum http_step step;

    request = (struct http_request) { .at = client->at };
    step = http_read(&request, bytes, size, proxy_name(proxy),
                     proxy->host->config->zone, any, used);
    client->at = request.at;
    if (step == HTTP_MORE) {
        client_more(client, bytes, size);
    } else if (step == HTTP_REFUSED) {
        client_refuse(client, request.status, request.reason, request.wanted);
    }
    return step;
}

static void
http_client(struct client *client, const char *bytes, size_t size)
{
    size_t used = 0;

    if (read_head(client, bytes, size, false, &used) == HTTP_DONE) {
        struct ask ask = {
            .shown.token = request.has_token ? request.token : NULL,
            .user = request.user, .wanted = request.wanted,
            .name = request.name, .port = request.port,
            .client = request.client,
            .came_by_peer = request.came_by_peer, .looped = request.looped };

        client_ask(client, &ask, bytes + used, size - used);
    }
    explicit_bzero(&request.token, sizeof(request.token));
}

static size_t
http_client_answer(struct client *client, char *bytes,
                   const struct answer *answer)
{
    (void) client;
    return http_answer(bytes, answer);
}

const struct client_class client_http = { http_client, http_client_answer };

/* ---- The VM is in Host -------------------------------------------------- */

static void
host_client(struct client *client, const char *bytes, size_t size)
{
    size_t used = 0;

    if (read_head(client, bytes, size, true, &used) == HTTP_DONE) {
        struct ask ask = { .user = "", .wanted = request.name,
                           .name = request.name,
                           .port = client->listener->config.port };

        client_ask(client, &ask, bytes, size);
    }
}

/* Nobody can log in here, and the VM answers itself. */
static size_t
host_client_answer(struct client *client, char *bytes,
                   const struct answer *answer)
{
    struct answer plain = *answer;

    (void) client;
    plain.status = plain.status == 407 ? 403 : plain.status;
    return plain.status == 200 ? 0 : http_answer(bytes, &plain);
}

const struct client_class client_host = { host_client, host_client_answer };
