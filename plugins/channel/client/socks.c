/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See socks.h.
 */

#include "client/socks.h"

#include <string.h>

enum { VERSION = 5, PASSWORD_VERSION = 1 };
enum { METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_NO_OTHER = 0xff };
enum { REPLY_OPEN, REPLY_FAILED, REPLY_FORBIDDEN, REPLY_NO_NETWORK,
       REPLY_NO_HOST, REPLY_REFUSED, REPLY_TIMEOUT, REPLY_NO_COMMAND,
       REPLY_NO_ADDRESS_TYPE };
enum { CONNECT = 1, TYPE_NAME = 3 };

static enum socks_step
say(struct socks *socks, enum socks_step step, uint8_t first, uint8_t second)
{
    socks->say[0] = first;
    socks->say[1] = second;
    socks->say_size = 2;
    return step;
}

static enum socks_step
refuse(struct socks *socks, int status, const char *reason)
{
    socks->status = status;
    socks->reason = reason;
    return SOCKS_REFUSED;
}

static size_t
reply(uint8_t bytes[SOCKS_SAY_SIZE], uint8_t what)
{
    memset(bytes, 0, SOCKS_SAY_SIZE);
    bytes[0] = VERSION;
    bytes[1] = what;
    bytes[3] = 1;               /* an IPv4 address, which is none */
    return SOCKS_SAY_SIZE;
}

/* 05, how many, methods: with a password is taken when it is offered. */
static enum socks_step
read_methods(struct socks *socks, const uint8_t *bytes, size_t size,
             size_t *used)
{
    if (size >= 1 && bytes[0] != VERSION) {
        return refuse(socks, 400, "this is not SOCKS5");
    }
    if (size < 2 || size < 2u + bytes[1]) {
        return SOCKS_MORE;
    }
    *used = 2u + bytes[1];
    if (memchr(bytes + 2, METHOD_PASSWORD, bytes[1])) {
        socks->stage = SOCKS_PASSWORD;
        return say(socks, SOCKS_SAY, VERSION, METHOD_PASSWORD);
    }
    if (memchr(bytes + 2, METHOD_NONE, bytes[1])) {
        socks->stage = SOCKS_REQUEST;
        return say(socks, SOCKS_SAY, VERSION, METHOD_NONE);
    }
    say(socks, SOCKS_REFUSED, VERSION, METHOD_NO_OTHER);
    return refuse(socks, 407, "none of its methods is known");
}

/* A text with its length in front, without 0 in it. */
static bool
take(char text[256], const uint8_t *bytes)
{
    memcpy(text, bytes + 1, bytes[0]);
    text[bytes[0]] = 0;
    return bytes[0] && !memchr(bytes + 1, 0, bytes[0]);
}

static enum socks_step
read_password(struct socks *socks, const uint8_t *bytes, size_t size,
              size_t *used)
{
    if (size >= 1 && bytes[0] != PASSWORD_VERSION) {
        return refuse(socks, 400, "no user and password of RFC 1929");
    }
    if (size < 2 || size < 3u + bytes[1]
        || size < 3u + bytes[1] + bytes[2 + bytes[1]]) {
        return SOCKS_MORE;
    }
    *used = 3u + bytes[1] + bytes[2 + bytes[1]];
    if (!take(socks->user, bytes + 1)
        || !take(socks->token, bytes + 2 + bytes[1])) {
        say(socks, SOCKS_REFUSED, PASSWORD_VERSION, 1);
        return refuse(socks, 407, "user or password is empty");
    }
    socks->stage = SOCKS_REQUEST;
    return SOCKS_LOGIN;
}

enum socks_step
socks_login(struct socks *socks, bool is_known)
{
    if (is_known) {
        return say(socks, SOCKS_SAY, PASSWORD_VERSION, 0);
    }
    say(socks, SOCKS_REFUSED, PASSWORD_VERSION, 1);
    return refuse(socks, 407, "these credentials are nobody's");
}

static enum socks_step
refuse_request(struct socks *socks, uint8_t what, const char *reason)
{
    socks->say_size = reply(socks->say, what);
    return refuse(socks, 400, reason);
}

/* 05, command, 00, type, length, name, port */
static enum socks_step
read_request(struct socks *socks, const uint8_t *bytes, size_t size,
             size_t *used)
{
    const uint8_t *port;

    if (size >= 1 && bytes[0] != VERSION) {
        return refuse_request(socks, REPLY_FAILED, "no request of SOCKS5");
    }
    if (size < 4) {
        return SOCKS_MORE;
    }
    if (bytes[1] != CONNECT) {
        return refuse_request(socks, REPLY_NO_COMMAND, "only CONNECT");
    }
    if (bytes[3] != TYPE_NAME) {
        return refuse_request(socks, REPLY_NO_ADDRESS_TYPE,
                              "an address, where only names of VMs are"
                              " known; let the proxy resolve names");
    }
    if (size < 5 || size < 7u + bytes[4]) {
        return SOCKS_MORE;
    }
    *used = 7u + bytes[4];
    port = bytes + 5 + bytes[4];
    socks->port = (uint16_t) (port[0] << 8 | port[1]);
    if (!take(socks->name, bytes + 4)) {
        return refuse_request(socks, REPLY_NO_HOST, "no name");
    }
    if (!socks->port) {
        return refuse_request(socks, REPLY_FAILED, "port 0");
    }
    return SOCKS_WANT;
}

enum socks_step
socks_read(struct socks *socks, const uint8_t *bytes, size_t size,
           size_t *used)
{
    *used = 0;
    socks->say_size = 0;
    switch (socks->stage) {
    case SOCKS_METHODS:
        return read_methods(socks, bytes, size, used);
    case SOCKS_PASSWORD:
        return read_password(socks, bytes, size, used);
    default:
        return read_request(socks, bytes, size, used);
    }
}

size_t
socks_answer(uint8_t bytes[SOCKS_SAY_SIZE], int status)
{
    switch (status) {
    case 200:
        return reply(bytes, REPLY_OPEN);
    case 403:
    case 407:
        return reply(bytes, REPLY_FORBIDDEN);
    case 404:
    case 421:
    case 503:
        return reply(bytes, REPLY_NO_HOST);
    case 502:
        return reply(bytes, REPLY_REFUSED);
    case 504:
        return reply(bytes, REPLY_TIMEOUT);
    default:
        return reply(bytes, REPLY_FAILED);
    }
}
