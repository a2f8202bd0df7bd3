/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a client is told who gets no conversation; see client.h.
 */

#include "client/client-inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"

#define LINGER (2 * SECOND)
#define LINGER_MOST (1u << 20)  /* bytes that are thrown away */

static void
linger(struct client *client)
{
    struct loop *loop = client->listener->proxy->loop;

    client->state = CLIENT_LINGERING;
    client->side->class->finish(client->side);
    loop_alarm(loop, &client->alarm, loop_now(loop) + LINGER);
    client_want(client, SIDE_READABLE);
}

void
client_say_rest(struct client *client)
{
    ssize_t n = client->side->class->write(
        client->side, client->out + client->out_at, client->out_size);

    if (n < 0 && errno != EAGAIN) {
        client_close(client, true);
        return;
    }
    n = n < 0 ? 0 : n;
    client->out_at += (uint32_t) n;
    client->out_size -= (uint32_t) n;
    if (client->out_size) {
        client_want(client, SIDE_WRITABLE);
    } else {
        linger(client);
    }
}

void
client_say_answer(struct client *client, const struct answer *answer)
{
    char bytes[HTTP_ANSWER_SIZE];
    size_t size = client->class->answer(client, bytes, answer);

    free(client->bytes);
    client->bytes = NULL;
    client->state = CLIENT_ANSWERING;
    client->out = malloc(size ? size : 1);
    if (!client->out) {
        client_close(client, true);
        return;
    }
    memcpy(client->out, bytes, size);
    client->out_size = (uint32_t) size;
    client_say_rest(client);
}

void
client_refuse(struct client *client, int status, const char *reason,
              const char *wanted)
{
    struct listener *listener = client->listener;
    const struct answer answer = { .status = status, .reason = reason,
                                   .proxy = proxy_name(listener->proxy) };

    proxy_refused(listener, client->address, wanted, status, reason);
    client_say_answer(client, &answer);
}

void
client_drain(struct client *client)
{
    static char nowhere[16384];
    ssize_t n;

    do {
        n = client->side->class->read(client->side, nowhere, sizeof(nowhere));
        client->drained += n > 0 ? (uint32_t) n : 0;
    } while (n > 0 && client->drained < LINGER_MOST);
    if (n >= 0 || errno != EAGAIN) {
        client_close(client, n != 0);
    }
}
