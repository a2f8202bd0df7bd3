/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * VMs come and go with their settings, and some when their lease is over.
 */

#include "vms.h"

#include <stdio.h>
#include <stdlib.h>

#include "sockets.h"
#include "routes.h"

const char *
vm_link_name(enum vm_link kind)
{
    static const char *const names[] = { "none", "agent", "agent-vsock",
                                         "vsock", "fixed" };

    return names[kind];
}

/* ---- Links -------------------------------------------------------------- */

static void
unlink_vm(struct vm *vm)
{
    if (vm->map->link) {
        routes_end(vm->channel, vm);
        vm->map->link->class->destroy(vm->map->link);
        vm->map->link = NULL;
    }
}

/* Without a link it is as if nobody were there: tried again with the next
 * change. */
static void
link_vm(struct vm *vm)
{
    if (vm->channel->active && vm->channel->loop && !vm->map->link
        && !vm->map->moved && vm->way.kind != VM_NONE) {
        vm->map->link = sockets_link(vm->channel, vm);
    }
}

static bool
is_same_way(const struct vm_way *one, const struct vm_way *other)
{
    return one->kind == other->kind && strcmp(one->path, other->path) == 0
        && (one->kind != VM_AGENT_VSOCK
            || one->agent_port == other->agent_port);
}

/* ---- Leases ------------------------------------------------------------- */

/* The time before which vms_expire() has nothing to do. */
static void
note_expiry(struct channel *self, const struct map_vm *map)
{
    if (map->expires
        && (!self->next_expiry || map->expires < self->next_expiry)) {
        self->next_expiry = map->expires;
    }
}

void
vms_expire(struct channel *self, uint64_t now)
{
    bool some = false;

    if (!self->next_expiry || now < self->next_expiry) {
        return;
    }
    self->next_expiry = 0;
    for (struct map_vm *map = map_next(self->map, NULL); map;
         map = map_next(self->map, map)) {
        struct vm *vm = vm_of(map);
        bool over = map->expires && now >= map->expires;

        if (!over) {
            note_expiry(self, map);
        } else if (!vm->expired) {
            some = true;
            unlink_vm(vm);
        }
        vm->expired = over;
    }
    if (some) {
        channel_sweep(self, "the lease of the VM is over");
    }
}

void
vms_renew(struct vm *vm)
{
    map_renew(vm->map, channel_now(vm->channel));
    note_expiry(vm->channel, vm->map);
    vm->expired = false;
    link_vm(vm);
}

/* ---- Coming and going --------------------------------------------------- */

/* One of the same VM, or it, may count no longer, or again. */
static void
sweep_moved(struct channel *self, uint64_t moves)
{
    if (!self->active || moves == map_moves(self->map)) {
        return;
    }
    for (struct map_vm *map = map_next(self->map, NULL); map;
         map = map_next(self->map, map)) {
        if (map->moved && map->link) {
            unlink_vm(vm_of(map));
        } else if (!map->moved) {
            link_vm(vm_of(map));
        }
    }
    channel_sweep(self, "the VM has moved");
}

bool
vms_put(struct channel *self, const struct map_entry *entry,
        const struct vm_way *way)
{
    struct map_vm *map = map_get(self->map, &entry->instance);
    struct vm *vm = map ? vm_of(map) : calloc(1, sizeof(*vm));
    uint64_t moves = map_moves(self->map);
    bool is_new = !map;

    map = vm ? map_put(self->map, entry, channel_now(self)) : NULL;
    if (!map) {
        if (is_new) {
            free(vm);
        }
        return false;
    }
    map->owner = vm;
    vm->map = map;
    vm->channel = self;
    vm->counts.bytes.all = &self->counts.bytes;
    vm->links = self->links;
    vm->expired = false;
    note_expiry(self, map);
    if (!is_new && !is_same_way(&vm->way, way)) {
        channel_sweep_vm(self, map, "the VM is reached in another way");
        unlink_vm(vm);
    }
    vm->way = *way;
    link_vm(vm);
    sweep_moved(self, moves);
    if (!is_new) {
        channel_sweep(self, "no rule allows it as the VM is called now");
    }
    return true;
}

void
vms_remove(struct channel *self, struct map_vm *map)
{
    struct vm *vm = vm_of(map);
    uint64_t moves = map_moves(self->map);

    channel_sweep_vm(self, map, "the VM was forgotten");
    unlink_vm(vm);
    map_remove(self->map, map);
    free(vm);
    sweep_moved(self, moves);
}

void
vms_clear(struct channel *self)
{
    struct map_vm *map = map_next(self->map, NULL);

    while (map) {
        struct map_vm *next = map_next(self->map, map);
        struct vm *vm = vm_of(map);

        unlink_vm(vm);
        map_remove(self->map, map);
        free(vm);
        map = next;
    }
}

static void
relink(void *arg, struct map_vm *map)
{
    struct vm *vm = vm_of(map);

    if (vm->way.kind == VM_FIXED) {
        channel_sweep_vm(arg, map, "a service of the VM was changed");
        unlink_vm(vm);
        link_vm(vm);
    }
}

void
vms_relink(struct channel *self, const char *name)
{
    map_each_named(self->map, name, relink, self);
}

void
vms_activate(struct channel *self)
{
    for (struct map_vm *map = map_next(self->map, NULL); map;
         map = map_next(self->map, map)) {
        vms_renew(vm_of(map));
    }
}

void
vms_pause(struct channel *self)
{
    for (struct map_vm *map = map_next(self->map, NULL); map;
         map = map_next(self->map, map)) {
        unlink_vm(vm_of(map));
    }
}
