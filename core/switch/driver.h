/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_DRIVER_H
#define XVS_SWITCH_DRIVER_H

/*
 * The switch driver: everything that xvs-switch holds, and what it does with
 * each request of the manager.
 *
 * One main thread owns it all.  Packets are carried by workers, hooks of
 * extensions run on control threads; both come back through loop_post().
 * Requests that need an extension, or must not meet others, are operations
 * (operation.h): none of them makes the main thread wait.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <xvs/types.h>

#include "control/message.h"
#include "packet/tally.h"
#include "stage/partition.h"
#include "switch/quarantine.h"

struct capture;
struct error;
struct loop;
struct operation;
struct plugin;
struct stage;
struct request;
struct server;
struct vport;
struct vswitch;
struct workers;
struct workers_config;

struct driver {
    struct loop *loop;
    struct server *server;
    struct workers *workers;
    uint64_t told_shortages;        /* of packets, at the last event */
    struct vswitch *switches;       /* in order of creation */
    struct plugin *plugins;         /* loaded, in that order */
    struct plugin *replaced;        /* by upgrades; a stage is still in it */
    struct stage *leaving;          /* off their switch, fini still to end */
    struct operation *operations;   /* running and waiting, oldest first */
    struct capture *captures;       /* sessions, see captures.h */
    uint32_t next_capture;          /* number of the next one */
    struct quarantine quarantine;   /* packets that end processes */
    struct loop_timer *rescan;      /* looks after ports and stages */
    struct xvs_guid boot;           /* of this run */
    const char *const *plugin_dirs; /* ends with NULL */
    uid_t trusted;                  /* may own plugin files besides root */
    struct partition_place place;   /* for stages in processes */
};

/* 'listener' is the control socket.  NULL with an error.  Of 'place' only
 * what the operator has chosen counts. */
struct driver *driver_create(struct loop *loop, int listener, uid_t user,
                             const struct workers_config *config,
                             const char *const *plugin_dirs, uid_t trusted,
                             const struct partition_place *place,
                             struct error *error);
/* Closes the door, takes every extension off, stops the worker, frees it all.
 * False: something does not end; the process can only exit. */
bool driver_destroy(struct driver *driver);

/* NULL when there is none. */
struct vswitch *driver_switch(const struct driver *driver, uint32_t id);
/* The port of any switch. */
struct vport *driver_port(const struct driver *driver, uint32_t id);
/* NULL when it is not loaded. */
struct plugin *driver_plugin(const struct driver *driver,
                             const struct xvs_guid *id);

/* Tells the manager (and the log).  'extension' may be NULL. */
void driver_event(struct driver *driver, enum control_event_kind kind,
                  enum xvs_log_level severity, uint32_t switch_id,
                  uint32_t port_id, const struct xvs_guid *extension,
                  const char *text);

#endif
