/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: where clients come to, and where what VMs open goes to.
 */

#include "settings.h"

#include <stdlib.h>

#include "listeners.h"
#include "vm/names.h"
#include "routes.h"
#include "vm/rules.h"
#include "tls/tls.h"
#include "xvs_channel.h"

/* ---- XVS_ChannelRoute --------------------------------------------------- */

static int
judge_route(const struct change *change,
            const struct xvs_channel_route *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    const char *vm = xvs_channel_route_vm(view, wanted);
    bool listens = xvs_channel_route_listen(view, wanted)[0];

    if (!rules_is_pattern(vm)) {
        return change_deny(change, "Vm: '%.63s': expected the Name of a VM,"
                            " or a pattern with * or ?", vm);
    }
    if (listens && strpbrk(vm, "*?")) {
        return change_deny(change, "Vm: '%.63s' is a pattern; with Listen it"
                            " is the VM whose socket that is", vm);
    }
    if (!wanted->port) {
        return change_deny(change, "Port is missing: the port that VM %s"
                            " opens", vm);
    }
    for (struct item *item = change->self->routes; item && change->known;
         item = item->next) {
        const struct route *route = (struct route *) item;

        if (!change_is_own(change, item) && route->port == wanted->port
            && names_equal(route->vm, vm)) {
            return change_deny(change, "Port: there is a route from port %u"
                                " of VM %s already", wanted->port, vm);
        }
    }
    return change_either(change, "Address",
                          xvs_channel_route_address(view, wanted), "Path",
                          xvs_channel_route_path(view, wanted));
}

static void
remove_route(struct channel *self, struct route *route)
{
    routes_end_route(route);
    items_remove(&self->routes, &route->item);
    free(route);
}

static void
read_route(const struct change *change,
           const struct xvs_channel_route *wanted, struct route *route)
{
    const struct xvs_view *view = &change->setting->view;

    route->item.instance = change->setting->instance;
    route->channel = change->self;
    names_copy(route->vm, sizeof(route->vm),
               xvs_channel_route_vm(view, wanted));
    route->port = wanted->port;
    route->grant = change_grant(change,
                                 xvs_channel_route_path(view, wanted)[0]
                                 ? XVS_CHANNEL_ROUTE_PATH
                                 : XVS_CHANNEL_ROUTE_ADDRESS);
    route->listen = change_grant(change, XVS_CHANNEL_ROUTE_LISTEN);
    route->has_listen = xvs_channel_route_listen(view, wanted)[0];
    route->header = wanted->proxy_header;
    route->connections =
        xvs_present(view, XVS_CHANNEL_ROUTE_MAX_CONNECTIONS)
        ? wanted->max_connections : 256;
    route->idle = wanted->idle_timeout * SECOND;
    route->watch.fd = -1;
}

int
setting_route(const struct change *change, const void *body)
{
    const struct xvs_channel_route *wanted = body;
    struct channel *self = change->self;
    struct route *route = items_find(self->routes,
                                     &change->setting->instance);
    struct route *fresh;
    int result = wanted ? judge_route(change, wanted) : XVS_SUCCESS;

    if (result != XVS_SUCCESS || change->setting->op == XVS_VALIDATE) {
        return result;
    }
    fresh = wanted ? calloc(1, sizeof(*fresh)) : NULL;
    if (wanted && !fresh) {
        return XVS_RESOURCES;
    }
    if (route) {
        remove_route(self, route);
    }
    if (fresh) {
        read_route(change, wanted, fresh);
        items_add(&self->routes, &fresh->item);
        channel_soon(self);
    }
    return XVS_SUCCESS;
}

/* ---- XVS_ChannelListener ------------------------------------------------ */

static int
judge_listener(const struct change *change,
               const struct xvs_channel_listener *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    bool certificate = xvs_channel_listener_certificate(view, wanted)[0];
    bool key = xvs_channel_listener_key(view, wanted)[0];
    bool ca = xvs_channel_listener_client_ca(view, wanted)[0];

    if (certificate != key) {
        return change_deny(change, "%s is missing: TLS needs Certificate and"
                            " Key", key ? "Certificate" : "Key");
    }
    if (ca && !certificate) {
        return change_deny(change, "ClientCa is of use with TLS only: give"
                            " Certificate and Key, too");
    }
    return change_either(change, "Listen",
                          xvs_channel_listener_listen(view, wanted), "Path",
                          xvs_channel_listener_path(view, wanted));
}

/* '*server' is what the setting says of TLS, or NULL. */
static int
make_server(const struct change *change,
            const struct xvs_channel_listener *wanted,
            struct tls_keys **server)
{
    const struct xvs_view *view = &change->setting->view;
    const char *certificate = xvs_channel_listener_certificate(view, wanted);
    const char *ca = xvs_channel_listener_client_ca(view, wanted);
    char reason[160];

    *server = NULL;
    if (!certificate[0]) {
        return XVS_SUCCESS;
    }
    *server = tls_keys_server(certificate,
                                xvs_channel_listener_key(view, wanted),
                                ca[0] ? ca : NULL, reason);
    return *server ? XVS_SUCCESS : change_deny(change, "%s", reason);
}

static void
read_listener(const struct change *change,
              const struct xvs_channel_listener *wanted,
              struct listening *listening)
{
    const struct xvs_view *view = &change->setting->view;
    const char *path = xvs_channel_listener_path(view, wanted);

    listening->item.instance = change->setting->instance;
    listening->channel = change->self;
    listening->grant = change_grant(change, path[0]
                                     ? XVS_CHANNEL_LISTENER_PATH
                                     : XVS_CHANNEL_LISTENER_LISTEN);
    text_fit(listening->place, sizeof(listening->place),
         path[0] ? path : xvs_channel_listener_listen(view, wanted));
    listening->config = (struct listener_config) {
        .fd = -1, .local = path[0], .fixed = wanted->port != 0,
        .port = (uint16_t) wanted->port };
}

int
setting_listener(const struct change *change, const void *body)
{
    const struct xvs_channel_listener *wanted = body;
    struct channel *self = change->self;
    struct listening *listening = items_find(self->listeners,
                                             &change->setting->instance);
    struct listening *fresh;
    struct tls_keys *tls = NULL;
    int result = wanted ? judge_listener(change, wanted) : XVS_SUCCESS;

    if (result == XVS_SUCCESS && wanted) {
        result = make_server(change, wanted, &tls);
    }
    if (result != XVS_SUCCESS || change->setting->op == XVS_VALIDATE) {
        tls_keys_destroy(tls);
        return result;
    }
    fresh = wanted ? calloc(1, sizeof(*fresh)) : NULL;
    if (wanted && !fresh) {
        tls_keys_destroy(tls);
        return XVS_RESOURCES;
    }
    if (listening) {
        listeners_remove(self, listening);
    }
    if (fresh) {
        read_listener(change, wanted, fresh);
        fresh->config.tls = tls;
        items_add(&self->listeners, &fresh->item);
        channel_soon(self);
    }
    return XVS_SUCCESS;
}
