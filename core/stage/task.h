/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_TASK_H
#define XVS_STAGE_TASK_H

/*
 * The jobs that there are: one function for each kind of call to an
 * extension.  Every request is packed as the OID structure of its kind; the
 * extension's raw 'oid' hook sees it first, and what that leaves
 * (XVS_NOT_SUPPORTED) is unpacked for the ordinary hook.
 *
 * 'call' runs on the main thread, once.  The task is freed after it.  With an
 * outcome of success, task_objects() has what the extension answered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "control/message.h"

struct buffer;
struct feature_layout;
struct layout;
struct outcome;
struct setting;
struct stage;
struct task;

typedef void (*task_call)(void *arg, struct task *task,
                          const struct outcome *outcome);

/* How each task is to run. */
struct task_options {
    uint32_t timeout_ms;        /* 0: the default */
    bool must_run;              /* see stage.h */
    task_call call;             /* or NULL */
    void (*ended)(void *arg);   /* or NULL: the extension has returned, which
                                 * may be long after 'call' */
    void *arg;
};

void task_init(struct stage *stage, const struct task_options *options);
/* Frees what was retired, then calls fini. */
void task_fini(struct stage *stage, const struct task_options *options);
/* The predecessor has left: takes over what it has kept. */
void task_own(struct stage *stage, const struct task_options *options);
void task_state(struct stage *stage, enum xvs_state state,
                const struct task_options *options);

/* The port is created and may be refused; or is connected, disconnected,
 * deleted. */
void task_port(struct stage *stage, enum xvs_port_event event,
               const struct xvs_port *port,
               const struct task_options *options);

/*
 * VALIDATE, ADD, UPDATE, DELETE.  The block was checked with the layout.
 * When the extension accepts after its deadline, what it accepted is taken
 * back, so that it agrees with stage->settings.
 */
void task_setting(struct stage *stage, const struct control_setting *head,
                  const void *block, struct feature_layout *layout,
                  const struct task_options *options);
/* Undoes a setting that was accepted; 'old' is what was in force before it
 * (NULL: nothing). */
void task_undo(struct stage *stage, const struct control_setting *head,
               const struct setting *old, struct feature_layout *layout,
               const struct task_options *options);

void task_status(struct stage *stage, const struct control_status *status,
                 struct feature_layout *layout,
                 const struct task_options *options);
/* Takes over the layouts. */
void task_method(struct stage *stage, const struct control_method *call,
                 const struct xvs_method *method, const void *block,
                 struct layout *in, struct layout *out,
                 const struct task_options *options);

/* 'n' times control_object and block, each 8-aligned. */
const struct buffer *task_objects(const struct task *task, uint32_t *n);

#endif
