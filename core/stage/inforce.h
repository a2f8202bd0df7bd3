/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INFORCE_H
#define XVS_STAGE_INFORCE_H

/*
 * The settings that one stage has accepted, in that order, found by class and
 * instance.  The main thread changes it; the stage's control thread may walk
 * it (PROPERTY_ENUM), and so changes and such walks take the lock.
 */

#include <stdint.h>
#include <xvs/types.h>

#include "control/message.h"

struct inforce;

struct setting {
    struct setting *next;           /* in order */
    struct setting *previous;
    struct setting *chain;          /* of its hash bucket */
    struct control_setting head;    /* op is XVS_ADD */
    _Alignas(8) char block[];       /* head.block_size bytes */
};

struct inforce *inforce_create(void);
void inforce_destroy(struct inforce *inforce);      /* accepts NULL */

struct setting *inforce_find(const struct inforce *inforce,
                             const struct xvs_guid *uuid,
                             const struct xvs_guid *instance);
/* Copies; there must be none of that class and instance. */
void inforce_add(struct inforce *inforce, const struct control_setting *head,
                 const void *block);
/* Takes it out and gives it to the caller, who frees it. */
struct setting *inforce_take(struct inforce *inforce,
                             struct setting *setting);
/* Puts back what was taken, at the end. */
void inforce_put(struct inforce *inforce, struct setting *setting);
/* The first one; the others follow by 'next'.  NULL: none. */
struct setting *inforce_first(const struct inforce *inforce);
uint32_t inforce_count(const struct inforce *inforce);

/* For walks on other threads than the main one. */
void inforce_lock(struct inforce *inforce);
void inforce_unlock(struct inforce *inforce);

#endif
