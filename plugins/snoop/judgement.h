/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_JUDGEMENT_H
#define SNOOP_JUDGEMENT_H

/*
 * A setting while it is judged: what the files about settings share.
 */

#include <string.h>

#include "snoop.h"

/* A setting that is being judged. */
struct judgement {
    struct snoop *self;
    const struct xvs_setting *setting;
    const struct xvs_view *view;
    struct xvs_answer *answer;
    struct snoop_port *port;    /* NULL: it is of the switch */
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
void snoop_deny(struct judgement *judgement, int result, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/* A static group or a filter of the port. */
void snoop_rule_setting(struct judgement *judgement, bool is_filter);

static inline bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* A member of the body, or its default when it is NULL. */
#define VALUE(member, FIELD, initial) \
    (xvs_present(judgement->view, FIELD) ? body->member : (initial))

#endif
