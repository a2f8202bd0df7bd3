/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_OPERATION_H
#define XVS_SWITCH_OPERATION_H

/*
 * Requests that take several steps and must not meet each other.
 *
 * A change (a port, an extension comes or goes) has its switch for itself.
 * A transaction of settings shares its switches with others that use other
 * extensions; one of a single setting, which has nothing to take back, also
 * shares the extension with others of a single, other setting: they wait at
 * the extension's control thread, which takes one after the other without
 * coming back to us in between.  Who conflicts with an earlier one waits; order is kept.  An
 * operation refers to switches, ports and extensions by number and looks them
 * up when it starts: until then they may go.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

struct driver;
struct operation;

/* One thing that an operation uses. */
struct operation_use {
    uint32_t switch_id;         /* 0: all switches */
    bool whole;                 /* the switch, not just the extension */
    bool lone;                  /* of the extension only this setting */
    struct xvs_guid extension;
    struct xvs_guid instance;   /* of the lone setting */
};

struct operation {
    struct operation *next;
    struct driver *driver;
    bool started;
    /* Main thread; ends with operation_end(), then or later. */
    void (*start)(struct operation *operation);
    uint32_t n_uses;
    struct operation_use *uses;
};

/* Starts it now or when nothing is in its way.  The operation is a member of
 * the caller's own struct; 'start', 'n_uses' and 'uses' are set. */
void operation_queue(struct driver *driver, struct operation *operation);
/* Ends it and starts what waited.  The caller frees it. */
void operation_end(struct operation *operation);

#endif
