/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_WORDS_H
#define XVS_PACKET_WORDS_H

/*
 * Two words that every machine of ours takes as one, so that what a hook did to
 * the metadata of a burst is seen in a few instructions.
 */

#include <stdint.h>

typedef uint64_t words __attribute__((vector_size(16)));

#endif
