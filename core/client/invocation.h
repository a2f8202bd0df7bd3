/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_INVOCATION_H
#define XVS_CLIENT_INVOCATION_H

/*
 * A method call being put together: values by parameter name, in and out.
 */

#include <stdbool.h>
#include "schema/value.h"

struct cim_class;
struct method;
struct path;
struct run;

struct invocation {
    struct run *run;
    const struct method *method;    /* of the server's class */
    struct value *in, *out;         /* one per parameter */
    struct value result;
};

/* Finds the method; false with run->error set and a near name. */
bool invocation_begin(struct invocation *call, struct run *run,
                      struct cim_class *cls, const char *method);
/* Takes the value over; the parameter must exist (a method of ours). */
void invocation_set(struct invocation *call, const char *name,
                    struct value value);
/* From "Name=value". */
bool invocation_assign(struct invocation *call, const char *word);
bool invocation_run(struct invocation *call, const struct path *path);
/* An out parameter; NULL when the method has none of that name. */
const struct value *invocation_out(const struct invocation *call,
                                   const char *name);
void invocation_end(struct invocation *call);

/* Starts a call of the host object (XVS_Host). */
bool invocation_begin_host(struct invocation *call, struct run *run,
                           const char *method);
/* Runs it; a return value that is not 0 is a failure. */
bool invocation_run_host(struct invocation *call);

#endif
