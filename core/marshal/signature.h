/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_SIGNATURE_H
#define XVS_MARSHAL_SIGNATURE_H

/*
 * The C signature that a method of a schema must have (doc/formats.md,
 * "Methods").  xvs-mofc writes it into the header that the plugin is compiled
 * with; xvsd compares what the plugin says with what the schema asks for.
 */

#include <stdbool.h>

struct buffer;
struct error;
struct method;

/*
 * Appends the signature.  False when the method has a parameter that cannot
 * be one (an array or an embedded object); the error names it.
 */
bool method_signature(const struct method *method, struct buffer *out,
                      struct error *error);

#endif
