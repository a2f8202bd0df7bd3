/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MATRIX_HISTORY_H
#define XVS_TESTS_MATRIX_HISTORY_H

/*
 * What the two ends of the stream know of each other: how a frame is sent, and
 * whether those that come are those that were sent, each once, in the order of
 * its flow, and as STAGES hooks leave it, each of which adds one to a byte of
 * its own, and to the last one.  Knows nothing of faults, nor how frames travel.
 */

#include <stdint.h>

struct ledger;

#define HISTORY_FLOWS 8u
#define HISTORY_FRAME 1500u     /* bytes of a frame, at most */
#define HISTORY_LEAST 64u       /* and at least */

/* Bytes of a frame: what harm it asks for and when (plugins/fault.c), one
 * count for each stage. */
enum { HISTORY_TYPE = 12, HISTORY_WHAT = 14, HISTORY_WHEN = 16,
       HISTORY_COUNTS = 17 };

extern const uint8_t history_head[14];  /* Ethernet's */

/* The frame as it is sent; returns its size. */
uint32_t history_fill(uint8_t *frame, uint32_t flow, uint64_t number);

struct history;

struct history *history_create(void);
void history_destroy(struct history *history);
/* Which of the sources of the ledger the flow is of. */
uint32_t history_source(const struct ledger *ledger, uint32_t flow);
/* A frame that has come: counts it in the ledger if it is one of ours. */
void history_take(struct history *history, struct ledger *ledger,
                  const uint8_t *frame, uint32_t size);

#endif
