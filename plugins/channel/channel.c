/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Life of the extension.  While it is active it has a proxy, links to its VMs
 * and what listens; before and after it knows settings only.
 */

#include "channel.h"

#include <stdlib.h>
#include <time.h>

#include "audit.h"
#include "dns/dns-serve.h"
#include "listeners.h"
#include "move/loop.h"
#include "vm/map.h"
#include "move/relay.h"
#include "routes.h"
#include "vm/rules.h"
#include "services.h"
#include "sockets.h"
#include "vms.h"
#include "xvs_channel.h"

#define TICK_MS 1000u

uint64_t
channel_now(const struct channel *self)
{
    return self->host->now(self->host);
}

void
channel_soon(struct channel *self)
{
    self->next_tick = 0;
    xvs_wake(self->host);
}

/* ---- Conversations that may not go on ----------------------------------- */

static bool
is_over(void *arg, const struct map_vm *vm, const struct identity *who,
        uint16_t port)
{
    struct channel *self = arg;

    return vm && (vm->moved || vm_of(vm)->expired
                  || !rules_allow(self->rules, who, vm, port));
}

void
channel_sweep(struct channel *self, const char *reason)
{
    if (self->proxy) {
        proxy_sweep(self->proxy, is_over, self, reason);
    }
}

static bool
is_with(void *arg, const struct map_vm *vm, const struct identity *who,
        uint16_t port)
{
    (void) who;
    (void) port;
    return vm == arg;
}

void
channel_sweep_vm(struct channel *self, const struct map_vm *vm,
                 const char *reason)
{
    if (self->proxy) {
        proxy_sweep(self->proxy, is_with, (void *) vm, reason);
    }
}

static struct relay_count *
count_of(struct proxy_host *host, const struct map_vm *vm)
{
    (void) host;
    return &vm_of(vm)->counts.bytes;
}

/* ---- Events ------------------------------------------------------------- */

static void
ready(void *arg, int fd, uint32_t events)
{
    struct channel *self = arg;

    (void) fd;
    (void) events;
    loop_run(self->loop);
}

static void
tick(void *arg)
{
    struct channel *self = arg;
    uint64_t now = channel_now(self);

    if (!self->proxy) {
        return;
    }
    sockets_serve(self);
    listeners_accept(self);
    if (now < self->next_tick) {
        return;
    }
    self->next_tick = now + SECOND / 2;
    listeners_open(self);
    routes_open(self);
    dns_open(self);
    vms_expire(self, now);
    audit_tick(self);
    relay_clean();
}

/* ---- Life --------------------------------------------------------------- */

static int
activate(struct channel *self)
{
    self->active = true;
    if (!self->sockets || self->proxy) {
        return XVS_SUCCESS;
    }
    self->proxy = proxy_create(&self->proxy_host);
    if (!self->proxy || !sockets_watch(self, true)) {
        return XVS_RESOURCES;
    }
    vms_activate(self);
    self->host->timer(self->host, TICK_MS);
    channel_soon(self);
    return XVS_SUCCESS;
}

static void
pause_all(struct channel *self)
{
    self->active = false;
    if (!self->proxy) {
        return;
    }
    self->host->timer(self->host, 0);
    sockets_watch(self, false);
    listeners_pause(self);
    proxy_destroy(self->proxy);
    self->proxy = NULL;
    routes_pause(self);
    dns_pause(self);
    vms_pause(self);
}

static int
change_state(void *arg, enum xvs_state state)
{
    if (state == XVS_ACTIVATE) {
        return activate(arg);
    }
    pause_all(arg);
    return XVS_SUCCESS;
}

static void
free_items(struct item *item)
{
    while (item) {
        struct item *next = item->next;

        free(item);
        item = next;
    }
}

static void
end(void *arg)
{
    struct channel *self = arg;

    pause_all(self);
    if (self->map) {
        vms_clear(self);
    }
    while (self->listeners) {
        listeners_remove(self, (struct listening *) self->listeners);
    }
    services_destroy(self->services);
    peers_clear(self);
    free_items(self->routes);
    free_items(self->dns);
    map_destroy(self->map);
    rules_destroy(self->rules);
    loop_destroy(self->loop);
    free(self);
}

static int
begin(const struct xvs_host *host, void **out)
{
    struct channel *self = calloc(1, sizeof(*self));

    if (!self) {
        return XVS_RESOURCES;
    }
    self->host = host;
    self->sockets = xvs_sockets(host);
    channel_defaults(&self->config);
    self->map = map_create();
    self->services = services_create();
    self->rules = rules_create();
    self->loop = loop_create();
    if (!self->map || !self->services || !self->rules || !self->loop) {
        end(self);
        return XVS_RESOURCES;
    }
    map_configure(self->map, self->config.host, self->config.zone);
    sockets_begin(self);
    self->serial = (uint32_t) time(NULL);
    self->proxy_host = (struct proxy_host) {
        .loop = self->loop, .config = &self->config, .map = self->map,
        .rules = self->rules, .context = self, .told = audit_told,
        .count = count_of, .peer = peers_find, .links = &self->links };
    audit_tick(self);
    *out = self;
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;
static const struct xvs_method methods[] = XVS_METHODS;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x96fe358b, 0x85a3, 0x4bc8,
            { 0x9a, 0x02, 0x15, 0x4b, 0xc7, 0x93, 0xd3, 0xba } },
    .version = 0x0100,
    .mandatory = XVS_HOOK_SETTING | XVS_HOOK_STATE | XVS_HOOK_STATUS
                 | XVS_HOOK_TIMER | XVS_HOOK_METHODS | XVS_HOOK_TRAITS
                 | XVS_HOOK_READY,
    .extension_class = XVS_CLASS_SERVICE,
    .on_failure = XVS_FAIL_OPEN,
    .traits = XVS_TRAIT_SOCKETS,
    .name = "channel",
    .vendor = "xvs",
    .description = "Reaches VMs that have no network.",
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .methods = methods,
    .n_methods = sizeof(methods) / sizeof(methods[0]),
    .init = begin,
    .fini = end,
    .state = change_state,
    .setting = channel_setting,
    .status = channel_status,
    .timer = tick,
    .ready = ready,
};
