/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_MAP_H
#define CHANNEL_MAP_H

/*
 * Which host runs which VM, and by which names it is known.  A name that a
 * client wrote is looked up here, byte for byte after ASCII lower case, and
 * nowhere else: nothing that a client says is ever an address.
 *
 * The interface is that of any store; the one there is now keeps what settings
 * say (map.c).  Reads take no lock and allocate nothing.
 *
 * Names of a VM vm1, with UUID U, on host h1, in zone vm.internal:
 *     vm1    vm1.vm.internal    vm1.h1.vm.internal    h1:vm1
 *     U      U.vm.internal      and the same for each alias
 *
 * A VM that moves is registered anew with a greater generation, here or on
 * another host; until the older registration is removed it does not count.
 * Two registrations are of the same VM when they have the same UUID, or the
 * same name and not both a UUID.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>

#define MAP_NAME_SIZE 256
#define MAP_ALIASES 8
#define MAP_WHY 256

struct link;
struct map;

/* Where a VM is, and since when. */
struct map_vm {
    uint64_t expires;           /* ns, monotonic; 0: never */
    struct link *link;          /* NULL: it runs on another host */
    bool moved;                 /* a greater generation is known */
    char name[64], uuid[40], host[64];  /* lower case; host "": this one */
    uint64_t generation;        /* grows with each move */
    struct xvs_guid instance;   /* of the setting */
    void *owner;                /* the extension's own (vms.h) */
};

enum map_answer {
    MAP_FOUND,
    MAP_UNKNOWN,                /* 404 */
    MAP_EXPIRED,                /* its lease is over: 404, and said so */
    MAP_AMBIGUOUS               /* a name of two VMs; say the host, too: 404 */
};

/* 'name' need not end with 0. */
enum map_answer map_find(const struct map *map, const char *name,
                         size_t length, uint64_t now,
                         const struct map_vm **vm);

/* The name, or UUID, of the VM that 'name' would be of, if there was one:
 * without host and zone, in lower case; as much of it as one can have. */
void map_label(const struct map *map, const char *name, size_t length,
               char label[64]);

/* ---- Who fills it ------------------------------------------------------- */

/* A registration. */
struct map_entry {
    struct xvs_guid instance;
    const char *name, *uuid, *host;     /* uuid, host: may be "" */
    const char *aliases[MAP_ALIASES];
    uint32_t n_aliases;
    uint64_t lease;             /* ns; 0: for ever */
    uint64_t generation;
};

/* NULL: no memory. */
struct map *map_create(void);
void map_destroy(struct map *map);
/* This host's name and the zone; lower case, kept by value. */
void map_configure(struct map *map, const char *host, const char *zone);

/* Whether the texts can be names, whatever else is known; false: 'why' says
 * what is wrong with which. */
bool map_check(const struct map_entry *entry, char why[MAP_WHY]);
/* Whether it fits to what is known: no name of another VM of that host, not
 * older than what is known of this one. */
bool map_judge(const struct map *map, const struct map_entry *entry,
               char why[MAP_WHY]);
/* Registers it, or anew; the lease begins.  The VM stays where it is in
 * memory until it is removed.  NULL: no memory, nothing has changed. */
struct map_vm *map_put(struct map *map, const struct map_entry *entry,
                       uint64_t now);
/* Nobody may have the VM any longer. */
void map_remove(struct map *map, struct map_vm *vm);
/* NULL: there is none. */
struct map_vm *map_get(const struct map *map,
                       const struct xvs_guid *instance);
/* Begins its lease again. */
void map_renew(struct map_vm *vm, uint64_t now);
/* All of them, from NULL to NULL, in no order. */
struct map_vm *map_next(const struct map *map, const struct map_vm *vm);
/* Those whose Name that is; the call may not change the map. */
void map_each_named(const struct map *map, const char *name,
                    void (*call)(void *arg, struct map_vm *vm), void *arg);
uint32_t map_count(const struct map *map);
/* Another number when 'moved' of some VM has changed. */
uint64_t map_moves(const struct map *map);

#endif
