/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A client until he has a conversation: what he says, and what comes of it;
 * see client.h.
 */

#include "client/client-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "http/http2.h"
#include "tls/tls.h"

/* What is read first, and most often is all. */
static char incoming[HTTP_HEAD_MOST];

static struct proxy *
proxy_of(const struct client *client)
{
    return client->listener->proxy;
}

/* ---- Life --------------------------------------------------------------- */

static void
destroy(struct client *client)
{
    struct proxy *proxy = proxy_of(client);

    loop_cancel(proxy->loop, &client->alarm);
    *(client->prev ? &client->prev->next : &proxy->clients) = client->next;
    if (client->next) {
        client->next->prev = client->prev;
    }
    proxy->n_clients--;
    client->listener->state.clients--;
    listener_leave(client->listener);
    free(client->bytes);
    free(client->out);
    if (client->socks) {
        explicit_bzero(client->socks, sizeof(*client->socks));
        free(client->socks);
    }
    free(client);
}

void
client_close(struct client *client, bool reset)
{
    client->side->class->close(client->side, reset);
    client->side = NULL;
    destroy(client);
}

void
client_leaves_side(struct client *client)
{
    client->side = NULL;
    destroy(client);
}

void
client_gone(struct client *client)
{
    if (client->request) {
        request_abort(client->request);
    }
    client_close(client, true);
}

void
client_want(struct client *client, unsigned events)
{
    client->side->class->want(client->side, events);
}

/* ---- Requests ----------------------------------------------------------- */

static void
decided(struct request *request, const struct answer *answer)
{
    struct client *client = request->owner;
    char said[HTTP_ANSWER_SIZE];
    size_t size;

    client->request = NULL;
    if (answer->status != 200) {
        client_say_answer(client, answer);
        return;
    }
    size = client->class->answer(client, said, answer);
    if (request_open(request, client->side, client->bytes, client->size, said,
                     size)) {
        client_leaves_side(client);
    } else {
        client_close(client, true);
    }
}

static bool
keep(struct client *client, const char *bytes, size_t size, size_t room)
{
    if (!client->bytes) {
        client->bytes = malloc(room);
    }
    if (client->bytes) {
        memmove(client->bytes, bytes, size);
        client->size = (uint32_t) size;
    }
    return client->bytes;
}

struct credentials
client_shows(const struct client *client, const char *token)
{
    return (struct credentials) {
        .token = token, .has_uid = client->has_uid, .uid = client->uid,
        .fingerprint = *client->fingerprint ? client->fingerprint : NULL };
}

bool
client_is_known(struct client *client, const char *user, const char *token)
{
    const struct credentials shown = client_shows(client, token);
    struct identity who = { .name = "" };

    return rules_identify(proxy_of(client)->host->rules, &shown, &who)
        && (!*user || strcmp(user, who.name) == 0);
}

void
client_ask(struct client *client, struct ask *ask, const char *early,
           size_t size)
{
    struct proxy *proxy = proxy_of(client);

    if (size && !keep(client, early, size, size)) {
        client_gone(client);
        return;
    }
    if (!size) {
        free(client->bytes);
        client->bytes = NULL;
        client->size = 0;
    }
    loop_cancel(proxy->loop, &client->alarm);
    client_want(client, 0);
    client->state = CLIENT_DECIDING;
    ask->shown = client_shows(client, ask->shown.token);
    ask->listener = client->listener;
    ask->address = client->address;
    ask->over = client->over;
    if (!request_begin(proxy, ask, &client->request, decided, client)) {
        client_gone(client);
    }
}

/* ---- What it says ------------------------------------------------------- */

void
client_more(struct client *client, const char *bytes, size_t size)
{
    client->size = 0;
    if (size && !keep(client, bytes, size, HTTP_HEAD_MOST)) {
        client_gone(client);
    } else if (size && client->side->class->acknowledge) {
        client->side->class->acknowledge(client->side);
    }
}

bool
client_say(struct client *client, const char *bytes, size_t size)
{
    ssize_t n = client->side->class->write(client->side, bytes, size);

    /* So few bytes are taken, or it does not read at all. */
    if (n != (ssize_t) size) {
        client_gone(client);
        return false;
    }
    return true;
}

/* Which protocol it speaks; NULL: that cannot be said yet. */
static const struct client_class *
class_of(const struct client *client, const char *bytes, size_t size)
{
    if (client->listener->config.fixed) {
        return bytes[0] == 0x16 ? &client_sni : &client_host;
    }
    if (bytes[0] == 5) {
        return &client_socks;
    }
    if (memcmp(bytes, HTTP2_PREFACE, size < HTTP2_PREFACE_SIZE
               ? size : HTTP2_PREFACE_SIZE) == 0) {
        return size < HTTP2_PREFACE_SIZE ? NULL : &client_http2;
    }
    return &client_http;
}

/* Who does not get through TLS has no other answer than its alert. */
static void
say_tls(const struct client *client)
{
    const char *reason = client->listener->config.tls
        ? tls_reason(client->side) : "";

    if (*reason && !client->class) {
        proxy_refused(client->listener, client->address, "", 400, reason);
    }
}

static void
read_more(struct client *client)
{
    char *into = client->bytes ? client->bytes : incoming;
    ssize_t n = client->side->class->read(client->side, into + client->size,
                                          HTTP_HEAD_MOST - client->size);

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        say_tls(client);
        client_gone(client);
        return;
    }
    n += client->size;
    if (!client->class) {
        client->class = class_of(client, into, (size_t) n);
        if (client->listener->config.tls) {
            tls_fingerprint(client->side, client->fingerprint);
        }
    }
    if (client->class) {
        client->class->read(client, into, (size_t) n);
    } else {
        client_more(client, into, (size_t) n);
    }
}

static void
is_ready(struct side *side, unsigned events)
{
    struct client *client = side->owner;

    if (events & (SIDE_BROKEN | SIDE_HUNG)
        && client->state != CLIENT_READING) {
        client_gone(client);
        return;
    }
    switch (client->state) {
    case CLIENT_READING:
        read_more(client);
        break;
    case CLIENT_ANSWERING:
        client_say_rest(client);
        break;
    case CLIENT_LINGERING:
        client_drain(client);
        break;
    default:
        break;
    }
}

static void
is_due(struct alarm *alarm)
{
    struct client *client = (struct client *) (void *)
        ((char *) alarm - offsetof(struct client, alarm));

    if (client->state == CLIENT_READING && client->class) {
        client_refuse(client, 408, "the request has not come in time", "");
    } else {
        client_close(client, true);
    }
}

bool
client_begin(struct listener *listener, struct side *side,
             const char *address, const uint32_t *uid, int over)
{
    struct proxy *proxy = listener->proxy;
    struct client *client = malloc(sizeof(*client));

    if (!client) {
        return false;
    }
    *client = (struct client) { .listener = listener, .side = side,
                                .over = over, .has_uid = uid,
                                .uid = uid ? *uid : 0, .alarm.due = is_due,
                                .next = proxy->clients };
    strncpy(client->address, address, sizeof(client->address) - 1);
    if (client->next) {
        client->next->prev = client;
    }
    proxy->clients = client;
    listener->users++;
    listener->state.clients++;
    proxy->n_clients++;
    side->owner = client;
    side->ready = is_ready;
    loop_alarm(proxy->loop, &client->alarm,
               loop_now(proxy->loop) + proxy->host->config->head_timeout);
    client_want(client, SIDE_READABLE);
    return true;
}
