/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef QOS_JUDGEMENT_H
#define QOS_JUDGEMENT_H

/*
 * A setting while it is judged: what all files about settings share.
 */

#include "qos.h"

/* A setting that is being judged. */
struct judgement {
    struct qos *self;
    const struct xvs_setting *setting;
    const struct xvs_view *view;
    struct xvs_answer *answer;
    struct qos_port *port;      /* NULL: it is of the switch */
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* A kind of settings. */
struct qos_class {
    struct xvs_guid of_switch, of_port;     /* UUIDs of its classes */
    uint32_t part;              /* XVS_POLICY_... */
    uint32_t size;              /* of the body */
    void (*read)(struct judgement *judgement, struct xvs_port_policy *policy);
};

extern const struct qos_class qos_classes[QOS_KINDS];

/* Refuses with a sentence, unless something was refused before. */
void qos_deny(struct judgement *judgement, int result, const char *format,
              ...) __attribute__((format(printf, 3, 4)));

#endif
