/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ETHERNET_JUDGEMENT_H
#define ETHERNET_JUDGEMENT_H

/*
 * A setting while it is judged: what all files about settings share.
 */

#include <string.h>

#include "ethernet.h"

/* A setting that is being judged. */
struct judgement {
    struct ethernet *self;
    const struct xvs_setting *setting;
    const struct xvs_view *view;
    struct xvs_answer *answer;
    struct ethernet_port *port; /* NULL: it is of the switch */
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
void eth_deny(struct judgement *judgement, int result, const char *format,
              ...) __attribute__((format(printf, 3, 4)));
/* Refuses when the switch did not take it. */
void eth_result(struct judgement *judgement, int result);

/* The number of a class that a port has one of, for the next; -1: it is
 * another class. */
int eth_class_of(const struct xvs_guid *uuid);
void eth_port_setting(struct judgement *judgement, uint32_t index);

/* The port has this mirror now; NULL: none. */
void eth_keep_mirror(struct judgement *judgement,
                     const struct xvs_port_policy *policy);

static inline bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* A member of the body, or its default when it is NULL. */
#define VALUE(member, FIELD, initial) \
    (xvs_present(judgement->view, FIELD) ? body->member : (initial))

#endif
