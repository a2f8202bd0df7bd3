/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_SOCKS_REQUEST_H
#define CONNECT_SOCKS_REQUEST_H

/*
 * The part of a SOCKS5 server (RFC 1928) that reads: a greeting, then what is
 * wanted, as they come, in pieces of any size.  No socket, no memory but the
 * struct.
 *
 * Names are names of VMs, so that addresses are refused; nobody logs in, since
 * who may connect to us is a question of our address.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum socks_state {
    SOCKS_MORE,
    SOCKS_GREETED,              /* send 'reply', go on */
    SOCKS_WANTED,               /* 'name' and 'port' are there */
    SOCKS_REFUSED               /* send 'reply', close */
};

/* Last byte but the address of a reply, as RFC 1928 numbers them. */
enum socks_reply {
    SOCKS_OPEN = 0,
    SOCKS_FAILED = 1,
    SOCKS_NOT_ALLOWED = 2,
    SOCKS_NO_NETWORK = 3,
    SOCKS_NO_HOST = 4,
    SOCKS_NO_LISTENER = 5,
    SOCKS_TIMEOUT = 6,
    SOCKS_NO_COMMAND = 7,
    SOCKS_NO_ADDRESS = 8
};

#define SOCKS_REPLY_SIZE 10u

struct socks_request {
    char name[256];
    uint16_t port;
    uint8_t reply[SOCKS_REPLY_SIZE];
    size_t reply_size;
    const char *why;            /* of a refusal, for people */
    size_t n;                   /* the parser's own, as the next ones: bytes */
    uint8_t bytes[262];         /* of the message that comes */
    bool greeted;
};

/* Takes bytes; '*used' is how many. */
enum socks_state socks_feed(struct socks_request *socks, const uint8_t *bytes,
                            size_t size, size_t *used);
/* What to answer in the end. */
void socks_answer(uint8_t reply[SOCKS_REPLY_SIZE], enum socks_reply code);

#endif
