/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Settings: VMs, and where the ports of some are.
 */

#include "settings.h"

#include <stdlib.h>

#include "vm/map.h"
#include "vm/names.h"
#include "services.h"
#include "vms.h"
#include "xvs_channel.h"

/* ---- XVS_ChannelVm ------------------------------------------------------ */

/* What is said of where it runs and how it is reached must fit together. */
static int
judge_way(const struct change *change, const struct map_entry *entry,
          const struct vm_way *way)
{
    const char *here = change->self->config.host;
    bool is_here = !entry->host[0] || names_equal(entry->host, here);

    if (way->kind == VM_NONE && way->path[0]) {
        return change_deny(change, "Path: Link is missing; it says what is"
                            " behind %s: agent, agent-vsock or vsock",
                            way->path);
    }
    if (way->kind == VM_NONE && !entry->host[0]) {
        return change_deny(change, "Link or Host is missing: how is VM %s"
                            " reached, or which other host runs it?",
                            entry->name);
    }
    if (change->known && way->kind == VM_NONE && is_here) {
        return change_deny(change, "Host: %s is this host; give Link, how"
                            " VM %s is reached here", here, entry->name);
    }
    if (change->known && way->kind != VM_NONE && !is_here) {
        return change_deny(change, "Link and Host contradict each other: VM"
                            " %s runs on host %s, and this one is %s",
                            entry->name, entry->host, here);
    }
    if (way->kind == VM_FIXED && way->path[0]) {
        return change_deny(change, "Path and Link=fixed contradict each"
                            " other: addresses are settings of class"
                            " XVS_ChannelService");
    }
    if (way->kind != VM_NONE && way->kind != VM_FIXED && !way->path[0]) {
        return change_deny(change, "Path is missing: the unix socket of %s",
                            way->kind == VM_AGENT ? "the VM's agent"
                            : "the VM's hybrid vsock");
    }
    return XVS_SUCCESS;
}

static int
read_vm(const struct change *change, const struct xvs_channel_vm *wanted,
        struct map_entry *entry, struct vm_way *way)
{
    const struct xvs_view *view = &change->setting->view;
    const char *path = xvs_channel_vm_path(view, wanted);

    if (wanted->aliases.count > MAP_ALIASES) {
        return change_deny(change, "Aliases: %u names; a VM has %u at most",
                            wanted->aliases.count, MAP_ALIASES);
    }
    *entry = (struct map_entry) {
        .instance = change->setting->instance,
        .name = xvs_channel_vm_name(view, wanted),
        .uuid = xvs_channel_vm_uuid(view, wanted),
        .host = xvs_channel_vm_host(view, wanted),
        .n_aliases = wanted->aliases.count,
        .lease = wanted->lease * SECOND, .generation = wanted->generation };
    for (uint32_t i = 0; i < entry->n_aliases; i++) {
        entry->aliases[i] = xvs_channel_vm_aliases(view, wanted, i);
    }
    *way = (struct vm_way) {
        .kind = wanted->link,
        .grant = change_grant(change, XVS_CHANNEL_VM_PATH),
        .agent_port = xvs_present(view, XVS_CHANNEL_VM_AGENT_PORT)
            ? wanted->agent_port : 1024 };
    memcpy(way->path, path, strnlen(path, sizeof(way->path) - 1));
    return XVS_SUCCESS;
}

static int
judge_vm(const struct change *change, const struct map_entry *entry,
         const struct vm_way *way)
{
    const struct map *map = change->self->map;
    char why[MAP_WHY];

    if (!map_check(entry, why)) {
        return change_deny(change, "%s", why);
    }
    if (change->known && !map_judge(map, entry, why)) {
        return change_deny(change, "%s", why);
    }
    return judge_way(change, entry, way);
}

int
setting_vm(const struct change *change, const void *body)
{
    struct channel *self = change->self;
    struct map_vm *vm = map_get(self->map, &change->setting->instance);
    struct map_entry entry;
    struct vm_way way;
    int result;

    if (!body) {
        if (vm) {
            vms_remove(self, vm);
        }
        return XVS_SUCCESS;
    }
    result = read_vm(change, body, &entry, &way);
    if (result == XVS_SUCCESS) {
        result = judge_vm(change, &entry, &way);
    }
    if (result == XVS_SUCCESS && change->setting->op != XVS_VALIDATE
        && !vms_put(self, &entry, &way)) {
        result = XVS_RESOURCES;
    }
    return result;
}

