/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_VSWITCH_H
#define XVS_SWITCH_VSWITCH_H

/*
 * A virtual switch: its ports, its stages, and the path that its packets
 * take.  Everything but the path belongs to the main thread.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#include "packet/grace.h"
#include "switch/forward/table.h"

struct chain;
struct flow_service;
struct loop;
struct stage;

struct vswitch {
    struct grace_call grace;    /* for freeing it */
    struct vswitch *next;       /* in the driver's list */
    uint32_t id;                /* chosen by xvsd */
    char name[XVS_NAME_SIZE];
    struct path path;           /* what workers see */
    struct vport *ports;        /* in order of creation */
    struct stage *stages;       /* enabled extensions, in chain order */
    pthread_mutex_t policy_lock;    /* of policies, fixed addresses and
                                     * groups; see services.h */
    struct policy_owners owners;    /* of the switch's policy */
    struct flow_service *flows; /* who counts flows; under the policy lock;
                                 * NULL: nobody */
    uint64_t removed;           /* packets that waited in queues of ports which
                                 * were deleted; atomic */
    uint32_t swept;             /* buckets of the MAC table, so far */
    struct loop *loop;          /* the main thread's */
    uint32_t serial;            /* of the chain that was published last */
    struct chain *old_chains;   /* replaced, and packets may be in them */
};

struct vswitch *vswitch_create(struct loop *loop, uint32_t id,
                               const char *name);
/* It has no ports and no stages any more. */
void vswitch_retire(struct vswitch *vswitch);

/* Publishes a table of the ports that are in the list now. */
void vswitch_publish_ports(struct vswitch *vswitch);
/* Publishes a chain of the stages that packets may pass now. */
void vswitch_publish_chain(struct vswitch *vswitch);
/* Whether packets may still come to the stage in a chain of before. */
bool vswitch_may_enter(const struct vswitch *vswitch,
                       const struct stage *stage);
/* Forgets old addresses in a part of the MAC table; called each second. */
void vswitch_sweep(struct vswitch *vswitch);
/* NULL when it has no such port. */
struct vport *vswitch_port(const struct vswitch *vswitch, uint32_t port_id);

#endif
