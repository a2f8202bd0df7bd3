/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_ALARMS_H
#define CHANNEL_ALARMS_H

/*
 * The loop's points in time, the earliest first: a heap of alarms that are
 * their owners' memory.
 */

#include <stdbool.h>
#include <stdint.h>

struct alarm;

/* Zero: none. */
struct alarms {
    struct alarm **heap;        /* [1] is the earliest */
    uint32_t n, room;
};

/* Sets one that is not set.  False: no memory. */
bool alarms_set(struct alarms *alarms, struct alarm *alarm);
/* Takes one out, if it is in. */
void alarms_cancel(struct alarms *alarms, struct alarm *alarm);
/* The earliest, or NULL. */
struct alarm *alarms_first(const struct alarms *alarms);

#endif