uint32_t
xvs_channel_vm_renew(void *arg, struct xvs_call *call, const char *name)
{
    struct channel *self = arg;
    const struct map_vm *found;
    uint64_t now = channel_now(self);
    const char *why = NULL;

    switch (map_find(self->map, name ? name : "", name ? strlen(name) : 0,
                     now, &found)) {
    case MAP_FOUND:
    case MAP_EXPIRED:
        vms_renew(vm_of(found));
        return XVS_SUCCESS;
    case MAP_UNKNOWN:
        why = "Name: there is no VM of that name; register it first";
        break;
    case MAP_AMBIGUOUS:
        why = "Name: VMs of several hosts have that name; say HOST:NAME";
        break;
    }
    return (uint32_t) self->host->refuse(call->answer, XVS_INVALID_PARAMETER,
                                         why);
}

/* ---- XVS_ChannelService ------------------------------------------------- */

/* Another setting for the same port. */
static bool
is_taken(const struct change *change, const char *vm, uint32_t port)
{
    const struct service *own = services_get(change->self->services,
                                             &change->setting->instance);
    const struct service *service;
    char name[sizeof(service->vm)];

    names_copy(name, sizeof(name), vm);
    service = services_of(change->self->services, name);
    while (service && (service == own || service->port != port)) {
        service = service->next;
    }
    return service;
}

static int
judge_service(const struct change *change,
              const struct xvs_channel_service *wanted)
{
    const struct xvs_view *view = &change->setting->view;
    struct channel *self = change->self;
    const char *vm = xvs_channel_service_vm(view, wanted);
    const struct map_vm *found;

    if (!names_is_label(vm)) {
        return change_deny(change, "Vm: '%.63s': expected the Name of a VM"
                            " with Link=fixed", vm);
    }
    if (!wanted->port) {
        return change_deny(change, "Port is missing: the port that clients"
                            " of VM %s ask for", vm);
    }
    if (change->known && is_taken(change, vm, wanted->port)) {
        return change_deny(change, "Port: VM %s has a service at port %u"
                            " already", vm, wanted->port);
    }
    if (change->known
        && map_find(self->map, vm, strlen(vm), 0, &found) == MAP_FOUND
        && vm_of(found)->way.kind != VM_FIXED) {
        return change_deny(change, "Vm: %s has Link=%s, and its ports need"
                            " no settings", vm,
                            vm_link_name(vm_of(found)->way.kind));
    }
    return change_either(change, "Address",
                          xvs_channel_service_address(view, wanted), "Path",
                          xvs_channel_service_path(view, wanted));
}

static void
read_service(const struct change *change,
             const struct xvs_channel_service *wanted,
             struct service *service)
{
    const struct xvs_view *view = &change->setting->view;
    bool has_path = xvs_channel_service_path(view, wanted)[0];

    service->instance = change->setting->instance;
    names_copy(service->vm, sizeof(service->vm),
               xvs_channel_service_vm(view, wanted));
    service->port = (uint16_t) wanted->port;
    service->grant = change_grant(change, has_path
                                  ? XVS_CHANNEL_SERVICE_PATH
                                  : XVS_CHANNEL_SERVICE_ADDRESS);
}

static void
remove_service(struct channel *self, struct service *service)
{
    services_remove(self->services, service);
    vms_relink(self, service->vm);
    free(service);
}

int
setting_service(const struct change *change, const void *body)
{
    const struct xvs_channel_service *wanted = body;
    struct channel *self = change->self;
    struct service *service = services_get(self->services,
                                           &change->setting->instance);
    struct service *fresh;
    int result = wanted ? judge_service(change, wanted) : XVS_SUCCESS;

    if (result != XVS_SUCCESS || change->setting->op == XVS_VALIDATE) {
        return result;
    }
    fresh = wanted ? calloc(1, sizeof(*fresh)) : NULL;
    if (wanted && !fresh) {
        return XVS_RESOURCES;
    }
    if (service) {
        remove_service(self, service);
    }
    if (fresh) {
        read_service(change, wanted, fresh);
        if (!services_add(self->services, fresh)) {
            free(fresh);
            return XVS_RESOURCES;
        }
        vms_relink(self, fresh->vm);
    }
    return XVS_SUCCESS;
}
