/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets that end processes, on their way from the lanes to whoever keeps
 * them: with what is known of the last process that ended over each, which the
 * main thread may hear later than the worker saw it.
 */

#include <config.h>

#include "stage/pair/pair-inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNHEARD_NS 2000000000u  /* then nobody will tell how it ended */

void
poison_note_end(struct pair *pair, int32_t pid, const char *text)
{
    struct pair_end *end = &pair->ends[pair->n_ends++ % PAIR_ENDS];

    end->pid = pid;
    snprintf(end->text, sizeof end->text, "%s", text);
}

/* How the process ended; false: nobody has said it yet. */
static bool
find_end(struct pair *pair, int32_t pid, char text[CONTROL_TEXT])
{
    bool found = false;

    pthread_mutex_lock(&pair->lock);
    for (uint32_t i = 0; i < PAIR_ENDS && !found; i++) {
        if (pair->ends[i].pid == pid) {
            memcpy(text, pair->ends[i].text, CONTROL_TEXT);
            found = true;
        }
    }
    pthread_mutex_unlock(&pair->lock);
    return found;
}

static bool
is_old(const struct lanes_poison *packet)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec
        > packet->time + UNHEARD_NS;
}

/* Packets that there was no memory for. */
static void
tell_unkept(struct pair *pair)
{
    struct stage *stage = pair->stage;
    struct lanes_tally now;
    char text[CONTROL_TEXT];

    lanes_count(stage->lanes, &now);
    if (now.unkept == pair->unkept) {
        return;
    }
    snprintf(text, sizeof text, "%lu more packets that end processes of %s"
             " were dropped and not kept",
             (unsigned long) (now.unkept - pair->unkept), stage_name(stage));
    pair->unkept = now.unkept;
    stage->owner->event(stage->owner_arg, stage, EVENT_POISON,
                        XVS_LOG_WARNING, text);
}

void
poison_tell(struct pair *pair)
{
    struct stage *stage = pair->stage;
    struct lanes_poison **at = &pair->poison;

    while (*at) {
        at = &(*at)->next;
    }
    *at = lanes_take_poison(stage->lanes);
    at = &pair->poison;
    while (*at) {
        struct lanes_poison *one = *at;
        char why[CONTROL_TEXT] = "it is not known how its process ended";

        if (!find_end(pair, one->pid, why) && !is_old(one)) {
            at = &one->next;
            continue;
        }
        if (stage->owner->poison) {
            stage->owner->poison(stage->owner_arg, stage, one, why);
        }
        *at = one->next;
        free(one);
    }
    tell_unkept(pair);
}

void
poison_free(struct pair *pair)
{
    while (pair->poison) {
        struct lanes_poison *one = pair->poison;

        pair->poison = one->next;
        free(one);
    }
}
