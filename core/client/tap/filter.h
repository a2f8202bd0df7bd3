/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_TAP_FILTER_H
#define XVS_CLIENT_TAP_FILTER_H

/*
 * Packet filters in tcpdump's language, compiled here: the text may name
 * hosts, and looking them up takes as long as it takes.
 */

#include <stdbool.h>

struct error;
struct value;

/* The program as XVS_Switch.StartCapture wants it, an array on the heap. */
bool filter_compile(const char *text, struct value *program,
                    struct error *error);

#endif
