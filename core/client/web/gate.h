/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WEB_GATE_H
#define XVS_CLIENT_WEB_GATE_H

/*
 * Which requests of a browser "xvsctl web" hands on.  Every user of this host
 * can connect to a port of the loopback interface, and every site can make a
 * browser do so; what we hand on has the rights of the one who runs us.  So:
 *
 *   - Host must be the address that was printed: no other name leads here.
 *   - The page's own files, which say nothing of this host, are for all.
 *   - All else must carry the token, as "Authorization: Bearer TOKEN".  The
 *     page has it from the address's fragment, which is not sent anywhere,
 *     and a browser adds it to no request by itself, as it does a cookie.
 *   - What the server gets is a head of our own with the few fields that it
 *     needs, and one request per connection: nothing can hide behind it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct http_options;

#define GATE_HEAD_LIMIT 16384u
#define GATE_TOKEN_SIZE 44      /* 43 characters, of 32 random bytes */

struct gate {
    char token[GATE_TOKEN_SIZE];
    uint16_t port;              /* of 127.0.0.1 */
    const struct http_options *server;  /* for its user and password */
};

/* A request that may pass, or why not. */
struct gate_request {
    int status;             /* of the answer when it may not; 0: it may */
    const char *reason;     /* then; for a person */
    uint64_t length;        /* bytes of body that follow the head */
};

/* Makes the token; false: there is no randomness. */
bool gate_make_token(struct gate *gate);
/* Where the head that is at 'data' ends (behind the empty line); 0: not yet. */
size_t gate_head_size(const char *data, size_t size);
/* Judges a whole head, and appends to 'out' what the server is sent. */
void gate_judge(const struct gate *gate, const char *head, size_t size,
                struct buffer *out, struct gate_request *request);

#endif
