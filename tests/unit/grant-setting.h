/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_GRANT_SETTING_H
#define XVS_TESTS_GRANT_SETTING_H

/*
 * A setting with two properties that grant sockets, the first unix-listen, the
 * second tcp-connect, as grants_offer() gets it.
 */

#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"

extern const struct layout grant_layout;

struct grant_setting {
    struct control_setting head;
    struct block_header header;     /* the block, from here on */
    uint8_t present[8];
    uint8_t body[256];
};

/* A text NULL: that property has no value. */
void grant_setting(struct grant_setting *setting, uint32_t id, uint32_t op,
                   const char *listen, const char *connect);

#endif
