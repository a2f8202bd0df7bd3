/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SOCKS_H
#define CHANNEL_SOCKS_H

/*
 * SOCKS5 (RFC 1928) with user and password (RFC 1929), which are a client's
 * name and token.  Only CONNECT, only names: what a client writes is never an
 * address.  Bytes in, bytes out: no sockets.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOCKS_SAY_SIZE 10u

enum socks_step {
    SOCKS_MORE,                 /* wait for more */
    SOCKS_SAY,                  /* say it, go on with what follows */
    SOCKS_LOGIN,                /* user and token have come: socks_login() */
    SOCKS_WANT,                 /* name and port have come */
    SOCKS_REFUSED               /* say it and close; 'reason' */
};

/* Zero at first. */
struct socks {
    enum { SOCKS_METHODS, SOCKS_PASSWORD, SOCKS_REQUEST } stage;
    char user[256], token[256]; /* "": none were given */
    char name[256];
    uint16_t port;
    uint8_t say[SOCKS_SAY_SIZE];
    size_t say_size;            /* how much of it is to be said */
    int status;                 /* of a refusal, as of HTTP */
    const char *reason;         /* of a refusal; static */
};

/* Reads the next message; '*used' of the bytes were it. */
enum socks_step socks_read(struct socks *socks, const uint8_t *bytes,
                           size_t size, size_t *used);
/* The answer to SOCKS_LOGIN: SOCKS_SAY or SOCKS_REFUSED. */
enum socks_step socks_login(struct socks *socks, bool is_known);
/* The answer to SOCKS_WANT, which ended with this status as of HTTP. */
size_t socks_answer(uint8_t say[SOCKS_SAY_SIZE], int status);

#endif
