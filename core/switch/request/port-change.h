/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_PORT_CHANGE_H
#define XVS_SWITCH_PORT_CHANGE_H

/*
 * What creating, changing and deleting a port have in common: an operation
 * that has the switch for itself, and the stages that have to know.  One file
 * for each of the three: port-create.c, port-update.c, port-delete.c.
 */

#include <stdint.h>
#include <xvs/extension.h>

#include "control/message.h"
#include "stage/stage.h"
#include "switch/operation.h"

struct driver;
struct error;
struct port;
struct request;
struct stage;
struct vport;
struct vswitch;

struct port_change {
    struct operation operation;
    struct operation_use use;
    struct request *request;
    struct control_port wanted;
    struct vport *port;             /* being created */
    struct port *opened;            /* its interface, until attached */
    struct xvs_port description;    /* for the stages */
    struct stage **stages;          /* of the switch, in chain order */
    uint32_t n_stages;
    uint32_t at;                    /* stage that is asked */
    uint32_t n_waiting;             /* that were told and have not returned */
    struct outcome failure;
};

/* Queues the change that 'message' (with a control_port) wants; 'start' is
 * called with its operation when it has the switch, or all of them (0). */
void port_change_queue(struct driver *driver, struct request *request,
                       const struct control_header *message,
                       uint32_t switch_id,
                       void (*start)(struct operation *operation));
/* The change that an operation is part of. */
struct port_change *port_change_of(struct operation *operation);
/* The port that is meant; NULL: there is none, and that has been answered and
 * the change ended. */
struct vport *port_change_port(struct port_change *change);
/* Notes the stages, which cannot change while the operation has the switch. */
void port_change_stages(struct port_change *change,
                        const struct vswitch *vswitch);
/* One of those that 'n_waiting' counts is done; the last answers with success
 * and ends. */
void port_change_returned(struct port_change *change);
/* Answers with the error, gives up what was made, and ends. */
void port_change_fail(struct port_change *change, const struct error *error);
/* Ends the operation and frees the change, which has been answered. */
void port_change_end(struct port_change *change);

#endif
