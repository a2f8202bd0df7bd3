/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A shared object that is no plugin.
 */

#include <xvs/extension.h>

XVS_EXPORT extern int no_symbol_here;
XVS_EXPORT int no_symbol_here = 1;
