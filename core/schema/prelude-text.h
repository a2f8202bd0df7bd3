/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_PRELUDE_TEXT_H
#define XVS_SCHEMA_PRELUDE_TEXT_H

/*
 * The texts of mof/xvs_qualifiers.mof and mof/xvs_core.mof.  The file that
 * defines them is made from these when the program is built.
 */

#include <stddef.h>

extern const char prelude_qualifiers_text[];
extern const size_t prelude_qualifiers_size;
extern const char prelude_core_text[];
extern const size_t prelude_core_size;

#endif
