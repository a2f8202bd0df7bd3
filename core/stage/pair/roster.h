/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PAIR_ROSTER_H
#define XVS_STAGE_PAIR_ROSTER_H

/*
 * What the extension in a process has been told and has accepted: its ports,
 * its settings, whether it is active.  From this another process is brought to
 * the same state.  One thread's, the stage's control thread; what the main
 * thread has in stage->settings may be a step behind.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "control/message.h"

struct inforce;

struct roster_port {
    struct xvs_port port;
    bool connected;
};

struct roster {
    uint32_t n_ports;
    size_t capacity;            /* of 'ports' */
    struct roster_port *ports;
    struct inforce *settings;
    bool active;                /* XVS_ACTIVATE was the last state */
};

void roster_init(struct roster *roster);
void roster_destroy(struct roster *roster);

/* What was accepted just now. */
void roster_port(struct roster *roster, enum xvs_port_event event,
                 const struct xvs_port *port);
void roster_setting(struct roster *roster, const struct control_setting *head,
                    const void *block);

#endif
