/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See alarms.h.
 */

#include "move/alarms.h"

#include <stdlib.h>

#include "move/loop.h"

static void
put(struct alarms *alarms, uint32_t place, struct alarm *alarm)
{
    alarms->heap[place] = alarm;
    alarm->place = place;
}

static void
sift_up(struct alarms *alarms, uint32_t place, struct alarm *alarm)
{
    while (place > 1 && alarms->heap[place / 2]->at > alarm->at) {
        put(alarms, place, alarms->heap[place / 2]);
        place /= 2;
    }
    put(alarms, place, alarm);
}

static void
sift_down(struct alarms *alarms, uint32_t place, struct alarm *alarm)
{
    for (;;) {
        uint32_t child = place * 2;

        if (child < alarms->n
            && alarms->heap[child + 1]->at < alarms->heap[child]->at) {
            child++;
        }
        if (child > alarms->n || alarms->heap[child]->at >= alarm->at) {
            break;
        }
        put(alarms, place, alarms->heap[child]);
        place = child;
    }
    put(alarms, place, alarm);
}

void
alarms_cancel(struct alarms *alarms, struct alarm *alarm)
{
    uint32_t place = alarm->place;
    struct alarm *last;

    if (!place) {
        return;
    }
    alarm->place = 0;
    last = alarms->heap[alarms->n--];
    if (last == alarm) {
        return;
    }
    if (place > 1 && alarms->heap[place / 2]->at > last->at) {
        sift_up(alarms, place, last);
    } else {
        sift_down(alarms, place, last);
    }
}

static bool
grow(struct alarms *alarms)
{
    uint32_t n = alarms->room ? alarms->room * 2 : 64;
    struct alarm **heap = realloc(alarms->heap, n * sizeof(struct alarm *));

    if (heap) {
        alarms->heap = heap;
        alarms->room = n;
    }
    return heap;
}

bool
alarms_set(struct alarms *alarms, struct alarm *alarm)
{
    if (alarms->n + 1 >= alarms->room && !grow(alarms)) {
        return false;
    }
    sift_up(alarms, ++alarms->n, alarm);
    return true;
}

struct alarm *
alarms_first(const struct alarms *alarms)
{
    return alarms->n ? alarms->heap[1] : NULL;
}
