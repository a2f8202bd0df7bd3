/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_CALL_H
#define XVS_MARSHAL_CALL_H

/*
 * Calls the C function behind a method of a schema: typed arguments from a
 * block of in parameters, and a block of the return value and the out
 * parameters.  The signature comes from the plugin's method table
 * (doc/formats.md, "Methods"); it and the block are checked against the
 * layouts first, so that a function never sees an argument that it was not
 * compiled for.  Knows no schema.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct error;
struct layout;
struct xvs_call;

#define CALL_ARGUMENTS 64       /* of one function, at most */

/* True when the signature takes and gives what the layouts describe. */
bool call_check(const char *signature, const struct layout *in,
                const struct layout *out, struct error *error);

/*
 * Calls 'function'(self, call, ...) with the values of 'block' (checked here
 * with block_check) and appends the block of results to 'answer'.  False when
 * the signature or the block does not fit, or when what the function left in
 * its out arguments is not valid (text that is too long or not UTF-8);
 * whether the extension refused is in call->answer, which is the caller's.
 */
bool call_method(void (*function)(void), const char *signature, void *self,
                 struct xvs_call *call, const void *block, size_t size,
                 const struct layout *in, const struct layout *out,
                 struct buffer *answer, struct error *error);

#endif
