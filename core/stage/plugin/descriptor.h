/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PLUGIN_DESCRIPTOR_H
#define XVS_STAGE_PLUGIN_DESCRIPTOR_H

/*
 * Judges a plugin's descriptor before anything in it is used.  Its pointers
 * cannot be judged; the probe (probe.h) has followed them in another process
 * first.
 */

#include <stdbool.h>

struct error;
struct xvs_extension;

/* Copies what both sides know, and judges it.  Errors begin with 'file'. */
bool descriptor_copy(const struct xvs_extension *theirs, const char *file,
                     struct xvs_extension *ours, struct error *error);
/* The same rules for one that has no functions here; 'has_packets': it has
 * packet hooks where it was found. */
bool descriptor_judge(const struct xvs_extension *ours, bool has_packets,
                      const char *file, struct error *error);

#endif
