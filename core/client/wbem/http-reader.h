/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_HTTP_READER_H
#define XVS_CLIENT_WBEM_HTTP_READER_H

/*
 * Reads HTTP/1.1 answers from a source of bytes.  The server is not trusted:
 * heads, lines and chunk sizes are limited, and everything that does not
 * parse is an error.  Bodies are handed on piece by piece, never collected.
 *
 *     http_reader_head() -> http_reader_body() until 0 -> next head
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buffer.h"

struct error;

/* Reads at most 'size' bytes; 0 at the end; -1 with the error set. */
typedef ssize_t (*http_source)(void *arg, void *data, size_t size,
                               struct error *error);

enum http_body {
    HTTP_BODY_NONE,     /* nothing (more) to read */
    HTTP_BODY_LENGTH,   /* 'left' bytes */
    HTTP_BODY_CHUNKED,  /* 'left' bytes of this chunk, then more chunks */
    HTTP_BODY_CLOSE,    /* until the connection ends */
};

struct http_reader {
    http_source source;
    void *arg;              /* of source */
    struct buffer input;    /* read ahead, consumed up to 'at' */
    size_t at;
    struct buffer fields;   /* "name\0value\0" of head and trailer */
    int status;             /* of the answer: 200 ... */
    char reason[64];        /* text behind the status */
    enum http_body body;
    uint64_t left;          /* bytes of the body or chunk to come */
    bool in_chunk;          /* a chunk's CRLF is still to be read */
    bool keep;              /* the connection can take another request */
};

void http_reader_init(struct http_reader *reader, http_source source,
                      void *arg);
void http_reader_free(struct http_reader *reader);
/* Reads status line and fields of the next answer; skips 1xx answers. */
bool http_reader_head(struct http_reader *reader, struct error *error);
/* Reads a piece of the body; 0 at its end (trailers are then fields). */
ssize_t http_reader_body(struct http_reader *reader, void *data, size_t size,
                         struct error *error);
/* Value of a field of head or trailer, or NULL; valid until the next head. */
const char *http_reader_field(const struct http_reader *reader,
                              const char *name);

#endif
