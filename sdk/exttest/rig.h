/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_RIG_H
#define XVS_EXTTEST_RIG_H

/*
 * The host of the extension: the switch driver of xvs-switch, with its door,
 * its workers, its control threads and the chain, in this process; and beside
 * it a manager that asks what xvsd would ask, by the same messages.  Both are
 * on one loop: a request runs it until the answer is there.
 *
 *     switch 1   ports 11, 12, 13      switch 2   ports 21, 22
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "control/message.h"

struct driver;
struct error;
struct instance;
struct link;
struct loop;
struct plugin;
struct stage;
struct subject;
struct subject_feature;
struct vswitch;

#define RIG_SWITCHES 4          /* that rig_enable_all() needs */

struct rig {
    const struct subject *subject;
    struct loop *loop;
    struct driver *driver;
    struct link *link;          /* the manager's end */
    const char *folders[3];     /* of plugins; ends with NULL */
    char program[4096];         /* xvs-stage; "": there is none */
    uint32_t n_open;            /* requests without an answer */
    bool lost;                  /* the connection is */
    struct buffer answer;       /* its body */
    uint32_t result;            /* and enum xvs_result */
    struct xvs_guid id;         /* of the extension, once it is loaded */
    uint32_t partition;         /* where it is enabled; enum partition */
    unsigned int n_bad_events;  /* that told of a failure */
    char event[CONTROL_TEXT];   /* the last one of them */
    char refusal[CONTROL_TEXT]; /* what the last answer said */
};

/* Starts the driver and makes switches and ports; nothing is loaded. */
bool rig_open(struct rig *rig, const struct subject *subject,
              struct error *error);
/* Takes it all down again; false: something of the extension does not end. */
bool rig_close(struct rig *rig);

/* Sends the request and waits for its answer.  False with an error that says
 * what the switch, or the extension, answered. */
bool rig_ask(struct rig *rig, struct buffer *message, struct error *error);
/* The same in two steps, for several requests at once: the first error of
 * them is the error of all. */
void rig_send(struct rig *rig, struct buffer *message);
bool rig_await(struct rig *rig, struct error *error);
/* Lets things happen for a while. */
void rig_wait(struct rig *rig, uint32_t ms);

/* Loads the plugin, or another file of it; then tells the switch the layouts of its classes. */
bool rig_load_file(struct rig *rig, struct error *error);
bool rig_load(struct rig *rig, const char *file, struct error *error);
bool rig_load_schema(struct rig *rig, struct error *error);
bool rig_unload(struct rig *rig, struct error *error);
/* That file, in the plugin's folder or the one for work, takes its place. */
bool rig_upgrade(struct rig *rig, const char *file, struct error *error);
bool rig_enable(struct rig *rig, uint32_t switch_id, struct error *error);
bool rig_disable(struct rig *rig, uint32_t switch_id, struct error *error);
/* On switches 1 to RIG_SWITCHES at once; 3 and 4 have to be made first. */
bool rig_enable_all(struct rig *rig, struct error *error);
bool rig_disable_all(struct rig *rig, struct error *error);
bool rig_port(struct rig *rig, uint32_t switch_id, uint32_t port_id,
              struct error *error);
bool rig_port_delete(struct rig *rig, uint32_t port_id, struct error *error);
bool rig_switch(struct rig *rig, uint32_t switch_id, struct error *error);

/* A setting of a class on switch 1 (or its first port), numbered.  'object'
 * is NULL with XVS_DELETE. */
bool rig_set(struct rig *rig, const struct subject_feature *feature,
             uint32_t op, uint32_t number, const struct instance *object,
             struct error *error);
/* Its status objects, in rig->answer as a control_objects. */
bool rig_status(struct rig *rig, const struct subject_feature *feature,
                uint32_t port_id, struct error *error);

struct plugin *rig_plugin(const struct rig *rig);
struct vswitch *rig_vswitch(const struct rig *rig, uint32_t switch_id);
/* NULL when it is not enabled there. */
struct stage *rig_stage(const struct rig *rig, uint32_t switch_id);

/* Runs 'work' on the control thread of the extension on switch 1, as a hook
 * is; false with an error when it does not return in time. */
struct outcome;
typedef void (*rig_work)(void *arg, struct stage *stage,
                         struct outcome *outcome);
bool rig_call(struct rig *rig, const char *what, rig_work work, void *arg,
              struct outcome *outcome, struct error *error);

#endif
