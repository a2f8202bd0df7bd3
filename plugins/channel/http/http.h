/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_HTTP_H
#define CHANNEL_HTTP_H

/*
 * The head of one request, and the answer to it (RFC 9110, 9112).  Bytes in,
 * bytes out: no sockets.  A head is read strictly: what two readers could
 * read in two ways is refused, and nothing of it is passed on or acted upon
 * but what struct http_request has.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MOST 8192u    /* bytes of a head; else 431 */
#define HTTP_NAME_SIZE 256u
#define HTTP_TOKEN_SIZE 512u
#define HTTP_ANSWER_SIZE 2048u  /* of any answer */

/* A refusal, or 200. */
struct answer {
    int status;                 /* as of HTTP */
    const char *reason;         /* a sentence for people; or NULL */
    const char *proxy;          /* who says it: h1.vm.internal */
    const char *host;           /* 421: who has the VM; or NULL */
    uint32_t retry;             /* seconds; 0: not said */
};

/* What a head says.  Zero it before the first http_read(). */
struct http_request {
    int status;                 /* of a refusal, or 0 */
    const char *reason;         /* of it, static */
    bool is_connect;
    char name[HTTP_NAME_SIZE];  /* of the target; else of Host, or "" */
    uint16_t port;              /* of the target */
    char wanted[HTTP_NAME_SIZE + 8];    /* the target as it came */
    bool has_token;             /* it shows credentials, as follows */
    char user[64];              /* Basic: whose token; else "" */
    char token[HTTP_TOKEN_SIZE];
    char client[64];            /* XVS-Client: whom it speaks for; or "" */
    bool came_by_peer, looped;  /* Via: another of 'zone'; 'own' itself */
    size_t at;                  /* the reader's own: looked at so far */
};

enum http_step { HTTP_MORE, HTTP_DONE, HTTP_REFUSED };

/*
 * Reads a head from its beginning; 'bytes' are all that have come, so far.
 * HTTP_DONE: it is complete, '*used' bytes long.  'own' and 'zone' are what
 * Via is looked through for: h1.vm.internal, vm.internal.  'any': requests of
 * all methods, for the VM in their Host; else only CONNECT.
 */
enum http_step http_read(struct http_request *request, const char *bytes,
                         size_t size, const char *own, const char *zone,
                         bool any, size_t *used);

/* name:port, as of RFC 9112, 3.2.3, and nothing else.  False: 'reason' says
 * why not.  'name' may be NULL. */
bool http_authority(const char *text, size_t length,
                    char name[HTTP_NAME_SIZE], uint16_t *port,
                    const char **reason);

/* "Bearer x" or "Basic y", into 'request'.  False: neither. */
bool http_credentials(struct http_request *request, const char *value,
                      size_t length);

/* A value of XVS-Client, into 'request'.  False: it is no name, or the second
 * one. */
bool http_client_name(struct http_request *request, const char *value,
                      size_t length);

/* A value of Via, into 'request'. */
void http_via(struct http_request *request, const char *value, size_t length,
              const char *own, const char *zone);

/* How many bytes it has. */
size_t http_answer(char bytes[HTTP_ANSWER_SIZE], const struct answer *answer);

/* Parts of answers, for other protocols.  "Forbidden", "http_request_denied"
 * as of RFC 9209, and the whole Proxy-Status. */
const char *http_phrase(int status);
size_t http_proxy_status(char *text, size_t size,
                         const struct answer *answer);

/* What another proxy answered: HTTP_DONE with its status, and in 'reason' what
 * it said of it, or "". */
enum http_step http_read_answer(const char *bytes, size_t size, int *status,
                                char reason[160], size_t *used);

#endif
