/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients that speak SOCKS5: socks.c reads, this says.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"

static void
ask_for_it(struct client *client, const char *rest, size_t size)
{
    const struct socks *socks = client->socks;
    char wanted[HTTP_NAME_SIZE + 8];
    struct ask ask = { .shown.token = *socks->token ? socks->token : NULL,
                       .user = socks->user, .wanted = wanted,
                       .name = socks->name, .port = socks->port };

    snprintf(wanted, sizeof(wanted), "%s:%u", socks->name, socks->port);
    client_ask(client, &ask, rest, size);
}

static void
socks_client(struct client *client, const char *bytes, size_t size)
{
    struct socks *socks = client->socks;
    enum socks_step step = SOCKS_SAY;
    size_t used;

    if (!socks) {
        socks = client->socks = calloc(1, sizeof(*socks));
    }
    while (socks && step == SOCKS_SAY) {
        step = socks_read(socks, (const uint8_t *) bytes, size, &used);
        bytes += used;
        size -= used;
        if (step == SOCKS_LOGIN) {
            step = socks_login(socks, client_is_known(client, socks->user,
                                                      socks->token));
        }
        if (step == SOCKS_SAY
            && !client_say(client, (const char *) socks->say,
                           socks->say_size)) {
            return;
        }
    }
    if (!socks) {
        client_gone(client);
    } else if (step == SOCKS_MORE) {
        client_more(client, bytes, size);
    } else if (step == SOCKS_WANT) {
        ask_for_it(client, bytes, size);
    } else {
        client_refuse(client, socks->status, socks->reason, "");
    }
}

/* A refusal on the way has been written already; and who has said nothing
 * right yet is told nothing. */
static size_t
socks_client_answer(struct client *client, char *bytes,
                    const struct answer *answer)
{
    const struct socks *socks = client->socks;

    if (socks->status) {
        memcpy(bytes, socks->say, socks->say_size);
        return socks->say_size;
    }
    if (client->state == CLIENT_READING) {
        return 0;
    }
    return socks_answer((uint8_t *) bytes, answer->status);
}

const struct client_class client_socks = { socks_client,
                                           socks_client_answer };
