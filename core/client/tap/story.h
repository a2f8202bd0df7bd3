/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_TAP_STORY_H
#define XVS_CLIENT_TAP_STORY_H

/*
 * Records put together to what happened to one packet, and told: as lines for
 * people, or as one line of JSON.
 */

#include <stdbool.h>
#include <stdint.h>

struct buffer;
struct control_tap;
struct names;
struct stories;

/* Called with each story that is complete. */
typedef void (*story_call)(void *arg, const char *text);

struct stories *stories_create(struct names *names, bool json,
                               story_call call, void *arg);
/* Tells what is left and frees. */
void stories_end(struct stories *stories);

/* The next record, in the order of time. */
void stories_add(struct stories *stories, const struct control_tap *record,
                 const uint8_t *frame);
/* Nothing more is there for now: tells all. */
void stories_flush(struct stories *stories);
uint64_t stories_count(const struct stories *stories);      /* told */

#endif
