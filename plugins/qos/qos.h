/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef QOS_H
#define QOS_H

/*
 * One instance of the extension, on one switch.  It has no packet hooks: what
 * the operator sets becomes policies of the switch (xvs/switch.h), which
 * queues, marks and limits by itself and goes on whatever happens to us.
 *
 *   qos.c          life, ports; the descriptor
 *   settings.c     settings from the operator, and whose are in force where
 *   read.c         what they say, as policies
 *   status.c       counters as objects
 *   text.c         lists such as 46:6,8-15:0
 *   xvs_qos.h      the schema in C, made by xvs-mofc
 *
 * Each kind of settings is there for the switch and for a port.  Those of a
 * port replace those of the switch:
 *
 *     switch.of[kind] ---+--> port without its own
 *     port.of[kind] -----+--> that port
 *
 * Everything here belongs to the control thread.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#define QOS_TELL_MS 100u        /* until new ports get the switch's settings */

enum qos_kind { QOS_QUEUES, QOS_MARKING, QOS_LIMIT, QOS_KINDS };

/* Settings as a policy. */
struct qos_settings {
    struct xvs_guid instance;
    struct xvs_port_policy policy;  /* one part of it */
};

struct qos_port {
    struct qos_port *next;
    uint32_t id;                /* the core's */
    char name[XVS_NAME_SIZE];
    struct qos_settings *of[QOS_KINDS];     /* its own, or NULL */
    bool in_force[QOS_KINDS];   /* the switch was told something */
    bool is_refused;            /* that it is was said */
};

struct qos {
    const struct xvs_host *host;
    const struct xvs_switching *switching;
    struct qos_port *ports;
    struct qos_settings *of[QOS_KINDS];     /* the switch's, or NULL */
};

/* NULL when there is none. */
struct qos_port *qos_port_find(const struct qos *self, uint32_t id);
/* What is in force at the port, or NULL. */
const struct qos_settings *qos_effective(const struct qos *self,
                                         const struct qos_port *port,
                                         enum qos_kind kind);
/* Tells the switch what is in force at the port; an enum xvs_result. */
int qos_apply(struct qos *self, struct qos_port *port, enum qos_kind kind);

int qos_setting(void *self, const struct xvs_setting *setting,
                struct xvs_answer *answer);
int qos_status(void *self, const struct xvs_query *query,
               struct xvs_answer *answer);

/* Changes the priorities of those DSCPs that the text names; NULL, or what is
 * wrong with the text. */
const char *qos_read_priorities(const char *text,
                                uint8_t priorities[XVS_DSCPS]);

#endif
