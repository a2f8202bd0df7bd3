/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_CORPUS_H
#define XVS_EXTTEST_CORPUS_H

/*
 * Frames to try: every kind of packet behind every kind of tag, whole and
 * broken in several ways, to and from all kinds of addresses, from 14 bytes to
 * 64 KiB.  The same number is always the same frame.
 */

#include <stdint.h>

#define CORPUS_FRAME 65536u     /* bytes of the largest */

/* How many there are. */
uint32_t corpus_count(void);
/* Writes frame 'i' into CORPUS_FRAME bytes; returns its size. */
uint32_t corpus_frame(uint32_t i, uint8_t *out);
/* The same, changed at random by '*seed', which goes on. */
uint32_t corpus_mutate(uint32_t i, uint64_t *seed, uint8_t *out);
/* A frame of that Ethernet type whose first byte of payload is 'first'. */
uint32_t corpus_type(uint16_t type, uint8_t first, uint8_t *out);
/* What it is, in a few words. */
const char *corpus_name(uint32_t i);

/* The next number of a sequence that looks random. */
uint64_t corpus_random(uint64_t *seed);

#endif
