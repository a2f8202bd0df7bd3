/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients that speak TLS to a VM's port: the VM is the name that they ask for
 * first, and all of it passes untouched.
 */

#include "client/client.h"
#include "client/sni.h"

static void
sni_client(struct client *client, const char *bytes, size_t size)
{
    char name[SNI_NAME_SIZE];
    struct ask ask = { .user = "", .wanted = name, .name = name,
                       .port = client->listener->config.port };

    switch (sni_read((const uint8_t *) bytes, size, name)) {
    case SNI_FOUND:
        client_ask(client, &ask, bytes, size);
        break;
    case SNI_MORE:
        if (size < HTTP_HEAD_MOST) {
            client_more(client, bytes, size);
            break;
        }
        /* fall through */
    default:
        client_refuse(client, 400, "TLS that does not say a VM's name", "");
    }
}

static size_t
sni_client_answer(struct client *client, char *bytes,
                  const struct answer *answer)
{
    (void) client;
    return answer->status == 200
        ? 0 : sni_alert((uint8_t *) bytes, answer->status);
}

const struct client_class client_sni = { sni_client, sni_client_answer };
