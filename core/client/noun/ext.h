/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_NOUN_EXT_H
#define XVS_CLIENT_NOUN_EXT_H

/*
 * Verbs of "ext" that live in files of their own.
 */

#include <stdbool.h>

struct run;

bool ext_scan(struct run *run);             /* ext-scan.c */

#endif
