/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_DESCRIPTORS_H
#define CHANNEL_DESCRIPTORS_H

/*
 * Descriptors that a process may have.  The last of them are kept for a
 * moment's use: clients who are told that there are no more, links that come
 * back.  The kernel gives the smallest that is free, so one that is among the
 * last says by itself that the others are used up.
 */

#include <stdbool.h>

/* Looks how many there may be; before it there are any number. */
void descriptors_look(void);
/* Whether this new one is among the last, which last for a moment only. */
bool descriptors_are_few(int fd);

#endif
