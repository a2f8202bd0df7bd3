/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_HTTP_PARSE_H
#define XVS_MANAGE_HTTP_PARSE_H

/*
 * Reads HTTP/1.x requests as they arrive, byte by byte if need be.  The
 * sender is hostile until proven otherwise: whatever two readers could
 * understand in two ways (both lengths, repeated lengths, folded lines, bare
 * line feeds, blanks before a colon) is refused, never repaired.
 *
 * The parser stops behind the head, so that a request can be refused before
 * its body is taken in:
 *
 *     http_parse() ... HTTP_HEAD -> http_parse() ... HTTP_DONE -> reset
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"

#define HTTP_HEAD_LIMIT 16384u      /* bytes of request line and fields */
#define HTTP_FIELDS_LIMIT 64u       /* fields of a head */

enum http_step {
    HTTP_MORE,      /* everything was used; go on with more bytes */
    HTTP_HEAD,      /* the head is whole; call again for the body */
    HTTP_DONE,      /* the body is whole */
    HTTP_BAD,       /* refuse with 'status', then close */
};

enum http_place {
    HTTP_IN_HEAD, HTTP_IN_BODY, HTTP_IN_SIZE, HTTP_IN_CHUNK,
    HTTP_IN_CHUNK_END, HTTP_IN_TRAILER, HTTP_AT_END, HTTP_IS_BAD,
};

struct http_field {
    const char *name;       /* as sent, in the parser's head */
    const char *value;      /* without blanks around it */
};

struct http_parser {
    size_t max_body;        /* a longer body is 413 */
    enum http_place place;  /* what the next byte belongs to */
    struct buffer head;     /* request line and fields */
    size_t line;            /* where the head's current line starts */
    struct buffer body;     /* without chunk framing */
    uint64_t left;          /* bytes to come of body or chunk */
    char size_line[128];    /* the line of a chunk's size, or of a trailer */
    size_t size_length;     /* of it in use */
    size_t trailer_size;    /* bytes of trailers seen */

    const char *method;     /* the head, once HTTP_HEAD was returned */
    const char *target;
    unsigned int minor;     /* of HTTP/1.minor */
    struct http_field fields[HTTP_FIELDS_LIMIT];
    size_t n_fields;        /* of them in use */
    uint64_t length;        /* Content-Length, 0 without */
    bool has_length;
    bool is_chunked;
    bool is_head;           /* the method is HEAD: the answer has no body */
    bool keep_alive;        /* the client wants to go on afterwards */
    bool expects_continue;  /* waits for "100 Continue" */
    bool takes_trailers;    /* sent "TE: trailers" */

    int status;             /* of HTTP_BAD: the HTTP status */
    const char *problem;    /* of HTTP_BAD: for a person */
};

/* '*parser' must be zero the first time. */
void http_parser_reset(struct http_parser *parser, size_t max_body);
void http_parser_free(struct http_parser *parser);
/* Uses '*used' of the bytes. */
enum http_step http_parse(struct http_parser *parser, const char *data,
                          size_t size, size_t *used);
/* Nothing of a request has arrived yet. */
bool http_parser_is_fresh(const struct http_parser *parser);
/* Value of a field, or NULL. */
const char *http_field(const struct http_parser *parser, const char *name);
/* True when a comma-separated list has the token, without case. */
bool http_list_has(const char *list, const char *token);

/* Reads the collected head; used by http_parse(). */
bool http_head_read(struct http_parser *parser);
/* Fills status and problem; returns false. */
bool http_refuse(struct http_parser *parser, int status, const char *problem);

#endif
