/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CHAIN_RIGHTS_H
#define XVS_STAGE_CHAIN_RIGHTS_H

/*
 * Which frames an extension may change, for all who hold it to that: the
 * chain, which judges hooks, and the lanes, which take back what they wrote.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

/* 'extension_class' is enum xvs_class, 'traits' XVS_TRAIT_... */
static inline bool
rights_may_change(uint32_t extension_class, uint32_t traits, bool egress)
{
    return extension_class != XVS_CLASS_CAPTURE
        && (!egress || traits & XVS_TRAIT_EGRESS);
}

#endif
