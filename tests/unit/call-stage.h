/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_CALL_STAGE_H
#define XVS_TESTS_CALL_STAGE_H

/*
 * A stage that is not there, whose switch counts what it is asked and looks
 * at all that it is given.
 */

#include "stage/stage.h"

struct call_asked {
    unsigned int requests, port_policies, switch_policies, addresses, groups,
        lists, drops, queues, flows, samples, counters;
    uint32_t sum;               /* of all bytes that were looked at */
};

extern struct call_asked call_asked;

/* Static; its extension's name is "fake". */
struct stage *call_stage(void);

#endif
