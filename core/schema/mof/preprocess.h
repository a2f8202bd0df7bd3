/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_PREPROCESS_H
#define XVS_SCHEMA_PREPROCESS_H

/*
 * The little of the C preprocessor that MOF files of Windows drivers use:
 * #define of names (with or without a value), #undef, #ifdef, #ifndef, #if
 * and #elif over numbers and defined(), #else, #endif, and lines joined by a
 * backslash.  Line numbers stay what they were: lines that are left out
 * become empty ones.
 */

struct error_list;
struct source;

/* Replaces the source's text.  Mistakes are reported, and left in. */
void preprocess(const char *file, struct source *source,
                struct error_list *errors);

#endif
