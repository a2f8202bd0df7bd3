/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients that speak HTTP/2: a connection, each stream of which is a request
 * and then a conversation.
 */

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "client/client.h"
#include "http/http2.h"

struct connection {
    struct http2_user user;     /* first */
    struct listener *listener;
    struct connection *next, *prev;     /* of the proxy's */
    struct http2 *http2;        /* NULL: while it begins */
    int over;                   /* 0, or there is no room: refuse all so */
    char address[64], fingerprint[65];
    struct credentials shown;   /* its fingerprint is the one above */
};

/* A stream that is not answered yet. */
struct asking {
    struct stream *stream;
    struct request *request;
};

static struct connection *
of_user(struct http2_user *user)
{
    return (struct connection *) (void *) user;
}

/* ---- Requests ----------------------------------------------------------- */

static void
decided(struct request *request, const struct answer *answer)
{
    struct asking *asking = request->owner;
    struct stream *stream = asking->stream;
    struct side *side;

    free(asking);
    if (answer->status != 200) {
        stream_refuse(stream, answer);
        return;
    }
    side = stream_accept(stream);
    if (!request_open(request, side, NULL, 0, NULL, 0)) {
        side->class->close(side, true);
    }
}

static void
gave_up(struct http2_user *user, void *waits)
{
    struct asking *asking = waits;

    (void) user;
    request_abort(asking->request);
    free(asking);
}

static void
refuse(struct connection *connection, struct stream *stream,
       const char *wanted, int status, const char *reason)
{
    const struct answer answer = {
        .status = status, .reason = reason,
        .proxy = proxy_name(connection->listener->proxy) };

    proxy_refused(connection->listener, connection->address, wanted, status,
                  reason);
    stream_refuse(stream, &answer);
}

/* False: no memory. */
static bool
ask_for(struct connection *connection, struct stream *stream,
        const struct http_request *head)
{
    struct asking *asking = malloc(sizeof(*asking));
    struct ask ask = {
        .listener = connection->listener, .address = connection->address,
        .shown = connection->shown, .user = head->user,
        .client = head->client, .wanted = head->wanted, .name = head->name,
        .port = head->port, .came_by_peer = head->came_by_peer,
        .looped = head->looped, .over = connection->over };

    if (!asking) {
        return false;
    }
    ask.shown.token = head->has_token ? head->token : NULL;
    *asking = (struct asking) { .stream = stream };
    stream_waits(stream, asking);
    if (!request_begin(connection->listener->proxy, &ask, &asking->request,
                       decided, asking)) {
        stream_waits(stream, NULL);
        free(asking);
        return false;
    }
    return true;
}

static void
asks(struct http2_user *user, struct stream *stream,
     const struct http_request *head)
{
    struct connection *connection = of_user(user);

    if (head->status) {
        refuse(connection, stream, head->wanted, head->status, head->reason);
    } else if (!ask_for(connection, stream, head)) {
        refuse(connection, stream, head->wanted, 500, "no memory");
    }
}

/* ---- Life --------------------------------------------------------------- */

static void
names(struct http2_user *user, const char **own, const char **zone)
{
    const struct proxy *proxy = of_user(user)->listener->proxy;

    *own = proxy_name(proxy);
    *zone = proxy->host->config->zone;
}

static void
join(struct connection *connection)
{
    struct proxy *proxy = connection->listener->proxy;

    connection->next = proxy->connections;
    if (connection->next) {
        connection->next->prev = connection;
    }
    proxy->connections = connection;
    proxy->n_clients++;
    connection->listener->users++;
    connection->listener->state.clients++;
}

static void
leave(struct http2_user *user)
{
    struct connection *connection = of_user(user);
    struct proxy *proxy = connection->listener->proxy;

    *(connection->prev ? &connection->prev->next : &proxy->connections) =
        connection->next;
    if (connection->next) {
        connection->next->prev = connection->prev;
    }
    proxy->n_clients--;
    connection->listener->state.clients--;
    listener_leave(connection->listener);
    free(connection);
}

bool
connection_begin(const struct connection_config *config, struct side *side,
                 const char *bytes, size_t size)
{
    struct connection *connection = malloc(sizeof(*connection));

    if (!connection) {
        return false;
    }
    *connection = (struct connection) {
        .user = { .loop = config->listener->proxy->loop, .names = names,
                  .asks = asks, .gave_up = gave_up, .gone = leave },
        .listener = config->listener, .over = config->over,
        .shown = config->shown };
    strncpy(connection->address, config->address,
            sizeof(connection->address) - 1);
    if (config->shown.fingerprint) {
        strncpy(connection->fingerprint, config->shown.fingerprint,
                sizeof(connection->fingerprint) - 1);
        connection->shown.fingerprint = connection->fingerprint;
    }
    join(connection);
    connection->http2 = http2_begin(&connection->user, side, bytes, size);
    if (!connection->http2) {
        leave(&connection->user);
        return false;
    }
    return true;
}

void
connection_destroy(struct connection *connection)
{
    http2_destroy(connection->http2);
}

/* ---- While it is a client like others ----------------------------------- */

/* From now on it is a connection of HTTP/2. */
static void
http2_client(struct client *client, const char *bytes, size_t size)
{
    const struct connection_config config = {
        .listener = client->listener, .address = client->address,
        .shown = client_shows(client, NULL), .over = client->over };

    if (connection_begin(&config, client->side, bytes, size)) {
        client_leaves_side(client);
    } else {
        client_gone(client);
    }
}

/* Who is too slow for its preface is told nothing. */
static size_t
http2_client_answer(struct client *client, char *bytes,
                    const struct answer *answer)
{
    (void) client;
    (void) bytes;
    (void) answer;
    return 0;
}

const struct client_class client_http2 = { http2_client,
                                           http2_client_answer };
