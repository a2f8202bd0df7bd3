/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: where other hosts' proxies are, how they are known, and what this
 * host shows them.
 */

#include "settings.h"

#include <stdlib.h>

#include "services.h"
#include "sockets.h"
#include "tls/tls.h"
#include "vm/names.h"
#include "xvs_channel.h"

/* ---- What cannot be ----------------------------------------------------- */

static int
judge_place(const struct change *change,
            const struct xvs_channel_peer *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    const char *host = xvs_channel_peer_host(view, wanted);

    if (!names_is_domain(host)) {
        return change_deny(change, "Host: '%.63s': expected Host of the"
                           " other host's XVS_Channel", host);
    }
    if (!xvs_channel_peer_address(view, wanted)[0]) {
        return change_deny(change, "Address is missing: the listener of host"
                           " %s, such as 192.0.2.1:3128", host);
    }
    if (change->known && names_equal(host, change->self->config.host)) {
        return change_deny(change, "Host: %s is this host", host);
    }
    for (struct item *item = change->self->peers; item && change->known;
         item = item->next) {
        if (!change_is_own(change, item)
            && names_equal(((struct other_host *) item)->host, host)) {
            return change_deny(change, "Host: there is a peer %s already",
                               host);
        }
    }
    return XVS_SUCCESS;
}

/* What is shown is shown to somebody who is known, and to nobody else. */
static int
judge_tls(const struct change *change, const struct xvs_channel_peer *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    const char *token = xvs_channel_peer_token(view, wanted);
    bool certificate = xvs_channel_peer_certificate(view, wanted)[0];
    bool key = xvs_channel_peer_key(view, wanted)[0];
    bool name = xvs_channel_peer_server_name(view, wanted)[0];

    if (certificate != key) {
        return change_deny(change, "%s is missing: Certificate and Key need"
                           " each other", key ? "Certificate" : "Key");
    }
    if (!xvs_channel_peer_ca(view, wanted)[0]
        && (certificate || name || token[0])) {
        return change_deny(change, "Ca is missing: %s is of use with TLS only",
                           certificate ? "Certificate"
                           : name ? "ServerName" : "Token");
    }
    for (const char *at = token; *at; at++) {
        if (*at <= ' ' || *at > '~') {
            return change_deny(change, "Token: character %zu is not printable"
                               " ASCII", (size_t) (at - token) + 1);
        }
    }
    return XVS_SUCCESS;
}

/* '*keys' is what the setting says of TLS, or NULL. */
static int
make_keys(const struct change *change, const struct xvs_channel_peer *wanted,
          struct tls_keys **keys)
{
    const struct xvs_view *view = &change->setting->view;
    const char *ca = xvs_channel_peer_ca(view, wanted);
    const char *certificate = xvs_channel_peer_certificate(view, wanted);
    char reason[160];

    *keys = NULL;
    if (!ca[0]) {
        return XVS_SUCCESS;
    }
    *keys = tls_keys_client(ca, certificate[0] ? certificate : NULL,
                            xvs_channel_peer_key(view, wanted), reason);
    return *keys ? XVS_SUCCESS : change_deny(change, "%s", reason);
}

/* ---- What is -------------------------------------------------------------- */

static void
forget_secrets(struct other_host *peer)
{
    tls_keys_destroy(peer->tls);
    peer->tls = NULL;
    explicit_bzero(peer->token, sizeof(peer->token));
}

static void
remove_peer(struct channel *self, struct other_host *peer)
{
    sockets_forget(self, &peer->grant);
    items_remove(&self->peers, &peer->item);
    forget_secrets(peer);
    free(peer);
}

void
peers_clear(struct channel *self)
{
    while (self->peers) {
        remove_peer(self, (struct other_host *) self->peers);
    }
}

bool
peers_find(struct proxy_host *host, const char *name, struct peer_way *way)
{
    const struct channel *self = host->context;

    for (struct item *item = self->peers; item; item = item->next) {
        struct other_host *peer = (struct other_host *) item;

        if (strcmp(peer->host, name) == 0) {
            *way = (struct peer_way) {
                .grant = &peer->grant, .tls = peer->tls, .name = peer->name,
                .token = peer->token[0] ? peer->token : NULL,
                .speaks = peer->speaks };
            return true;
        }
    }
    return false;
}

/* Takes 'keys'. */
static void
read_peer(const struct change *change, const struct xvs_channel_peer *wanted,
          struct tls_keys *keys, struct other_host *peer)
{
    const struct xvs_view *view = &change->setting->view;
    const char *host = xvs_channel_peer_host(view, wanted);
    const char *name = xvs_channel_peer_server_name(view, wanted);

    forget_secrets(peer);
    names_copy(peer->host, sizeof(peer->host), host);
    text_fit(peer->address, sizeof(peer->address),
             xvs_channel_peer_address(view, wanted));
    text_fit(peer->name, sizeof(peer->name), name[0] ? name : host);
    text_fit(peer->token, sizeof(peer->token),
             xvs_channel_peer_token(view, wanted));
    peer->grant = change_grant(change, XVS_CHANNEL_PEER_ADDRESS);
    peer->tls = keys;
    peer->speaks = peer->token[0]
        || xvs_channel_peer_certificate(view, wanted)[0];
}

int
setting_peer(const struct change *change, const void *body)
{
    const struct xvs_channel_peer *wanted = body;
    struct channel *self = change->self;
    struct other_host *peer = items_find(self->peers,
                                         &change->setting->instance);
    struct tls_keys *keys = NULL;
    int result = wanted ? judge_place(change, wanted) : XVS_SUCCESS;

    result = result == XVS_SUCCESS && wanted ? judge_tls(change, wanted)
                                             : result;
    result = result == XVS_SUCCESS && wanted
        ? make_keys(change, wanted, &keys) : result;
    if (result != XVS_SUCCESS || change->setting->op == XVS_VALIDATE) {
        tls_keys_destroy(keys);
        return result;
    }
    if (!wanted) {
        if (peer) {
            remove_peer(self, peer);
        }
        return XVS_SUCCESS;
    }
    if (!peer) {
        peer = calloc(1, sizeof(*peer));
        if (!peer) {
            tls_keys_destroy(keys);
            return XVS_RESOURCES;
        }
        peer->item.instance = change->setting->instance;
        items_add(&self->peers, &peer->item);
    }
    read_peer(change, wanted, keys, peer);
    return XVS_SUCCESS;
}
