/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_GRANT_GRANTS_H
#define XVS_STAGE_GRANT_GRANTS_H

/*
 * What settings of one stage grant it: sockets (base/endpoint.h), by the
 * properties that its layouts say.  All of it is the stage's control
 * thread's.
 *
 *     grants_offer()       before the extension hears of a setting
 *     grants_settle()      after: it has accepted, or refused
 *
 * In between both the old and the new values count, because the extension may
 * open a new socket in the very hook that brings it.
 *
 * They are found by their setting, so that the time that any of this takes does
 * not depend on how many others there are.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <xvs/types.h>

#include "base/buffer.h"

struct call_visitor;
struct control_setting;
struct error;
struct layout;
struct map;

#define GRANTS_NEVER UINT32_MAX

/* All zero: nothing is granted. */
struct grants {
    struct map *holders;        /* by setting: what it grants; or NULL */
    struct buffer left;         /* unix sockets that were open when what
                                 * granted them went; struct unix_socket */
    uint64_t until_ms;          /* they are to be closed */
};

/* Judges the values of a setting and takes them in.  False with an error that
 * says which one is wrong; nothing is to be settled then. */
bool grants_offer(struct grants *grants, const struct control_setting *head,
                  const void *block, const struct layout *layout,
                  struct error *error);
void grants_settle(struct grants *grants, const struct control_setting *head,
                   bool accepted);
/* When it is to be asked again whether all unix sockets that nothing grants any
 * more are closed, in milliseconds; GRANTS_NEVER: they are; 0: one is not, and
 * was to be. */
uint32_t grants_look(struct grants *grants);
void grants_clear(struct grants *grants);

/*
 * Opens what the property of the setting grants to the extension 'owner'.
 * The descriptor, or -1 with an error: ERROR_NOT_FOUND when nothing grants
 * it.
 */
int grants_open(struct grants *grants, const struct xvs_guid *uuid,
                const struct xvs_guid *instance, uint32_t property,
                const struct xvs_guid *owner, pid_t manager,
                struct error *error);

/*
 * Accepts one who waits at the unix socket that the property grants, and that
 * was opened; '*fd' -1: nobody does.  False with an error, as above.
 */
bool grants_accept(const struct grants *grants, const struct xvs_guid *uuid,
                   const struct xvs_guid *instance, uint32_t property,
                   int *fd, struct call_visitor *visitor,
                   struct error *error);

#endif
