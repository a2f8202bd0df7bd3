/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * SOCKS5 requests, byte by byte: each message says how long it is.
 */

#include "socks-request.h"

#include <string.h>

#define VERSION 5u
#define CONNECT 1u
#define NO_LOGIN 0u
#define NO_METHOD 0xffu

enum { ADDRESS_4 = 1, ADDRESS_NAME = 3, ADDRESS_6 = 4 };

void
socks_answer(uint8_t reply[SOCKS_REPLY_SIZE], enum socks_reply code)
{
    memset(reply, 0, SOCKS_REPLY_SIZE);
    reply[0] = VERSION;
    reply[1] = (uint8_t) code;
    reply[3] = ADDRESS_4;
}

static enum socks_state
refuse(struct socks_request *socks, enum socks_reply code, const char *why)
{
    socks_answer(socks->reply, code);
    socks->reply_size = SOCKS_REPLY_SIZE;
    socks->why = why;
    return SOCKS_REFUSED;
}

/* Bytes that the greeting has, as far as is known. */
static size_t
greeting_size(const struct socks_request *socks)
{
    return socks->n < 2 ? 2 : 2u + socks->bytes[1];
}

static enum socks_state
greeting(struct socks_request *socks)
{
    socks->reply[0] = VERSION;
    socks->reply[1] = NO_METHOD;
    socks->reply_size = 2;
    if (memchr(socks->bytes + 2, NO_LOGIN, socks->bytes[1])) {
        socks->reply[1] = NO_LOGIN;
        socks->greeted = true;
        socks->n = 0;
        return SOCKS_GREETED;
    }
    socks->why = "the program wants to log in, and nobody logs in here";
    return SOCKS_REFUSED;
}

/* The same of a request; of one that is refused, what is needed to see it. */
static size_t
request_size(const struct socks_request *socks)
{
    if (socks->n < 5 || socks->bytes[3] != ADDRESS_NAME) {
        return 5;
    }
    return 5u + socks->bytes[4] + 2u;
}

static enum socks_state
request(struct socks_request *socks)
{
    const uint8_t *bytes = socks->bytes;
    size_t length = bytes[4];

    if (bytes[1] != CONNECT) {
        return refuse(socks, SOCKS_NO_COMMAND,
                      "the program wants something else than to connect");
    }
    if (bytes[3] == ADDRESS_4 || bytes[3] == ADDRESS_6) {
        return refuse(socks, SOCKS_NO_ADDRESS, "the program has an address "
                      "and no name of a VM: have it leave names to the proxy "
                      "(socks5h)");
    }
    if (bytes[3] != ADDRESS_NAME) {
        return refuse(socks, SOCKS_NO_ADDRESS,
                      "the program has no name of a VM");
    }
    if (length == 0 || memchr(bytes + 5, 0, length)) {
        return refuse(socks, SOCKS_FAILED, "the name of the VM is no text");
    }
    memcpy(socks->name, bytes + 5, length);
    socks->name[length] = 0;
    socks->port = (uint16_t) (bytes[5 + length] << 8 | bytes[6 + length]);
    return SOCKS_WANTED;
}

enum socks_state
socks_feed(struct socks_request *socks, const uint8_t *bytes, size_t size,
           size_t *used)
{
    for (size_t i = 0; i < size && socks->n < sizeof(socks->bytes); i++) {
        socks->bytes[socks->n++] = bytes[i];
        *used = i + 1;
        if (socks->bytes[0] != VERSION) {
            return refuse(socks, SOCKS_FAILED,
                          "the program does not speak SOCKS version 5");
        }
        if (!socks->greeted && socks->n == greeting_size(socks)) {
            return greeting(socks);
        }
        if (socks->greeted && socks->n == request_size(socks)) {
            return request(socks);
        }
    }
    *used = size;
    return SOCKS_MORE;
}
