/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_VMS_H
#define CHANNEL_VMS_H

/*
 * VMs of settings: how each is reached, and what it did.  The map has their
 * names, and owns what is here by 'owner'.
 */

#include "channel.h"
#include "vm/map.h"

/* As in XVS_ChannelVm. */
enum vm_link { VM_NONE, VM_AGENT, VM_AGENT_VSOCK, VM_VSOCK, VM_FIXED };

/* How a VM is reached. */
struct vm_way {
    enum vm_link kind;
    struct grant grant;         /* of 'path' */
    char path[108];             /* "": none */
    uint32_t agent_port;
};

struct vm {
    struct map_vm *map;         /* what is known of it */
    struct channel *channel;
    struct link_host links;     /* the channel's, and whose link asks */
    struct vm_way way;
    struct counts counts;
    bool expired;               /* and its conversations were ended */
};

static inline struct vm *
vm_of(const struct map_vm *map)
{
    return map->owner;
}

/* "agent"; for status. */
const char *vm_link_name(enum vm_link kind);
/* Registers it, or anew: its link stays unless its way is another.  False: no
 * memory. */
bool vms_put(struct channel *self, const struct map_entry *entry,
             const struct vm_way *way);
/* Ends its conversations and forgets it. */
void vms_remove(struct channel *self, struct map_vm *map);
/* Its lease begins again. */
void vms_renew(struct vm *vm);
/* All of them, at the end. */
void vms_clear(struct channel *self);
/* Those of that name with a service: their links are made anew. */
void vms_relink(struct channel *self, const char *name);
/* Ends conversations of those whose lease is over by now. */
void vms_expire(struct channel *self, uint64_t now);
/* The extension is active from now on: links are made; leases begin. */
void vms_activate(struct channel *self);
void vms_pause(struct channel *self);

#endif
