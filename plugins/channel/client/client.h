/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_CLIENT_H
#define CHANNEL_CLIENT_H

/*
 * A client that has come and not got a conversation yet: what it says is read
 * by the protocol that its first bytes are of, until it is a request.
 *
 *     READING --> DECIDING --> conversation (request.h)
 *        |            |
 *        +------------+--> ANSWERING --> LINGERING --> closed
 *
 * Who is refused is read from for a moment longer, so that the answer is not
 * lost with bytes that nobody took; they reach nobody.
 */

#include "client/request.h"
#include "client/socks.h"

enum client_state { CLIENT_READING, CLIENT_DECIDING, CLIENT_ANSWERING,
                    CLIENT_LINGERING };

struct client {
    struct listener *listener;
    struct client *next, *prev; /* of the proxy's */
    const struct client_class *class;   /* NULL: nothing was said yet */
    struct side *side;
    struct alarm alarm;
    enum client_state state;
    struct request *request;    /* DECIDING */
    char *bytes;                /* that have come and are not used; or NULL */
    uint32_t size;              /* how many */
    uint32_t drained;           /* LINGERING: bytes that nobody wants */
    size_t at;                  /* the protocol's: looked at so far */
    struct socks *socks;        /* SOCKS only */
    char *out;                  /* ANSWERING: what is left to be said */
    uint32_t out_at, out_size;
    int over;                   /* 0, or why there is no room: 429, 503 */
    bool has_uid;
    uint32_t uid;
    char address[64], fingerprint[65];
};

/* A protocol. */
struct client_class {
    /* All that has come and was not used.  Calls one of client_more(),
     * client_ask(), client_refuse(), client_gone(), as the last thing. */
    void (*read)(struct client *client, const char *bytes, size_t size);
    /* What the client is told, up to HTTP_ANSWER_SIZE bytes. */
    size_t (*answer)(struct client *client, char *bytes,
                     const struct answer *answer);
};

extern const struct client_class client_http, client_http2, client_host,
    client_sni, client_socks;

/* Who has just come, with a side that is the client's now; 'over': 0, or the
 * status that says why there is no room, which he is told.  False: no memory,
 * the side is not taken. */
bool client_begin(struct listener *listener, struct side *side,
                  const char *address, const uint32_t *uid, int over);
/* Resets what is left of it. */
void client_gone(struct client *client);

/* ---- For protocols ------------------------------------------------------ */

/* More has to come; these were not used. */
void client_more(struct client *client, const char *bytes, size_t size);
/* Says something on the way; false: the client has gone. */
bool client_say(struct client *client, const char *bytes, size_t size);
/* It is a request: listener, address, uid and certificate are filled in here.
 * 'early' has come behind it. */
void client_ask(struct client *client, struct ask *ask, const char *early,
                size_t size);
/* Credentials: the token, and what its connection shows by itself. */
struct credentials client_shows(const struct client *client,
                                const char *token);
/* Its side is another one's now; the client is gone. */
void client_leaves_side(struct client *client);
/* Whether what it shows is somebody's, before it says what it wants. */
bool client_is_known(struct client *client, const char *user,
                     const char *token);
void client_refuse(struct client *client, int status, const char *reason,
                   const char *wanted);

/* ---- client-http2.c ----------------------------------------------------- */

struct connection_config {
    struct listener *listener;
    const char *address;
    struct credentials shown;   /* without token */
    int over;                   /* as of client_begin() */
};

/* A connection of HTTP/2.  Takes the side, of which these bytes have come.
 * False: no memory, the side stays the caller's. */
bool connection_begin(const struct connection_config *config,
                      struct side *side, const char *bytes, size_t size);
/* Resets it and its streams. */
void connection_destroy(struct connection *connection);

#endif
