/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_TEXT_H
#define GUARD_TEXT_H

/*
 * Text forms of addresses.  Those who read return NULL, or what is wrong with
 * the text, in words that follow it in a sentence.
 */

#include <stdint.h>

#include "set.h"

struct guard_address;

#define GUARD_MAC_TEXT 18       /* aa:bb:cc:dd:ee:ff and NUL */
#define GUARD_MACS_TEXT (GUARD_MACS * GUARD_MAC_TEXT)

/* MAC addresses with commas between; "" is none. */
const char *guard_read_macs(const char *text, uint64_t macs[GUARD_MACS],
                            uint32_t *n);
/* An address or prefix of either family. */
const char *guard_read_address(const char *text,
                               struct guard_address *address);

void guard_mac_text(const uint8_t mac[6], char text[GUARD_MAC_TEXT]);
void guard_macs_text(const struct guard_set *set,
                     char text[GUARD_MACS_TEXT]);

#endif
